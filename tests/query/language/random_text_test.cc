// SPDX-License-Identifier: Apache-2.0
// Whatever a text holds, it is a definition or an Error(kInput) that points into it.
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/language/parser.h"
#include "query/language/words.h"
#include "storage/error.h"

namespace {

/// Sentences that the random texts are cut and glued from, so that many get far into the parser.
constexpr std::string_view kSentences[] = {
    "codes a = ICD10CM:E11* or (X:1 with descendants except Y:2) including mapped",
    "index first drug a with days_supply >= 30 with 365 days of observation before and 0 days "
    "after",
    "index earliest of any of (drug a, first source condition b that has any drug a on it)",
    "require \"r\" at least 2 distinct days of condition a within 30 days before index or on index",
    "require all of (age 18 to 75 at index, sex female, no drug X:1 before index,)",
    "require at least 1 of (any visit from claims or source x lasting 3 to 5 days, index in 2015)",
    "exclude any measurement with (value >= 6.5 \"%\" or value / range_high > 2) during index",
    "exclude any visit that has (no drug within 2 hours of it end in the same visit) after index",
    "restrict to any enrollment containing 2015-01-01 as start overlapping index keeping earliest",
    "exit when drug a stops, allowing gaps of 30 days, or at death, or 5 years after index",
    "keep earliest join rows up to 30 days apart cut rows to 2015-01-01..2019-12-31",
    "cohort \"title\"",
};

bool is_fine(const std::string& text) {
  try {
    anam::parse_cohort(text, "random.cohort");
    return true;
  } catch (const anam::Error& error) {
    if (error.code() != anam::ErrorCode::kInput) return false;
    return std::string_view(error.what()).starts_with("random.cohort:");
  }
}

std::vector<std::string> words() {
  std::vector<std::string> words;
  for (const std::string_view sentence : kSentences) {
    std::string word;
    for (const char c : sentence) {
      const bool single = c == '(' || c == ')' || c == ',';
      if ((c == ' ' || single) && !word.empty()) words.push_back(std::exchange(word, {}));
      if (single) words.emplace_back(1, c);
      if (c != ' ' && !single) word += c;
    }
    if (!word.empty()) words.push_back(std::move(word));
  }
  for (const std::string_view word : anam::reserved_words()) words.emplace_back(word);
  return words;
}

}  // namespace

TEST_CASE("random words are parsed or refused", "[language]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const std::vector<std::string> all = words();
  int parsed = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const std::size_t length = random() % 60;
    if (round % 2) text = "codes a = X:1 index drug a require ";
    for (std::size_t i = 0; i < length; ++i) text += all[random() % all.size()] + ' ';
    INFO(text);
    CHECK(is_fine(text));
  }
  // Sentences with one slip each come closest to what people write.
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (const std::string_view sentence : kSentences) {
      if (random() % 2) text.append(sentence) += '\n';
    }
    if (text.empty()) continue;
    const std::size_t at = random() % text.size();
    switch (random() % 5) {
      case 0:
        text.erase(at, 1 + random() % 8);
        break;
      case 1:
        text.insert(at, text.substr(random() % text.size(), random() % 40));
        break;
      case 2:
        text[at] = static_cast<char>(random());
        break;
      case 3:
        text.resize(at);
        break;
      default:
        break;  // as it is
    }
    INFO(text);
    CHECK(is_fine(text));
    try {
      anam::parse_cohort(text, "random.cohort");
      ++parsed;
    } catch (const anam::Error&) {  // counted by what is left
    }
  }
  CHECK(parsed > 0);
}

TEST_CASE("random bytes are parsed or refused", "[language]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  constexpr std::string_view kSigns = "index codes a=X:1 \"\\,()..-5e+#\n\t\r<>!/*?";
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 80, ' ');
    for (char& c : text) {
      c = round % 2 ? static_cast<char>(random()) : kSigns[random() % kSigns.size()];
    }
    INFO(text);
    CHECK(is_fine(text));
  }
}

TEST_CASE("depth is bounded", "[language]") {
  for (const std::string unit : {"(", "any of (", "any drug that has ", "any drug (", "not ",
                                 "any drug with (", "any drug that has ( all of ("}) {
    std::string text = "index drug require ";
    for (int i = 0; i < 100000; ++i) text += unit;
    INFO(unit);
    CHECK(is_fine(text));
  }
}
