// SPDX-License-Identifier: Apache-2.0
#include "index/bitmap.h"

#include <roaring/roaring.h>

#include <memory>
#include <string>
#include <vector>

namespace anam {
namespace {

struct FreeBitmap {
  void operator()(roaring_bitmap_t* bitmap) const { roaring_bitmap_free(bitmap); }
};
using BitmapHandle = std::unique_ptr<roaring_bitmap_t, FreeBitmap>;

}  // namespace

Bytes write_bitmap(std::span<const std::uint32_t> ordinals) {
  const BitmapHandle bitmap(roaring_bitmap_of_ptr(ordinals.size(), ordinals.data()));
  if (!bitmap) throw std::bad_alloc();
  roaring_bitmap_run_optimize(bitmap.get());
  Bytes bytes(roaring_bitmap_portable_size_in_bytes(bitmap.get()));
  roaring_bitmap_portable_serialize(bitmap.get(), reinterpret_cast<char*>(bytes.data()));
  return bytes;
}

void read_bitmap(ByteSpan bytes, PatientSet& set) {
  const BitmapHandle bitmap(roaring_bitmap_portable_deserialize_safe(
      reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  if (!bitmap) fail(ErrorCode::kCorrupt, "no bitmap", std::to_string(bytes.size()) + " bytes");
  // The library checks bounds only, so each ordinal is checked as it is taken.
  struct Target {
    PatientSet& set;
    bool valid = true;
  } target{set};
  roaring_iterate(
      bitmap.get(),
      [](std::uint32_t ordinal, void* opaque) {
        auto& to = *static_cast<Target*>(opaque);
        to.valid = ordinal < to.set.patients();
        if (to.valid) to.set.add(ordinal);
        return to.valid;
      },
      &target);
  if (!target.valid) fail(ErrorCode::kCorrupt, "bitmap names patients that are not in its shard");
}

}  // namespace anam
