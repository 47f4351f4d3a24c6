// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "storage/codec/codecs.h"
#include "storage/codec/varint.h"

namespace anam::codec {

void encode_constant(Values values, const Statistics&, Bytes& out) {
  put_varint(out, zigzag(values.front()));
}

template <typename T>
void decode_constant(ByteSpan in, std::span<T> out) {
  ByteReader reader(in);
  const auto value = static_cast<T>(unzigzag(get_varint(reader)));
  if (reader.remaining() > 0) fail(ErrorCode::kCorrupt, "constant is followed by other bytes");
  std::ranges::fill(out, value);
}

template void decode_constant(ByteSpan, std::span<std::int32_t>);
template void decode_constant(ByteSpan, std::span<std::int64_t>);

}  // namespace anam::codec
