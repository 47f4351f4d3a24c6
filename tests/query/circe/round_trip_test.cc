// SPDX-License-Identifier: Apache-2.0
// Random definitions, written as Circe JSON and read again, have the same rows and attrition.
#include <catch2/catch.hpp>

#include "query/circe/circe_reader.h"
#include "query/circe/words.h"
#include "query/evaluate/evaluator.h"
#include "query/language/definition_writer.h"
#include "query/language/parser.h"
#include "storage/error.h"
#include "tests/query/circe/random_circe.h"
#include "tests/query/evaluate/naive_evaluator.h"
#include "tests/query/evaluate/shrink.h"

namespace anam::test {

namespace {

std::string compare(const ShardResult& found, const ShardResult& expected) {
  if (found.rows != expected.rows) {
    return std::to_string(found.rows.size()) + " rows in place of " +
           std::to_string(expected.rows.size());
  }
  if (found.attrition.masks != expected.attrition.masks) return "masks";
  if (found.attrition.lost_to_censor_window != expected.attrition.lost_to_censor_window) {
    return "patients lost to the censor window";
  }
  return {};
}

// What is different when it was written and read; empty = nothing.
std::string difference(const RandomCase& of) {
  const std::string json = write_circe(of.definition, MemoryConcepts::five());
  const CohortDefinition read = parse_circe(json, "written");
  std::vector<CodeIds> codes;
  for (const CodeSet& set : read.code_sets) codes.push_back(MemoryConcepts::five().resolve(set));
  const ShardResult expected = naive_evaluate(of.definition, of.codes, of.data);
  std::string found = compare(naive_evaluate(read, codes, of.data), expected);
  if (!found.empty()) return "naive: " + found;
  MemoryShard shard(of.data);
  found = compare(Evaluator(read, codes, EvaluatorOptions{.attrition = true}).run(shard), expected);
  if (!found.empty()) return "evaluator: " + found;
  if (read.title != of.definition.title || read.rules.size() != of.definition.rules.size()) {
    return "title or rules";
  }
  // What was read is written in the same way, whatever the order of its sets.
  const CohortDefinition again =
      parse_circe(write_circe(read, MemoryConcepts::five()), "written again");
  if (write_circe(again, MemoryConcepts::five()) != write_circe(read, MemoryConcepts::five())) {
    return "written again it is another one";
  }
  return {};
}

bool differs(const RandomCase& of) {
  try {
    return !difference(of).empty();
  } catch (const Error&) {
    return false;  // made smaller so that Circe cannot say it any more
  }
}

}  // namespace

TEST_CASE("random definitions survive Circe JSON", "[circe]") {
  const auto [seed, cases] = random_run();
  INFO("seed " << seed << " (set ANAM_TEST_SEED to run it again)");
  int with_rows = 0;
  for (int i = 0; i < cases; ++i) {
    std::mt19937_64 random(seed + static_cast<std::uint64_t>(i));
    const RandomCase made = random_circe_case(random);
    INFO("case " << i);
    const std::string found = difference(made);
    with_rows += naive_evaluate(made.definition, made.codes, made.data).rows.empty() ? 0 : 1;
    if (found.empty()) continue;
    const RandomCase small = shrink(made, differs);
    INFO("shrunk:\n"
         << describe(small) << difference(small) << '\n'
         << write_circe(small.definition, MemoryConcepts::five()));
    FAIL("it is another definition when it was written and read: " << found);
  }
  CHECK(with_rows > cases / 5);
}

TEST_CASE("groups as deep as JSON may have them are printed in both languages", "[circe]") {
  const auto counted = [](const std::string& criteria) {
    return R"({"Criteria": {"Death": {)" + criteria +
           R"(}}, "StartWindow": {"Start": {}, "End": {}}, "Occurrence": {"Type": 2, "Count": 1}})";
  };
  // One in another, and around events that are counted by others.
  std::string groups = R"({"Type": "ANY", "CriteriaList": [)" + counted("") + "]}";
  std::string nested = R"({"Type": "ALL", "CriteriaList": [)" + counted("") +
                       R"(], "DemographicCriteriaList": [{"GenderCS": 3}]})";
  for (std::size_t depth = 1; depth < circe::kMaxGroupDepth; ++depth) {
    groups =
        R"({"Type": "ANY", "CriteriaList": [)" + counted("") + R"(], "Groups": [)" + groups + "]}";
    nested = R"({"Type": "ALL", "CriteriaList": [)" + counted("\"CorrelatedCriteria\": " + nested) +
             R"(, )" + counted("") + "]}";
  }
  for (const std::string& deep : {groups, nested}) {
    const CohortDefinition definition =
        parse_circe(R"({"PrimaryCriteria": {"CriteriaList": [{"Death": {}}]},)"
                    R"( "InclusionRules": [{"expression": )" +
                        deep + "}]}",
                    "deep");
    const std::string text = to_text(definition);
    CHECK(to_text(parse_cohort(text, "printed")) == text);
    const std::string json = write_circe(definition, MemoryConcepts::five());
    CHECK(write_circe(parse_circe(json, "printed"), MemoryConcepts::five()) == json);
  }
}

}  // namespace anam::test
