// SPDX-License-Identifier: Apache-2.0
// What a cohort definition means, in nested loops over one patient at a time: the evaluator's
// yardstick.
#pragma once

#include <string>

#include "query/definition.h"
#include "query/evaluate/evaluator.h"
#include "tests/query/evaluate/memory_shard.h"

namespace anam::test {

ShardResult naive_evaluate(const CohortDefinition& definition, const std::vector<CodeIds>& codes,
                           const TestData& data);

/// Holds the reasons of a row, or of an index event that became none, against nested loops: what is
/// not so, or nothing. `limit`: how many events of a count are shown.
std::string check_reasons(const CohortDefinition& definition, const std::vector<CodeIds>& codes,
                          const TestData& data, const RowReasons& reasons, std::size_t limit);

/// How many index events a patient has, those that are not observed too.
std::size_t count_index_events(const CohortDefinition& definition,
                               const std::vector<CodeIds>& codes, const TestData& data,
                               std::uint32_t ordinal);

}  // namespace anam::test
