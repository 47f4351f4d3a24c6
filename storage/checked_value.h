// SPDX-License-Identifier: Apache-2.0
// Values that carry their own check.
#pragma once

#include <filesystem>
#include <string>

#include "storage/bytes.h"

namespace anam {

/// Bytes in front of the payload of a checked value.
inline constexpr std::size_t kCheckedValueOverhead = 8;

/// `payload` behind an 8-byte checksum that covers the key too, so that a value under a wrong key
/// is found.
Bytes checked_value(ByteSpan key, ByteSpan payload);

/// The payload, a view into `value`. Throws Error(kCorrupt) that names the file and the key, in
/// hex.
ByteSpan open_checked_value(ByteSpan key, ByteSpan value, const std::filesystem::path& file);

/// "06000001": for messages.
std::string to_hex(ByteSpan bytes);

}  // namespace anam
