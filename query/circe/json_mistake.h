// SPDX-License-Identifier: Apache-2.0
// Where a text stops being JSON, for messages: simdjson says only that it does.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "query/language/error_text.h"

namespace anam::circe {

struct JsonMistake {
  TextSpan span;
  std::string problem;  // "a \",\" or \"}\" is missing"
};

/// The first mistake of a text; empty where the text is one JSON value (RFC 8259) whose numbers can
/// be held, and whose objects and arrays stand less than `max_depth` deep in one another. As in
/// simdjson, empty ones do not count.
std::optional<JsonMistake> find_json_mistake(std::string_view text, std::size_t max_depth);

}  // namespace anam::circe
