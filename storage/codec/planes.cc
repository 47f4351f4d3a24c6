// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "storage/codec/codecs.h"
#include "storage/codec/varint.h"

namespace anam::codec {
namespace {

enum class Transform : std::uint8_t { kMinimum = 0, kDifference = 1 };

constexpr std::size_t kMostPlanes = 8;

}  // namespace

void encode_planes(Values values, const Statistics& statistics, Bytes& out) {
  const bool difference =
      delta_size(values, statistics) < frame_of_reference_size(values, statistics);
  const std::int64_t base = difference ? statistics.start : statistics.range.min;
  std::vector<std::uint64_t> numbers(values.size());
  std::uint64_t all = 0;
  auto before = static_cast<std::uint64_t>(base);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<std::uint64_t>(values[i]);
    numbers[i] = value - before;
    if (difference) {
      numbers[i] = zigzag(static_cast<std::int64_t>(numbers[i]));
      before = value;
    }
    all |= numbers[i];
  }
  const std::size_t planes = (static_cast<std::size_t>(std::bit_width(all)) + 7) / 8;
  put(out, difference ? Transform::kDifference : Transform::kMinimum);
  put_varint(out, zigzag(base));
  put(out, static_cast<std::uint8_t>(planes));
  const std::size_t at = out.size();
  out.resize(at + planes * values.size());
  std::byte* to = out.data() + at;
  for (std::size_t plane = 0; plane < planes; ++plane) {
    for (const std::uint64_t number : numbers) *to++ = static_cast<std::byte>(number >> 8 * plane);
  }
}

template <typename T>
void decode_planes(ByteSpan in, std::span<T> out) {
  using Unsigned = std::make_unsigned_t<T>;
  ByteReader reader(in);
  const auto transform = reader.get<Transform>();
  if (transform != Transform::kMinimum && transform != Transform::kDifference) {
    fail(ErrorCode::kCorrupt, "byte planes have an unknown transform");
  }
  auto base = static_cast<Unsigned>(unzigzag(get_varint(reader)));
  const std::size_t planes = reader.get<std::uint8_t>();
  if (planes > kMostPlanes) fail(ErrorCode::kCorrupt, "value has more than eight byte planes");
  if (planes > sizeof(T)) {  // a difference of 32-bit values may take 33 bits
    std::vector<std::int64_t> wide(out.size());
    decode_planes(in, std::span(wide));
    std::ranges::transform(wide, out.begin(),
                           [](std::int64_t value) { return static_cast<T>(value); });
    return;
  }
  const std::span numbers(reinterpret_cast<Unsigned*>(out.data()), out.size());
  std::ranges::fill(numbers, Unsigned{0});
  for (std::size_t plane = 0; plane < planes; ++plane) {
    const ByteSpan bytes = reader.take(out.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      numbers[i] |= static_cast<Unsigned>(static_cast<Unsigned>(bytes[i]) << 8 * plane);
    }
  }
  if (reader.remaining() > 0) fail(ErrorCode::kCorrupt, "byte planes are followed by other bytes");
  if (transform == Transform::kMinimum) {
    for (Unsigned& number : numbers) number += base;
  } else {
    for (Unsigned& number : numbers) {
      number = base += static_cast<Unsigned>((number >> 1) ^ (0 - (number & 1)));
    }
  }
}

template void decode_planes(ByteSpan, std::span<std::int32_t>);
template void decode_planes(ByteSpan, std::span<std::int64_t>);

}  // namespace anam::codec
