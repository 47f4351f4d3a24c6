// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "storage/codec/codecs.h"

namespace anam::codec {

std::size_t frame_of_reference_size(Values values, const Statistics& statistics) {
  return frames_size(statistics.frames, values.size());
}

void encode_frame_of_reference(Values values, const Statistics& statistics, Bytes& out) {
  write_frame_headers(statistics.frames, out);
  for (const Frame& frame : statistics.frames) {
    const std::size_t count = std::min(values.size(), kBlockValues);
    write_frame(frame, values.first(count), out);
    values = values.subspan(count);
  }
}

template <typename T>
void decode_frame_of_reference(ByteSpan in, std::span<T> out) {
  ByteReader reader(in);
  FrameReader<T> frames(reader, out.size());
  while (!out.empty()) {
    frames.next(out);
    out = out.subspan(std::min(out.size(), kBlockValues));
  }
  if (reader.remaining() > 0) fail(ErrorCode::kCorrupt, "frames are followed by other bytes");
}

template void decode_frame_of_reference(ByteSpan, std::span<std::int32_t>);
template void decode_frame_of_reference(ByteSpan, std::span<std::int64_t>);

}  // namespace anam::codec
