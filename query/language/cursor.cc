// SPDX-License-Identifier: Apache-2.0
#include "query/language/cursor.h"

#include <algorithm>

#include "query/language/words.h"
#include "storage/error.h"

namespace anam {
namespace {

// More than groups of Circe JSON need (kMaxGroupDepth), so that all of them can be printed.
constexpr int kMaxDepth = 160;

std::string found(const Token& token, std::string_view text) {
  constexpr std::size_t kMaxShown = 40;
  if (token.kind == TokenKind::kEnd) return "the end of the text";
  const std::string_view written = text.substr(token.span.begin, token.span.end - token.span.begin);
  const std::string shown(first_characters(written, kMaxShown));
  return token.kind == TokenKind::kText ? "the text " + shown : '"' + shown + '"';
}

std::string did_you_mean(std::string_view word) {
  return "did you mean \"" + std::string(word) + "\"?";
}

}  // namespace

Cursor::Cursor(std::string_view text, std::string_view name)
    : text_(text), name_(name), tokens_(tokenize(text, name)) {}

const Token& Cursor::peek(std::size_t ahead) const {
  return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
}

bool Cursor::at(std::string_view word, std::size_t ahead) const {
  const Token& token = peek(ahead);
  return (token.kind == TokenKind::kWord || token.kind == TokenKind::kSign) && token.text == word;
}

bool Cursor::at_any(std::initializer_list<std::string_view> words, std::size_t ahead) const {
  return std::ranges::any_of(words, [&](std::string_view word) { return at(word, ahead); });
}

const Token& Cursor::take() {
  const Token& token = peek();
  if (position_ + 1 < tokens_.size()) ++position_;
  suggestions_.clear();
  return token;
}

bool Cursor::accept(std::initializer_list<std::string_view> words) {
  std::size_t ahead = 0;
  for (const std::string_view word : words) {
    if (!at(word, ahead++)) {
      suggest(*words.begin());
      return false;
    }
  }
  for (std::size_t i = 0; i < words.size(); ++i) take();
  return true;
}

void Cursor::expect(std::string_view word) {
  if (!accept(word)) fail_expected('"' + std::string(word) + '"');
}

void Cursor::suggest(std::string_view word) {
  if (std::ranges::find(suggestions_, word) == suggestions_.end()) suggestions_.emplace_back(word);
}

void Cursor::fail_expected(std::string_view what, std::string_view help) const {
  const Token& token = peek();
  const std::string problem = "expected " + std::string(what) + ", found " + found(token, text_);
  // A word of the language is no slip of the pen: it only stands in the wrong place.
  if (token.kind == TokenKind::kWord && !is_reserved(token.text)) fail_unknown(problem, help);
  fail(token.span, problem, help);
}

void Cursor::fail(TextSpan span, std::string_view problem, std::string_view help) const {
  anam::fail(ErrorCode::kInput, render_error(text_, name_, span, problem, help));
}

void Cursor::fail_unknown(std::string_view problem, std::string_view help) const {
  const Token& token = peek();
  const std::string_view near = nearest(token.text, suggestions_);
  fail(token.span, problem, near.empty() ? std::string(help) : did_you_mean(near));
}

std::size_t Cursor::end_of_last() const { return position_ ? tokens_[position_ - 1].span.end : 0; }

std::string Cursor::words_since(std::size_t begin) const {
  std::size_t first = position_;
  while (first > 0 && tokens_[first - 1].span.begin >= begin) --first;
  std::string words;
  for (std::size_t i = first; i < position_; ++i) {
    const TextSpan span = tokens_[i].span;
    const std::string_view word = text_.substr(span.begin, span.end - span.begin);
    const bool apart = i > first && tokens_[i - 1].span.end < span.begin && !words.ends_with('(') &&
                       word != ")" && word != ",";
    if (apart) words += ' ';
    words += word;
  }
  return words;
}

int Cursor::line() const {
  for (; line_offset_ < begin(); ++line_offset_) line_ += text_[line_offset_] == '\n';
  return line_;
}

Cursor::Depth::Depth(Cursor& cursor) : cursor_(cursor) {
  if (cursor.depth_ >= kMaxDepth) {
    cursor.fail(cursor.peek().span, "this is nested too deeply",
                "At most " + std::to_string(kMaxDepth) + " levels are read.");
  }
  ++cursor.depth_;
}

}  // namespace anam
