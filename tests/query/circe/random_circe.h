// SPDX-License-Identifier: Apache-2.0
// Random definitions that Circe can say.
#pragma once

#include <random>

#include "tests/query/circe/memory_concepts.h"
#include "tests/query/evaluate/random_definition.h"

namespace anam::test {

/// A random case whose code sets are of MemoryConcepts::five(), with tests of every field of
/// Circe's criteria, and without what Circe cannot say.
RandomCase random_circe_case(std::mt19937_64& random);

}  // namespace anam::test
