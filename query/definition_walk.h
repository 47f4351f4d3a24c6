// SPDX-License-Identifier: Apache-2.0
// Visits what a definition refers to.
#pragma once

#include <functional>
#include <optional>

#include "query/definition.h"

namespace anam {

/// Called for each use of a code set; `column` is the attribute that is held against it, if any.
using OnCodeSet = std::function<void(CodeSetIndex set, std::optional<ColumnId> column)>;
/// Called for each counted query, nested ones too.
using OnCounted = std::function<void(const CountedQuery& counted)>;

void for_each_code_set(const CohortDefinition& definition, const OnCodeSet& use);
void for_each_counted(const CohortDefinition& definition, const OnCounted& use);

}  // namespace anam
