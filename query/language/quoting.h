// SPDX-License-Identifier: Apache-2.0
// How names and texts are written so that the lexer reads them back as they are.
#pragma once

#include <string>
#include <string_view>

namespace anam {

/// Whether a name can stand without quotes: one word, and none of the language.
bool is_plain_name(std::string_view name);

/// "..." with escapes: no byte is lost, and it stays on its line.
std::string quoted(std::string_view text);

/// A name, in quotes where it needs them.
std::string name_or_quoted(std::string_view name);

/// A code: ICD10CM:E11*, *:"a b", or "CMS Place of Service":21. REQUIRES: !pattern.empty().
std::string code_text(std::string_view vocabulary, std::string_view pattern, bool literal);

}  // namespace anam
