// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/round_trip.h"

#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "query/circe/circe_reader.h"
#include "query/circe/circe_writer.h"
#include "query/evaluate/evaluator.h"
#include "query/language/definition_writer.h"
#include "query/language/parser.h"
#include "storage/error.h"
#include "tests/query/circe/memory_concepts.h"
#include "tests/query/evaluate/random_definition.h"

namespace anam::test {

namespace {

// The same in every run.
const TestData& patients() {
  static const TestData* const kPatients = [] {
    constexpr std::size_t kEvents = 100;
    std::mt19937_64 random(1);
    RandomCase made = random_case(random);
    while (made.data.events.size() < kEvents) made = random_case(random);
    return new TestData(std::move(made.data));
  }();
  return *kPatients;
}

// Empty where it cannot be evaluated, as when it refers to another cohort.
std::optional<ShardResult> evaluate(const CohortDefinition& definition) {
  std::vector<CodeIds> codes;
  for (const CodeSet& set : definition.code_sets) {
    codes.push_back(MemoryConcepts::five().resolve(set));
  }
  MemoryShard shard(patients());
  try {
    return Evaluator(definition, codes, EvaluatorOptions{.attrition = true}).run(shard);
  } catch (const Error&) {
    return std::nullopt;
  }
}

void compare(const CohortDefinition& before, const CohortDefinition& after,
             const std::string& written) {
  const auto expected = evaluate(before);
  const auto found = evaluate(after);
  const bool same = expected.has_value() == found.has_value() &&
                    (!expected || (expected->rows == found->rows &&
                                   expected->attrition.masks == found->attrition.masks));
  if (!same) throw std::logic_error("other rows or another attrition when written as\n" + written);
}

}  // namespace

void check_text(const CohortDefinition& definition) {
  std::string text;
  try {
    text = to_text(definition);
    const CohortDefinition back = parse_cohort(text, "printed");
    const std::string again = to_text(back);
    if (again != text) throw std::logic_error("printed\n" + text + "\nand printed again\n" + again);
    compare(definition, back, text);
  } catch (const Error& error) {
    throw std::logic_error(error.what() + (" in what was printed:\n" + text));
  }
}

void check_circe(const CohortDefinition& definition, bool must_be_said) {
  const MemoryConcepts& concepts = MemoryConcepts::five();
  std::string json;
  try {
    json = write_circe(definition, concepts);
  } catch (const Error& error) {
    if (!must_be_said && error.code() == ErrorCode::kInput) return;
    throw std::logic_error(error.what() + std::string(" when written as JSON"));
  }
  try {
    const CohortDefinition back = parse_circe(json, "printed");
    compare(definition, back, json);
    // Code sets are put in order when they are read.
    const std::string once = write_circe(back, concepts);
    const std::string twice = write_circe(parse_circe(once, "printed"), concepts);
    if (once != twice) throw std::logic_error("printed\n" + once + "\nand printed again\n" + twice);
  } catch (const Error& error) {
    throw std::logic_error(error.what() + (" in what was printed:\n" + json));
  }
}

}  // namespace anam::test
