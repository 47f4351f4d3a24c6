// SPDX-License-Identifier: Apache-2.0
// Roaring bitmaps (https://roaringbitmap.org, portable format) of patients, as stored.
#pragma once

#include <cstdint>
#include <span>

#include "index/patient_set.h"
#include "storage/bytes.h"

namespace anam {

/// The portable serialization of a bitmap of `ordinals`, which ascend.
Bytes write_bitmap(std::span<const std::uint32_t> ordinals);

/// Adds the bitmap's ordinals to `set`. Throws Error(kCorrupt) for bytes that are no bitmap of
/// patients of the set's shard.
void read_bitmap(ByteSpan bytes, PatientSet& set);

}  // namespace anam
