// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/number_check.h"

#include <array>
#include <cmath>
#include <limits>

#include "storage/decimal.h"

namespace anam::evaluation {

namespace {

__extension__ using Wide = __int128;  // exact for a mantissa times a power of ten up to 10^19

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min() + 1;  // not kNull
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

std::int64_t mantissa(std::int64_t packed) { return packed >> 5; }
int scale(std::int64_t packed) { return static_cast<int>(packed & 31); }

// floor and ceiling of `packed` * unit, kept within the range of cells.
struct Rounded {
  std::int64_t floor;
  std::int64_t ceiling;
};
Rounded rounded(std::int64_t packed, std::int64_t unit) {
  Wide value = Wide{mantissa(packed)} * unit;
  Wide divisor = 1;
  for (int i = 0; i < scale(packed); ++i) divisor *= 10;
  Wide floor = value / divisor;
  if (value % divisor != 0 && value < 0) --floor;
  const Wide ceiling = value % divisor != 0 ? floor + 1 : floor;
  const auto kept = [](Wide number) {
    if (number > kHighest) return kHighest;
    return number < kLowest ? kLowest : static_cast<std::int64_t>(number);
  };
  return {kept(floor), kept(ceiling)};
}

// sign of a / b - value, exactly where 128 bits are enough for it, and else as doubles. b is not 0.
int compare_ratio(std::int64_t a, std::int64_t b, std::int64_t value) {
  // a.m / 10^a.s <=> v.m * b.m / 10^(v.s + b.s)
  Wide left = mantissa(a);
  Wide right = Wide{mantissa(value)} * mantissa(b);
  int shift = scale(value) + scale(b) - scale(a);
  bool exact = true;
  for (; shift > 0 && exact; --shift) exact = !__builtin_mul_overflow(left, Wide{10}, &left);
  for (; shift < 0 && exact; ++shift) exact = !__builtin_mul_overflow(right, Wide{10}, &right);
  int sign;
  if (exact) {
    sign = left < right ? -1 : (left > right ? 1 : 0);
    return mantissa(b) < 0 ? -sign : sign;
  }
  const double ratio = decimal_value(a) / decimal_value(b);
  const double limit = decimal_value(value);
  return ratio < limit ? -1 : (ratio > limit ? 1 : 0);
}

bool met(Comparison comparison, int to_value, int to_upper) {
  switch (comparison) {
    case Comparison::kLess:
      return to_value < 0;
    case Comparison::kLessEqual:
      return to_value <= 0;
    case Comparison::kEqual:
      return to_value == 0;
    case Comparison::kGreaterEqual:
      return to_value >= 0;
    case Comparison::kGreater:
      return to_value > 0;
    default:
      return to_value >= 0 && to_upper <= 0;
  }
}

}  // namespace

NumberCheck::NumberCheck(const NumberTest& test) : test_(test) {
  if (test.comparison == Comparison::kNotEqual || test.comparison == Comparison::kNotBetween) {
    negated_ = true;
    test_.comparison =
        test.comparison == Comparison::kNotEqual ? Comparison::kEqual : Comparison::kBetween;
  }
  integers_ = interval(1);
  cents_ = interval(100);
  std::int64_t unit = 1;
  for (std::size_t s = 0; s < decimals_.size(); ++s) {
    decimals_[s] = interval(unit);
    if (s + 1 < decimals_.size()) unit *= 10;
  }
}

NumberCheck::NumberCheck(const DayTest& test)
    : NumberCheck(NumberTest{test.comparison, std::int64_t{test.value} * 32,
                             std::int64_t{test.upper} * 32}) {}

NumberCheck::Interval NumberCheck::interval(std::int64_t unit) const {
  const Rounded value = rounded(test_.value, unit);
  switch (test_.comparison) {
    case Comparison::kLess:
      return {kLowest, value.ceiling - 1};
    case Comparison::kLessEqual:
      return {kLowest, value.floor};
    case Comparison::kEqual:
      return {value.ceiling, value.floor};
    case Comparison::kGreaterEqual:
      return {value.ceiling, kHighest};
    case Comparison::kGreater:
      return {value.floor == kHighest ? kHighest : value.floor + 1, kHighest};
    default:
      return {value.ceiling, rounded(test_.upper, unit).floor};
  }
}

bool NumberCheck::holds_long_decimal(std::int64_t cell) const {
  const auto compare = [cell](std::int64_t value) { return compare_decimals(cell, value); };
  const bool between = test_.comparison == Comparison::kBetween;
  return met(test_.comparison, compare(test_.value), between ? compare(test_.upper) : 0) !=
         negated_;
}

bool NumberCheck::holds_ratio(std::int64_t numerator, std::int64_t denominator) const {
  if (numerator == kNull || denominator == kNull || mantissa(denominator) == 0) return false;
  const bool between = test_.comparison == Comparison::kBetween;
  return met(test_.comparison, compare_ratio(numerator, denominator, test_.value),
             between ? compare_ratio(numerator, denominator, test_.upper) : 0) != negated_;
}

}  // namespace anam::evaluation
