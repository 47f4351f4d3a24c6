// SPDX-License-Identifier: Apache-2.0
// Frames: blocks of 128 integers, each as a base and bit-packed distances from it. Shared by kFor
// and kDelta.
//
// Layout, for n > 0 values in b = ceil(n / 128) blocks:
//   lowest base          zigzag varint
//   if b > 1:            u8 w (0..64), then the b bases less the lowest as one bit stream of w bits
//   each widths               b bytes: bits a value (0..64), plus 128 where the block has
//   exceptions b blocks             packed_size(values of the block, bits) bytes as in
//   storage/bitpack.h; then, if it has exceptions,
//                        u8 count, u8 width (0..64), count position bytes, and the count exceptions
//                        as one bit stream
// A value is base + its distance (mod 2^64), an exception base + unzigzag(it), whatever its slot
// holds.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "storage/bitpack.h"
#include "storage/bytes.h"

namespace anam {

/// How one block is going to be written.
struct Frame {
  std::int64_t base = 0;
  std::uint8_t bits = 0;            // of a distance
  std::uint8_t exceptions = 0;      // values whose distance does not fit
  std::uint8_t exception_bits = 0;  // of an exception
};

/// The least and greatest of some values.
struct Range {
  std::int64_t min;
  std::int64_t max;
};

/// The smallest frame of 1 to 128 values, and their range.
Frame plan_frame(std::span<const std::int64_t> values, Range& range);

/// Writes to `out` the differences between neighbours (mod 2^64), where `before` precedes the first
/// value. Returns how many are not zero.
std::size_t differences(std::int64_t before, std::span<const std::int64_t> values,
                        std::int64_t* out);

/// Exact bytes of `count` values in these frames.
std::size_t frames_size(std::span<const Frame> frames, std::size_t count);

/// Appends what comes before the blocks.
void write_frame_headers(std::span<const Frame> frames, Bytes& out);
/// Appends one block.
void write_frame(const Frame& frame, std::span<const std::int64_t> values, Bytes& out);

/// Reads frames block by block. Throws Error(kCorrupt) for bytes that cannot be frames of that many
/// values.
template <typename T>  // std::int32_t, std::int64_t
class FrameReader {
 public:
  /// Reads what comes before the blocks. `reader` must outlive this.
  FrameReader(ByteReader& reader, std::size_t count);

  /// Decodes the next block to the next min(128, values left) elements of `out`.
  void next(std::span<T> out);

 private:
  ByteReader& reader_;
  std::vector<std::uint64_t> bases_;
  ByteSpan widths_;
  std::size_t block_ = 0;
};

}  // namespace anam
