// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "storage/codec/codecs.h"

namespace anam::codec {
namespace {

template <typename Stored>
bool fits(Range range) {
  return range.min >= std::numeric_limits<Stored>::min() &&
         range.max <= std::numeric_limits<Stored>::max();
}

template <typename Stored>
void store(Values values, Bytes& out) {
  const std::size_t at = out.size();
  out.resize(at + values.size() * sizeof(Stored));
  std::byte* to = out.data() + at;
  for (const std::int64_t value : values) {
    store_le(to, static_cast<Stored>(value));
    to += sizeof(Stored);
  }
}

template <typename Stored, typename T>
void load(ByteSpan in, std::span<T> out) {
  const std::byte* from = in.data();
  for (T& value : out) {
    const Stored stored = load_le<Stored>(from);
    value = static_cast<T>(stored);  // NOLINT(bugprone-signed-char-misuse): a number of one byte
    from += sizeof(Stored);
  }
}

std::size_t stored_size(Range range) {
  if (fits<std::int8_t>(range)) return 1;
  if (fits<std::int16_t>(range)) return 2;
  return fits<std::int32_t>(range) ? 4 : 8;
}

}  // namespace

std::size_t raw_size(Values values, const Statistics& statistics) {
  return values.size() * stored_size(statistics.range);
}

void encode_raw(Values values, const Statistics& statistics, Bytes& out) {
  switch (stored_size(statistics.range)) {
    case 1:
      return store<std::int8_t>(values, out);
    case 2:
      return store<std::int16_t>(values, out);
    case 4:
      return store<std::int32_t>(values, out);
    default:
      return store<std::int64_t>(values, out);
  }
}

template <typename T>
void decode_raw(ByteSpan in, std::span<T> out) {
  if (in.size() == out.size()) return load<std::int8_t>(in, out);
  if (in.size() == 2 * out.size()) return load<std::int16_t>(in, out);
  if (in.size() == 4 * out.size()) return load<std::int32_t>(in, out);
  if (in.size() == 8 * out.size()) return load<std::int64_t>(in, out);
  fail(ErrorCode::kCorrupt, "raw values have a wrong size");
}

template void decode_raw(ByteSpan, std::span<std::int32_t>);
template void decode_raw(ByteSpan, std::span<std::int64_t>);

}  // namespace anam::codec
