// SPDX-License-Identifier: Apache-2.0
#include "storage/codec/tokens.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>

#include "storage/codec/varint.h"
#include "storage/dispatch.h"

namespace anam::codec {
namespace {

constexpr std::uint8_t kDifferences = 1;
constexpr std::uint8_t kNegatives = 2;
constexpr unsigned kPrecisionShift = 2;
constexpr unsigned kMostPrecision = 8;
constexpr unsigned kMostTokens = 256;

// Remainders up to this width lie within the eight bytes from their first.
constexpr unsigned kNarrow = 57;

unsigned token_of(std::uint64_t number, unsigned precision) {
  if (number >> precision == 0) return static_cast<unsigned>(number);
  const auto top = static_cast<unsigned>(std::bit_width(number)) - 1;
  return ((top - precision + 1) << precision) +
         static_cast<unsigned>(number >> (top - precision) & ((1U << precision) - 1));
}

// What a token stands for.
struct Meaning {
  std::uint64_t base = 0;
  std::uint64_t flip = 0;  // all ones for a negative number
  std::uint8_t bits = 0;   // of the remainder
  bool wrong = false;      // no number of 64 bits
};

Meaning meaning_of(unsigned token, unsigned precision, unsigned others) {
  Meaning meaning;
  if (token >= others) {
    token -= others;
    meaning.flip = ~std::uint64_t{0};
  }
  if (token >> precision == 0) {
    meaning.base = token;
    return meaning;
  }
  const unsigned top = (token >> precision) + precision - 1;
  if (top > 63) {
    meaning.wrong = true;
    return meaning;
  }
  meaning.bits = static_cast<std::uint8_t>(top - precision);
  const std::uint64_t high = (std::uint64_t{1} << precision) | (token & ((1U << precision) - 1));
  meaning.base = high << meaning.bits;
  return meaning;
}

using Meanings = std::array<Meaning, kMostTokens>;

Meanings meanings_of(unsigned precision, unsigned others) {
  Meanings meanings;
  for (unsigned token = 0; token < kMostTokens; ++token) {
    meanings[token] = meaning_of(token, precision, others);
  }
  return meanings;
}

using Widths = std::array<std::uint32_t, 66>;

// Bits of entropy in what occurs `counts` times of `total`.
template <typename Counts>
double entropy_of(const Counts& counts, std::size_t total) {
  double bits = 0;
  for (const std::uint32_t count : counts) {
    if (count == 0) continue;
    const auto times = static_cast<double>(count);
    bits += times * std::log2(static_cast<double>(total) / times);
  }
  return bits;
}

// About the bits that tokens and remainders would take, if tokens told widths only.
double coarse_bits(const Widths& widths, std::size_t total) {
  double bits = entropy_of(widths, total);
  for (std::size_t width = 2; width < widths.size(); ++width) {
    bits += static_cast<double>(widths[width]) * (static_cast<double>(width) - 1);
  }
  return bits;
}

// A sign is counted as one more bit of width.
ANAM_CLONES void count_widths(const std::int64_t* values, std::size_t count, std::int64_t min,
                              std::int64_t start, Widths& above, Widths& differences) {
  auto before = static_cast<std::uint64_t>(start);
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<std::uint64_t>(values[i]);
    ++above[static_cast<std::size_t>(std::bit_width(value - static_cast<std::uint64_t>(min)))];
    const std::uint64_t difference = value - before;
    const std::uint64_t sign = difference >> 63;
    ++differences[static_cast<std::size_t>(std::bit_width(difference ^ (0 - sign))) + sign];
    before = value;
  }
}

// Writes the tokens, and the remainders as one bit stream. Returns the stream's bytes; up to 8 more
// are touched.
ANAM_CLONES std::size_t write_numbers(const std::uint64_t* numbers, std::size_t count,
                                      unsigned precision, bool negatives, unsigned others,
                                      std::byte* tokens, std::byte* remainder) {
  std::byte* const begin = remainder;
  std::uint64_t kept = 0;
  unsigned used = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t sign = negatives ? 0 - (numbers[i] >> 63) : 0;
    const std::uint64_t u = numbers[i] ^ sign;
    // With the bit at `precision` set, numbers below 2^precision have no remainder.
    const auto top = static_cast<unsigned>(std::bit_width(u | std::uint64_t{1} << precision)) - 1;
    const unsigned bits = top - precision;
    // (bits + 1) * 2^precision + the bits below the highest; one step less where the highest was
    // not set
    const auto token = static_cast<unsigned>(u >> bits) + (bits << precision);
    tokens[i] = static_cast<std::byte>(token + (static_cast<unsigned>(sign) & others));
    const std::uint64_t rest = u & ((std::uint64_t{1} << bits) - 1);
    kept |= rest << used;
    store_le(remainder, kept);
    const unsigned filled = used + bits;
    const bool full = filled >= 64;
    remainder += full ? 8 : 0;
    kept = full ? (used == 0 ? 0 : rest >> (64 - used)) : kept;
    used = filled & 63;
  }
  store_le(remainder, kept);
  return static_cast<std::size_t>(remainder - begin) + (used + 7) / 8;
}

ANAM_CLONES void read_numbers(const Meanings& meanings, const std::byte* tokens, std::size_t count,
                              const std::byte* remainder, std::int64_t* out) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Meaning& meaning = meanings[static_cast<std::size_t>(tokens[i])];
    const std::uint64_t word = load_le<std::uint64_t>(remainder + at / 8) >> at % 8;
    const std::uint64_t rest = word & ((std::uint64_t{1} << meaning.bits) - 1);
    out[i] = static_cast<std::int64_t>((meaning.base + rest) ^ meaning.flip);
    at += meaning.bits;
  }
}

void read_wide_numbers(const Meanings& meanings, ByteSpan tokens, const std::byte* remainder,
                       std::int64_t* out) {
  std::size_t at = 0;
  for (const std::byte token : tokens) {
    const Meaning& meaning = meanings[static_cast<std::size_t>(token)];
    const std::byte* const from = remainder + at / 8;
    std::uint64_t rest = load_le<std::uint64_t>(from) >> at % 8;
    if (at % 8 > 0) rest |= load_le<std::uint64_t>(from + 8) << (64 - at % 8);
    if (meaning.bits < 64) rest &= (std::uint64_t{1} << meaning.bits) - 1;
    *out++ = static_cast<std::int64_t>((meaning.base + rest) ^ meaning.flip);
    at += meaning.bits;
  }
}

struct Coded {
  Bytes plain;
  Bytes tokens;
};

Coded code(Values values, const Statistics& statistics, bool differences) {
  const auto base =
      static_cast<std::uint64_t>(differences ? statistics.start : statistics.range.min);
  std::vector<std::uint64_t> numbers(values.size());
  std::uint64_t most = 0;           // of what is not negative
  std::uint64_t most_negative = 0;  // folded
  bool negatives = false;
  if (differences) {
    std::uint64_t before = base;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto value = static_cast<std::uint64_t>(values[i]);
      numbers[i] = value - before;
      before = value;
      const std::uint64_t sign = 0 - (numbers[i] >> 63);
      most = std::max(most, numbers[i] & ~sign);
      most_negative = std::max(most_negative, ~numbers[i] & sign);
      negatives |= sign != 0;
    }
  } else {
    for (std::size_t i = 0; i < values.size(); ++i) {
      numbers[i] = static_cast<std::uint64_t>(values[i]) - base;
    }
    most = static_cast<std::uint64_t>(statistics.range.max) - base;
  }

  unsigned precision = kMostPrecision;
  const auto count_tokens = [&] {
    return token_of(most, precision) + 1 + (negatives ? token_of(most_negative, precision) + 1 : 0);
  };
  while (count_tokens() > kMostTokens) --precision;  // without precision they are at most 130
  const unsigned others = negatives ? token_of(most, precision) + 1 : kMostTokens;

  Coded coded;
  put(coded.plain,
      static_cast<std::uint8_t>((differences ? kDifferences : 0) | (negatives ? kNegatives : 0) |
                                precision << kPrecisionShift));
  put_varint(coded.plain, zigzag(static_cast<std::int64_t>(base)));
  if (negatives) put(coded.plain, static_cast<std::uint8_t>(others));
  coded.tokens.resize(values.size());
  const std::size_t head = coded.plain.size();
  coded.plain.resize(head + 8 * values.size() + 8);
  const std::size_t remainder =
      write_numbers(numbers.data(), numbers.size(), precision, negatives, others,
                    coded.tokens.data(), coded.plain.data() + head);
  coded.plain.resize(head + remainder);
  return coded;
}

double bits_of(const Coded& coded) {
  std::array<std::uint32_t, kMostTokens> counts{};
  for (const std::byte token : coded.tokens) ++counts[static_cast<std::size_t>(token)];
  return entropy_of(counts, coded.tokens.size()) + 8 * static_cast<double>(coded.plain.size());
}

}  // namespace

bool encode_tokens(Values values, const Statistics& statistics, Bytes& plain, Bytes& tokens) {
  Widths above{};
  Widths differences{};
  count_widths(values.data(), values.size(), statistics.range.min, statistics.start, above,
               differences);
  const double above_bits = coarse_bits(above, values.size());
  const double difference_bits = coarse_bits(differences, values.size());
  constexpr double kClearly = 0.75;
  bool by_differences = difference_bits < above_bits;
  Coded coded = code(values, statistics, by_differences);
  if (std::min(above_bits, difference_bits) > kClearly * std::max(above_bits, difference_bits)) {
    Coded other = code(values, statistics, !by_differences);
    if (bits_of(other) < bits_of(coded)) {
      coded = std::move(other);
      by_differences = !by_differences;
    }
  }
  put_bytes(plain, coded.plain);
  put_bytes(tokens, coded.tokens);
  return by_differences;
}

void encode_tokens(Values values, const Statistics& statistics, bool differences, Bytes& plain,
                   Bytes& tokens) {
  const Coded coded = code(values, statistics, differences);
  put_bytes(plain, coded.plain);
  put_bytes(tokens, coded.tokens);
}

void decode_tokens(ByteSpan plain, ByteSpan tokens, std::span<std::int64_t> out) {
  assert(tokens.size() == out.size());
  ByteReader reader(plain);
  const auto head = reader.get<std::uint8_t>();
  const unsigned precision = head >> kPrecisionShift;
  const auto base = static_cast<std::uint64_t>(unzigzag(get_varint(reader)));
  const unsigned others = (head & kNegatives) != 0 ? reader.get<std::uint8_t>() : kMostTokens;
  if (precision > kMostPrecision || others == 0) {
    fail(ErrorCode::kCorrupt, "tokens have an unknown form");
  }
  const Meanings meanings = meanings_of(precision, others);
  std::size_t bits = 0;
  unsigned widest = 0;
  bool wrong = false;
  for (const std::byte token : tokens) {
    const Meaning& meaning = meanings[static_cast<std::size_t>(token)];
    bits += meaning.bits;
    widest = std::max<unsigned>(widest, meaning.bits);
    wrong |= meaning.wrong;
  }
  if (wrong) fail(ErrorCode::kCorrupt, "token stands for more than 64 bits");
  if (reader.remaining() != (bits + 7) / 8) {
    fail(ErrorCode::kCorrupt, "remainders of tokens have a wrong size");
  }

  // The sizes agree, so that all reads lie within the remainder and the 16 bytes that follow it
  // here.
  thread_local Bytes padded;
  const ByteSpan remainder = reader.take(reader.remaining());
  padded.assign(remainder.begin(), remainder.end());
  padded.resize(padded.size() + 16);
  if (widest <= kNarrow) {
    read_numbers(meanings, tokens.data(), tokens.size(), padded.data(), out.data());
  } else {
    read_wide_numbers(meanings, tokens, padded.data(), out.data());
  }
  const std::span numbers(reinterpret_cast<std::uint64_t*>(out.data()), out.size());
  if ((head & kDifferences) != 0) {
    prefix_sum(base, numbers);
  } else {
    for (std::uint64_t& number : numbers) number += base;
  }
}

}  // namespace anam::codec
