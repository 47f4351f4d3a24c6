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
  while (end - at >= 8) {
    std::uint64_t chars = 0;
    std::memcpy(&chars, at, sizeof(chars));
    if (!are_eight_digits(chars)) return std::nullopt;
    value = value * 100000000U + eight_digits(chars);
    at += 8;
  }
  for (; at != end; ++at) {
    const unsigned digit = static_cast<unsigned>(static_cast<unsigned char>(*at)) - '0';
    if (digit > 9) return std::nullopt;
    value = value * 10 + digit;  // 19 digits at most: below 2^64
  }
  const std::uint64_t limit =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
  if (value > limit) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - value : value);
}

}  // namespace anam
