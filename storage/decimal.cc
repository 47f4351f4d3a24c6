// SPDX-License-Identifier: Apache-2.0
#include "storage/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace anam {
namespace {

__extension__ using Wide = __int128;

constexpr int kScaleValues = 32;
constexpr int kMostScale = kScaleValues - 1;
// The least mantissa is left out: with scale 0 it is the cell that means null.
constexpr std::uint64_t kMostMantissa = (std::uint64_t{1} << 58) - 1;
constexpr std::uint64_t kMostCents = 90'000'000'000'000'000;

// Digits that are kept: one more than fits, which decides the rounding, then it only matters
// whether others are zero.
constexpr int kKept = 20;

constexpr auto kPowers = [] {
  std::array<std::uint64_t, 20> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// A number as written, without leading zeros: digits / 10^scale.
struct Written {
  bool negative = false;
  bool more = false;       // digits that were not kept are not all zero
  int kept = 0;            // digits in `digits`
  std::int64_t count = 0;  // digits written
  std::int64_t scale = 0;  // less than zero: zeros to append
  std::array<std::uint8_t, kKept> digits{};
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<Written> scan(std::string_view text) {
  Written number;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) number.negative = text[at++] == '-';
  bool any = false;
  bool point = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
      continue;
    }
    any = true;
    number.scale += point ? 1 : 0;
    const auto digit = static_cast<std::uint8_t>(text[at] - '0');
    if (number.count == 0 && digit == 0) continue;
    ++number.count;
    if (number.kept < kKept) {
      number.digits[static_cast<std::size_t>(number.kept++)] = digit;
    } else {
      number.more |= digit != 0;
    }
  }
  if (!any) return std::nullopt;
  if (at == text.size()) return number;
  if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
  const std::size_t plus = at + 1 < text.size() && text[at + 1] == '+' ? 1 : 0;
  const char* const end = text.data() + text.size();
  std::int32_t exponent = 0;
  const auto [stop, error] = std::from_chars(text.data() + at + 1 + plus, end, exponent);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  if (plus == 1 && !is_digit(text[at + 2])) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    const bool below = text[at + 1] == '-';
    exponent =
        below ? std::numeric_limits<std::int32_t>::min() : std::numeric_limits<std::int32_t>::max();
  }
  number.scale -= exponent;
  return number;
}

// Multiplies by 10^power. Empty when the product exceeds `most`.
std::optional<std::uint64_t> scale_up(std::uint64_t value, std::int64_t power, std::uint64_t most) {
  if (value == 0) return 0;
  if (power >= static_cast<std::int64_t>(kPowers.size())) return std::nullopt;
  const std::uint64_t factor = kPowers[static_cast<std::size_t>(power)];
  if (value > most / factor) return std::nullopt;
  return value * factor;
}

// The number of the first `digits` digits, rounded half away from zero by the rest. REQUIRES:
// digits < kKept.
std::uint64_t rounded_prefix(const Written& number, std::int64_t digits, bool& inexact) {
  std::uint64_t value = 0;
  inexact = number.more;
  for (std::int64_t i = 0; i < number.kept; ++i) {
    const std::uint8_t digit = number.digits[static_cast<std::size_t>(i)];
    if (i < digits) {
      value = value * 10 + digit;
    } else {
      inexact |= digit != 0;
    }
  }
  const bool up =
      digits >= 0 && digits < number.kept && number.digits[static_cast<std::size_t>(digits)] >= 5;
  return value + (up ? 1 : 0);
}

std::int64_t with_sign(std::uint64_t magnitude, bool negative) {
  const auto value = static_cast<std::int64_t>(magnitude);
  return negative ? -value : value;
}

void append_fixed(std::string& text, std::uint64_t magnitude, std::size_t scale) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), magnitude).ptr;
  const auto count = static_cast<std::size_t>(end - digits.data());
  const std::size_t whole = count > scale ? count - scale : 0;
  if (whole == 0) text += '0';
  text.append(digits.data(), whole);
  if (scale == 0) return;
  text += '.';
  if (count < scale) text.append(scale - count, '0');
  text.append(digits.data() + whole, count - whole);
}

std::uint64_t magnitude_of(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

std::int64_t mantissa_of(PackedDecimal value) { return value >> 5; }
int scale_of(PackedDecimal value) { return static_cast<int>(value & kMostScale); }

}  // namespace

std::optional<PackedDecimal> parse_decimal(std::string_view text, bool* rounded) {
  const std::optional<Written> number = scan(text);
  if (!number) return std::nullopt;
  std::optional<std::uint64_t> mantissa;
  std::int64_t scale = number->scale;
  bool inexact = false;
  if (scale < 0) {
    if (number->count >= kKept) return std::nullopt;
    mantissa = scale_up(rounded_prefix(*number, number->count, inexact), -scale, kMostMantissa);
    scale = 0;
  } else {
    // Drop the digits behind scale 31, then as many more as it takes to fit; before the point there
    // are none to drop.
    std::int64_t digits = std::min<std::int64_t>(number->count, kKept - 1);
    digits = std::min(digits, number->count - (scale - kMostScale));
    for (;; --digits) {
      const std::int64_t dropped = std::max<std::int64_t>(number->count - digits, 0);
      if (dropped > scale) return std::nullopt;
      const std::uint64_t value = rounded_prefix(*number, digits, inexact);
      if (value > kMostMantissa) continue;
      mantissa = value;
      scale = std::min<std::int64_t>(scale - dropped, kMostScale);
      break;
    }
  }
  if (!mantissa) return std::nullopt;
  if (inexact && rounded != nullptr) *rounded = true;
  return with_sign(*mantissa, number->negative) * kScaleValues + scale;
}

std::string format_decimal(PackedDecimal value) {
  std::string text;
  if (value < 0) text += '-';
  append_fixed(text, magnitude_of(mantissa_of(value)), static_cast<std::size_t>(scale_of(value)));
  return text;
}

double decimal_value(PackedDecimal value) {
  const std::int64_t mantissa = mantissa_of(value);
  const auto scale = static_cast<std::size_t>(scale_of(value));
  // Both operands are exact, so that the quotient is rounded once.
  if (magnitude_of(mantissa) <= std::uint64_t{1} << 53 && scale < kPowers.size()) {
    return static_cast<double>(mantissa) / static_cast<double>(kPowers[scale]);
  }
  const std::string text = format_decimal(value);
  double result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

int compare_decimals(PackedDecimal a, PackedDecimal b) {
  const auto order = [](auto left, auto right) { return left < right ? -1 : left > right ? 1 : 0; };
  std::int64_t left = mantissa_of(a);
  std::int64_t right = mantissa_of(b);
  const int more = scale_of(b) - scale_of(a);
  const auto power = static_cast<std::size_t>(more < 0 ? -more : more);
  // At 10^19 any mantissa but 0 exceeds every other.
  if (power >= kPowers.size() - 1) {
    return more > 0 ? (left != 0 ? order(left, std::int64_t{0}) : order(left, right))
                    : (right != 0 ? order(std::int64_t{0}, right) : order(left, right));
  }
  const Wide factor = kPowers[power];
  return more > 0 ? order(left * factor, Wide{right}) : order(Wide{left}, right * factor);
}

std::optional<std::int64_t> parse_cents(std::string_view text, bool* rounded) {
  constexpr std::int64_t kCentDigits = 2;
  const std::optional<Written> number = scan(text);
  if (!number) return std::nullopt;
  const std::int64_t digits =
      number->count - std::max<std::int64_t>(number->scale - kCentDigits, 0);
  if (digits >= kKept) return std::nullopt;
  bool inexact = false;
  const std::optional<std::uint64_t> cents =
      scale_up(rounded_prefix(*number, digits, inexact),
               std::max<std::int64_t>(kCentDigits - number->scale, 0), kMostCents);
  if (!cents || *cents > kMostCents) return std::nullopt;
  if (inexact && rounded != nullptr) *rounded = true;
  return with_sign(*cents, number->negative);
}

std::string format_cents(std::int64_t cents) {
  std::string text;
  if (cents < 0) text += '-';
  append_fixed(text, magnitude_of(cents), 2);
  return text;
}

}  // namespace anam
