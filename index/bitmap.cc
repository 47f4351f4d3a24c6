// SPDX-License-Identifier: Apache-2.0
#include "index/bitmap.h"

#include <roaring/roaring.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

namespace anam {
namespace {

struct FreeBitmap {
  void operator()(roaring_bitmap_t* bitmap) const { roaring_bitmap_free(bitmap); }
};
using BitmapHandle = std::unique_ptr<roaring_bitmap_t, FreeBitmap>;

struct FreeIterator {
  void operator()(roaring_uint32_iterator_t* iterator) const {
    roaring_free_uint32_iterator(iterator);
  }
};
using IteratorHandle = std::unique_ptr<roaring_uint32_iterator_t, FreeIterator>;

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
  const IteratorHandle iterator(roaring_create_iterator(bitmap.get()));
  if (!iterator) throw std::bad_alloc();
  std::array<std::uint32_t, 1024> ordinals;
  while (const std::uint32_t count = roaring_read_uint32_iterator(iterator.get(), ordinals.data(),
                                                                  std::uint32_t{ordinals.size()})) {
    const auto read = std::span(ordinals).first(count);
    if (std::ranges::max(read) >= set.patients())
      fail(ErrorCode::kCorrupt, "bitmap names patients that are not in its shard");
    for (const std::uint32_t ordinal : read) set.add(ordinal);
  }
}

}  // namespace anam
