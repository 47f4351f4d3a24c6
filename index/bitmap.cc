// SPDX-License-Identifier: Apache-2.0
#include "index/bitmap.h"

#include <roaring/roaring.h>

#include <bit>
#include <memory>
#include <string>
#include <vector>

namespace anam {
namespace {

struct FreeBitmap {
  void operator()(roaring_bitmap_t* bitmap) const { roaring_bitmap_free(bitmap); }
};
using BitmapHandle = std::unique_ptr<roaring_bitmap_t, FreeBitmap>;

// The portable format, https://github.com/RoaringBitmap/RoaringFormatSpec.
constexpr std::uint32_t kWithRuns = 12347;
constexpr std::uint32_t kWithoutRuns = 12346;
constexpr std::size_t kNoOffsetsBelow = 4;  // containers, where some have runs
constexpr std::uint32_t kMostInArray = 4096;
constexpr std::size_t kContainerWords = 1024;

/// Sets bits of one shard's patients.
class Setter {
 public:
  explicit Setter(PatientSet& set) : words_(set.words()), patients_(set.patients()) {}

  /// All of [first, last]. REQUIRES: first <= last.
  void add(std::uint32_t first, std::uint32_t last) {
    check(last);
    const std::uint64_t head = ~std::uint64_t{0} << (first % 64);
    const std::uint64_t tail = ~std::uint64_t{0} >> (63 - last % 64);
    const std::size_t begin = first / 64;
    const std::size_t end = last / 64;
    if (begin == end) {
      words_[begin] |= head & tail;
      return;
    }
    words_[begin] |= head;
    for (std::size_t word = begin + 1; word < end; ++word) words_[word] = ~std::uint64_t{0};
    words_[end] |= tail;
  }
  void add(std::uint32_t ordinal) {
    check(ordinal);
    words_[ordinal / 64] |= std::uint64_t{1} << (ordinal % 64);
  }
  /// A word of 64 patients from `first` on, a multiple of 64.
  void add_word(std::uint32_t first, std::uint64_t word) {
    if (word == 0) return;
    check(first + 63 - static_cast<std::uint32_t>(std::countl_zero(word)));
    words_[first / 64] |= word;
  }

 private:
  void check(std::uint32_t ordinal) const {
    if (ordinal >= patients_)
      fail(ErrorCode::kCorrupt, "bitmap names patients that are not in its shard");
  }

  std::span<std::uint64_t> words_;
  std::uint32_t patients_;
};

}  // namespace

Bytes write_bitmap(std::span<const std::uint32_t> ordinals) {
  const BitmapHandle bitmap(roaring_bitmap_of_ptr(ordinals.size(), ordinals.data()));
  if (!bitmap) throw std::bad_alloc();
  roaring_bitmap_run_optimize(bitmap.get());
  Bytes bytes(roaring_bitmap_portable_size_in_bytes(bitmap.get()));
  roaring_bitmap_portable_serialize(bitmap.get(), reinterpret_cast<char*>(bytes.data()));
  return bytes;
}

// Straight into the set: the library would copy each container first, and call back for each
// patient.
void read_bitmap(ByteSpan bytes, PatientSet& set) {
  ByteReader reader(bytes);
  const auto cookie = reader.get<std::uint32_t>();
  const bool with_runs = (cookie & 0xFFFF) == kWithRuns;
  if (!with_runs && cookie != kWithoutRuns)
    fail(ErrorCode::kCorrupt, "no bitmap", std::to_string(bytes.size()) + " bytes");
  const std::size_t containers =
      with_runs ? (cookie >> 16) + std::size_t{1} : reader.get<std::uint32_t>();
  const ByteSpan has_runs = with_runs ? reader.take((containers + 7) / 8) : ByteSpan();
  ByteReader heads(reader.take(4 * containers));  // of each its high bits and its size less one
  if (!with_runs || containers >= kNoOffsetsBelow) reader.take(4 * containers);

  Setter to(set);
  for (std::size_t i = 0; i < containers; ++i) {
    const std::uint32_t base = std::uint32_t{heads.get<std::uint16_t>()} << 16;
    const std::uint32_t size = heads.get<std::uint16_t>() + std::uint32_t{1};
    if (with_runs && (std::to_integer<unsigned>(has_runs[i / 8]) >> i % 8 & 1) != 0) {
      for (std::size_t runs = reader.get<std::uint16_t>(); runs > 0; --runs) {
        const std::uint32_t first = reader.get<std::uint16_t>();
        const std::uint32_t last = first + reader.get<std::uint16_t>();
        if (last > 0xFFFF) fail(ErrorCode::kCorrupt, "run of a bitmap leaves its container");
        to.add(base | first, base | last);
      }
    } else if (size <= kMostInArray) {
      const ByteSpan values = reader.take(2 * std::size_t{size});
      for (std::size_t k = 0; k < size; ++k)
        to.add(base | load_le<std::uint16_t>(values.data() + 2 * k));
    } else {
      const ByteSpan words = reader.take(8 * kContainerWords);
      for (std::size_t k = 0; k < kContainerWords; ++k) {
        to.add_word(base | static_cast<std::uint32_t>(64 * k),
                    load_le<std::uint64_t>(words.data() + 8 * k));
      }
    }
  }
  if (reader.remaining() > 0) fail(ErrorCode::kCorrupt, "bitmap is followed by other bytes");
}

}  // namespace anam
