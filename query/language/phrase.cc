// SPDX-License-Identifier: Apache-2.0
#include "query/language/phrase.h"

#include <algorithm>
#include <utility>

namespace anam {

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

Phrase::Phrase(Kind kind, std::string text, std::vector<Phrase> parts)
    : kind_(kind), text_(std::move(text)), parts_(std::move(parts)) {}

Phrase Phrase::words(std::string text, std::string comment) {
  Phrase phrase(Kind::kWords, std::move(text), {});
  phrase.comment_ = std::move(comment);
  phrase.width_ = text_width(phrase.text_);
  return phrase;
}

Phrase Phrase::sentence(std::vector<Phrase> parts) {
  Phrase phrase(Kind::kSentence, {}, std::move(parts));
  for (const Phrase& part : phrase.parts_) phrase.width_ += part.width_ + 1;
  if (!phrase.parts_.empty()) --phrase.width_;
  return phrase;
}

Phrase Phrase::together(std::vector<Phrase> parts) {
  Phrase phrase = sentence(std::move(parts));
  phrase.kind_ = Kind::kTogether;
  return phrase;
}

Phrase Phrase::list(std::string head, std::vector<Phrase> members, std::string separator) {
  Phrase phrase(Kind::kList, std::move(head), std::move(members));
  phrase.separator_ = std::move(separator);
  phrase.width_ = text_width(phrase.text_) + 2;
  const std::size_t between = phrase.separator_.size() + 1;
  for (const Phrase& part : phrase.parts_) phrase.width_ += part.width_ + between;
  if (!phrase.parts_.empty()) phrase.width_ -= between;
  return phrase;
}

void Phrase::append(std::string_view text) {
  width_ += text_width(text);
  if (kind_ == Kind::kWords) {
    text_ += text;
  } else if (kind_ == Kind::kList) {
    behind_ += text;
  } else if (!parts_.empty()) {
    parts_.back().append(text);
  }
}

std::string Phrase::flat() const {
  if (kind_ == Kind::kWords) return text_;
  const bool list = kind_ == Kind::kList;
  std::string text = list ? text_ + '(' : std::string();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (i > 0) text += separator_ + ' ';
    text += parts_[i].flat();
  }
  return list ? text + ')' + behind_ : text;
}

std::string Phrase::first_word() const {
  if (kind_ != Kind::kWords && text_.empty() && !parts_.empty() && kind_ != Kind::kList)
    return parts_.front().first_word();
  return text_.substr(0, text_.find(' '));
}

void Phrase::for_each_part(const std::function<void(const Phrase&, std::size_t)>& use) const {
  for (std::size_t i = 0; i < parts_.size(); ++i) use(parts_[i], i);
}

void Page::put(std::string_view text) {
  text_ += text;
  column_ += text_width(text);
}

void Page::new_line(std::size_t column) {
  for (std::size_t i = 0; i < comments_.size(); ++i) text_ += (i ? "; " : "   # ") + comments_[i];
  comments_.clear();
  text_ += '\n';
  text_.append(column, ' ');
  column_ = column;
}

void Page::write(const Phrase& phrase, std::size_t base, std::size_t next) {
  if (column_ + phrase.width_ <= kWidth || phrase.kind_ == Phrase::Kind::kWords) {
    write_flat(phrase);
  } else if (phrase.kind_ == Phrase::Kind::kList) {
    write_list(phrase, base);
  } else {
    write_sentence(phrase, base, next);
  }
}

void Page::write_sentence(const Phrase& phrase, std::size_t base, std::size_t next) {
  for (std::size_t i = 0; i < phrase.parts_.size(); ++i) {
    const Phrase& part = phrase.parts_[i];
    // What does not fit on a line of its own either begins here.
    const bool fits = column_ + 1 + part.width_ <= kWidth;
    const bool breaks = i > 0 && phrase.kind_ == Phrase::Kind::kSentence && !fits &&
                        (next + part.width_ <= kWidth || part.kind_ == Phrase::Kind::kSentence ||
                         part.kind_ == Phrase::Kind::kWords);
    if (breaks) {
      base = next;
      new_line(next);
    } else if (i > 0) {
      put(" ");
    }
    write(part, base, next);
  }
}

void Page::write_list(const Phrase& phrase, std::size_t base) {
  put(phrase.text_ + '(');
  for (std::size_t i = 0; i < phrase.parts_.size(); ++i) {
    new_line(base + 2);
    write(phrase.parts_[i], base + 2, base + 4);
    if (i + 1 < phrase.parts_.size()) put(phrase.separator_);
  }
  new_line(base);
  put(')' + phrase.behind_);
}

void Page::write_flat(const Phrase& phrase) {
  if (phrase.kind_ == Phrase::Kind::kWords) {
    put(phrase.text_);
    const bool said = std::ranges::find(comments_, phrase.comment_) != comments_.end();
    if (!phrase.comment_.empty() && !said) comments_.push_back(phrase.comment_);
    return;
  }
  const bool list = phrase.kind_ == Phrase::Kind::kList;
  if (list) put(phrase.text_ + '(');
  for (std::size_t i = 0; i < phrase.parts_.size(); ++i) {
    if (i > 0) put(phrase.separator_ + ' ');
    write_flat(phrase.parts_[i]);
  }
  if (list) put(')' + phrase.behind_);
}

}  // namespace anam
