// SPDX-License-Identifier: Apache-2.0
// What a cohort definition means, in nested loops over one patient at a time: the evaluator's
// yardstick.
#pragma once

#include "query/definition.h"
#include "query/evaluate/evaluator.h"
#include "tests/query/evaluate/memory_shard.h"

namespace anam::test {

ShardResult naive_evaluate(const CohortDefinition& definition, const std::vector<CodeIds>& codes,
                           const TestData& data);

}  // namespace anam::test
