// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "storage/codec/codecs.h"
#include "storage/codec/varint.h"

namespace anam::codec {
namespace {

constexpr std::size_t kMostDistinct = 65536;

// When nearly all values of a sample differ, a dictionary of them saves nothing.
constexpr std::size_t kSample = 128;
constexpr std::size_t kMostDistinctInSample = 112;

bool sample_repeats(Values values) {
  if (values.size() <= kSample) return true;
  std::array<std::int64_t, kSample> sample;
  for (std::size_t i = 0; i < kSample; ++i) sample[i] = values[i * values.size() / kSample];
  std::ranges::sort(sample);
  const auto end = std::unique(sample.begin(), sample.end());
  return static_cast<std::size_t>(end - sample.begin()) <= kMostDistinctInSample;
}

struct Dictionary {
  std::vector<std::int64_t> distinct;  // ascending
  std::vector<std::int64_t> indices;   // of each value in `distinct`
};

// An open hash table of the values met so far, at most half full.
std::optional<Dictionary> build(Values values, std::size_t most) {
  const std::size_t slots = std::bit_ceil(2 * most + 2);
  const int shift = 64 - std::countr_zero(slots);
  constexpr std::uint32_t kEmpty = 0;  // else 1 + the number of the value in the order met
  std::vector<std::uint32_t> table(slots, kEmpty);
  Dictionary found;
  found.indices.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t value = values[i];
    auto slot = static_cast<std::size_t>(
        (static_cast<std::uint64_t>(value) * 0x9e3779b97f4a7c15U) >> shift);
    while (table[slot] != kEmpty && found.distinct[table[slot] - 1] != value) {
      slot = (slot + 1) & (slots - 1);
    }
    if (table[slot] == kEmpty) {
      if (found.distinct.size() == most) return std::nullopt;
      found.distinct.push_back(value);
      table[slot] = static_cast<std::uint32_t>(found.distinct.size());
    }
    found.indices[i] = table[slot] - 1;
  }
  std::vector<std::uint32_t> order(found.distinct.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::uint32_t i) { return found.distinct[i]; });
  std::vector<std::int64_t> sorted(order.size());
  std::vector<std::int64_t> rank(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    sorted[i] = found.distinct[order[i]];
    rank[order[i]] = static_cast<std::int64_t>(i);
  }
  found.distinct = std::move(sorted);
  for (std::int64_t& index : found.indices) index = rank[static_cast<std::size_t>(index)];
  return found;
}

}  // namespace

bool encode_dictionary(Values values, const Statistics&, bool byte_indices, std::size_t limit,
                       Bytes& out) {
  // An index has to be narrower than what `limit` allows for a value.
  const std::size_t bits = limit * 8 / values.size();
  std::size_t most = std::min(
      {kMostDistinct, values.size() / 2, std::size_t{1} << std::min<std::size_t>(bits, 17)});
  if (byte_indices) most = std::min<std::size_t>(most, 256);
  if (most < 2 || !sample_repeats(values)) return false;
  const auto dictionary = build(values, most);
  if (!dictionary) return false;

  Bytes distinct;
  encode_smallest(dictionary->distinct, Statistics(dictionary->distinct), false, distinct);
  const std::size_t at = out.size();
  put_varint(out, dictionary->distinct.size());
  put_varint(out, distinct.size());
  put_bytes(out, distinct);
  if (byte_indices) {
    put(out, CodecId::kPlanes);
    put(out, std::uint8_t{0});
    put_varint(out, 0);
    put(out, std::uint8_t{1});
    for (const std::int64_t index : dictionary->indices) put(out, static_cast<std::uint8_t>(index));
  } else {
    encode_smallest(dictionary->indices, Statistics(dictionary->indices), false, out);
  }
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
  decode_any(reader.take(reader.remaining()), false, out);
  using Unsigned = std::make_unsigned_t<T>;
  Unsigned greatest = 0;
  for (const T index : out) greatest = std::max(greatest, static_cast<Unsigned>(index));
  if (greatest >= count) fail(ErrorCode::kCorrupt, "index points outside of its dictionary");
  for (T& value : out) value = distinct[static_cast<std::size_t>(value)];
}

template void decode_dictionary(ByteSpan, std::span<std::int32_t>);
template void decode_dictionary(ByteSpan, std::span<std::int64_t>);

}  // namespace anam::codec
