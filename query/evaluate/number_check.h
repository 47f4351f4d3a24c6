// SPDX-License-Identifier: Apache-2.0
// A NumberTest made ready to be held against many cells.
#pragma once

#include <array>
#include <cstdint>

#include "query/definition.h"
#include "storage/column_page.h"

namespace anam::evaluation {

/// Holds numbers against a test, exactly. No check is ever met by kNull.
class NumberCheck {
 public:
  NumberCheck() = default;
  explicit NumberCheck(const NumberTest& test);
  explicit NumberCheck(const DayTest& test);

  /// Integers: counts, days, ages, lengths.
  bool holds(std::int64_t number) const { return integers_.contains(number) != negated_; }
  /// A cell of a column: packed decimals, cents (the test is in units of money), else integers.
  bool holds_cell(ColumnType type, std::int64_t cell) const {
    if (cell == kNull) return false;
    if (type == ColumnType::kDecimal) return holds_decimal(cell);
    return (type == ColumnType::kMoney ? cents_ : integers_).contains(cell) != negated_;
  }
  /// numerator / denominator; never met when the denominator is 0. Both packed decimals.
  bool holds_ratio(std::int64_t numerator, std::int64_t denominator) const;

  /// What it was made from, with `negated` taken out of the comparison.
  const NumberTest& test() const { return test_; }
  bool negated() const { return negated_; }

 private:
  // Whole numbers from low to high; none when low > high.
  struct Interval {
    std::int64_t low = 1;
    std::int64_t high = 0;
    bool contains(std::int64_t number) const { return number >= low && number <= high; }
  };
  Interval interval(std::int64_t unit) const;
  bool holds_decimal(std::int64_t cell) const {
    const auto scale = static_cast<std::size_t>(cell & 31);
    if (scale >= decimals_.size()) return holds_long_decimal(cell);
    return decimals_[scale].contains(cell >> 5) != negated_;
  }
  bool holds_long_decimal(std::int64_t cell) const;

  NumberTest test_;       // as a non-negated comparison
  bool negated_ = false;  // of a non-null number
  Interval integers_;
  Interval cents_;
  std::array<Interval, 19> decimals_;  // of mantissas, by scale: all whose unit fits 64 bits
};

}  // namespace anam::evaluation
