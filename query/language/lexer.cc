// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "query/language/token.h"
#include "storage/calendar.h"
#include "storage/decimal.h"
#include "storage/error.h"

namespace anam {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Letters of other alphabets may stand in words: every byte above ASCII counts as a letter.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool continues_word(char c) { return is_letter(c) || is_digit(c) || c == '-'; }

/// Ends a code that is written without quotes.
bool ends_code(char c) {
  return is_blank(c) || c == ',' || c == '(' || c == ')' || c == '"' || c == '#' || c == '\0';
}

class Lexer {
 public:
  Lexer(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  std::vector<Token> run() {
    while (skip_blanks()) tokens_.push_back(next());
    const std::size_t end = tokens_.empty() ? 0 : tokens_.back().span.end;
    tokens_.push_back({.kind = TokenKind::kEnd, .span = {end, end}});
    return std::move(tokens_);
  }

 private:
  char at(std::size_t position) const { return position < text_.size() ? text_[position] : '\0'; }

  bool skip_blanks() {
    while (position_ < text_.size()) {
      if (at(position_) == '#') {
        position_ = std::min(text_.find('\n', position_), text_.size());
      } else if (is_blank(at(position_))) {
        ++position_;
      } else {
        return true;
      }
    }
    return false;
  }

  Token next() {
    const char c = at(position_);
    if (c == '"') {
      const std::size_t begin = position_;
      std::string text = quoted();
      return code_follows() ? code(begin, std::move(text))
                            : make(TokenKind::kText, begin, std::move(text));
    }
    if (c == '*' && at(position_ + 1) == ':') {
      ++position_;
      return code(position_ - 1, "");
    }
    if (is_letter(c)) return word();
    const bool sign = c == '-' || c == '+';
    const char digit = at(position_ + (sign ? 1 : 0));
    if (is_digit(digit) || (digit == '.' && is_digit(at(position_ + (sign ? 2 : 1))))) {
      return number();
    }
    for (const std::string_view two : {"!=", "<=", ">=", ".."}) {
      if (text_.substr(position_, 2) == two) return sign_token(2);
    }
    if (std::string_view("(),/=<>").find(c) != std::string_view::npos) return sign_token(1);
    if (c == ':') {
      error({position_, position_ + 1}, "no code stands around this colon",
            "Codes are written ICD10CM:E11.9, without blanks.");
    }
    error({position_, position_ + 1}, "unexpected character",
          "Texts and names with blanks stand in \"...\".");
  }

  Token word() {
    const std::size_t begin = position_;
    while (continues_word(at(position_))) ++position_;
    std::string text(text_.substr(begin, position_ - begin));
    if (code_follows()) return code(begin, std::move(text));
    return make(TokenKind::kWord, begin, std::move(text));
  }

  /// Takes a run of digits, letters, '.', '-' and '+' whole, so that a slip is shown whole.
  Token number() {
    const std::size_t begin = position_++;
    const auto continues = [this](char c) {
      if (c == '.') return at(position_ + 1) != '.';
      if (c == '+') return at(position_ - 1) == 'e' || at(position_ - 1) == 'E';
      return continues_word(c);
    };
    while (continues(at(position_))) ++position_;
    const std::string_view run = text_.substr(begin, position_ - begin);
    const TextSpan span{begin, position_};
    if (at(position_) == ':' && !is_blank(at(position_ + 1))) {
      error({begin, position_ + 1}, "the name of a vocabulary begins with a letter",
            "Other names stand in quotes, as in \"" + std::string(run) + "\":X1.");
    }
    if (run.size() == 10 && run[4] == '-') {
      const std::optional<Day> day = parse_day(run);
      if (!day) error(span, "there is no such date", "Dates are written 2015-01-31.");
      Token token = make(TokenKind::kDate, begin, std::string(run));
      token.day = *day;
      return token;
    }
    if (!parse_decimal(run)) {
      error(span, "this is neither a number nor a date",
            "Numbers are written 30 or 6.5, dates 2015-01-31; a unit stands apart: 30 days.");
    }
    return make(TokenKind::kNumber, begin, std::string(run));
  }

  bool code_follows() const {
    return at(position_) == ':' && (at(position_ + 1) == '"' || !ends_code(at(position_ + 1)));
  }

  /// The position is at the ':'.
  Token code(std::size_t begin, std::string vocabulary) {
    ++position_;
    const bool literal = at(position_) == '"';
    std::string pattern;
    if (literal) {
      pattern = quoted();
    } else {
      while (position_ < text_.size() && !ends_code(at(position_))) {
        // What would end the code is part of it behind a backslash.
        const char next = at(position_ + 1);
        if (at(position_) == '\\' && position_ + 1 < text_.size() &&
            (next == '\\' || ends_code(next))) {
          ++position_;
        }
        pattern += at(position_++);
      }
    }
    if (pattern.empty()) {
      error({begin, position_}, "a code is missing behind the vocabulary",
            "Codes are written ICD10CM:E11.9, with wildcards ICD10CM:E11*.");
    }
    Token token = make(TokenKind::kCode, begin, std::move(pattern));
    token.vocabulary = std::move(vocabulary);
    token.literal = literal;
    return token;
  }

  /// Reads "..." with \", \\, \n, \r and \t inside.
  std::string quoted() {
    const std::size_t begin = position_++;
    std::string text;
    while (at(position_) != '"') {
      if (position_ >= text_.size() || at(position_) == '\n') {
        error({begin, position_}, "the closing quote is missing",
              "A quoted text ends on its line; a quote inside of it is written \\\".");
      }
      if (at(position_) == '\\') {
        constexpr std::string_view kEscapes = "\"\\nrt";
        const std::size_t escape = kEscapes.find(at(position_ + 1));
        if (escape != std::string_view::npos) {
          text += std::string_view("\"\\\n\r\t")[escape];
          position_ += 2;
          continue;
        }
      }
      text += at(position_++);
    }
    ++position_;
    return text;
  }

  Token sign_token(std::size_t length) {
    const std::size_t begin = position_;
    position_ += length;
    return make(TokenKind::kSign, begin, std::string(text_.substr(begin, length)));
  }

  Token make(TokenKind kind, std::size_t begin, std::string text) const {
    return {.kind = kind, .span = {begin, position_}, .text = std::move(text)};
  }

  [[noreturn]] void error(TextSpan span, std::string_view problem, std::string_view help) const {
    fail(ErrorCode::kInput, render_error(text_, name_, span, problem, help));
  }

  std::string_view text_;
  std::string_view name_;
  std::size_t position_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text, std::string_view name) {
  return Lexer(text, name).run();
}

}  // namespace anam
