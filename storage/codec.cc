// SPDX-License-Identifier: Apache-2.0
#include "storage/codec.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "storage/codec/codecs.h"
#include "storage/codec/varint.h"
#include "storage/dispatch.h"

namespace anam {
namespace codec {
namespace {

ANAM_CLONES void widen(const std::int64_t* values, std::size_t count, std::int64_t& min,
                       std::int64_t& max) {
  for (std::size_t i = 0; i < count; ++i) {
    min = values[i] < min ? values[i] : min;
    max = values[i] > max ? values[i] : max;
  }
}

Range range_of(Values values) {
  Range range{values[0], values[0]};
  widen(values.data(), values.size(), range.min, range.max);
  return range;
}

}  // namespace

Statistics::Statistics(Values values, Detail detail) : start(values[0]) {
  if (values.size() > 1) {
    // start + d = values[0] and values[0] + d = values[1]
    start = static_cast<std::int64_t>(2 * static_cast<std::uint64_t>(values[0]) -
                                      static_cast<std::uint64_t>(values[1]));
  }
  if (detail == Detail::kRange) {
    range = range_of(values);
    return;
  }
  const bool with_differences = detail == Detail::kDifferences;
  const std::size_t blocks = (values.size() + kBlockValues - 1) / kBlockValues;
  frames.reserve(blocks);
  if (with_differences) delta_frames.reserve(blocks);
  range = {values[0], values[0]};
  std::size_t changes = 0;
  std::int64_t before = start;
  std::array<std::int64_t, kBlockValues> deltas;
  const bool first_counts = start != values[0];
  while (!values.empty()) {
    const Values block = values.first(std::min(values.size(), kBlockValues));
    Range seen;
    frames.push_back(plan_frame(block, seen));
    range = {std::min(range.min, seen.min), std::max(range.max, seen.max)};
    if (with_differences) {
      changes += differences(before, block, deltas.data());
      delta_frames.push_back(plan_frame(std::span(deltas).first(block.size()), seen));
      before = block.back();
    }
    values = values.subspan(block.size());
  }
  runs = changes + (first_counts ? 0 : 1);
}

void encode_smallest(Values values, const Statistics& statistics, bool nested, Bytes& out) {
  const std::size_t at = out.size();
  const auto put_id = [&](CodecId id) {
    out.resize(at);
    put(out, id);
  };
  const std::size_t raw = raw_size(values, statistics);
  if (statistics.range.min == statistics.range.max && raw >= varint_size(zigzag(values[0]))) {
    put_id(CodecId::kConstant);
    return encode_constant(values, statistics, out);
  }
  const std::size_t frames = frame_of_reference_size(values, statistics);
  const std::size_t delta = statistics.delta_frames.empty()
                                ? std::numeric_limits<std::size_t>::max()
                                : delta_size(values, statistics);
  const std::size_t smallest = std::min({raw, frames, delta});
  if (nested) {
    put_id(CodecId::kRunLength);
    if (encode_run_length(values, statistics, smallest, out)) return;
    put_id(CodecId::kDictionary);
    if (encode_dictionary(values, statistics, smallest, out)) return;
  }
  if (smallest == raw) {
    put_id(CodecId::kRaw);
    encode_raw(values, statistics, out);
  } else if (smallest == frames) {
    put_id(CodecId::kFor);
    encode_frame_of_reference(values, statistics, out);
  } else {
    put_id(CodecId::kDelta);
    encode_delta(values, statistics, out);
  }
}

template <typename T>
void decode_any(ByteSpan in, bool nested, std::span<T> out) {
  ByteReader reader(in);
  const auto id = reader.get<CodecId>();
  in = in.subspan(1);
  switch (id) {
    case CodecId::kRaw:
      return decode_raw(in, out);
    case CodecId::kConstant:
      return decode_constant(in, out);
    case CodecId::kFor:
      return decode_frame_of_reference(in, out);
    case CodecId::kDelta:
      return decode_delta(in, out);
    case CodecId::kDictionary:
      if (!nested) break;
      return decode_dictionary(in, out);
    case CodecId::kRunLength:
      if (!nested) break;
      return decode_run_length(in, out);
  }
  fail(ErrorCode::kCorrupt, "unknown codec", std::to_string(static_cast<unsigned>(id)));
}

template void decode_any(ByteSpan, bool, std::span<std::int32_t>);
template void decode_any(ByteSpan, bool, std::span<std::int64_t>);

}  // namespace codec

template <>
void encode_ints(std::span<const std::int64_t> values, Bytes& out) {
  if (values.empty()) return put(out, CodecId::kRaw);
  codec::encode_smallest(values, codec::Statistics(values), true, out);
}

template <>
void encode_ints(std::span<const std::int32_t> values, Bytes& out) {
  const std::vector<std::int64_t> wide(values.begin(), values.end());
  encode_ints(std::span(wide), out);
}

template <typename T>
void decode_ints(ByteSpan in, std::span<T> out) {
  codec::decode_any(in, true, out);
}

template void decode_ints(ByteSpan, std::span<std::int32_t>);
template void decode_ints(ByteSpan, std::span<std::int64_t>);

}  // namespace anam
