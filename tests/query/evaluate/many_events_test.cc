// SPDX-License-Identifier: Apache-2.0
// Patients with very many events.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>
#include <set>

#include "query/evaluate/distinct_ranges.h"
#include "query/evaluate/evaluator.h"
#include "tests/query/evaluate/memory_shard.h"
#include "tests/query/evaluate/naive_evaluator.h"

namespace anam::test {

namespace {

using evaluation::PositionRange;

std::uint64_t given_seed() {
  const char* given = std::getenv("ANAM_TEST_SEED");
  return given != nullptr ? std::stoull(given) : std::random_device()();
}

TestEvent period_of(std::uint32_t patient, Day start, Day end) {
  TestEvent period;
  period.patient = patient;
  period.domain = Domain::kEnrollment;
  period.start = start;
  period.end = end;
  return period;
}

EventQuery conditions(CodeSetIndex codes) {
  EventQuery query;
  query.domain = Domain::kCondition;
  query.codes = codes;
  return query;
}

Rule counting(const CountedQuery& counted) {
  Rule rule;
  rule.name = "counted";
  rule.group.counts = {counted};
  return rule;
}

CountedQuery before_index(int count) {
  CountedQuery counted;
  counted.query = conditions(1);
  Window before;
  before.to.offset = -1;
  counted.windows = {before};
  counted.occurrence.count = count;
  return counted;
}

int below(std::mt19937_64& random, int n) {
  return static_cast<int>(random() % static_cast<std::uint64_t>(n));
}

CountedQuery random_count(std::mt19937_64& random) {
  CountedQuery counted;
  counted.query = conditions(1);
  for (int i = below(random, 3); i > 0; --i) {
    Window window;
    if (below(random, 2) == 0) window.from.offset = below(random, 400) - 200;
    if (below(random, 2) == 0) window.to.offset = below(random, 400) - 200;
    if (below(random, 4) == 0) window.anchor = End::kEnd;
    if (below(random, 4) == 0) window.event = End::kEnd;
    counted.windows.push_back(window);
  }
  counted.same_visit = below(random, 3) == 0;
  counted.same_claim = below(random, 4) == 0;
  counted.within_period = below(random, 2) == 0;
  counted.occurrence.kind = static_cast<Occurrence::Kind>(below(random, 3));
  counted.occurrence.count = below(random, below(random, 2) == 0 ? 4 : 60);
  counted.occurrence.distinct = below(random, 2) == 0;
  const std::vector<ColumnId> columns = {column::kCode, column::kDay, column::kEndDay,
                                         column::kVisit, Occurrence::kDuration};
  counted.occurrence.distinct_column = columns[random() % columns.size()];
  return counted;
}

}  // namespace

TEST_CASE("distinct values of ranges are those of sets", "[evaluate]") {
  const std::uint64_t seed = given_seed();
  INFO("seed " << seed << " (set ANAM_TEST_SEED to run it again)");
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200; ++i) {
    std::vector<std::int64_t> values(random() % 80);
    for (std::int64_t& value : values) value = below(random, 4) == 0 ? kNull : below(random, 20);
    std::vector<PositionRange> ranges(random() % 40);
    for (PositionRange& range : ranges)
      range = {random() % (values.size() + 1), random() % (values.size() + 1)};
    const std::vector<std::int64_t> counts = evaluation::count_distinct(values, ranges);
    REQUIRE(counts.size() == ranges.size());
    for (std::size_t r = 0; r < ranges.size(); ++r) {
      std::set<std::int64_t> distinct;
      for (std::size_t k = ranges[r].begin; k < ranges[r].end; ++k) {
        if (values[k] != kNull) distinct.insert(values[k]);
      }
      REQUIRE(counts[r] == static_cast<std::int64_t>(distinct.size()));
    }
  }
}

TEST_CASE("counts of patients with many events are those of nested loops", "[evaluate]") {
  const std::uint64_t seed = given_seed();
  INFO("seed " << seed << " (set ANAM_TEST_SEED to run it again)");
  for (std::uint64_t i = 0; i < 60; ++i) {
    std::mt19937_64 random(seed + i);
    TestData data;
    data.patients = 3;
    for (std::uint32_t patient = 0; patient < data.patients; ++patient) {
      data.events.push_back(period_of(patient, 0, 500));
      data.events.push_back(period_of(patient, 520, 1000));
      const int events = patient == 1 ? 5 : 700;  // about half of them are counted
      for (int k = 0; k < events; ++k) {
        TestEvent& event = data.events.emplace_back();
        event.patient = patient;
        event.code = below(random, 20) == 0 ? 1U : static_cast<CodeId>(2 + below(random, 3));
        event.start = below(random, 1000);
        if (below(random, 2) == 0) event.end = event.start + below(random, 30);
        if (below(random, 5) != 0) event.cells[column::kVisit] = below(random, 6);
        if (below(random, 5) != 0) event.cells[column::kClaim] = below(random, 9);
      }
    }
    CohortDefinition definition;
    definition.index = {conditions(0)};
    definition.rules = {counting(random_count(random))};
    definition.exit = ExitAfter{.days = 20};
    if (below(random, 2) == 0) definition.censoring = {conditions(1)};
    const std::vector<CodeIds> codes = {{1}, {2, 3}};
    MemoryShard shard(data);
    const ShardResult rows = Evaluator(definition, codes).run(shard);
    INFO("case " << i);
    REQUIRE(rows.rows == naive_evaluate(definition, codes, data).rows);
  }
}

// Forty billion comparisons, were it not for searches.
TEST_CASE("200,000 index events with 200,000 events to count", "[evaluate]") {
  constexpr Day kDays = 10000;
  constexpr int kEventsADay = 20;  // of each code
  TestData data;
  data.patients = 1;
  data.events.push_back(period_of(0, 0, kDays));
  for (Day day = 0; day < kDays; ++day) {
    for (int i = 0; i < 2 * kEventsADay; ++i) {
      TestEvent& event = data.events.emplace_back();
      event.code = 1U + static_cast<CodeId>(i % 2);
      event.start = day;
      event.cells[column::kVisit] = day % 7;
    }
  }
  CohortDefinition definition;
  definition.index = {conditions(0)};
  CountedQuery plain = before_index(30 * kEventsADay);
  CountedQuery days = before_index(50);
  days.occurrence.distinct = true;
  days.occurrence.distinct_column = column::kDay;
  CountedQuery visit = before_index(5 * kEventsADay);
  visit.same_visit = true;
  definition.rules = {counting(plain), counting(days), counting(visit)};
  definition.exit = ExitAfter{.days = 1000};
  definition.censoring = {conditions(1)};
  MemoryShard shard(data);
  const ShardResult result =
      Evaluator(definition, {{1}, {2}}, EvaluatorOptions{.attrition = true}).run(shard);
  const auto left = [&](std::size_t step) { return result.attrition.steps.at(step).events; };
  CHECK(left(2) == static_cast<std::uint64_t>(kDays - 30) * kEventsADay);
  CHECK(left(3) == static_cast<std::uint64_t>(kDays - 50) * kEventsADay);
  CHECK(left(4) == static_cast<std::uint64_t>(kDays - 50) * kEventsADay);
  CHECK(result.attrition.met_count(0, 2) == static_cast<std::uint64_t>(kDays - 35) * kEventsADay);
  CHECK(result.rows.size() == kDays - 50);
}

}  // namespace anam::test
