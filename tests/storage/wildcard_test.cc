// SPDX-License-Identifier: Apache-2.0
#include "storage/wildcard.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

using namespace anam;

namespace {

/// The definition, word for word; exponential.
bool matches_slowly(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (std::size_t skip = 0; skip <= text.size(); ++skip) {
      if (matches_slowly(pattern.substr(1), text.substr(skip))) return true;
    }
    return false;
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         matches_slowly(pattern.substr(1), text.substr(1));
}

}  // namespace

TEST_CASE("wildcards match as defined", "[storage]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const auto text_of = [&](std::string_view letters, std::size_t most) {
    std::string text(random() % (most + 1), ' ');
    for (char& c : text) c = letters[random() % letters.size()];
    return text;
  };
  for (int i = 0; i < 30000; ++i) {
    const std::string pattern = text_of("ab*?", 6);
    const std::string text = text_of("ab", 8);
    if (matches_wildcard(pattern, text) != matches_slowly(pattern, text))
      FAIL(pattern << " on " << text);
    if (matches_wildcard(pattern, text)) REQUIRE(text.starts_with(fixed_beginning(pattern)));
  }
}

TEST_CASE("a question mark stands for one character, not one byte", "[storage]") {
  CHECK(matches_wildcard("a?c",
                         "a\xC3\xA9"
                         "c"));
  CHECK(matches_wildcard("?", "\xF0\x9F\x92\x8A"));
  CHECK_FALSE(matches_wildcard("??", "\xC3\xA9"));
  CHECK(matches_wildcard("*?", "\xC3\xA9"));
  CHECK(matches_wildcard("???", "\x80\x80\xFF"));  // no characters: a byte each
  CHECK(matches_wildcard("250.?2", "250.02"));
  CHECK_FALSE(matches_wildcard("250.?2", "250.2"));
  CHECK(matches_wildcard("E11*", "E11"));
  CHECK_FALSE(matches_wildcard("e11*", "E11"));
}

TEST_CASE("a pattern of many stars is matched in reasonable time", "[storage]") {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a";
  CHECK_FALSE(matches_wildcard(pattern + "b", std::string(255, 'a')));
}

TEST_CASE("lower case changes A to Z only", "[storage]") {
  CHECK(ascii_lower("AZaz[@0\xC3\x89") == "azaz[@0\xC3\x89");
}
