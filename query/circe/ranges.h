// SPDX-License-Identifier: Apache-2.0
// Circe's values: ranges of numbers and dates, text filters, and words of a fixed list.
#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "query/circe/json_value.h"
#include "query/definition.h"

namespace anam::circe {

/// A range with whole numbers: fractions are cut off, as in Circe.
NumberTest whole_number_range(const JsonValue& range);
/// A range with decimals, rounded to four places.
NumberTest decimal_range(const JsonValue& range);
DayTest date_range(const JsonValue& range);
/// An SQL LIKE.
TextTest text_filter(const JsonValue& filter);

/// "2020-01-31", with or without zeros in front.
Day date(const JsonValue& text);

/// The value of a word of the list, in any case of letters.
template <typename T>
T word(const JsonValue& value, std::span<const std::pair<std::string_view, T>> list);

/// The position of the word in the list. Throws with all words of the list where it is not there.
std::size_t find_word(const JsonValue& value, std::span<const std::string_view> list);

template <typename T>
T word(const JsonValue& value, std::span<const std::pair<std::string_view, T>> list) {
  std::vector<std::string_view> words;
  words.reserve(list.size());
  for (const auto& entry : list) words.push_back(entry.first);
  return list[find_word(value, words)].second;
}

}  // namespace anam::circe
