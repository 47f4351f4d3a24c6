// SPDX-License-Identifier: Apache-2.0
// Text is taken in blocks of 64 bytes, a bit per byte: vector compares give the bits of delimiters,
// newlines and quotes. As long as there is no quote, the bits are the answer and are written out as
// offsets. In blocks with quotes those within quotes are masked out first; only where a quote
// stands in an odd place is a block walked bit by bit.
#include "ingest/csv/structural_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>

#if defined(__x86_64__)
#define ANAM_CSV_X86 1
#include <immintrin.h>
#define ANAM_TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt,lzcnt")))
#define ANAM_TARGET_AVX512 \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,avx2,bmi,bmi2,popcnt,lzcnt")))
#endif

namespace anam {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kRunBlocks =
    64;  // blocks classified at a time: their masks stay in the first-level cache
constexpr std::size_t kSlack = 64;  // offsets are written in groups, past the last one

struct Masks {
  std::uint64_t ends;  // delimiters and newlines
  std::uint64_t newlines;
  std::uint64_t quotes;
};

// Where the next offsets and rows go.
struct Sink {
  std::uint32_t* field_ends;
  RowIndex::Row* rows;
  std::size_t field_count;
  std::size_t row_count;
};

struct Kernel {
  // Fills masks[0, blocks) and returns whether there is any quote.
  bool (*classify)(const char* text, std::size_t blocks, CsvDialect dialect, Masks* masks);
  // Writes out the offsets of blocks without quotes; the first begins at `base`.
  void (*flatten)(const Masks* masks, std::size_t blocks, std::uint32_t base, Sink& sink);
};

bool classify_scalar(const char* text, std::size_t blocks, CsvDialect dialect, Masks* masks) {
  bool any = false;
  for (std::size_t i = 0; i < blocks; ++i) {
    Masks m = {0, 0, 0};
    for (std::size_t bit = 0; bit < kBlock; ++bit) {
      const char c = text[i * kBlock + bit];
      const std::uint64_t here = std::uint64_t{1} << bit;
      if (c == dialect.delimiter || c == '\n') m.ends |= here;
      if (c == '\n') m.newlines |= here;
      if (c == '"' && dialect.quotes) m.quotes |= here;
    }
    any = any || m.quotes != 0;
    masks[i] = m;
  }
  return any;
}

void flatten_scalar(const Masks* masks, std::size_t blocks, std::uint32_t base, Sink& sink) {
  for (std::size_t i = 0; i < blocks; ++i, base += kBlock) {
    for (std::uint64_t bits = masks[i].ends; bits != 0; bits &= bits - 1) {
      const std::uint64_t lowest = bits & (0 - bits);
      sink.field_ends[sink.field_count++] =
          base + static_cast<std::uint32_t>(std::countr_zero(bits));
      if ((masks[i].newlines & lowest) != 0) {
        sink.rows[sink.row_count++] = {static_cast<std::uint32_t>(sink.field_count), 0};
      }
    }
  }
}

#ifdef ANAM_CSV_X86

// A newline's rank among the ends is the number of the row's last field.
#define ANAM_WRITE_ROWS(mask)                                                       \
  for (std::uint64_t bits = (mask).newlines; bits != 0; bits &= bits - 1) {         \
    const std::uint64_t up_to = bits ^ (bits - 1);                                  \
    const auto rank = static_cast<std::size_t>(std::popcount((mask).ends & up_to)); \
    rows[row_count++] = {static_cast<std::uint32_t>(field_count + rank), 0};        \
  }

ANAM_TARGET_AVX2 bool classify_avx2(const char* text, std::size_t blocks, CsvDialect dialect,
                                    Masks* masks) {
  const __m256i delimiter = _mm256_set1_epi8(dialect.delimiter);
  const __m256i newline = _mm256_set1_epi8('\n');
  const __m256i quote =
      _mm256_set1_epi8(dialect.quotes ? '"' : '\n');  // newlines are masked out below
  std::uint64_t any = 0;
  for (std::size_t i = 0; i < blocks; ++i) {
    const auto* const at = reinterpret_cast<const __m256i*>(text + i * kBlock);
    const __m256i low = _mm256_loadu_si256(at);
    const __m256i high = _mm256_loadu_si256(at + 1);
    const auto delimiters =
        static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, delimiter))) |
        std::uint64_t{
            static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, delimiter)))}
            << 32;
    const auto newlines =
        static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, newline))) |
        std::uint64_t{
            static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, newline)))}
            << 32;
    const auto quotes =
        static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, quote))) |
        std::uint64_t{
            static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, quote)))}
            << 32;
    masks[i] = {delimiters | newlines, newlines, quotes & ~newlines};
    any |= masks[i].quotes;
  }
  return any != 0;
}

ANAM_TARGET_AVX2 void flatten_avx2(const Masks* masks, std::size_t blocks, std::uint32_t base,
                                   Sink& sink) {
  std::uint32_t* const field_ends = sink.field_ends;
  RowIndex::Row* const rows = sink.rows;
  std::size_t field_count = sink.field_count;
  std::size_t row_count = sink.row_count;
  for (std::size_t i = 0; i < blocks; ++i, base += kBlock) {
    ANAM_WRITE_ROWS(masks[i])
    std::uint64_t bits = masks[i].ends;
    const auto count = static_cast<std::size_t>(std::popcount(bits));
    std::uint32_t* out = field_ends + field_count;
    field_count += count;
    // Eight at a time without asking: what is written past the last is overwritten by the next
    // block.
    for (std::size_t done = 0; done < count; done += 8, out += 8) {
      for (int k = 0; k < 8; ++k) {
        out[k] = base + static_cast<std::uint32_t>(_tzcnt_u64(bits));
        bits = _blsr_u64(bits);
      }
    }
  }
  sink.field_count = field_count;
  sink.row_count = row_count;
}

ANAM_TARGET_AVX512 bool classify_avx512(const char* text, std::size_t blocks, CsvDialect dialect,
                                        Masks* masks) {
  const __m512i delimiter = _mm512_set1_epi8(dialect.delimiter);
  const __m512i newline = _mm512_set1_epi8('\n');
  const __m512i quote = _mm512_set1_epi8(dialect.quotes ? '"' : '\n');
  std::uint64_t any = 0;
  for (std::size_t i = 0; i < blocks; ++i) {
    const __m512i chars = _mm512_loadu_si512(text + i * kBlock);
    const std::uint64_t delimiters = _mm512_cmpeq_epi8_mask(chars, delimiter);
    const std::uint64_t newlines = _mm512_cmpeq_epi8_mask(chars, newline);
    const std::uint64_t quotes = _mm512_cmpeq_epi8_mask(chars, quote);
    masks[i] = {delimiters | newlines, newlines, quotes & ~newlines};
    any |= masks[i].quotes;
  }
  return any != 0;
}

// The zero-masking forms, all ones, because gcc 12 warns of the plain ones' undefined values.
ANAM_TARGET_AVX512 inline void store16(std::uint32_t* out, __m512i start, __m128i positions) {
  _mm512_storeu_si512(out, _mm512_add_epi32(start, _mm512_maskz_cvtepu8_epi32(0xFFFF, positions)));
}

ANAM_TARGET_AVX512 void flatten_avx512(const Masks* masks, std::size_t blocks, std::uint32_t base,
                                       Sink& sink) {
  alignas(64) static constexpr std::array<std::uint8_t, 64> kPositions = [] {
    std::array<std::uint8_t, 64> positions = {};
    for (std::uint8_t i = 0; i < 64; ++i) positions[i] = i;
    return positions;
  }();
  const __m512i positions = _mm512_load_si512(kPositions.data());
  std::uint32_t* const field_ends = sink.field_ends;
  RowIndex::Row* const rows = sink.rows;
  std::size_t field_count = sink.field_count;
  std::size_t row_count = sink.row_count;
  for (std::size_t i = 0; i < blocks; ++i, base += kBlock) {
    ANAM_WRITE_ROWS(masks[i])
    const std::uint64_t bits = masks[i].ends;
    const auto count = static_cast<std::size_t>(std::popcount(bits));
    std::uint32_t* const out = field_ends + field_count;
    field_count += count;
    const __m512i start = _mm512_set1_epi32(static_cast<int>(base));
    const __m512i set = _mm512_maskz_compress_epi8(bits, positions);
    // Sixteen at a time: what is written past the last is overwritten by the next block.
    store16(out, start, _mm512_maskz_extracti32x4_epi32(0xF, set, 0));
    if (count > 16) {
      store16(out + 16, start, _mm512_maskz_extracti32x4_epi32(0xF, set, 1));
      if (count > 32) {
        store16(out + 32, start, _mm512_maskz_extracti32x4_epi32(0xF, set, 2));
        store16(out + 48, start, _mm512_maskz_extracti32x4_epi32(0xF, set, 3));
      }
    }
  }
  sink.field_count = field_count;
  sink.row_count = row_count;
}

#undef ANAM_WRITE_ROWS
#endif  // ANAM_CSV_X86

Kernel kernel_of(ScanLevel level) {
#ifdef ANAM_CSV_X86
  if (level == ScanLevel::kAvx2) return {classify_avx2, flatten_avx2};
  if (level == ScanLevel::kAvx512) return {classify_avx512, flatten_avx512};
#endif
  assert(level == ScanLevel::kScalar);
  static_cast<void>(level);
  return {classify_scalar, flatten_scalar};
}

// Bit i of the result is the parity of bits 0 to i: after a quote opens, until the one that closes.
std::uint64_t prefix_xor(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

// Follows quotes from block to block.
class QuoteWalk {
 public:
  QuoteWalk(std::string_view text, const Kernel& kernel) : text_(text), kernel_(kernel) {}

  // Nothing is pending, neither a quote nor a flag of the row at hand: text without quotes need not
  // come here.
  bool is_idle() const { return state_ == State::kPlain && flags_ == 0; }
  bool is_open() const { return state_ == State::kQuoted; }
  bool any_quoted() const { return any_quoted_; }
  bool any_doubled() const { return any_doubled_; }

  void block(const Masks& masks, std::uint32_t base, Sink& sink) {
    if (masks.quotes == 0 && is_idle()) {
      kernel_.flatten(&masks, 1, base, sink);
    } else if (state_ == State::kQuoted && masks.quotes == 0) {
      if (masks.newlines != 0) flags_ |= RowIndex::kNewlineInQuotes;
    } else if (!regular_block(masks, base, sink)) {
      walk_block(masks, base, sink);
    }
  }

  void end_field(std::uint32_t at, bool ends_row, Sink& sink) {
    if (state_ == State::kClosed) {
      const bool is_carriage_return =
          ends_row && at == closed_at_ + 2 && text_[closed_at_ + 1] == '\r';
      if (at != closed_at_ + 1 && !is_carriage_return) flags_ |= RowIndex::kTextAfterQuote;
      state_ = State::kPlain;
    }
    sink.field_ends[sink.field_count++] = at;
    if (ends_row) {
      sink.rows[sink.row_count++] = {static_cast<std::uint32_t>(sink.field_count), flags_};
      flags_ = 0;
    }
  }

 private:
  enum class State : std::uint8_t {
    kPlain,
    kQuoted,  // inside a quoted field
    kClosed,  // after a quote inside a quoted field: its end, or the first half of a doubled quote
  };

  // Takes a block whose quotes all open or close a field, or are doubled, without looking at single
  // characters: each quote then turns "inside" on or off. False, with nothing done, when a quote
  // stands elsewhere.
  bool regular_block(const Masks& masks, std::uint32_t base, Sink& sink) {
    const bool closed_before = state_ == State::kClosed;
    if (closed_before && closed_at_ + 1 != base) return false;
    const std::uint64_t inside = prefix_xor(masks.quotes) ^
                                 (state_ == State::kQuoted ? ~std::uint64_t{0} : std::uint64_t{0});
    const std::uint64_t opening = masks.quotes & inside;
    const std::uint64_t closing = masks.quotes & ~inside;
    const Masks outside = {masks.ends & ~inside, masks.newlines & ~inside, 0};

    const bool end_before = sink.field_ends[sink.field_count - 1] + 1 == base;
    const std::uint64_t after_end = outside.ends << 1 | (end_before ? 1U : 0U);
    const std::uint64_t after_close = closing << 1 | (closed_before ? 1U : 0U);
    if ((opening & ~(after_end | after_close)) != 0) return false;
    // What follows a closing quote: an end, the second of a doubled quote, or CRLF. The next
    // block's first is asked for there.
    for (std::uint64_t bits = after_close & ~(outside.ends | opening); bits != 0;
         bits &= bits - 1) {
      const std::size_t at = base + static_cast<std::size_t>(std::countr_zero(bits));
      if (at + 1 >= text_.size() || text_[at] != '\r' || text_[at + 1] != '\n') return false;
    }

    const std::size_t first_row = sink.row_count;
    kernel_.flatten(&outside, 1, base, sink);
    const std::uint64_t newlines_inside = masks.newlines & inside;
    std::uint64_t done = 0;
    const auto flags_of = [&](std::uint64_t part) {
      const std::uint32_t flags = flags_ | ((opening & part) != 0 ? RowIndex::kQuoted : 0U);
      return flags | ((newlines_inside & part) != 0 ? RowIndex::kNewlineInQuotes : 0U);
    };
    std::uint64_t bits = outside.newlines;
    for (std::size_t row = first_row; row < sink.row_count; ++row, bits &= bits - 1) {
      const std::uint64_t up_to = bits ^ (bits - 1);
      sink.rows[row].flags = flags_of(up_to & ~done);
      flags_ = 0;
      done = up_to;
    }
    flags_ = flags_of(~done);
    any_quoted_ = any_quoted_ || opening != 0;
    any_doubled_ = any_doubled_ || (opening & after_close) != 0;
    state_ = State::kPlain;
    if (inside >> 63 != 0) state_ = State::kQuoted;
    if (closing >> 63 != 0) {
      state_ = State::kClosed;
      closed_at_ = base + static_cast<std::uint32_t>(kBlock) - 1;
    }
    return true;
  }

  // Goes from one structural character to the next.
  void walk_block(const Masks& masks, std::uint32_t base, Sink& sink) {
    for (std::uint64_t bits = masks.ends | masks.quotes; bits != 0; bits &= bits - 1) {
      const std::uint64_t lowest = bits & (0 - bits);
      const std::uint32_t at = base + static_cast<std::uint32_t>(std::countr_zero(bits));
      const bool newline = (masks.newlines & lowest) != 0;
      if ((masks.quotes & lowest) != 0) {
        quote(at, sink);
      } else if (state_ != State::kQuoted) {
        end_field(at, newline, sink);
      } else if (newline) {
        flags_ |= RowIndex::kNewlineInQuotes;
      }
    }
  }

  void quote(std::uint32_t at, const Sink& sink) {
    switch (state_) {
      case State::kPlain:
        if (at ==
            sink.field_ends[sink.field_count - 1] + 1) {  // else a quote within a plain field: text
          state_ = State::kQuoted;
          flags_ |= RowIndex::kQuoted;
          any_quoted_ = true;
        }
        return;
      case State::kQuoted:
        state_ = State::kClosed;
        closed_at_ = at;
        return;
      case State::kClosed:
        if (at == closed_at_ + 1) {
          state_ = State::kQuoted;
          any_doubled_ = true;
        } else {
          flags_ |= RowIndex::kTextAfterQuote;
          state_ = State::kPlain;
        }
        return;
    }
  }

  std::string_view text_;
  const Kernel& kernel_;
  State state_ = State::kPlain;
  bool any_quoted_ = false;
  bool any_doubled_ = false;
  std::uint32_t flags_ = 0;      // of the row at hand
  std::uint32_t closed_at_ = 0;  // with kClosed: where that quote stands
};

template <typename T>
void make_room(std::vector<T>& values, std::size_t used, std::size_t more) {
  if (values.size() < used + more) values.resize(std::max(used + more, values.size() * 2));
}

}  // namespace

ScanLevel best_scan_level() {
#ifdef ANAM_CSV_X86
  const bool bits = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                    __builtin_cpu_supports("popcnt");
  if (bits && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2")) {
    return ScanLevel::kAvx512;
  }
  if (bits && __builtin_cpu_supports("avx2")) return ScanLevel::kAvx2;
#endif
  return ScanLevel::kScalar;
}

void scan_rows(std::string_view text, CsvDialect dialect, bool last, ScanLevel level,
               RowIndex& index) {
  assert(text.size() < (std::size_t{1} << 31));
  const Kernel kernel = kernel_of(level);
  std::array<Masks, kRunBlocks> masks;
  QuoteWalk walk(text, kernel);
  Sink sink = {nullptr, nullptr, 1, 0};
  make_room(index.field_ends, 0, 1);
  index.field_ends[0] = ~std::uint32_t{0};

  const auto scan_run = [&](const char* at, std::size_t blocks, std::size_t base) {
    make_room(index.field_ends, sink.field_count, blocks * kBlock + kSlack);
    make_room(index.rows, sink.row_count, blocks * kBlock + 1);
    sink.field_ends = index.field_ends.data();
    sink.rows = index.rows.data();
    const bool any_quotes = kernel.classify(at, blocks, dialect, masks.data());
    if (!any_quotes && walk.is_idle()) {
      kernel.flatten(masks.data(), blocks, static_cast<std::uint32_t>(base), sink);
      return;
    }
    for (std::size_t i = 0; i < blocks; ++i)
      walk.block(masks[i], static_cast<std::uint32_t>(base + i * kBlock), sink);
  };

  const std::size_t whole = text.size() / kBlock * kBlock;
  for (std::size_t base = 0; base < whole; base += kRunBlocks * kBlock) {
    scan_run(text.data() + base, std::min(kRunBlocks, (whole - base) / kBlock), base);
  }
  if (whole < text.size()) {
    // The delimiter is never NUL, so that padding finds nothing.
    std::array<char, kBlock> padded = {};
    std::memcpy(padded.data(), text.data() + whole, text.size() - whole);
    scan_run(padded.data(), 1, whole);
  }

  index.quote_open = walk.is_open();
  if (last && !index.quote_open) {
    const auto size = static_cast<std::uint32_t>(text.size());
    const std::uint32_t row_begin =
        sink.row_count == 0 ? 0 : index.field_ends[index.rows[sink.row_count - 1].end - 1] + 1;
    if (row_begin < size) {
      make_room(index.field_ends, sink.field_count, kSlack);
      make_room(index.rows, sink.row_count, 1);
      sink.field_ends = index.field_ends.data();
      sink.rows = index.rows.data();
      walk.end_field(size, true, sink);
    }
  }
  index.row_count = sink.row_count;
  index.any_quoted = walk.any_quoted();
  index.any_doubled = walk.any_doubled();
}

}  // namespace anam
