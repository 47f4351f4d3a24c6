// SPDX-License-Identifier: Apache-2.0
// How much room a disk has.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace anam {

/// Bytes that this process may still write to the file system of `path`, which must exist. Empty
/// when the file system does not say. Thread-safe.
std::optional<std::uint64_t> free_space(const std::filesystem::path& path);

}  // namespace anam
