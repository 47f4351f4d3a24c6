// SPDX-License-Identifier: Apache-2.0
// Circe's fixed words and what they mean, for the reader and the writer.
#pragma once

#include <string_view>
#include <utility>

#include "query/definition.h"

namespace anam::circe {

template <typename T>
using Word = std::pair<std::string_view, T>;

inline constexpr Word<Comparison> kComparisonWords[] = {
    {"lt", Comparison::kLess},    {"lte", Comparison::kLessEqual},
    {"eq", Comparison::kEqual},   {"!eq", Comparison::kNotEqual},
    {"gt", Comparison::kGreater}, {"gte", Comparison::kGreaterEqual},
    {"bt", Comparison::kBetween}, {"!bt", Comparison::kNotBetween},
};

/// With "!" in front they are turned around.
inline constexpr Word<TextTest::Kind> kTextWords[] = {
    {"eq", TextTest::Kind::kEqual},
    {"contains", TextTest::Kind::kContains},
    {"startsWith", TextTest::Kind::kStartsWith},
    {"endsWith", TextTest::Kind::kEndsWith},
    {"!eq", TextTest::Kind::kEqual},
    {"!contains", TextTest::Kind::kContains},
    {"!startsWith", TextTest::Kind::kStartsWith},
    {"!endsWith", TextTest::Kind::kEndsWith},
};

inline constexpr Word<Limit> kLimitWords[] = {
    {"All", Limit::kAll}, {"First", Limit::kFirst}, {"Last", Limit::kLast}};

inline constexpr Word<Group::Kind> kGroupWords[] = {
    {"ALL", Group::Kind::kAll},
    {"ANY", Group::Kind::kAny},
    {"AT_LEAST", Group::Kind::kAtLeast},
    {"AT_MOST", Group::Kind::kAtMost},
};

/// Of an end strategy.
inline constexpr Word<End> kDateFieldWords[] = {{"StartDate", End::kStart}, {"EndDate", End::kEnd}};
/// Of a DateAdjustment.
inline constexpr Word<End> kAdjustedWords[] = {{"START_DATE", End::kStart},
                                               {"END_DATE", End::kEnd}};

/// Farther than the calendar reaches: the most days of a window.
inline constexpr std::int64_t kFarthestDays = 4000000;

/// How deep groups may stand in one another, and in criteria: deeper than in any definition, and
/// not so deep that reading or evaluating it could run out of stack.
inline constexpr std::size_t kMaxGroupDepth = 64;

/// Of objects and arrays: more than such groups need.
inline constexpr std::size_t kMaxJsonDepth = 400;

/// The first word that means `value`; every value has one.
template <typename T, std::size_t kSize>
constexpr std::string_view word_of(const Word<T> (&list)[kSize], T value) {
  for (const Word<T>& entry : list) {
    if (entry.second == value) return entry.first;
  }
  return {};
}

}  // namespace anam::circe
