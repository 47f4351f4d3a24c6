// SPDX-License-Identifier: Apache-2.0
// Packs unsigned integers to a fixed number of bits each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "storage/bytes.h"

namespace anam {

/// Values in a full block. A full block is laid out for SIMD: with lanes of W bits (W = 32 up to 32
/// bits a value, else 64) a row is the 128 / W consecutive values i * 128/W ... and lane l of all
/// rows is one little-endian bit stream in the W-bit words l, l + 128/W, l + 2 * 128/W, ... of the
/// block. A block takes 16 * bits bytes.
inline constexpr std::size_t kBlockValues = 128;

/// Bytes of `count` <= 128 values: 16 * bits for a full block, else ceil(count * bits / 8).
constexpr std::size_t packed_size(std::size_t count, unsigned bits) {
  return (count * bits + 7) / 8;
}

/// Writes packed_size(128, bits) bytes. Bits above `bits` are ignored. REQUIRES: bits <= 32.
void pack_block(const std::uint32_t* in, unsigned bits, std::byte* out);
/// Reads packed_size(128, bits) bytes and adds `base` (mod 2^32) to each value. REQUIRES: bits
/// <= 32.
void unpack_block(const std::byte* in, unsigned bits, std::uint32_t base, std::uint32_t* out);
/// The same into 64-bit values (the sum is mod 2^64).
void unpack_block(const std::byte* in, unsigned bits, std::uint64_t base, std::uint64_t* out);

/// The same for 33 to 64 bits.
void pack_block_wide(const std::uint64_t* in, unsigned bits, std::byte* out);
void unpack_block_wide(const std::byte* in, unsigned bits, std::uint64_t base, std::uint64_t* out);

/// Packs values one after another as one little-endian bit stream (0 to 64 bits each): the form of
/// blocks that are not full. Writes, or reads, packed_size(values.size(), bits) bytes.
void pack_stream(std::span<const std::uint64_t> in, unsigned bits, std::byte* out);
void unpack_stream(ByteSpan in, unsigned bits, std::span<std::uint64_t> out);

/// Turns the differences in `values` into running sums that start from `carry` (mod 2^W); returns
/// the last.
std::uint32_t prefix_sum(std::uint32_t carry, std::span<std::uint32_t> values);
std::uint64_t prefix_sum(std::uint64_t carry, std::span<std::uint64_t> values);

}  // namespace anam
