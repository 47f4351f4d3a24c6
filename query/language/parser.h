// SPDX-License-Identifier: Apache-2.0
// The text language of cohorts: see docs/language.md. All functions are thread-safe.
#pragma once

#include <string_view>

#include "query/definition.h"
#include "query/language/attribute_lookup.h"
#include "query/language/cohort_lookup.h"

namespace anam {

/// Compiles a definition. `name` stands for the text in messages (a file's name). Throws
/// Error(kInput) that points at line and column and says what was expected there. Without `files`,
/// definitions in other files are named but not read (CohortReference::definition stays empty).
CohortDefinition parse_cohort(std::string_view text, std::string_view name,
                              const AttributeLookup& attributes = builtin_attribute,
                              const CohortFileLookup& files = {});

/// Compiles an expression over codes, such as `ICD10CM:E11* except ICD10CM:E11.9`. The set is
/// called as it is written. Throws as parse_cohort does.
CodeSet parse_code_set(std::string_view expression);

/// Whether a text begins as an expression over codes does; otherwise it is something to search
/// for, as in `anam codes STORE "heart failure"`.
bool is_code_expression(std::string_view text);

}  // namespace anam
