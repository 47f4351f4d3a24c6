// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "storage/codec/codecs.h"
#include "storage/codec/varint.h"

namespace anam::codec {

std::size_t delta_size(Values values, const Statistics& statistics) {
  return varint_size(zigzag(statistics.start)) +
         frames_size(statistics.delta_frames, values.size());
}

void encode_delta(Values values, const Statistics& statistics, Bytes& out) {
  put_varint(out, zigzag(statistics.start));
  write_frame_headers(statistics.delta_frames, out);
  std::array<std::int64_t, kBlockValues> deltas;
  std::int64_t before = statistics.start;
  for (const Frame& frame : statistics.delta_frames) {
    const std::size_t count = std::min(values.size(), kBlockValues);
    differences(before, values.first(count), deltas.data());
    write_frame(frame, std::span(deltas).first(count), out);
    before = values[count - 1];
    values = values.subspan(count);
  }
}

template <typename T>
void decode_delta(ByteSpan in, std::span<T> out) {
  using Unsigned = std::make_unsigned_t<T>;
  ByteReader reader(in);
  auto sum = static_cast<Unsigned>(unzigzag(get_varint(reader)));
  FrameReader<T> frames(reader, out.size());
  while (!out.empty()) {
    const std::span<T> block = out.first(std::min(out.size(), kBlockValues));
    frames.next(block);
    sum = prefix_sum(sum, std::span(reinterpret_cast<Unsigned*>(block.data()), block.size()));
    out = out.subspan(block.size());
  }
  if (reader.remaining() > 0) fail(ErrorCode::kCorrupt, "differences are followed by other bytes");
}

template void decode_delta(ByteSpan, std::span<std::int32_t>);
template void decode_delta(ByteSpan, std::span<std::int64_t>);

}  // namespace anam::codec
