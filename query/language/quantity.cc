// SPDX-License-Identifier: Apache-2.0
#include "query/language/quantity.h"

#include <algorithm>
#include <charconv>

#include "query/language/words.h"
#include "storage/decimal.h"

namespace anam {
namespace {

constexpr int kMaxCount = 1'000'000'000;  // also of days: no sum of two of them is too large

std::int64_t read_number(Cursor& cursor) {
  if (cursor.peek().kind != TokenKind::kNumber) cursor.fail_expected("a number");
  return *parse_decimal(cursor.take().text);
}

bool accept_comparison(Cursor& cursor, Comparison& comparison) {
  if (const auto sign = accept_sign(cursor)) {
    comparison = *sign;
    return true;
  }
  const auto accept = [&](std::string_view one, std::string_view two, Comparison meaning) {
    if (!cursor.accept({one, two})) return false;
    comparison = meaning;
    return true;
  };
  return accept("at", "least", Comparison::kGreaterEqual) ||
         accept("at", "most", Comparison::kLessEqual) ||
         accept("more", "than", Comparison::kGreater) || accept("less", "than", Comparison::kLess);
}

}  // namespace

std::optional<Comparison> accept_sign(Cursor& cursor) {
  static constexpr std::pair<std::string_view, Comparison> kSigns[] = {
      {"<", Comparison::kLess},          {"<=", Comparison::kLessEqual},
      {"=", Comparison::kEqual},         {"!=", Comparison::kNotEqual},
      {">=", Comparison::kGreaterEqual}, {">", Comparison::kGreater}};
  for (const auto& [sign, meaning] : kSigns) {
    if (cursor.accept(sign)) return meaning;
  }
  return std::nullopt;
}

int read_signed_count(Cursor& cursor, std::string_view what) {
  const Token& token = cursor.peek();
  int count = 0;
  const char* end = token.text.data() + token.text.size();
  const auto [stop, error] = std::from_chars(token.text.data(), end, count);
  if (token.kind != TokenKind::kNumber || error != std::errc() || stop != end || count >= 0 ||
      count < -kMaxCount) {
    return read_count(cursor, what);
  }
  cursor.take();
  return count;
}

int read_count(Cursor& cursor, std::string_view what) {
  const Token& token = cursor.peek();
  if (token.kind != TokenKind::kNumber) cursor.fail_expected(what);
  int count = -1;
  const char* end = token.text.data() + token.text.size();
  const auto [stop, error] = std::from_chars(token.text.data(), end, count);
  if (error != std::errc() || stop != end || count < 0 || count > kMaxCount) {
    cursor.fail_expected(what, "Whole numbers from 0 to 1000000000 will do here.");
  }
  cursor.take();
  return count;
}

TimeSpan read_time_unit(Cursor& cursor, int number) {
  const Token& token = cursor.peek();
  const auto unit = token.kind == TokenKind::kWord ? time_unit(token.text) : std::nullopt;
  if (!unit) {
    for (const std::string_view word : time_unit_words()) cursor.suggest(word);
    cursor.fail_expected("days, weeks, months, years, hours, minutes or seconds");
  }
  const TimeSpan span{number * unit->length, unit->seconds};
  if (!span.seconds && span.length > kMaxCount) {
    cursor.fail(token.span, "this is too long", "At most 1000000000 days will do.");
  }
  cursor.take();
  return span;
}

TimeSpan read_time_span(Cursor& cursor) {
  const int number = read_count(cursor, "a number of days");
  return read_time_unit(cursor, number);
}

namespace {

int read_day_unit(Cursor& cursor, int number) {
  const TextSpan unit = cursor.peek().span;
  const TimeSpan span = read_time_unit(cursor, number);
  if (span.seconds) cursor.fail(unit, "only whole days will do here", "Say days, weeks or years.");
  return static_cast<int>(span.length);
}

}  // namespace

int read_days(Cursor& cursor, std::string_view what) {
  const int number = read_count(cursor, what);
  return read_day_unit(cursor, number);
}

int read_signed_days(Cursor& cursor, std::string_view what) {
  const int number = read_signed_count(cursor, what);
  return number < 0 ? -read_day_unit(cursor, -number) : read_day_unit(cursor, number);
}

bool accept_to(Cursor& cursor) { return cursor.accept("to") || cursor.accept(".."); }

NumberTest read_number_test(Cursor& cursor) {
  NumberTest test;
  const std::size_t begin = cursor.begin();
  const bool negated = cursor.at("not") && cursor.at("between", 1);
  if (negated) cursor.take();
  bool range = false;
  if (cursor.accept("between")) {
    test.value = read_number(cursor);
    if (!accept_to(cursor) && !cursor.accept("and")) cursor.fail_expected("\"and\"");
    range = true;
  } else if (accept_comparison(cursor, test.comparison)) {
    test.value = read_number(cursor);
  } else if (cursor.peek().kind == TokenKind::kNumber) {
    test.value = read_number(cursor);
    range = accept_to(cursor);
  } else {
    cursor.fail_expected("a comparison",
                         "Comparisons are written >= 6.5, = 1, 18 to 75 or between 18 and 75.");
  }
  if (range) {
    test.comparison = negated ? Comparison::kNotBetween : Comparison::kBetween;
    test.upper = read_number(cursor);
    if (compare_decimals(test.value, test.upper) > 0) {
      cursor.fail({begin, cursor.end_of_last()}, "no number is in this range",
                  "The smaller number stands first.");
    }
  }
  return test;
}

}  // namespace anam
