// SPDX-License-Identifier: Apache-2.0
// A place in the tokens of a text. It remembers which words would have been right there, so that
// an error can suggest the one that was meant.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "query/language/token.h"

namespace anam {

class Cursor {
 public:
  /// `text` and `name` must outlive the cursor. Throws Error(kInput) where a token is malformed.
  Cursor(std::string_view text, std::string_view name);

  /// The token `ahead` of the current one; behind the end, the end.
  const Token& peek(std::size_t ahead = 0) const;
  bool at_end() const { return peek().kind == TokenKind::kEnd; }

  /// Whether the token is this word or sign.
  bool at(std::string_view word, std::size_t ahead = 0) const;
  bool at_any(std::initializer_list<std::string_view> words, std::size_t ahead = 0) const;

  /// Returns the current token and goes on behind it. The reference holds as long as the cursor.
  const Token& take();
  /// Takes the words if they all stand here, one after the other.
  bool accept(std::initializer_list<std::string_view> words);
  bool accept(std::string_view word) { return accept({word}); }
  /// Takes the word or throws.
  void expect(std::string_view word);

  /// Adds to what an error at this place may suggest.
  void suggest(std::string_view word);

  /// Throws "expected WHAT, found ..." at the current token, with the nearest suggestion or else
  /// `help`.
  [[noreturn]] void fail_expected(std::string_view what, std::string_view help = {}) const;
  /// Throws `problem` about tokens that are already read or about to be.
  [[noreturn]] void fail(TextSpan span, std::string_view problem, std::string_view help) const;
  /// As `fail`, about the current token, with the nearest suggestion as help, or else `help`.
  [[noreturn]] void fail_unknown(std::string_view problem, std::string_view help) const;

  /// From the first byte of the current token / to the last byte of the token before it.
  std::size_t begin() const { return peek().span.begin; }
  std::size_t end_of_last() const;
  std::string_view text() const { return text_; }
  int line() const;  // of the current token, from 1
  /// What was read from the byte `begin` on, in one line and without comments.
  std::string words_since(std::size_t begin) const;

  /// Counts how deep a construct stands inside others; throws where it is absurd, so that no text
  /// can exhaust the stack.
  class Depth {
   public:
    explicit Depth(Cursor& cursor);
    ~Depth() { --cursor_.depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;

   private:
    Cursor& cursor_;
  };

 private:
  std::string_view text_;
  std::string_view name_;
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  std::vector<std::string> suggestions_;  // for the current token
  int depth_ = 0;
  mutable std::size_t line_offset_ = 0;  // where line_ was counted up to
  mutable int line_ = 1;
};

}  // namespace anam
