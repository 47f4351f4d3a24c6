// SPDX-License-Identifier: Apache-2.0
// Text tests, with SQL's LIKE.
#pragma once

#include <string_view>

#include "query/definition.h"

namespace anam::evaluation {

/// Whether `text` matches SQL's LIKE `pattern`: '%' is any run of characters, '_' any one character
/// (of UTF-8), all others themselves; there is no escape.
bool matches_like(std::string_view text, std::string_view pattern);

/// Whether `text`, which is not null, meets the test.
bool holds(const TextTest& test, std::string_view text);

}  // namespace anam::evaluation
