// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "storage/codec/codecs.h"
#include "storage/codec/varint.h"

namespace anam::codec {

bool encode_run_length(Values values, const Statistics& statistics, std::size_t limit, Bytes& out) {
  if (statistics.runs > values.size() / 2) return false;
  std::vector<std::int64_t> heads;
  std::vector<std::int64_t> lengths;
  heads.reserve(statistics.runs);
  lengths.reserve(statistics.runs);
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i + 1;
    while (end < values.size() && values[end] == values[i]) ++end;
    heads.push_back(values[i]);
    lengths.push_back(static_cast<std::int64_t>(end - i - 1));
    i = end;
  }
  Bytes encoded;
  encode_smallest(heads, Statistics(heads), false, encoded);
  if (encoded.size() >= limit) return false;
  const std::size_t at = out.size();
  put_varint(out, heads.size());
  put_varint(out, encoded.size());
  put_bytes(out, encoded);
  encode_smallest(lengths, Statistics(lengths), false, out);
  if (out.size() - at < limit) return true;
  out.resize(at);
  return false;
}

template <typename T>
void decode_run_length(ByteSpan in, std::span<T> out) {
  ByteReader reader(in);
  const std::uint64_t runs = get_varint(reader);
  const std::uint64_t size = get_varint(reader);
  if (runs == 0 || runs > out.size()) {
    fail(ErrorCode::kCorrupt, "column has more runs than values, or none");
  }
  const ByteSpan encoded = reader.take(size);
  std::vector<T> heads(runs);
  std::vector<std::int64_t> lengths(runs);
  decode_any(encoded, false, std::span(heads));
  decode_any(reader.take(reader.remaining()), false, std::span(lengths));
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const auto more = static_cast<std::uint64_t>(lengths[i]);
    if (more >= out.size()) fail(ErrorCode::kCorrupt, "runs are longer than their column");
    std::ranges::fill(out.first(more + 1), heads[i]);
    out = out.subspan(more + 1);
  }
  if (!out.empty()) fail(ErrorCode::kCorrupt, "runs are shorter than their column");
}

template void decode_run_length(ByteSpan, std::span<std::int32_t>);
template void decode_run_length(ByteSpan, std::span<std::int64_t>);

}  // namespace anam::codec
