// SPDX-License-Identifier: Apache-2.0
//
// Layout of a page of n cells:
//   u8 flags             bit 0: some cells are null; bit 1: all are; the others are zero
//   if bit 0 (alone):    stream of n numbers: 1 where the cell is null, else 0
//   then, for the m cells that are not null, if m > 0:
//     kInt, kMoney, kCode  stream of m values
//     kDecimal           stream of m scales (cell & 31), stream of m mantissas (cell >> 5)
//     kText              varint d, the number of distinct texts; stream of d lengths in bytes; blob
//     of the d texts, ascending
//                        by their bytes, without anything between; stream of m numbers of texts (0
//                        .. d - 1)
// A blob is a varint 2 * size + z and `size` bytes: with z = 0 the bytes themselves, with z = 1 one
// zstd frame of them. A stream of k numbers is a varint 4 * size + form and `size` bytes:
//   form 0               what encode_ints() makes of the numbers (storage/codec/codecs.h)
//   form 1               one zstd frame of that
//   form 2               varint p; p bytes: the plain part of tokens (storage/codec/tokens.h); one
//   zstd frame of the k tokens form 3               varint p; p bytes: what encode_ints() makes of
//   the distinct values, ascending; varint d, the number
//                        of them (at most 256); one zstd frame of an index for each number, a byte
//                        each
// Each zstd frame says how many bytes it holds.
#include "storage/column_page.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <string>
#include <vector>

#include "storage/codec.h"
#include "storage/codec/codecs.h"
#include "storage/codec/tokens.h"
#include "storage/codec/varint.h"
#include "storage/compress.h"
#include "storage/decimal.h"

namespace anam {
namespace {

constexpr std::uint8_t kSomeNull = 1;
constexpr std::uint8_t kAllNull = 2;

constexpr unsigned kScaleBits = 5;
constexpr std::int64_t kScaleMask = (1 << kScaleBits) - 1;

// Larger blobs are not compressed, so that a damaged size cannot ask for much more memory than the
// column itself takes.
constexpr std::size_t most_stream_bytes(std::size_t count) { return 64 + 16 * count; }
constexpr std::size_t most_text_bytes(std::size_t count) { return 64 + 4096 * count; }

// A zstd frame costs about 15 bytes: on less than this it gains nothing.
constexpr std::size_t kLeastToCompress = 48;

// The most distinct values of a stream of form 3.
constexpr std::size_t kMostByteIndices = 256;

enum class StreamForm : std::uint8_t { kLight = 0, kZstd = 1, kTokens = 2, kIndices = 3 };

using Cells = std::span<const std::int64_t>;

// A zstd frame has to save 1/32.
constexpr std::size_t worth_it(std::size_t size) { return size - size / 32 - 1; }

void put_blob(ByteSpan bytes, bool compressed, Bytes& out) {
  put_varint(out, 2 * bytes.size() + (compressed ? 1 : 0));
  put_bytes(out, bytes);
}

void put_text_blob(ByteSpan bytes, std::size_t count, const PageOptions& options, Bytes& out) {
  Bytes frame;
  if (options.zstd && bytes.size() >= kLeastToCompress && bytes.size() <= most_text_bytes(count) &&
      zstd_compress(bytes, options.zstd_level, ZstdEffort::kLevel, worth_it(bytes.size()), frame)) {
    return put_blob(frame, true, out);
  }
  put_blob(bytes, false, out);
}

// Looks for the smallest form of a stream.
class StreamEncoder {
 public:
  StreamEncoder(Cells values, const PageOptions& options) : values_(values), options_(options) {}

  void append_to(Bytes& out) {
    const codec::Statistics statistics(values_, options_.thorough);
    codec::encode_smallest(values_, statistics, options_.thorough, best_);
    if (options_.zstd && options_.thorough && best_.size() >= kLeastToCompress)
      compress(statistics);
    put_varint(out, 4 * best_.size() + static_cast<unsigned>(form_));
    put_bytes(out, best_);
  }

 private:
  // Measured on claims and clinical records: light encodings of few bits repeat as bytes; of more,
  // zstd gains more on tokens, and it costs less there than on the byte planes of values, which it
  // makes no smaller.
  void compress(const codec::Statistics& statistics) {
    const Bytes light = best_;
    const bool indices = static_cast<CodecId>(light[0]) == CodecId::kDictionary;
    limit_ = worth_it(light.size());
    if (light.size() * 8 <= 3 * values_.size()) attempt(StreamForm::kZstd, {}, light);
    if (light.size() * 8 <= values_.size()) return;
    Bytes plain;
    Bytes bytes;
    codec::encode_tokens(values_, statistics, plain, bytes);
    attempt(StreamForm::kTokens, with_size(plain), bytes);
    if (!indices) return;
    const auto dictionary = codec::build_dictionary(values_, kMostByteIndices);
    if (!dictionary) return;
    plain.clear();
    codec::encode_smallest(dictionary->distinct, codec::Statistics(dictionary->distinct), false,
                           plain);
    Bytes head = with_size(plain);
    put_varint(head, dictionary->distinct.size());
    bytes.clear();
    for (const std::int64_t index : dictionary->indices)
      bytes.push_back(static_cast<std::byte>(index));
    attempt(StreamForm::kIndices, std::move(head), bytes);
  }

  static Bytes with_size(const Bytes& plain) {
    Bytes head;
    put_varint(head, plain.size());
    put_bytes(head, plain);
    return head;
  }

  void attempt(StreamForm form, const Bytes& head, const Bytes& raw) {
    if (raw.size() > most_stream_bytes(values_.size())) return;
    for (const ZstdEffort effort : {ZstdEffort::kEntropy, ZstdEffort::kLevel}) {
      if (head.size() >= limit_) return;
      Bytes bytes = head;
      if (!zstd_compress(raw, options_.zstd_level, effort, limit_ - head.size(), bytes)) continue;
      limit_ = bytes.size() - 1;
      form_ = form;
      best_ = std::move(bytes);
    }
  }

  Cells values_;
  const PageOptions& options_;
  Bytes best_;
  StreamForm form_ = StreamForm::kLight;
  std::size_t limit_ = 0;  // the most bytes that are better than `best_`
};

void put_stream(Cells values, const PageOptions& options, Bytes& out) {
  assert(!values.empty());
  StreamEncoder(values, options).append_to(out);
}

// A view into the page, or into `buffer`, which must outlive it.
ByteSpan get_blob(ByteReader& reader, std::size_t limit, Bytes& buffer) {
  const std::uint64_t head = get_varint(reader);
  const ByteSpan bytes = reader.take(head / 2);
  if (head % 2 == 0) return bytes;
  zstd_decompress(bytes, limit, buffer);
  return buffer;
}

// One byte for each number of a stream.
void get_bytes(ByteReader& reader, std::size_t count, Bytes& buffer) {
  zstd_decompress(reader.take(reader.remaining()), count, buffer);
  if (buffer.size() != count) fail(ErrorCode::kCorrupt, "stream has too few tokens or indices");
}

void get_stream(ByteReader& reader, std::span<std::int64_t> values) {
  thread_local Bytes buffer;
  const std::uint64_t head = get_varint(reader);
  const ByteSpan bytes = reader.take(head / 4);
  ByteReader parts(bytes);
  switch (static_cast<StreamForm>(head % 4)) {
    case StreamForm::kLight:
      return decode_ints(bytes, values);
    case StreamForm::kZstd:
      zstd_decompress(bytes, most_stream_bytes(values.size()), buffer);
      return decode_ints(ByteSpan(buffer), values);
    case StreamForm::kTokens: {
      const ByteSpan plain = parts.take(get_varint(parts));
      get_bytes(parts, values.size(), buffer);
      return codec::decode_tokens(plain, buffer, values);
    }
    case StreamForm::kIndices: {
      const ByteSpan plain = parts.take(get_varint(parts));
      const std::uint64_t count = get_varint(parts);
      if (count > kMostByteIndices)
        fail(ErrorCode::kCorrupt, "stream has too many distinct values");
      std::array<std::int64_t, kMostByteIndices> distinct{};
      decode_ints(plain, std::span(distinct).first(count));
      get_bytes(parts, values.size(), buffer);
      std::size_t greatest = 0;
      for (std::size_t i = 0; i < values.size(); ++i) {
        const auto index = static_cast<std::size_t>(buffer[i]);
        greatest = std::max(greatest, index);
        values[i] = distinct[index];
      }
      if (greatest >= count) fail(ErrorCode::kCorrupt, "index points outside of its dictionary");
      return;
    }
  }
}

void encode_texts(Cells cells, const TextPool& texts, const PageOptions& options, Bytes& out) {
  std::vector<std::int64_t> used(cells.begin(), cells.end());
  std::ranges::sort(used);
  used.erase(std::unique(used.begin(), used.end()), used.end());
  if (used.front() < 0 || static_cast<std::size_t>(used.back()) >= texts.size()) {
    fail(ErrorCode::kUsage, "cell of a text column is no index into its texts");
  }
  std::vector<std::uint32_t> order(used.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::uint32_t i) { return texts.at(used[i]); });

  std::vector<std::int64_t> lengths;
  std::vector<std::int64_t> rank(used.size());
  Bytes chars;
  std::string_view last;
  for (const std::uint32_t i : order) {
    const std::string_view text = texts.at(used[i]);
    if (lengths.empty() || text != last) {
      lengths.push_back(static_cast<std::int64_t>(text.size()));
      put_bytes(chars, as_bytes(text));
      last = text;
    }
    rank[i] = static_cast<std::int64_t>(lengths.size()) - 1;
  }
  std::vector<std::int64_t> indices(cells.size());
  std::ranges::transform(cells, indices.begin(), [&](std::int64_t cell) {
    return rank[static_cast<std::size_t>(std::ranges::lower_bound(used, cell) - used.begin())];
  });
  put_varint(out, lengths.size());
  put_stream(lengths, options, out);
  put_text_blob(chars, cells.size(), options, out);
  put_stream(indices, options, out);
}

void decode_texts(ByteReader& reader, std::span<std::int64_t> cells, TextPool& texts) {
  const std::uint64_t count = get_varint(reader);
  if (count == 0 || count > cells.size()) {
    fail(ErrorCode::kCorrupt, "page has more distinct texts than cells, or none");
  }
  std::vector<std::int64_t> lengths(count);
  get_stream(reader, std::span(lengths));
  thread_local Bytes buffer;
  ByteReader chars(get_blob(reader, most_text_bytes(cells.size()), buffer));
  get_stream(reader, cells);
  for (const std::int64_t cell : cells) {
    if (static_cast<std::uint64_t>(cell) >= count) {
      fail(ErrorCode::kCorrupt, "cell of a text column points outside of its texts");
    }
  }
  const auto first = static_cast<std::int64_t>(texts.size());
  for (const std::int64_t length : lengths) {
    texts.add(as_text(chars.take(static_cast<std::uint64_t>(length))));
  }
  if (chars.remaining() > 0) fail(ErrorCode::kCorrupt, "texts are longer than their lengths say");
  for (std::int64_t& cell : cells) cell += first;
}

void encode_values(ColumnType type, Cells cells, const TextPool* texts, const PageOptions& options,
                   Bytes& out) {
  switch (type) {
    case ColumnType::kInt:
    case ColumnType::kMoney:
    case ColumnType::kCode:
      return put_stream(cells, options, out);
    case ColumnType::kDecimal: {
      std::vector<std::int64_t> part(cells.size());
      std::ranges::transform(cells, part.begin(), [](std::int64_t c) { return c & kScaleMask; });
      put_stream(part, options, out);
      std::ranges::transform(cells, part.begin(), [](std::int64_t c) { return c >> kScaleBits; });
      return put_stream(part, options, out);
    }
    case ColumnType::kText:
      assert(texts != nullptr);
      return encode_texts(cells, *texts, options, out);
  }
  fail(ErrorCode::kUsage, "unknown column type", std::to_string(static_cast<int>(type)));
}

void decode_values(ColumnType type, ByteReader& reader, std::span<std::int64_t> cells,
                   TextPool* texts) {
  switch (type) {
    case ColumnType::kInt:
    case ColumnType::kMoney:
    case ColumnType::kCode:
      return get_stream(reader, cells);
    case ColumnType::kDecimal: {
      std::vector<std::int64_t> scales(cells.size());
      get_stream(reader, std::span(scales));
      get_stream(reader, cells);
      constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() >> kScaleBits;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        if (scales[i] < 0 || scales[i] > kScaleMask || cells[i] > kMost || cells[i] < -kMost - 1) {
          fail(ErrorCode::kCorrupt, "scale or mantissa of a decimal is out of range");
        }
        cells[i] = cells[i] * (kScaleMask + 1) + scales[i];
      }
      return;
    }
    case ColumnType::kText:
      assert(texts != nullptr);
      return decode_texts(reader, cells, *texts);
  }
  fail(ErrorCode::kUsage, "unknown column type", std::to_string(static_cast<int>(type)));
}

}  // namespace

void encode_column(ColumnType type, Cells cells, const TextPool* texts, const PageOptions& options,
                   Bytes& out) {
  const auto nulls = static_cast<std::size_t>(std::ranges::count(cells, kNull));
  if (nulls == cells.size()) return put(out, kAllNull);
  if (nulls == 0) {
    put(out, std::uint8_t{0});
    return encode_values(type, cells, texts, options, out);
  }
  put(out, kSomeNull);
  std::vector<std::int64_t> part(cells.size());
  std::ranges::transform(cells, part.begin(), [](std::int64_t c) { return c == kNull ? 1 : 0; });
  put_stream(part, options, out);
  part.resize(cells.size() - nulls);
  std::ranges::copy_if(cells, part.begin(), [](std::int64_t c) { return c != kNull; });
  encode_values(type, part, texts, options, out);
}

void decode_column(ColumnType type, ByteSpan page, std::span<std::int64_t> cells, TextPool* texts) {
  ByteReader reader(page);
  const auto flags = reader.get<std::uint8_t>();
  if (flags == kAllNull) {
    std::ranges::fill(cells, kNull);
  } else if (flags == 0) {
    if (cells.empty()) fail(ErrorCode::kCorrupt, "page of no cells has values");
    decode_values(type, reader, cells, texts);
  } else if (flags == kSomeNull) {
    std::vector<std::int64_t> nulls(cells.size());
    get_stream(reader, std::span(nulls));
    std::size_t values = 0;
    for (const std::int64_t null : nulls) {
      if (null != 0 && null != 1) fail(ErrorCode::kCorrupt, "null mark is neither 0 nor 1");
      values += null == 0 ? 1U : 0U;
    }
    if (values == 0 || values == cells.size()) {
      fail(ErrorCode::kCorrupt, "page with some null cells has none, or no others");
    }
    decode_values(type, reader, cells.first(values), texts);
    // Spread from the back: a value never moves to before its place.
    for (std::size_t i = cells.size(); i-- > 0;) {
      cells[i] = nulls[i] != 0 ? kNull : cells[--values];
    }
  } else {
    fail(ErrorCode::kCorrupt, "page has unknown flags", std::to_string(flags));
  }
  if (reader.remaining() > 0) fail(ErrorCode::kCorrupt, "page is followed by other bytes");
}

}  // namespace anam
