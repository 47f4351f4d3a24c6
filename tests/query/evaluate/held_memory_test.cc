// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/held_memory.h"

#include <catch2/catch.hpp>

#include "tests/query/evaluate/memory_shard.h"

namespace anam::test {

namespace {

constexpr std::uint32_t kPatients = 400;

// Each patient has a period, and as many conditions as ten divide the ordinal's last digit.
TestData make_data() {
  TestData data;
  data.patients = kPatients;
  for (std::uint32_t patient = 0; patient < kPatients; ++patient) {
    TestEvent period;
    period.patient = patient;
    period.domain = Domain::kEnrollment;
    period.end = 1000;
    data.events.push_back(period);
    for (std::uint32_t i = 0; i < patient % 10; ++i) {
      TestEvent event;
      event.patient = patient;
      event.code = 1 + i % 2;
      event.start = static_cast<Day>(10 * i);
      data.events.push_back(event);
    }
  }
  return data;
}

// Conditions of code 1 that have one of code 2 before them.
CohortDefinition make_definition() {
  CohortDefinition definition;
  EventQuery first;
  first.domain = Domain::kCondition;
  first.codes = 0;
  EventQuery second = first;
  second.codes = 1;
  definition.index = {first};
  Rule rule;
  rule.name = "second";
  CountedQuery counted;
  counted.query = second;
  Window before;
  before.to = {.offset = -1};
  counted.windows = {before};
  rule.group.counts = {counted};
  definition.rules = {rule};
  return definition;
}

}  // namespace

TEST_CASE("a definition holds no more of a shard's events than its memory", "[evaluate]") {
  const TestData data = make_data();
  const CohortDefinition definition = make_definition();
  const std::vector<CodeIds> codes = {{1}, {2}};
  MemoryShard shard(data);
  const ShardResult whole = Evaluator(definition, codes).run(shard);
  REQUIRE(whole.rows.size() > 200);

  for (const std::uint64_t memory : {4000U, 20000U, 100000U}) {
    MemoryShard own(data);
    const ShardResult parts = Evaluator(definition, codes, {.memory = memory}).run(own);
    CHECK(parts.rows == whole.rows);
    std::size_t most = 0;
    std::size_t times = 0;
    for (const MemoryShard::Read& read : own.reads()) {
      if (read.among == kPatients) continue;  // of those that count what is there
      most = std::max(most, read.events * sizeof(std::int32_t) * 3);
      ++times;
    }
    INFO("memory " << memory);
    CHECK(most > 0);
    CHECK(most <= memory);
    CHECK(times >= 3 * 40000 / memory);
  }
}

TEST_CASE("parts of a set are all of it, each patient once", "[evaluate]") {
  for (const std::uint32_t patients : {0U, 1U, 63U, 64U, 65U, 200U}) {
    PatientSet set(patients);
    for (std::uint32_t i = 0; i < patients; i += 3) set.add(i);
    for (const std::uint64_t parts : {1U, 2U, 7U, 1000U}) {
      PatientSet all(patients);
      std::uint64_t count = 0;
      std::size_t times = 0;
      std::uint64_t most = 0;
      evaluation::PatientParts cut(set, parts);
      while (const auto part = cut.next()) {
        ++times;
        count += part->count();
        most = std::max(most, part->count());
        all.unite(*part);
      }
      CHECK(std::ranges::equal(all.words(), set.words()));
      CHECK(count == set.count());
      CHECK(times >= 1);
      CHECK(times <= parts);
      CHECK(most <= (set.count() + parts - 1) / parts);
    }
  }
}

}  // namespace anam::test
