// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>

#include "query/evaluate/evaluator.h"
#include "tests/query/evaluate/memory_shard.h"
#include "tests/query/evaluate/naive_evaluator.h"
#include "tests/query/evaluate/random_definition.h"

namespace anam::test {

namespace {

std::string describe_rows(const std::vector<CohortRow>& rows) {
  std::string text;
  for (const CohortRow& row : rows) {
    text += "(" + std::to_string(row.ordinal) + ": " + std::to_string(row.start) + ".." +
            std::to_string(row.end) + ") ";
  }
  return text;
}

// What is different between the evaluator and the naive one; empty = nothing.
std::string difference(const RandomCase& of) {
  const ShardResult expected = naive_evaluate(of.definition, of.codes, of.data);
  MemoryShard shard(of.data);
  const ShardResult rows = Evaluator(of.definition, of.codes).run(shard);
  if (rows.rows != expected.rows) {
    return "rows: " + describe_rows(rows.rows) + "expected: " + describe_rows(expected.rows);
  }
  MemoryShard again(of.data);
  const ShardResult counted =
      Evaluator(of.definition, of.codes, EvaluatorOptions{.attrition = true}).run(again);
  if (counted.rows != expected.rows) {
    return "rows with attrition: " + describe_rows(counted.rows) +
           "expected: " + describe_rows(expected.rows);
  }
  if (counted.attrition.masks != expected.attrition.masks) return "masks";
  if (counted.attrition.lost_to_censor_window != expected.attrition.lost_to_censor_window) {
    return "patients lost to the censor window";
  }
  return {};
}

}  // namespace

TEST_CASE("random definitions give the rows and the attrition of nested loops", "[evaluate]") {
  const char* given = std::getenv("ANAM_TEST_SEED");
  const char* more = std::getenv("ANAM_TEST_CASES");
  const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device()();
  const int cases = more != nullptr ? std::stoi(more) : 2000;
  INFO("seed " << seed << " (set ANAM_TEST_SEED to run it again)");
  int with_rows = 0;
  for (int i = 0; i < cases; ++i) {
    std::mt19937_64 random(seed + static_cast<std::uint64_t>(i));
    const RandomCase made = random_case(random);
    const std::string found = difference(made);
    with_rows += naive_evaluate(made.definition, made.codes, made.data).rows.empty() ? 0 : 1;
    if (found.empty()) continue;
    const RandomCase small =
        shrink(made, [](const RandomCase& smaller) { return !difference(smaller).empty(); });
    INFO("case " << i << ", shrunk:\n" << describe(small) << difference(small));
    FAIL("the evaluator differs from the naive one: " << found);
  }
  CHECK(with_rows > cases / 4);
}

}  // namespace anam::test
