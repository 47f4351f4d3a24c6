// SPDX-License-Identifier: Apache-2.0
#include "storage/wildcard.h"

namespace anam {
namespace {

/// Behind the character that begins at `at`; a byte that begins none counts as one.
std::size_t next_character(std::string_view text, std::size_t at) {
  const auto is_continuation = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
  };
  const bool long_one = (static_cast<unsigned char>(text[at]) & 0xC0U) == 0xC0U;
  ++at;
  for (int more = 0; long_one && more < 3 && at < text.size() && is_continuation(text[at]); ++more)
    ++at;
  return at;
}

}  // namespace

bool matches_wildcard(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last one met; it stands for text up to `resume`
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      t = next_character(text, t);
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      resume = next_character(text, resume);
      t = resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::string_view fixed_beginning(std::string_view pattern) {
  return pattern.substr(0, pattern.find_first_of("*?"));
}

void ascii_lower(std::string_view text, std::string& out) {
  for (const char c : text)
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
}

std::string ascii_lower(std::string_view text) {
  std::string lower;
  lower.reserve(text.size());
  ascii_lower(text, lower);
  return lower;
}

}  // namespace anam
