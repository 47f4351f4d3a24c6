// SPDX-License-Identifier: Apache-2.0
#include "query/circe/ranges.h"

#include <algorithm>
#include <charconv>

#include "query/circe/words.h"
#include "storage/calendar.h"

namespace anam::circe {

namespace {

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// `read` makes a value of the fields Value and Extent.
template <typename Test, typename Read>
Test range(const JsonValue& value, Read read) {
  JsonObject fields = value.object();
  Test test;
  test.comparison = word<Comparison>(fields.need("Op"), kComparisonWords);
  test.value = read(fields.need("Value"));
  const bool between =
      test.comparison == Comparison::kBetween || test.comparison == Comparison::kNotBetween;
  if (between) {
    test.upper = read(fields.need("Extent"));
  } else {
    fields.find("Extent");  // left there by Atlas when the comparison is changed
  }
  fields.finish();
  return test;
}

// SQL text is quoted by doubling: Circe drops backslashes in front of a quote.
std::string unescape(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      while (!result.empty() && result.back() == '\\') result.pop_back();
    }
    result += c;
  }
  return result;
}

}  // namespace

std::size_t find_word(const JsonValue& value, std::span<const std::string_view> list) {
  const std::string_view text = value.text();
  const auto at =
      std::ranges::find_if(list, [&](std::string_view word) { return same_letters(word, text); });
  if (at != list.end()) return static_cast<std::size_t>(at - list.begin());
  std::string expected = "known are";
  for (const std::string_view word : list) {
    expected += (word == list.front() ? " " : ", ") + std::string(word);
  }
  value.refuse("is not understood", expected);
}

NumberTest whole_number_range(const JsonValue& value) {
  return range<NumberTest>(
      value, [](const JsonValue& number) { return std::int64_t{number.integer()} * 32; });
}

NumberTest decimal_range(const JsonValue& value) {
  return range<NumberTest>(value, [](const JsonValue& number) { return number.rounded(); });
}

DayTest date_range(const JsonValue& value) { return range<DayTest>(value, date); }

Day date(const JsonValue& value) {
  const std::string_view text = value.text();
  std::int32_t parts[3] = {};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::int32_t& part : parts) {
    if (&part != parts && (at == end || *at++ != '-')) at = end;
    const auto [next, error] = std::from_chars(at, end, part);
    if (error != std::errc() || part < 0) value.refuse("is no date", "write 2020-01-31");
    at = next;
  }
  const auto day = day_of(parts[0], parts[1], parts[2]);
  if (!day || at != end) value.refuse("is no date", "write 2020-01-31");
  return *day;
}

TextTest text_filter(const JsonValue& value) {
  JsonObject fields = value.object();
  TextTest test;
  const JsonValue operation = fields.need("Op");
  test.kind = word<TextTest::Kind>(operation, kTextWords);
  test.negated = operation.text().starts_with('!');
  test.like = true;
  test.text = unescape(fields.need("Text").text());
  fields.finish();
  return test;
}

}  // namespace anam::circe
