// SPDX-License-Identifier: Apache-2.0
// Patterns of codes, and comparison without regard to case.
#pragma once

#include <string>
#include <string_view>

namespace anam {

/// True when the whole text matches: `*` stands for any text, `?` for one character (UTF-8).
bool matches_wildcard(std::string_view pattern, std::string_view text);

/// What every text that matches begins with.
std::string_view fixed_beginning(std::string_view pattern);

/// With A to Z as a to z; other bytes stay as they are.
std::string ascii_lower(std::string_view text);
void ascii_lower(std::string_view text, std::string& out);  // appends

}  // namespace anam
