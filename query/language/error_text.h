// SPDX-License-Identifier: Apache-2.0
// Messages that point into a text: file:line:column, the line, and an underline.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace anam {

/// A stretch of bytes of a text.
struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Line from 1, and column from 1 in characters (not bytes) of UTF-8.
struct TextPosition {
  std::size_t line = 1;
  std::size_t column = 1;
};

/// REQUIRES: offset <= text.size().
TextPosition position_of(std::string_view text, std::size_t offset);

/// The beginning of a text, of at most so many bytes, which ends with a whole character where the
/// text is UTF-8.
std::string_view first_characters(std::string_view text, std::size_t bytes);

/// Renders
///
///     name:3:12: problem
///         the line of text
///             ^~~~
///     help
///
/// `help` may be empty. A long line is cut to what surrounds the span; of a span over several lines
/// the first line is shown.
std::string render_error(std::string_view text, std::string_view name, TextSpan span,
                         std::string_view problem, std::string_view help);

/// The candidate that a person most likely meant by `word`, or empty when none is near: letters
/// left out, added, swapped or mistaken count, case hardly does. Of equally near ones the first.
std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace anam
