// SPDX-License-Identifier: Apache-2.0
#include "query/circe/value_writer.h"

#include <simdjson.h>

#include <charconv>
#include <limits>
#include <string>

#include "query/circe/words.h"
#include "storage/calendar.h"
#include "storage/decimal.h"

namespace anam::circe {

namespace {

bool is_between(Comparison comparison) {
  return comparison == Comparison::kBetween || comparison == Comparison::kNotBetween;
}

// As few digits as the number has.
std::string digits_of(PackedDecimal value) {
  std::string text = format_decimal(value);
  if (text.find('.') == std::string::npos) return text == "-0" ? "0" : text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::optional<JsonText> whole_number(PackedDecimal value) {
  const std::string digits = digits_of(value);
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return JsonText::number(number);
}

std::optional<JsonText> decimal(PackedDecimal value) {
  constexpr std::size_t kDecimals = 4;
  std::string digits = digits_of(value);
  const std::size_t point = digits.find('.');
  if (point != std::string::npos && digits.size() - point - 1 > kDecimals) return std::nullopt;
  // Circe's tools read a double.
  double number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  char again[400];
  const auto [end, error] =
      std::to_chars(std::begin(again), std::end(again), number, std::chars_format::fixed);
  if (error != std::errc() || std::string_view(again, end) != digits) return std::nullopt;
  return JsonText::decimal(std::move(digits));
}

// `write` makes JSON of a value, or nothing.
template <typename Test, typename Write>
std::optional<JsonText> range(const Test& test, Write write) {
  JsonText json = JsonText::object();
  const auto value = write(test.value);
  if (!value) return std::nullopt;
  json.add("Value", *value);
  json.add("Op", JsonText::text(word_of(kComparisonWords, test.comparison)));
  if (is_between(test.comparison)) {
    const auto upper = write(test.upper);
    if (!upper) return std::nullopt;
    json.add("Extent", *upper);
  }
  return json;
}

}  // namespace

std::optional<JsonText> whole_number_json(const NumberTest& test) {
  return range(test, whole_number);
}

std::optional<JsonText> decimal_json(const NumberTest& test) { return range(test, decimal); }

JsonText date_range_json(const DayTest& test) {
  return *range(test, [](Day day) { return std::optional(JsonText::text(format_day(day))); });
}

std::optional<JsonText> text_filter_json(const TextTest& test) {
  if (!test.like && test.text.find_first_of("%_") != std::string::npos) return std::nullopt;
  if (test.text.find("\\'") != std::string::npos) return std::nullopt;
  if (!simdjson::validate_utf8(test.text.data(), test.text.size())) return std::nullopt;
  std::string op = test.negated ? "!" : "";
  op += word_of(kTextWords, test.kind);
  return JsonText::object().add("Text", JsonText::text(test.text)).add("Op", JsonText::text(op));
}

bool same_test(const NumberTest& a, const NumberTest& b) {
  return a.comparison == b.comparison && compare_decimals(a.value, b.value) == 0 &&
         (!is_between(a.comparison) || compare_decimals(a.upper, b.upper) == 0);
}

}  // namespace anam::circe
