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
#include <cassert>
#include <limits>
#include <string>
#include <vector>

#include "storage/codec/varint.h"
#include "storage/compress.h"
#include "storage/decimal.h"
#include "storage/stream.h"

namespace anam {
namespace {

constexpr std::uint8_t kSomeNull = 1;
constexpr std::uint8_t kAllNull = 2;

constexpr unsigned kScaleBits = 5;
constexpr std::int64_t kScaleMask = (1 << kScaleBits) - 1;

// Larger blobs are not compressed, so that a damaged size cannot ask for much more memory than the
// column itself takes.
constexpr std::size_t most_text_bytes(std::size_t count) { return 64 + 4096 * count; }

using Cells = std::span<const std::int64_t>;

// The streams of a page, by their place in its memory.
enum class Part : std::size_t { kNulls, kFirst, kSecond, kIndices };

// Writes the streams of one page.
class PageStreams {
 public:
  PageStreams(const PageOptions& options, PageMemory* memory, Bytes& out)
      : options_(options), memory_(memory), out_(out) {}

  const PageOptions& options() const { return options_; }
  Bytes& out() { return out_; }
  void put(Part part, Cells values) {
    put_stream(values, options_,
               memory_ == nullptr ? nullptr : &(*memory_)[static_cast<std::size_t>(part)], out_);
  }

 private:
  const PageOptions& options_;
  PageMemory* memory_;
  Bytes& out_;
};

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

// A view into the page, or into `buffer`, which must outlive it.
ByteSpan get_blob(ByteReader& reader, std::size_t limit, Bytes& buffer) {
  const std::uint64_t head = get_varint(reader);
  const ByteSpan bytes = reader.take(head / 2);
  if (head % 2 == 0) return bytes;
  zstd_decompress(bytes, limit, buffer);
  return buffer;
}

void encode_texts(Cells cells, const TextPool& texts, PageStreams& page) {
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
  put_varint(page.out(), lengths.size());
  page.put(Part::kFirst, lengths);
  put_text_blob(chars, cells.size(), page.options(), page.out());
  page.put(Part::kIndices, indices);
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

void encode_values(ColumnType type, Cells cells, const TextPool* texts, PageStreams& page) {
  switch (type) {
    case ColumnType::kInt:
    case ColumnType::kMoney:
    case ColumnType::kCode:
      return page.put(Part::kFirst, cells);
    case ColumnType::kDecimal: {
      std::vector<std::int64_t> part(cells.size());
      std::ranges::transform(cells, part.begin(), [](std::int64_t c) { return c & kScaleMask; });
      page.put(Part::kFirst, part);
      std::ranges::transform(cells, part.begin(), [](std::int64_t c) { return c >> kScaleBits; });
      return page.put(Part::kSecond, part);
    }
    case ColumnType::kText:
      assert(texts != nullptr);
      return encode_texts(cells, *texts, page);
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
                   Bytes& out, PageMemory* memory) {
  PageStreams page(options, memory, out);
  const auto nulls = static_cast<std::size_t>(std::ranges::count(cells, kNull));
  if (nulls == cells.size()) return put(out, kAllNull);
  if (nulls == 0) {
    put(out, std::uint8_t{0});
    return encode_values(type, cells, texts, page);
  }
  put(out, kSomeNull);
  std::vector<std::int64_t> part(cells.size());
  std::ranges::transform(cells, part.begin(), [](std::int64_t c) { return c == kNull ? 1 : 0; });
  page.put(Part::kNulls, part);
  // Without branches: nulls come in no order.
  std::size_t values = 0;
  for (const std::int64_t cell : cells) {
    part[values] = cell;
    values += cell != kNull ? 1U : 0U;
  }
  part.resize(values);
  encode_values(type, part, texts, page);
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
      values -= nulls[i] == 0 ? 1U : 0U;
      const std::int64_t value = cells[values];
      cells[i] = nulls[i] != 0 ? kNull : value;
    }
  } else {
    fail(ErrorCode::kCorrupt, "page has unknown flags", std::to_string(flags));
  }
  if (reader.remaining() > 0) fail(ErrorCode::kCorrupt, "page is followed by other bytes");
}

}  // namespace anam
