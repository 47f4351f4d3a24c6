// SPDX-License-Identifier: Apache-2.0
// Sentences of the cohort language that know where they may be broken into lines.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace anam {

/// Characters of UTF-8.
std::size_t text_width(std::string_view text);

/// A part of a sentence. Immutable but for append(); thread-safe as a value.
class Phrase {
 public:
  /// Words that stay on one line. The comment, if any, is put at the end of that line.
  static Phrase words(std::string text, std::string comment = {});
  /// Parts with a blank between them, where a line may be broken.
  static Phrase sentence(std::vector<Phrase> parts);
  /// Parts with a blank between them that stay together as far as the parts themselves do.
  static Phrase together(std::vector<Phrase> parts);
  /// "head(a, b)", with `separator` behind all members but the last; where it is too long, each
  /// member on a line of its own.
  static Phrase list(std::string head, std::vector<Phrase> members, std::string separator);

  /// Puts `text` behind the last word.
  void append(std::string_view text);

  /// In one line, without comments.
  std::string flat() const;
  /// The first word of flat().
  std::string first_word() const;
  /// Calls `use` with each part of a sentence and its number.
  void for_each_part(const std::function<void(const Phrase&, std::size_t)>& use) const;
  /// Characters of flat().
  std::size_t width() const { return width_; }

 private:
  friend class Page;
  enum class Kind { kWords, kSentence, kTogether, kList };

  Phrase(Kind kind, std::string text, std::vector<Phrase> parts);

  Kind kind_;
  std::string text_;  // kWords; head of kList
  std::string comment_;
  std::string separator_;
  std::string behind_;  // of a kList: what append() put behind it
  std::vector<Phrase> parts_;
  std::size_t width_ = 0;
};

/// Lines of text, filled with phrases.
class Page {
 public:
  static constexpr std::size_t kWidth = 100;

  /// Puts words as they are.
  void put(std::string_view text);
  /// Writes a phrase from the current column on, as if its line began at `base`; further lines of a
  /// sentence begin at `next`.
  void write(const Phrase& phrase, std::size_t base, std::size_t next);
  /// Ends the line, with the comments that belong to it, and begins the next one at `column`.
  void new_line(std::size_t column = 0);

  std::size_t column() const { return column_; }
  std::string take() { return std::move(text_); }

 private:
  void write_sentence(const Phrase& phrase, std::size_t base, std::size_t next);
  void write_list(const Phrase& phrase, std::size_t base);
  void write_flat(const Phrase& phrase);

  std::string text_;
  std::size_t column_ = 0;
  std::vector<std::string> comments_;  // of the current line
};

}  // namespace anam
