// SPDX-License-Identifier: Apache-2.0
// Circe's groups of criteria that are counted around an event.
#pragma once

#include "query/circe/code_sets.h"
#include "query/circe/json_value.h"
#include "query/definition.h"

namespace anam::circe {

/// Reads a CriteriaGroup, which stands in `depth` others, with all groups below it.
Group read_group(const JsonValue& value, CodeSets& sets, std::size_t depth = 0);

}  // namespace anam::circe
