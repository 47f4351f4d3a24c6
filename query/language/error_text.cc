// SPDX-License-Identifier: Apache-2.0
#include "query/language/error_text.h"

#include <algorithm>
#include <vector>

namespace anam {
namespace {

constexpr std::size_t kMaxShown = 160;     // bytes of a line that a message shows
constexpr std::size_t kMostContinued = 3;  // bytes of a character behind its first one

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t characters(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues_character));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Steps from one text to the other, where a swap of neighbours is one step.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string_view first_characters(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t end = bytes;
  // What is no UTF-8 may have any number of them.
  const std::size_t least = bytes - std::min(bytes, kMostContinued);
  while (end > least && continues_character(text[end])) --end;
  return text.substr(0, continues_character(text[end]) ? bytes : end);
}

TextPosition position_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
  return {line, characters(before.substr(start)) + 1};
}

std::string render_error(std::string_view text, std::string_view name, TextSpan span,
                         std::string_view problem, std::string_view help) {
  const TextPosition position = position_of(text, span.begin);
  std::string message(name);
  message += ':' + std::to_string(position.line) + ':' + std::to_string(position.column) + ": ";
  message.append(problem);

  const std::size_t newline = text.substr(0, span.begin).rfind('\n');
  std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  std::size_t end = std::min(text.find('\n', span.begin), text.size());
  const bool cut_before = span.begin - begin > kMaxShown / 2;
  if (cut_before) {
    begin = span.begin - kMaxShown / 2;
    const std::size_t most = begin + kMostContinued;
    while (begin < most && continues_character(text[begin])) ++begin;
  }
  const std::string_view shown = first_characters(text.substr(begin, end - begin), kMaxShown);
  const bool cut_after = begin + shown.size() < end;
  end = begin + shown.size();
  const std::size_t stop = std::clamp(span.end, span.begin, std::max(end, span.begin));

  message += cut_before ? "\n... " : "\n    ";
  std::string underline = "\n    ";
  for (std::size_t i = begin; i < end; ++i) {
    const bool control = static_cast<unsigned char>(text[i]) < 0x20 && text[i] != '\t';
    if (!(control && i + 1 == end && text[i] == '\r')) message += control ? '?' : text[i];
    if (i < span.begin && !continues_character(text[i])) underline += text[i] == '\t' ? '\t' : ' ';
  }
  if (cut_after) message += " ...";
  underline += '^';
  const std::size_t length = characters(text.substr(span.begin, stop - span.begin));
  if (length > 1) underline.append(length - 1, '~');
  message += underline;
  if (!help.empty()) message.append("\n").append(help);
  return message;
}

std::string_view nearest(std::string_view word, std::span<const std::string> candidates) {
  constexpr std::size_t kMaxWord = 64;  // longer ones are no slips of a word
  std::string_view best;
  std::size_t distance = std::clamp<std::size_t>(word.size() / 3, 1, 3) + 1;
  if (word.empty() || word.size() > kMaxWord) return best;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kMaxWord || candidate == word) continue;
    const std::size_t steps = edit_distance(word, candidate);
    if (steps < distance && steps < std::max(word.size(), candidate.size()) &&
        steps < candidate.size()) {
      distance = steps;
      best = candidate;
    }
  }
  return best;
}

}  // namespace anam
