// SPDX-License-Identifier: Apache-2.0
#include "storage/bitpack.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "storage/dispatch.h"

namespace anam {
namespace {

// Four lanes of a row. The vector extension of gcc and clang is plain arithmetic on every target;
// it spares the compiler the discovery of what a row is.
using Row = std::uint32_t __attribute__((vector_size(16)));
using WideRow = std::uint64_t __attribute__((vector_size(16)));

template <typename R>
[[gnu::always_inline]] inline R load_row(const void* from) {
  R row;
  std::memcpy(&row, from, sizeof(row));
  return row;
}

template <typename R>
[[gnu::always_inline]] inline void store_row(void* to, R row) {
  std::memcpy(to, &row, sizeof(row));
}

constexpr unsigned kRows = 32;

template <unsigned kBits, unsigned kRow>
[[gnu::always_inline]] inline Row unpack_row(const std::byte* in) {
  if constexpr (kBits == 0) {
    return Row{};
  } else {
    constexpr std::size_t kWord = kRow * kBits / 32;
    constexpr unsigned kShift = kRow * kBits % 32;
    Row row = load_row<Row>(in + 16 * kWord) >> kShift;
    if constexpr (kShift + kBits > 32) row |= load_row<Row>(in + 16 * kWord + 16) << (32 - kShift);
    if constexpr (kBits < 32 && kShift + kBits != 32) row &= (1U << kBits) - 1;
    return row;
  }
}

template <unsigned kBits, unsigned... kRow>
[[gnu::always_inline]] inline void unpack_rows(const std::byte* in, std::uint32_t base,
                                               std::uint32_t* out,
                                               std::integer_sequence<unsigned, kRow...>) {
  (store_row<Row>(out + std::size_t{4} * kRow, unpack_row<kBits, kRow>(in) + base), ...);
}

// Rows that share a word: `kept` holds the bits of the word so far.
template <unsigned kBits, unsigned kRow>
[[gnu::always_inline]] inline void pack_row(const std::uint32_t* in, Row& kept, std::byte* out) {
  if constexpr (kBits > 0) {
    constexpr std::size_t kWord = kRow * kBits / 32;
    constexpr unsigned kShift = kRow * kBits % 32;
    Row row = load_row<Row>(in + std::size_t{4} * kRow);
    if constexpr (kBits < 32) row &= (1U << kBits) - 1;
    kept = kShift == 0 ? row : kept | row << kShift;
    if constexpr (kShift + kBits >= 32) {
      store_row<Row>(out + 16 * kWord, kept);
      if constexpr (kShift + kBits > 32) kept = row >> (32 - kShift);
    }
  }
}

template <unsigned kBits, unsigned... kRow>
[[gnu::always_inline]] inline void pack_rows(const std::uint32_t* in, std::byte* out,
                                             std::integer_sequence<unsigned, kRow...>) {
  Row kept{};
  (pack_row<kBits, kRow>(in, kept, out), ...);
}

#define ANAM_EACH_WIDTH(X)                                                                       \
  X(0)                                                                                           \
  X(1)                                                                                           \
  X(2)                                                                                           \
  X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) \
      X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31) X(32)

using Rows = std::make_integer_sequence<unsigned, kRows>;

ANAM_CLONES void unpack_narrow(const std::byte* in, unsigned bits, std::uint32_t base,
                               std::uint32_t* out) {
  switch (bits) {
#define X(kBits)                               \
  case kBits:                                  \
    unpack_rows<kBits>(in, base, out, Rows{}); \
    break;
    ANAM_EACH_WIDTH(X)
#undef X
    default:
      assert(false);
  }
}

ANAM_CLONES void pack_narrow(const std::uint32_t* in, unsigned bits, std::byte* out) {
  switch (bits) {
#define X(kBits)                       \
  case kBits:                          \
    pack_rows<kBits>(in, out, Rows{}); \
    break;
    ANAM_EACH_WIDTH(X)
#undef X
    default:
      assert(false);
  }
}

ANAM_CLONES void widen(const std::uint32_t* in, std::uint64_t base, std::uint64_t* out) {
  for (std::size_t i = 0; i < kBlockValues; ++i) out[i] = base + in[i];
}

// Sums within a row by two shifted additions, then adds the last sum of the row before.
ANAM_CLONES std::uint32_t prefix_rows(std::uint32_t carry, std::uint32_t* values,
                                      std::size_t rows) {
  Row last = Row{} + carry;
  for (std::size_t i = 0; i < rows; ++i) {
    Row row = load_row<Row>(values + 4 * i);
    row += __builtin_shufflevector(Row{}, row, 0, 4, 5, 6);
    row += __builtin_shufflevector(Row{}, row, 0, 1, 4, 5);
    row += last;
    store_row<Row>(values + 4 * i, row);
    last = __builtin_shufflevector(row, row, 3, 3, 3, 3);
  }
  return last[0];
}

constexpr std::uint64_t low_mask(unsigned bits) {
  return bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

}  // namespace

void unpack_block(const std::byte* in, unsigned bits, std::uint32_t base, std::uint32_t* out) {
  unpack_narrow(in, bits, base, out);
}

void unpack_block(const std::byte* in, unsigned bits, std::uint64_t base, std::uint64_t* out) {
  std::array<std::uint32_t, kBlockValues> narrow;
  unpack_narrow(in, bits, 0, narrow.data());
  widen(narrow.data(), base, out);
}

void pack_block(const std::uint32_t* in, unsigned bits, std::byte* out) {
  pack_narrow(in, bits, out);
}

void pack_block_wide(const std::uint64_t* in, unsigned bits, std::byte* out) {
  assert(bits > 32 && bits <= 64);
  WideRow kept{};
  unsigned used = 0;
  for (std::size_t row = 0; row < kBlockValues / 2; ++row) {
    const WideRow values = load_row<WideRow>(in + 2 * row) & low_mask(bits);
    kept |= values << used;
    used += bits;
    if (used < 64) continue;
    store_row<WideRow>(out, kept);
    out += sizeof(WideRow);
    used -= 64;
    kept = used == 0 ? WideRow{} : values >> (bits - used);
  }
}

void unpack_block_wide(const std::byte* in, unsigned bits, std::uint64_t base, std::uint64_t* out) {
  assert(bits > 32 && bits <= 64);
  for (unsigned row = 0; row < kBlockValues / 2; ++row) {
    const unsigned shift = row * bits % 64;
    const std::byte* const word = in + sizeof(WideRow) * (row * bits / 64);
    WideRow values = load_row<WideRow>(word) >> shift;
    if (shift + bits > 64) values |= load_row<WideRow>(word + sizeof(WideRow)) << (64 - shift);
    store_row<WideRow>(out + std::size_t{2} * row, (values & low_mask(bits)) + base);
  }
}

void pack_stream(std::span<const std::uint64_t> in, unsigned bits, std::byte* out) {
  assert(bits <= 64);
  if (bits == 0) return;
  std::uint64_t kept = 0;
  unsigned used = 0;
  for (std::uint64_t value : in) {
    value &= low_mask(bits);
    kept |= value << used;
    used += bits;
    if (used < 64) continue;
    store_le(out, kept);
    out += 8;
    used -= 64;
    kept = used == 0 ? 0 : value >> (bits - used);
  }
  if (used > 0) std::memcpy(out, &kept, (used + 7) / 8);
}

void unpack_stream(ByteSpan in, unsigned bits, std::span<std::uint64_t> out) {
  assert(bits <= 64 && in.size() == packed_size(out.size(), bits));
  if (bits == 0) std::fill(out.begin(), out.end(), std::uint64_t{0});
  std::size_t i = bits == 0 ? out.size() : 0;
  std::size_t bit = 0;
  if (bits <= 57) {  // any value lies within the eight bytes from its first
    for (; i < out.size() && bit / 8 + 8 <= in.size(); ++i, bit += bits) {
      const auto word = load_le<std::uint64_t>(in.data() + bit / 8);
      out[i] = word >> (bit % 8) & low_mask(bits);
    }
  }
  for (; i < out.size(); ++i, bit += bits) {
    std::array<std::byte, 16> bytes{};
    const std::size_t from = bit / 8;
    const std::size_t available = in.size() - from;
    std::memcpy(bytes.data(), in.data() + from, available < 9 ? available : 9);
    const unsigned shift = bit % 8;
    std::uint64_t value = load_le<std::uint64_t>(bytes.data()) >> shift;
    if (shift > 0) value |= load_le<std::uint64_t>(bytes.data() + 8) << (64 - shift);
    out[i] = value & low_mask(bits);
  }
}

std::uint32_t prefix_sum(std::uint32_t carry, std::span<std::uint32_t> values) {
  const std::size_t rows = values.size() / 4;
  carry = prefix_rows(carry, values.data(), rows);
  for (std::uint32_t& value : values.subspan(4 * rows)) value = carry += value;
  return carry;
}

std::uint64_t prefix_sum(std::uint64_t carry, std::span<std::uint64_t> values) {
  for (std::uint64_t& value : values) value = carry += value;
  return carry;
}

}  // namespace anam
