// SPDX-License-Identifier: Apache-2.0
// Random small definitions and patients.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "query/definition.h"
#include "query/event_stream.h"
#include "tests/query/evaluate/memory_shard.h"

namespace anam::test {

/// A definition with its code sets, and data that it often matches.
struct RandomCase {
  CohortDefinition definition;
  std::vector<CodeIds> codes;
  TestData data;
};

RandomCase random_case(std::mt19937_64& random);

/// Which cases a test runs: ANAM_TEST_SEED, or another seed each time; ANAM_TEST_CASES, or 2000.
struct RandomRun {
  std::uint64_t seed;
  int cases;
};
RandomRun random_run();

/// For a person to read.
std::string describe(const RandomCase& of);

}  // namespace anam::test
