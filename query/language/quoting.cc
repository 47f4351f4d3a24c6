// SPDX-License-Identifier: Apache-2.0
#include "query/language/quoting.h"

#include <algorithm>

#include "query/language/words.h"

namespace anam {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_word(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
  });
}

/// What ends a code without quotes.
bool ends_code(char c) {
  return std::string_view(" \t\r\n,()\"#\0", 10).find(c) != std::string_view::npos;
}

}  // namespace

bool is_plain_name(std::string_view name) { return is_word(name) && !is_reserved(name); }

std::string quoted(std::string_view text) {
  constexpr std::string_view kEscaped = "\"\\\n\r\t";
  std::string out = "\"";
  for (const char c : text) {
    const std::size_t escape = kEscaped.find(c);
    if (escape == std::string_view::npos) {
      out += c;
    } else {
      out += '\\';
      out += "\"\\nrt"[escape];
    }
  }
  return out + '"';
}

std::string name_or_quoted(std::string_view name) {
  return is_plain_name(name) ? std::string(name) : quoted(name);
}

std::string code_text(std::string_view vocabulary, std::string_view pattern, bool literal) {
  std::string text = vocabulary.empty()    ? "*"
                     : is_word(vocabulary) ? std::string(vocabulary)
                                           : quoted(vocabulary);
  text += ':';
  const auto special = [](char c) { return ends_code(c) || c == '\\'; };
  const bool wildcards = pattern.find_first_of("*?") != std::string_view::npos;
  if (wildcards ? literal : std::ranges::any_of(pattern, special)) return text + quoted(pattern);
  for (const char c : pattern) {
    if (special(c)) text += '\\';
    text += c;
  }
  return text;
}

}  // namespace anam
