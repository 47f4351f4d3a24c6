// SPDX-License-Identifier: Apache-2.0
#include "query/circe/json_mistake.h"

#include <simdjson.h>

#include <algorithm>

namespace anam::circe {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
/// What a word or a number that is none may be made of.
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         c == '+' || c == '-';
}

/// Each function reads one thing and says whether it was well; if not, mistake_ is set.
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t max_depth) : text_(text), max_depth_(max_depth) {}

  std::optional<JsonMistake> run() {
    if (value() && !ended()) fail(at_, at_ + 1, "the text goes on behind its value");
    return std::move(mistake_);
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool ended() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    return at_ == text_.size();
  }
  bool fail(std::size_t begin, std::size_t end, std::string problem) {
    mistake_ = JsonMistake{{begin, std::min(end, text_.size())}, std::move(problem)};
    return false;
  }
  bool take(char c) {
    if (ended() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool missing(std::string_view what) {
    if (ended()) return fail(at_, at_, "the text ends, and " + std::string(what) + " is missing");
    return fail(at_, at_ + 1, std::string(what) + " is missing");
  }

  bool value() {
    if (ended()) return missing("a value");
    switch (text_[at_]) {
      case '{':
        return members('}');
      case '[':
        return members(']');
      case '"':
        return string();
      default:
        return word();
    }
  }

  // An object or an array.
  bool members(char close) {
    const std::size_t begin = at_++;
    if (take(close)) return true;
    if (depth_ + 1 == max_depth_) {
      return fail(begin, begin + 1, std::to_string(max_depth_) + " levels are too deep");
    }
    ++depth_;
    bool good = true;
    do good = member(close == '}');
    while (good && take(','));
    if (good && !take(close)) good = missing(std::string("a \",\" or \"") + close + '"');
    --depth_;
    return good;
  }

  bool member(bool named) {
    if (!named) return value();
    if (ended() || text_[at_] != '"') return missing("the name of a field in quotes");
    if (!string()) return false;
    return take(':') ? value() : missing("a \":\" behind the name of a field");
  }

  bool string() {
    const std::size_t begin = at_++;
    while (peek() != '"') {
      if (at_ == text_.size()) return fail(begin, at_, "the closing quote is missing");
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte < 0x20) return fail(at_, at_ + 1, "a control character in a text");
      if (byte == '\\' ? !escape() : !character()) return false;
    }
    ++at_;
    return true;
  }

  bool escape() {
    const std::size_t begin = at_;
    constexpr std::string_view kPlain = "\"\\/bfnrt";
    if (at_ + 1 < text_.size() && kPlain.find(text_[at_ + 1]) != std::string_view::npos) {
      at_ += 2;
      return true;
    }
    const auto unit = code_unit();
    const bool high = unit && *unit >= 0xD800 && *unit < 0xDC00;
    const bool low = unit && *unit >= 0xDC00 && *unit < 0xE000;
    const auto second = high ? code_unit() : std::nullopt;
    const bool good = high ? second && *second >= 0xDC00 && *second < 0xE000 : unit && !low;
    return good || fail(begin, std::max(at_, begin + 2), "this escape stands for no character");
  }

  // The four digits of \uD83D.
  std::optional<unsigned> code_unit() {
    if (text_.substr(at_, 2) != "\\u" || at_ + 6 > text_.size()) return std::nullopt;
    unsigned unit = 0;
    for (const char c : text_.substr(at_ + 2, 4)) {
      constexpr std::string_view kDigits = "0123456789abcdef0123456789ABCDEF";
      const std::size_t digit = kDigits.find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      unit = unit * 16 + static_cast<unsigned>(digit % 16);
    }
    at_ += 6;
    return unit;
  }

  // One character of UTF-8.
  bool character() {
    const auto byte = static_cast<unsigned char>(text_[at_]);
    const std::size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    const std::string_view one = text_.substr(at_, length);
    if (one.size() != length || !simdjson::validate_utf8(one.data(), one.size())) {
      return fail(at_, at_ + 1, "a byte that is no UTF-8");
    }
    at_ += length;
    return true;
  }

  bool word() {
    const std::size_t begin = at_;
    while (is_word(peek())) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word.empty()) return fail(begin, begin + 1, "no value begins like this");
    if (word == "true" || word == "false" || word == "null") return true;
    if (!is_digit(word.front()) && word.front() != '-') {
      return fail(begin, at_, "this word is no value; texts stand in quotes");
    }
    if (!is_number(word)) return fail(begin, at_, "this is no number");
    simdjson::dom::parser parser;
    if (parser.parse(word.data(), word.size()).error() != simdjson::SUCCESS) {
      return fail(begin, at_, "this number is too large");
    }
    return true;
  }

  static bool is_number(std::string_view word) {
    std::size_t at = word.front() == '-' ? 1 : 0;
    const auto digits = [&] {
      const std::size_t begin = at;
      while (at < word.size() && is_digit(word[at])) ++at;
      return at > begin;
    };
    const std::size_t first = at;
    if (!digits() || (word[first] == '0' && at > first + 1)) return false;
    if (at < word.size() && word[at] == '.') {
      ++at;
      if (!digits()) return false;
    }
    if (at < word.size() && (word[at] == 'e' || word[at] == 'E')) {
      ++at;
      if (at < word.size() && (word[at] == '+' || word[at] == '-')) ++at;
      if (!digits()) return false;
    }
    return at == word.size();
  }

  std::string_view text_;
  std::size_t max_depth_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::optional<JsonMistake> mistake_;
};

}  // namespace

std::optional<JsonMistake> find_json_mistake(std::string_view text, std::size_t max_depth) {
  return Scanner(text, max_depth).run();
}

}  // namespace anam::circe
