// SPDX-License-Identifier: Apache-2.0
// Writes cohort definitions in the text language (docs/language.md).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "query/definition.h"

namespace anam {

struct TextOptions {
  /// The name of a code, empty where it has none; it becomes a comment. A vocabulary may be empty
  /// (any) and a code may have wildcards. Without the function there are no comments.
  std::function<std::string(std::string_view vocabulary, std::string_view code)> code_name = {};
  /// The name of an attribute that is not built in.
  std::function<std::string(ColumnId column)> attribute_name = {};
};

/// The text of a definition, ending with a line end. parse_cohort() reads it back as a definition
/// that gives the same rows and attrition; its structure is the same but for what makes no
/// difference (a group of one, bounds of nothing, the order of code sets). A text that was printed
/// is printed again as it is. Throws Error(kInput) when the definition refers to code sets or
/// attributes that are not there, or tests a person as what only an event can be tested as.
/// Thread-safe.
std::string to_text(const CohortDefinition& definition, const TextOptions& options = {});

}  // namespace anam
