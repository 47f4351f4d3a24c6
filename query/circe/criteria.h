// SPDX-License-Identifier: Apache-2.0
// Circe's 16 kinds of criteria as queries of events.
#pragma once

#include <optional>
#include <string_view>

#include "query/circe/code_sets.h"
#include "query/circe/json_value.h"
#include "query/definition.h"

namespace anam::circe {

/// Reads {"DrugExposure": {...}} and the like, which stand in `depth` groups.
EventQuery read_criteria(const JsonValue& value, CodeSets& sets, std::size_t depth = 0);

/// Age, Gender, Race, ...: tests of a person at an index event.
Demographic read_demographic(const JsonValue& value, CodeSets& sets);

}  // namespace anam::circe
