// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/text_check.h"

#include <string>

namespace anam::evaluation {

namespace {

// Bytes of the UTF-8 character that begins at `at`; a stray byte counts as a character.
std::size_t character(std::string_view text, std::size_t at) {
  std::size_t n = 1;
  while (at + n < text.size() && (static_cast<unsigned char>(text[at + n]) & 0xC0) == 0x80) ++n;
  return n;
}

}  // namespace

bool matches_like(std::string_view text, std::string_view pattern) {
  // Greedy with one point of return: the last '%' seen can swallow one character more.
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t swallowed = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      swallowed = t;
    } else if (p < pattern.size() && pattern[p] == '_') {
      t += character(text, t);
      ++p;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++t;
      ++p;
    } else if (star != std::string_view::npos) {
      swallowed += character(text, swallowed);
      t = swallowed;
      p = star + 1;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

bool holds(const TextTest& test, std::string_view text) {
  using Kind = TextTest::Kind;
  bool met;
  if (test.like) {
    std::string pattern;
    if (test.kind == Kind::kContains || test.kind == Kind::kEndsWith) pattern += '%';
    pattern += test.text;
    if (test.kind == Kind::kContains || test.kind == Kind::kStartsWith) pattern += '%';
    met = matches_like(text, pattern);
  } else if (test.kind == Kind::kEqual) {
    met = text == test.text;
  } else if (test.kind == Kind::kStartsWith) {
    met = text.starts_with(test.text);
  } else if (test.kind == Kind::kEndsWith) {
    met = text.ends_with(test.text);
  } else {
    met = text.find(test.text) != std::string_view::npos;
  }
  return met != test.negated;
}

}  // namespace anam::evaluation
