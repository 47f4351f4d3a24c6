// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "query/evaluate/cohort_sources.h"
#include "query/evaluate/evaluator.h"
#include "query/evaluate/shared_shard.h"
#include "tests/query/evaluate/memory_shard.h"
#include "tests/query/evaluate/naive_evaluator.h"
#include "tests/query/evaluate/random_definition.h"
#include "tests/query/evaluate/shrink.h"

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

// All cohorts that a case refers to, each once.
class Cohorts {
 public:
  explicit Cohorts(const RandomCase& of, std::uint64_t memory = 0) : of_(of), memory_(memory) {}
  CohortLookup lookup() {
    return [this](const CohortReference& reference) { return find(reference); };
  }

 private:
  std::shared_ptr<const CohortSource> find(const CohortReference& reference) {
    auto& known = known_[reference.definition.get()];
    if (known == nullptr) {
      known = std::make_shared<const EvaluatedCohort>(
          Evaluator(*reference.definition, of_.codes, {.memory = memory_}, lookup()));
    }
    return known;
  }

  const RandomCase& of_;
  std::uint64_t memory_;
  std::map<const CohortDefinition*, std::shared_ptr<const CohortSource>> known_;
};

// What is different between the evaluator and the naive one; empty = nothing.
std::string difference(const RandomCase& of) {
  const ShardResult expected = naive_evaluate(of.definition, of.codes, of.data);
  Cohorts cohorts(of);
  MemoryShard shard(of.data);
  const Evaluator evaluator(of.definition, of.codes, {}, cohorts.lookup());
  const ShardResult rows = evaluator.run(shard);
  if (rows.rows != expected.rows) {
    return "rows: " + describe_rows(rows.rows) + "expected: " + describe_rows(expected.rows);
  }
  {
    const std::size_t cache = of.data.events.size() % 2 == 0 ? 500 : 1 << 20;
    MemoryShard cached(of.data);
    SharedShard shared(cached, cache);
    for (int time = 0; time < 2; ++time) {
      if (evaluator.run(shared).rows != expected.rows)
        return "rows through a cache of " + std::to_string(cache) + " bytes";
    }
  }
  for (const std::uint64_t memory : {1U, 500U, 5000U}) {
    Cohorts in_parts(of, memory);
    MemoryShard own(of.data);
    SharedShard shared(own, of.data.events.size() % 2 == 0 ? 500 : 1 << 20);
    const ShardResult counted =
        Evaluator(of.definition, of.codes, {.attrition = true, .memory = memory}, in_parts.lookup())
            .run(shared);
    const std::string within = " within " + std::to_string(memory) + " bytes";
    if (counted.rows != expected.rows) return "rows" + within;
    if (counted.attrition.masks != expected.attrition.masks) return "masks" + within;
    if (counted.attrition.lost_to_censor_window != expected.attrition.lost_to_censor_window)
      return "patients lost to the censor window" + within;
    MemoryShard whole(of.data);
    const Evaluator at_once(of.definition, of.codes, {.attrition = true}, cohorts.lookup());
    if (counted.attrition.steps != at_once.run(whole).attrition.steps) return "steps" + within;
  }
  PatientSet odd(of.data.patients);
  for (std::uint32_t patient = 1; patient < of.data.patients; patient += 2) odd.add(patient);
  std::vector<CohortRow> of_odd = expected.rows;
  std::erase_if(of_odd, [](const CohortRow& row) { return row.ordinal % 2 == 0; });
  MemoryShard half(of.data);
  if (evaluator.run(half, &odd).rows != of_odd) return "rows of some of the patients";
  MemoryShard again(of.data);
  const ShardResult counted =
      Evaluator(of.definition, of.codes, EvaluatorOptions{.attrition = true}, cohorts.lookup())
          .run(again);
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

namespace {

// Gives the events of a day in the opposite order: a store's timelines may have another one than
// its postings.
class ReversedDays final : public MemoryShard {
 public:
  using MemoryShard::MemoryShard;
  std::shared_ptr<const EventStream> events(const StreamRequest& request,
                                            const PatientSet* among) override {
    auto reversed = std::make_shared<EventStream>(*MemoryShard::events(request, among));
    const auto& from = *reversed;
    for (std::size_t begin = 0, end = 0; begin < from.size(); begin = end) {
      while (end < from.size() && from.patient[end] == from.patient[begin] &&
             from.start[end] == from.start[begin]) {
        ++end;
      }
      const auto reverse = [begin, end](auto& column) {
        std::reverse(column.begin() + static_cast<std::ptrdiff_t>(begin),
                     column.begin() + static_cast<std::ptrdiff_t>(end));
      };
      reverse(reversed->end);
      for (StreamColumn& column : reversed->columns) reverse(column.cells);
    }
    return reversed;
  }
};

// `first` takes one of two events that evaluation cannot tell apart; which one, their order says.
void drop_first(EventQuery& query);
void drop_first(Group& group) {
  for (CountedQuery& counted : group.counts) drop_first(counted.query);
  for (Group& inner : group.groups) drop_first(inner);
}
void drop_first(EventQuery& query) {
  query.first = false;
  for (Group& group : query.nested) drop_first(group);
}
CohortDefinition without_first(CohortDefinition definition) {
  for (EventQuery& query : definition.index) drop_first(query);
  for (EventQuery& query : definition.censoring) drop_first(query);
  if (definition.additional) drop_first(*definition.additional);
  for (Rule& rule : definition.rules) drop_first(rule.group);
  return definition;
}

// What is not so of the reasons of all rows, and of every patient; empty = all is.
std::string difference_of_reasons(const RandomCase& of, std::size_t limit, bool reversed) {
  Cohorts cohorts(of);
  const Evaluator evaluator(of.definition, of.codes, {}, cohorts.lookup());
  MemoryShard shard(of.data);
  const std::vector<CohortRow> rows = evaluator.run(shard).rows;
  std::vector<RowReasons> all;
  ReversedDays other_order(of.data);
  ShardData& details = reversed ? other_order : static_cast<ShardData&>(shard);
  const ShardResult explained =
      evaluator.explain(shard, details, {.events = limit}, [&all](std::vector<RowReasons>&& some) {
        for (RowReasons& reasons : some) all.push_back(std::move(reasons));
      });
  if (explained.rows != rows) return "rows: " + describe_rows(explained.rows);
  std::vector<CohortRow> in_parts;
  Evaluator(of.definition, of.codes, {.memory = 200}, cohorts.lookup())
      .explain(shard, details, {.events = limit}, [&in_parts](std::vector<RowReasons>&& some) {
        for (const RowReasons& reasons : some) in_parts.push_back(reasons.row);
      });
  if (in_parts != rows) return "rows explained in parts: " + describe_rows(in_parts);
  std::vector<CohortRow> of_reasons;
  for (const RowReasons& reasons : all) of_reasons.push_back(reasons.row);
  if (of_reasons != rows) {
    return "rows with reasons: " + describe_rows(of_reasons) + "expected: " + describe_rows(rows);
  }
  for (const RowReasons& reasons : all) {
    const std::string wrong = check_reasons(of.definition, of.codes, of.data, reasons, limit);
    if (!wrong.empty()) return "patient " + std::to_string(reasons.row.ordinal) + ": " + wrong;
  }
  std::vector<CohortRow> of_patients;
  for (std::uint32_t ordinal = 0; ordinal < of.data.patients; ++ordinal) {
    std::size_t events = 0;
    for (const RowReasons& reasons : evaluator.explain_patient(shard, ordinal, {.events = limit})) {
      for (const IndexReason& index : reasons.index)
        events += index.fate == Fate::kNoIndexEvent ? 0 : 1;
      if (reasons.member) of_patients.push_back(reasons.row);
      const std::string wrong = check_reasons(of.definition, of.codes, of.data, reasons, limit);
      if (!wrong.empty()) return "alone, patient " + std::to_string(ordinal) + ": " + wrong;
    }
    if (events != count_index_events(of.definition, of.codes, of.data, ordinal))
      return "not all index events of patient " + std::to_string(ordinal);
  }
  if (of_patients != rows) return "rows of patients: " + describe_rows(of_patients);
  return {};
}

}  // namespace

TEST_CASE("reasons of random definitions' rows are what nested loops count", "[evaluate]") {
  const auto [seed, cases] = random_run();
  INFO("seed " << seed << " (set ANAM_TEST_SEED to run it again)");
  for (int i = 0; i < cases; ++i) {
    std::mt19937_64 random(seed + static_cast<std::uint64_t>(i));
    RandomCase made = random_case(random);
    const std::size_t limit = random() % 4;
    const bool reversed = random() % 2 == 0;
    if (reversed) made.definition = without_first(std::move(made.definition));
    const std::string found = difference_of_reasons(made, limit, reversed);
    if (found.empty()) continue;
    const RandomCase small = shrink(made, [=](const RandomCase& smaller) {
      return !difference_of_reasons(smaller, limit, reversed).empty();
    });
    INFO("case " << i << ", shrunk:\n"
                 << describe(small) << difference_of_reasons(small, limit, reversed));
    FAIL("the reasons are not those of nested loops: " << found);
  }
}

TEST_CASE("random definitions give the rows and the attrition of nested loops", "[evaluate]") {
  const auto [seed, cases] = random_run();
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
