// SPDX-License-Identifier: Apache-2.0
// The words, numbers and codes that a text of the cohort language is made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/language/error_text.h"
#include "storage/event.h"

namespace anam {

enum class TokenKind : std::uint8_t {
  kWord,    // index, t2d, days_supply
  kNumber,  // 30, -1.5, 1e6
  kDate,    // 2015-01-31
  kText,    // "has T2D"
  kCode,    // ICD10CM:E11*, "CMS Place of Service":21
  kSign,    // ( ) , / = != < <= > >= ..
  kEnd
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  TextSpan span = {};
  std::string text = {};        // without quotes; of a code: its pattern
  std::string vocabulary = {};  // of a code; empty = any
  bool literal = false;         // the pattern was quoted: '*' and '?' are plain characters
  Day day = 0;                  // of a date
};

/// Cuts a text into tokens; the last one is kEnd and stands behind the last other one. A comment
/// runs from '#' to the end of its line. Throws Error(kInput), rendered with `name`.
std::vector<Token> tokenize(std::string_view text, std::string_view name);

}  // namespace anam
