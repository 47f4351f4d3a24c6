// SPDX-License-Identifier: Apache-2.0
#include "ingest/csv/field.h"

#include <cstring>
#include <limits>

#include "storage/bytes.h"

namespace anam {
namespace {

bool are_eight_digits(std::uint64_t chars) {
  // Each byte must be 0x30..0x39: its high half is 3, and stays 3 when 6 is added.
  return ((chars & 0xF0F0F0F0F0F0F0F0U) |
          (((chars + 0x0606060606060606U) & 0xF0F0F0F0F0F0F0F0U) >> 4)) == 0x3333333333333333U;
}

// Joins neighbours: 8 digits to 4 pairs, to 2 fours, to one number.
std::uint64_t eight_digits(std::uint64_t chars) {
  chars = (chars & 0x0F0F0F0F0F0F0F0FU) * 2561 >> 8;
  chars = (chars & 0x00FF00FF00FF00FFU) * 6553601 >> 16;
  return (chars & 0x0000FFFF0000FFFFU) * 42949672960001U >> 32;
}

// 1 to 8 characters at the end of a word, behind zeros.
std::uint64_t padded_chars(const char* at, std::size_t count) {
  std::uint64_t chars = 0;
  if (count == 8) {
    std::memcpy(&chars, at, 8);
    return chars;
  }
  if (count >= 4) {  // two loads that overlap: what both have is the same
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::memcpy(&low, at, 4);
    std::memcpy(&high, at + count - 4, 4);
    chars = low | std::uint64_t{high} << (8 * (count - 4));
  } else {
    const auto byte = [at](std::size_t i) {
      return std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
    };
    chars = byte(0) | byte(count / 2) | byte(count - 1);
  }
  return chars << (64 - 8 * count) | 0x3030303030303030U >> (8 * count);
}

}  // namespace

std::optional<std::int64_t> parse_int64(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (at != end && (*at == '-' || *at == '+')) ++at;
  if (at == end) return std::nullopt;
  // Leading zeros do not count against the digits that fit.
  while (end - at > 18 && *at == '0') ++at;
  if (end - at > 19) return std::nullopt;
  std::uint64_t value = 0;
  for (; end - at > 16; ++at) {
    const unsigned digit = static_cast<unsigned>(static_cast<unsigned char>(*at)) - '0';
    if (digit > 9) return std::nullopt;
    value = value * 10 + digit;
  }
  // All of the rest without a loop, whose end would be guessed wrong for every other number.
  if (end - at > 8) {
    const std::uint64_t chars = padded_chars(at, static_cast<std::size_t>(end - at - 8));
    if (!are_eight_digits(chars)) return std::nullopt;
    value =
        value * 100000000U + eight_digits(chars);  // where there were digits before, these are 8
    at = end - 8;
  }
  const std::uint64_t chars = padded_chars(at, static_cast<std::size_t>(end - at));
  if (!are_eight_digits(chars)) return std::nullopt;
  value = value * 100000000U + eight_digits(chars);  // 19 digits at most: below 2^64
  const std::uint64_t limit =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
  if (value > limit) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - value : value);
}

}  // namespace anam
