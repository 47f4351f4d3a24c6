// SPDX-License-Identifier: Apache-2.0
#include "storage/codec/frames.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

#include "storage/codec/varint.h"
#include "storage/dispatch.h"

namespace anam {
namespace {

constexpr unsigned kMaxBits = 64;
constexpr std::uint8_t kHasExceptions = 128;
constexpr std::uint64_t kNarrowLimit = 0x7fffffff;  // distances are counted up to 31 bits

// A block with exceptions decodes more slowly: it has to save this many bytes.
constexpr std::size_t kExceptionsMustSave = 6;

std::uint64_t distance(std::int64_t value, std::int64_t base) {
  return static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(base);
}

unsigned width_of(std::uint64_t value) { return static_cast<unsigned>(std::bit_width(value)); }

struct Spread {
  Range range;
  std::size_t negatives;
};

ANAM_CLONES Spread spread_of(const std::int64_t* values, std::size_t count) {
  std::int64_t min = values[0];
  std::int64_t max = values[0];
  std::uint64_t negatives = 0;
  for (std::size_t i = 0; i < count; ++i) {
    min = values[i] < min ? values[i] : min;
    max = values[i] > max ? values[i] : max;
    negatives += static_cast<std::uint64_t>(values[i]) >> 63;
  }
  return {{min, max}, negatives};
}

// Bits of each distance, 31 standing for 31 and more. The exponent of a float is a bit width that
// vectorises; clearing the bit below each set one keeps the conversion from rounding up.
ANAM_CLONES void widths_of(const std::int64_t* values, std::size_t count, std::int64_t base,
                           std::uint8_t* widths) {
  std::array<std::int32_t, kBlockValues> narrow;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t d =
        static_cast<std::uint64_t>(values[i]) - static_cast<std::uint64_t>(base);
    narrow[i] = static_cast<std::int32_t>(d > kNarrowLimit ? kNarrowLimit : d);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t top = narrow[i] & ~(narrow[i] >> 1);
    const auto exponent = std::bit_cast<std::int32_t>(static_cast<float>(top)) >> 23;
    const std::int32_t width = exponent - 126;
    widths[i] = static_cast<std::uint8_t>(width < 0 ? 0 : width);
  }
}

ANAM_CLONES std::size_t differences_of(std::int64_t before, const std::int64_t* values,
                                       std::size_t count, std::int64_t* out) {
  out[0] = static_cast<std::int64_t>(distance(values[0], before));
  std::uint64_t changes = out[0] != 0 ? 1 : 0;
  for (std::size_t i = 1; i < count; ++i) {
    const std::uint64_t d =
        static_cast<std::uint64_t>(values[i]) - static_cast<std::uint64_t>(values[i - 1]);
    out[i] = static_cast<std::int64_t>(d);
    changes += d != 0 ? 1U : 0U;
  }
  return changes;
}

ANAM_CLONES void narrow_distances(const std::int64_t* values, std::uint64_t base,
                                  std::uint32_t* out) {
  for (std::size_t i = 0; i < kBlockValues; ++i) {
    out[i] = static_cast<std::uint32_t>(static_cast<std::uint64_t>(values[i]) - base);
  }
}

std::size_t frame_size(const Frame& frame, std::size_t count) {
  const std::size_t exceptions = frame.exceptions;
  return packed_size(count, frame.bits) +
         (exceptions == 0 ? 0 : 2 + exceptions + packed_size(exceptions, frame.exception_bits));
}

std::span<std::byte> grow(Bytes& out, std::size_t size) {
  const std::size_t at = out.size();
  out.resize(at + size);
  return std::span(out).subspan(at);
}

}  // namespace

Frame plan_frame(std::span<const std::int64_t> values, Range& range) {
  assert(!values.empty() && values.size() <= kBlockValues);
  const std::size_t count = values.size();
  const auto [seen, negatives] = spread_of(values.data(), count);
  range = seen;
  Frame best{.base = seen.min,
             .bits = static_cast<std::uint8_t>(width_of(distance(seen.max, seen.min)))};
  const std::size_t plain = packed_size(count, best.bits);
  if (best.bits <= 1 || plain <= kExceptionsMustSave) return best;

  // A few negative values among others (a timeline that starts anew, a -1 that means unknown) are
  // exceptions from zero.
  const std::int64_t base = negatives > 0 && negatives <= count / 4 ? 0 : seen.min;
  std::array<std::uint8_t, kBlockValues> widths;
  widths_of(values.data(), count, base, widths.data());
  std::array<std::array<std::uint8_t, 32>, 4>
      counts{};  // four, so that equal widths in a row do not wait
  for (std::size_t i = 0; i < count; ++i) ++counts[i % 4][widths[i]];

  const auto exception_width = [&](std::int64_t value) {
    return width_of(zigzag(static_cast<std::int64_t>(distance(value, base))));
  };
  // Signed distances are in the order of the values only where the range fits into 63 bits.
  const unsigned exception_bits =
      best.bits == kMaxBits ? kMaxBits
                            : std::max(exception_width(seen.max), exception_width(seen.min));
  std::size_t smallest = plain - kExceptionsMustSave;
  std::size_t exceptions = 0;
  for (unsigned bits = 31; bits-- > 0;) {
    exceptions += std::size_t{counts[0][bits + 1]} + counts[1][bits + 1] + counts[2][bits + 1] +
                  counts[3][bits + 1];
    if (exceptions == 0) continue;
    const Frame frame{.base = base,
                      .bits = static_cast<std::uint8_t>(bits),
                      .exceptions = static_cast<std::uint8_t>(exceptions),
                      .exception_bits = static_cast<std::uint8_t>(exception_bits)};
    const std::size_t size = frame_size(frame, count);
    if (size < smallest) {
      smallest = size;
      best = frame;
    }
    if (exceptions > count / 3) break;
  }
  return best;
}

std::size_t differences(std::int64_t before, std::span<const std::int64_t> values,
                        std::int64_t* out) {
  return differences_of(before, values.data(), values.size(), out);
}

namespace {

struct Bases {
  std::int64_t lowest;
  unsigned bits;
};

Bases bases_of(std::span<const Frame> frames) {
  const auto [low, high] = std::ranges::minmax(frames, {}, &Frame::base);
  return {low.base, width_of(distance(high.base, low.base))};
}

}  // namespace

std::size_t frames_size(std::span<const Frame> frames, std::size_t count) {
  const Bases bases = bases_of(frames);
  std::size_t size = varint_size(zigzag(bases.lowest)) + frames.size();
  if (frames.size() > 1) size += 1 + packed_size(frames.size(), bases.bits);
  for (const Frame& frame : frames) {
    size += frame_size(frame, std::min(count, kBlockValues));
    count -= std::min(count, kBlockValues);
  }
  return size;
}

void write_frame_headers(std::span<const Frame> frames, Bytes& out) {
  const Bases bases = bases_of(frames);
  put_varint(out, zigzag(bases.lowest));
  if (frames.size() > 1) {
    put(out, static_cast<std::uint8_t>(bases.bits));
    std::vector<std::uint64_t> above(frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i) {
      above[i] = distance(frames[i].base, bases.lowest);
    }
    pack_stream(above, bases.bits, grow(out, packed_size(above.size(), bases.bits)).data());
  }
  for (const Frame& frame : frames) {
    put(out, static_cast<std::uint8_t>(frame.bits | (frame.exceptions > 0 ? kHasExceptions : 0)));
  }
}

void write_frame(const Frame& frame, std::span<const std::int64_t> values, Bytes& out) {
  const std::size_t count = values.size();
  const auto base = static_cast<std::uint64_t>(frame.base);
  std::span<std::byte> to = grow(out, frame_size(frame, count));
  if (count == kBlockValues && frame.bits <= 32) {
    std::array<std::uint32_t, kBlockValues> narrow;
    narrow_distances(values.data(), base, narrow.data());
    pack_block(narrow.data(), frame.bits, to.data());
  } else {
    std::array<std::uint64_t, kBlockValues> distances;
    for (std::size_t i = 0; i < count; ++i) distances[i] = distance(values[i], frame.base);
    if (count == kBlockValues) {
      pack_block_wide(distances.data(), frame.bits, to.data());
    } else {
      pack_stream(std::span(distances).first(count), frame.bits, to.data());
    }
  }
  if (frame.exceptions == 0) return;

  to = to.subspan(packed_size(count, frame.bits));
  to[0] = static_cast<std::byte>(frame.exceptions);
  to[1] = static_cast<std::byte>(frame.exception_bits);
  std::array<std::uint64_t, kBlockValues> exceptions;
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t d = distance(values[i], frame.base);
    if (d >> frame.bits == 0) continue;
    assert(found < frame.exceptions);
    to[2 + found] = static_cast<std::byte>(i);
    exceptions[found++] = zigzag(static_cast<std::int64_t>(d));
  }
  assert(found == frame.exceptions);
  pack_stream(std::span(exceptions).first(found), frame.exception_bits, to.data() + 2 + found);
}

template <typename T>
FrameReader<T>::FrameReader(ByteReader& reader, std::size_t count) : reader_(reader) {
  const std::size_t blocks = (count + kBlockValues - 1) / kBlockValues;
  const auto lowest = static_cast<std::uint64_t>(unzigzag(get_varint(reader)));
  if (blocks > 1) {
    const unsigned bits = reader.get<std::uint8_t>();
    if (bits > kMaxBits) fail(ErrorCode::kCorrupt, "bases of frames are wider than 64 bits");
    const ByteSpan packed = reader.take(packed_size(blocks, bits));
    bases_.resize(blocks);
    unpack_stream(packed, bits, bases_);
    for (std::uint64_t& base : bases_) base += lowest;
  } else {
    bases_.assign(blocks, lowest);
  }
  widths_ = reader.take(blocks);
}

template <typename T>
void FrameReader<T>::next(std::span<T> out) {
  using Unsigned = std::make_unsigned_t<T>;
  assert(block_ < bases_.size());
  const std::size_t count = std::min(out.size(), kBlockValues);
  const auto width = static_cast<std::uint8_t>(widths_[block_]);
  const std::uint64_t base = bases_[block_++];
  const unsigned bits = width & (kHasExceptions - 1U);
  if (bits > kMaxBits) fail(ErrorCode::kCorrupt, "frame is wider than 64 bits");
  const ByteSpan packed = reader_.take(packed_size(count, bits));
  if (count == kBlockValues && bits <= 32) {
    unpack_block(packed.data(), bits, static_cast<Unsigned>(base),
                 reinterpret_cast<Unsigned*>(out.data()));
  } else {
    std::array<std::uint64_t, kBlockValues> distances;
    if (count == kBlockValues) {
      unpack_block_wide(packed.data(), bits, 0, distances.data());
    } else {
      unpack_stream(packed, bits, std::span(distances).first(count));
    }
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<T>(base + distances[i]);
  }
  if ((width & kHasExceptions) == 0) return;

  const std::size_t exceptions = reader_.get<std::uint8_t>();
  const unsigned exception_bits = reader_.get<std::uint8_t>();
  if (exceptions > count || exception_bits > kMaxBits) {
    fail(ErrorCode::kCorrupt, "frame has more exceptions than values, or too wide ones");
  }
  const ByteSpan positions = reader_.take(exceptions);
  std::array<std::uint64_t, kBlockValues> values;
  unpack_stream(reader_.take(packed_size(exceptions, exception_bits)), exception_bits,
                std::span(values).first(exceptions));
  for (std::size_t i = 0; i < exceptions; ++i) {
    const auto position = static_cast<std::size_t>(positions[i]);
    if (position >= count) fail(ErrorCode::kCorrupt, "exception lies outside of its frame");
    out[position] = static_cast<T>(base + static_cast<std::uint64_t>(unzigzag(values[i])));
  }
}

template class FrameReader<std::int32_t>;
template class FrameReader<std::int64_t>;

}  // namespace anam
