// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "storage/codec/codecs.h"
#include "storage/codec/varint.h"
#include "storage/dispatch.h"

namespace anam::codec {
namespace {

constexpr std::size_t kMostDistinct = 65536;

constexpr std::uint64_t kHashFactor = 0x9e3779b97f4a7c15;

std::size_t hash_of(std::int64_t value, int shift) {
  return static_cast<std::size_t>((static_cast<std::uint64_t>(value) * kHashFactor) >> shift);
}

// About how many distinct values there are, from how much of a bitmap their hashes fill (linear
// counting).
std::size_t estimate_distinct(Values values) {
  const std::size_t words = std::bit_ceil(values.size() / 16 + 1);
  const int shift = 64 - std::countr_zero(64 * words);
  std::vector<std::uint64_t> seen(words);
  for (const std::int64_t value : values) {
    const std::size_t bit = hash_of(value, shift);
    seen[bit / 64] |= std::uint64_t{1} << bit % 64;
  }
  int set = 0;
  for (const std::uint64_t word : seen) set += std::popcount(word);
  const auto bits = static_cast<double>(64 * words);
  const double clear = std::max(bits - set, 1.0);
  return static_cast<std::size_t>(bits * std::log(bits / clear)) + 1;
}

ANAM_CLONES std::uint32_t greatest_of(const std::int32_t* indices, std::size_t count) {
  std::uint32_t greatest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = static_cast<std::uint32_t>(indices[i]);
    greatest = index > greatest ? index : greatest;
  }
  return greatest;
}

}  // namespace

// An open hash table of the values met so far, at most half full.
std::optional<Dictionary> build_dictionary(Values values, std::size_t most) {
  struct Slot {
    std::int64_t value;
    std::uint32_t number;  // 1 + the number of the value in the order met; 0: empty
  };
  const std::size_t slots = std::bit_ceil(2 * most + 2);
  const int shift = 64 - std::countr_zero(slots);
  std::vector<Slot> table(slots);
  std::vector<std::int64_t> met;
  Dictionary found;
  found.indices.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t value = values[i];
    std::size_t slot = hash_of(value, shift);
    while (table[slot].number != 0 && table[slot].value != value) slot = (slot + 1) & (slots - 1);
    if (table[slot].number == 0) {
      if (met.size() == most) return std::nullopt;
      met.push_back(value);
      table[slot] = {value, static_cast<std::uint32_t>(met.size())};
    }
    found.indices[i] = table[slot].number - 1;
  }
  std::vector<std::uint32_t> order(met.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::uint32_t i) { return met[i]; });
  found.distinct.resize(order.size());
  std::vector<std::int64_t> rank(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    found.distinct[i] = met[order[i]];
    rank[order[i]] = static_cast<std::int64_t>(i);
  }
  for (std::int64_t& index : found.indices) index = rank[static_cast<std::size_t>(index)];
  return found;
}

bool encode_dictionary(Values values, const Statistics& statistics, std::size_t limit, Bytes& out) {
  // Indices that are as wide as what `limit` allows for a value, or entries that fill it, save
  // nothing.
  const std::size_t most = std::min(kMostDistinct, values.size() / 2);
  const std::size_t distinct = estimate_distinct(values);
  if (distinct > most) return false;
  const auto spread = static_cast<std::uint64_t>(statistics.range.max) -
                      static_cast<std::uint64_t>(statistics.range.min);
  // Outliers may make the spread large, and yet an entry takes hardly more than a value does now.
  const std::size_t entry_bits =
      std::min(static_cast<std::size_t>(std::bit_width(spread / distinct)) + 1,
               8 * limit / values.size() + 2);
  const std::size_t bits = values.size() * static_cast<std::size_t>(std::bit_width(distinct - 1)) +
                           distinct * entry_bits;
  if (bits / 8 >= limit + limit / 8) return false;  // by an eighth more: it is an estimate
  const auto dictionary = build_dictionary(values, most);
  if (!dictionary) return false;

  const std::size_t at = out.size();
  Bytes entries;
  encode_smallest(dictionary->distinct, Statistics(dictionary->distinct), false, entries);
  put_varint(out, dictionary->distinct.size());
  put_varint(out, entries.size());
  put_bytes(out, entries);
  encode_smallest(dictionary->indices, Statistics(dictionary->indices), false, out);
  if (out.size() - at < limit) return true;
  out.resize(at);
  return false;
}

template <typename T>
void decode_dictionary(ByteSpan in, std::span<T> out) {
  ByteReader reader(in);
  const std::uint64_t count = get_varint(reader);
  const std::uint64_t size = get_varint(reader);
  if (count == 0 || count > out.size()) {
    fail(ErrorCode::kCorrupt, "dictionary has more entries than the column has values, or none");
  }
  const ByteSpan encoded = reader.take(size);
  std::vector<T> distinct(count);
  decode_any(encoded, false, std::span(distinct));
  // Narrow, whatever the values are: there are few distinct ones.
  thread_local std::vector<std::int32_t> indices;
  indices.resize(out.size());
  decode_any(reader.take(reader.remaining()), false, std::span(indices));
  if (greatest_of(indices.data(), indices.size()) >= count)
    fail(ErrorCode::kCorrupt, "index points outside of its dictionary");
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = distinct[static_cast<std::uint32_t>(indices[i])];
}

template void decode_dictionary(ByteSpan, std::span<std::int32_t>);
template void decode_dictionary(ByteSpan, std::span<std::int64_t>);

}  // namespace anam::codec
