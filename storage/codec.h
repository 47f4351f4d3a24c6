// SPDX-License-Identifier: Apache-2.0
// Integer codecs: the smallest of several encodings of a run of integers, and its decoding.
#pragma once

#include <cstdint>
#include <span>

#include "storage/bytes.h"

namespace anam {

/// On-disk ids: never renumber, never reuse. One file per codec under storage/codec/.
enum class CodecId : std::uint8_t {
  kRaw = 1,       // 1, 2, 4 or 8 bytes a value
  kConstant = 2,  // one value
  kFor =
      3,  // frame of reference: blocks of 128 values, base + bit-packed distances, with exceptions
  kDelta = 4,       // differences, then as kFor
  kDictionary = 5,  // sorted distinct values + bit-packed indices
  kRunLength = 6,   // values + lengths, each encoded again
};

/// Appends the encoding that is smallest for `values` to `out`: a codec id byte, then the codec's
/// own bytes. The number of values is not stored; the caller knows it. At most 2^24 values.
template <typename T>  // std::int32_t, std::int64_t
void encode_ints(std::span<const T> values, Bytes& out);

/// Decodes exactly out.size() values from exactly `in`. Bytes that cannot be an encoding of that
/// many values are Error(kCorrupt); nothing is read or written out of bounds and nothing is
/// allocated beyond a multiple of out.size().
template <typename T>
void decode_ints(ByteSpan in, std::span<T> out);

}  // namespace anam
