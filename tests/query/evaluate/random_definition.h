// SPDX-License-Identifier: Apache-2.0
// Random small definitions and patients, and smaller ones that fail the same way.
#pragma once

#include <functional>
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

/// The smallest case found, by dropping parts and patients, for which `fails` still holds.
RandomCase shrink(RandomCase from, const std::function<bool(const RandomCase&)>& fails);

/// For a person to read.
std::string describe(const RandomCase& of);

}  // namespace anam::test
