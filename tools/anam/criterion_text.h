// SPDX-License-Identifier: Apache-2.0
// Short names for the parts of a definition, as reports speak of them.
#pragma once

#include <string>

#include "query/definition.h"
#include "query/read/store_reader.h"

namespace anam::cli {

/// "first drug metformin"; without conditions.
std::string event_text(const CohortDefinition& definition, const EventQuery& query);

/// "at least 2 distinct days of condition t2d".
std::string count_text(const CohortDefinition& definition, const CountedQuery& counted,
                       const StoreReader& reader);

/// "any of", "at least 2 of".
std::string group_text(const Group& group);

/// "30 days after index", "drug metformin stops".
std::string exit_text(const CohortDefinition& definition, const Exit& exit);

/// Of a built-in or local attribute; its number where the store does not know it.
std::string attribute_text(const StoreReader& reader, ColumnId column);

}  // namespace anam::cli
