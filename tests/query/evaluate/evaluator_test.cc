// SPDX-License-Identifier: Apache-2.0
// What each window, limit, exit and era means, by hand.
#include "query/evaluate/evaluator.h"

#include <catch2/catch.hpp>

#include "storage/attributes.h"
#include "storage/error.h"
#include "tests/query/evaluate/memory_shard.h"

namespace anam::test {

namespace {

using Rows = std::vector<CohortRow>;

constexpr Day kIndex = 1000;

// Code set 0 is the index event's code 1, set 1 the counted events' code 2.
const std::vector<CodeIds> kCodes = {{1}, {2}};

TestEvent event(Domain domain, CodeId code, Day start, std::optional<Day> end = {},
                std::uint32_t patient = 0) {
  TestEvent made;
  made.patient = patient;
  made.domain = domain;
  made.code = code;
  made.start = start;
  made.end = end;
  return made;
}

TestData data_of(std::vector<TestEvent> events) {
  TestData data;
  for (const TestEvent& one : events) data.patients = std::max(data.patients, one.patient + 1);
  data.events = std::move(events);
  return data;
}

TestEvent period(Day from, Day to, std::uint32_t patient = 0) {
  return event(Domain::kEnrollment, 0, from, to, patient);
}
TestEvent index_at(Day day, std::optional<Day> end = {}) {
  return event(Domain::kCondition, 1, day, end);
}

CohortDefinition definition() {
  CohortDefinition made;
  made.code_sets.resize(2);
  EventQuery query;
  query.domain = Domain::kCondition;
  query.codes = 0;
  made.index.push_back(query);
  return made;
}

CountedQuery counted(Window window, bool within = true) {
  CountedQuery made;
  made.query.domain = Domain::kDrug;
  made.query.codes = 1;
  made.windows.push_back(window);
  made.within_period = within;
  return made;
}

Window window(std::optional<int> from, std::optional<int> to) {
  Window made;
  if (from) made.from.offset = *from;
  if (to) made.to.offset = *to;
  return made;
}

CohortDefinition requiring(CountedQuery count) {
  CohortDefinition made = definition();
  made.rules.push_back({"rule", "", {}, false});
  made.rules[0].group.counts.push_back(std::move(count));
  return made;
}

Rows rows_of(const CohortDefinition& cohort, const TestData& data) {
  MemoryShard shard(data);
  return Evaluator(cohort, kCodes).run(shard).rows;
}

// Offsets from the index day, of those tried, at which one drug event meets the rule.
std::vector<int> met_at(const CohortDefinition& cohort, const std::vector<int>& tried,
                        Day index_end = kIndex, int length = 0) {
  std::vector<int> met;
  for (const int offset : tried) {
    const TestData data =
        data_of({period(kIndex - 100, kIndex + 100), index_at(kIndex, index_end),
                 event(Domain::kDrug, 2, kIndex + offset, kIndex + offset + length)});
    if (!rows_of(cohort, data).empty()) met.push_back(offset);
  }
  return met;
}

const std::vector<int> kTried = {-101, -100, -31, -30, -1, 0, 1, 30, 31, 100, 101};

}  // namespace

TEST_CASE("windows include both their days", "[evaluate]") {
  CHECK(met_at(requiring(counted(window(-30, -1))), kTried) == std::vector{-30, -1});
  CHECK(met_at(requiring(counted(window(-30, 0))), kTried) == std::vector{-30, -1, 0});
  CHECK(met_at(requiring(counted(window(0, 30))), kTried) == std::vector{0, 1, 30});
  CHECK(met_at(requiring(counted(window(1, 30))), kTried) == std::vector{1, 30});
  CHECK(met_at(requiring(counted(window(-30, 30))), kTried) == std::vector{-30, -1, 0, 1, 30});
  CHECK(met_at(requiring(counted(window(0, 0))), kTried) == std::vector{0});
  CHECK(met_at(requiring(counted(window(1, 0))), kTried).empty());
}

TEST_CASE("open edges end with the period, or never", "[evaluate]") {
  CHECK(met_at(requiring(counted(window({}, -1))), kTried) == std::vector{-100, -31, -30, -1});
  CHECK(met_at(requiring(counted(window(1, {}))), kTried) == std::vector{1, 30, 31, 100});
  CHECK(met_at(requiring(counted(window({}, -1), false)), kTried) ==
        std::vector{-101, -100, -31, -30, -1});
  CHECK(met_at(requiring(counted(window(1, {}), false)), kTried) ==
        std::vector{1, 30, 31, 100, 101});
  Window opposite;
  opposite.from.opposite = true;
  CHECK(met_at(requiring(counted(opposite)), kTried) == std::vector{100});
  opposite = {};
  opposite.to.opposite = true;
  CHECK(met_at(requiring(counted(opposite)), kTried) == std::vector{-100});
  // An open edge on ends keeps them within the period too.
  Window ends;
  ends.event = End::kEnd;
  CHECK(met_at(requiring(counted(ends)), {90, 95, 96, 100}, kIndex, 5) == std::vector{90, 95});
}

TEST_CASE("windows may hang on ends", "[evaluate]") {
  Window after = window(1, 30);
  after.anchor = End::kEnd;
  CHECK(met_at(requiring(counted(after)), {10, 11, 40, 41}, kIndex + 10) == std::vector{11, 40});
  Window ends = window(-30, -1);
  ends.event = End::kEnd;
  CHECK(met_at(requiring(counted(ends)), {-36, -35, -6, -5}, kIndex, 5) == std::vector{-35, -6});
}

TEST_CASE("windows in hours take date-only events as whole days", "[evaluate]") {
  Window day = window(0, 0);
  day.from = {WindowEdge::Unit::kSeconds, 0};
  day.to = {WindowEdge::Unit::kSeconds, 24 * 3600};
  const CohortDefinition cohort = requiring(counted(day, false));
  const auto met = [&](std::optional<int> index_hour, int offset, std::optional<int> hour) {
    TestData data =
        data_of({period(0, 2000), index_at(kIndex), event(Domain::kDrug, 2, kIndex + offset)});
    if (index_hour) data.events[1].cells[column::kSecond] = *index_hour * 3600;
    if (hour) data.events[2].cells[column::kSecond] = *hour * 3600;
    return !rows_of(cohort, data).empty();
  };
  CHECK(met(10, 0, 10));
  CHECK_FALSE(met(10, 0, 9));
  CHECK(met(10, 1, 10));
  CHECK_FALSE(met(10, 1, 11));
  CHECK_FALSE(met(10, 0, {}));  // could be before
  CHECK_FALSE(met(10, 1, {}));  // could be too late
  CHECK(met(0, 0, {}));         // the whole day is inside
  CHECK(met({}, 1, 0));
  CHECK_FALSE(met({}, 1, 1));
  CHECK_FALSE(met({}, 0, 12));
}

TEST_CASE("index events need their days of observation", "[evaluate]") {
  CohortDefinition cohort = definition();
  cohort.days_before = 100;
  cohort.days_after = 50;
  const auto enters = [&](Day from, Day to) {
    return !rows_of(cohort, data_of({period(from, to), index_at(kIndex)})).empty();
  };
  CHECK(enters(kIndex - 100, kIndex + 50));
  CHECK_FALSE(enters(kIndex - 99, kIndex + 50));
  CHECK_FALSE(enters(kIndex - 100, kIndex + 49));
  cohort.days_before = cohort.days_after = 0;
  CHECK(enters(kIndex, kIndex));
  CHECK_FALSE(enters(kIndex + 1, kIndex + 5));
  CHECK_FALSE(enters(kIndex - 5, kIndex - 1));
}

TEST_CASE("limits pick the first or the last, each at its step", "[evaluate]") {
  const TestData data = data_of({period(0, 5000), index_at(100), index_at(200), index_at(300),
                                 event(Domain::kDrug, 2, 200), event(Domain::kDrug, 2, 300)});
  const auto start = [&](const CohortDefinition& cohort) {
    std::vector<Day> starts;
    for (const CohortRow& row : rows_of(cohort, data)) starts.push_back(row.start);
    return starts;
  };
  CohortDefinition cohort = requiring(counted(window(0, 0)));
  cohort.exit = ExitAfter{End::kStart, 0};
  CHECK(start(cohort) == std::vector<Day>{200, 300});
  cohort.index_limit = Limit::kFirst;
  CHECK(start(cohort).empty());  // the first has no drug
  cohort.index_limit = Limit::kLast;
  CHECK(start(cohort) == std::vector<Day>{300});
  cohort.index_limit = Limit::kAll;
  cohort.included_limit = Limit::kFirst;
  CHECK(start(cohort) == std::vector<Day>{200});
  cohort.included_limit = Limit::kLast;
  CHECK(start(cohort) == std::vector<Day>{300});
  cohort.included_limit = Limit::kAll;
  cohort.qualified_limit = Limit::kFirst;
  CHECK(start(cohort) == std::vector<Day>{200, 300});  // nothing without additional criteria
  cohort.additional = Group{};
  CHECK(start(cohort).empty());
  cohort.additional = cohort.rules[0].group;
  CHECK(start(cohort) == std::vector<Day>{200});
}

TEST_CASE("first is the first ever, before any other test", "[evaluate]") {
  const TestData data = data_of({period(500, 5000), index_at(100), index_at(600)});
  CohortDefinition cohort = definition();
  CHECK(rows_of(cohort, data) == Rows{{0, 600, 5000}});
  cohort.index[0].first = true;
  CHECK(rows_of(cohort, data).empty());  // the first lies before the period
}

TEST_CASE("an exit is the earliest reason to leave", "[evaluate]") {
  CohortDefinition cohort = definition();
  const TestData data =
      data_of({period(0, 1200), index_at(kIndex, kIndex + 10), event(Domain::kDrug, 2, 900),
               event(Domain::kDrug, 2, 1050), event(Domain::kDeath, 0, 1100)});
  const auto end = [&] { return rows_of(cohort, data).at(0).end; };
  CHECK(end() == 1200);
  cohort.exit = ExitAfter{End::kStart, 30};
  CHECK(end() == 1030);
  cohort.exit = ExitAfter{End::kEnd, 30};
  CHECK(end() == 1040);
  cohort.exit = ExitAfter{End::kStart, 201};
  CHECK(end() == 1200);  // not beyond the period
  cohort.exit = ExitAfter{End::kStart, -1};
  CHECK(rows_of(cohort, data).empty());
  cohort.exit_at_death = true;
  CHECK(end() == 1100);  // a reason before the start is none
  cohort.exit = ExitAtPeriodEnd{};
  EventQuery drug;
  drug.domain = Domain::kDrug;
  drug.codes = 1;
  cohort.censoring.push_back(drug);
  CHECK(end() == 1050);  // not the one before the start
  cohort.further_exits.emplace_back(ExitAfter{End::kStart, 7});
  CHECK(end() == 1007);
}

TEST_CASE("a cohort without periods ends where its index event ends", "[evaluate]") {
  CohortDefinition cohort = definition();
  cohort.index_in_period = false;
  CHECK(rows_of(cohort, data_of({index_at(10, 15)})) == Rows{{0, 10, 15}});
  CHECK(rows_of(cohort, data_of({index_at(10)})) == Rows{{0, 10, 11}});
  CHECK(rows_of(cohort, data_of({period(0, 90), index_at(10, 15)})) == Rows{{0, 10, 90}});
}

TEST_CASE("an exit at the end of an era joins exposures over gaps", "[evaluate]") {
  CohortDefinition cohort = definition();
  ExitWhenEraEnds era;
  era.codes = 1;
  era.gap_days = 30;
  const auto end = [&](std::vector<TestEvent> exposures) {
    cohort.exit = era;
    exposures.push_back(period(0, 2000));
    exposures.push_back(index_at(kIndex));
    return rows_of(cohort, data_of(exposures)).at(0).end;
  };
  const auto drug = [](Day from, std::optional<Day> to) {
    return event(Domain::kDrug, 2, from, to);
  };
  CHECK(end({drug(1000, 1010), drug(1040, 1050)}) == 1050);
  CHECK(end({drug(1000, 1010), drug(1041, 1050)}) == 1010);
  CHECK(end({drug(990, 1000), drug(1030, 1050)}) == 1050);
  CHECK(end({drug(990, 999)}) == 2000);    // in no era
  CHECK(end({drug(1001, 1009)}) == 2000);  // it begins too late
  CHECK(end({drug(1000, {})}) == 1001);
  TestEvent supplied = drug(1000, {});
  supplied.cells[column::kDaysSupply] = 28;
  CHECK(end({supplied}) == 1028);
  era.offset = 5;
  CHECK(end({supplied}) == 1033);
  CHECK(end({drug(990, 995)}) == 1000);  // the offset reaches the start
  era.days_supply = 14;
  CHECK(end({supplied}) == 1019);
}

TEST_CASE("rows that touch within the pad are joined, then cut", "[evaluate]") {
  CohortDefinition cohort = definition();
  cohort.exit = ExitAfter{End::kStart, 10};
  const TestData data = data_of({period(0, 2000), index_at(100), index_at(110), index_at(125)});
  CHECK(rows_of(cohort, data) == Rows{{0, 100, 120}, {0, 125, 135}});
  cohort.era_pad = 4;
  CHECK(rows_of(cohort, data) == Rows{{0, 100, 120}, {0, 125, 135}});
  cohort.era_pad = 5;
  CHECK(rows_of(cohort, data) == Rows{{0, 100, 135}});
  cohort.censor_from = 105;
  cohort.censor_to = 130;
  CHECK(rows_of(cohort, data) == Rows{{0, 105, 130}});
  cohort.censor_from = 136;
  cohort.censor_to.reset();
  CHECK(rows_of(cohort, data).empty());
}

TEST_CASE("ages are differences of years, or exact where asked for", "[evaluate]") {
  TestData data = data_of({period(0, 20000), index_at(18321)});  // 2020-02-29
  data.persons.resize(1);
  CohortDefinition cohort = definition();
  const auto aged = [&](int years, bool exact) {
    AgeIs age;
    age.test = {Comparison::kEqual, years * 32, 0};
    age.exact = exact;
    cohort.index[0].tests = {age};
    return !rows_of(cohort, data).empty();
  };
  CHECK_FALSE(aged(40, false));  // nothing is known
  data.persons[0][column::kBirthYear] = 1980;
  CHECK(aged(40, false));
  CHECK(aged(40, true));
  data.persons[0][column::kBirthMonth] = 3;
  CHECK(aged(40, true));
  data.persons[0][column::kBirthDay] = 1;
  CHECK(aged(39, true));
  CHECK(aged(40, false));
  data.persons[0][column::kBirthMonth] = 2;
  data.persons[0][column::kBirthDay] = 29;
  CHECK(aged(40, true));
}

TEST_CASE("streams are read once, for the patients that can still enter", "[evaluate]") {
  TestData data;
  data.patients = 100;
  for (std::uint32_t patient = 0; patient < 100; ++patient) {
    data.events.push_back(period(0, 2000, patient));
    data.events.push_back(event(Domain::kCondition, 1, kIndex, {}, patient));
  }
  data.events.push_back(event(Domain::kDrug, 2, kIndex - 5, {}, 7));
  data.events.push_back(event(Domain::kDrug, 2, kIndex + 5, {}, 8));
  CohortDefinition cohort = requiring(counted(window(-30, -1)));
  cohort.rules.push_back(cohort.rules[0]);
  cohort.rules[1].group.counts[0].windows[0] = window(-10, 0);
  MemoryShard shard(data);
  CHECK(Evaluator(cohort, kCodes).run(shard).rows == Rows{{7, kIndex, 2000}});
  REQUIRE(shard.reads().size() == 3);  // index events, periods, drugs
  for (const MemoryShard::Read& read : shard.reads()) CHECK(read.among == 2);

  MemoryShard again(data);
  const ShardResult counted_result = Evaluator(cohort, kCodes, {.attrition = true}).run(again);
  CHECK(counted_result.rows == Rows{{7, kIndex, 2000}});
  CHECK(again.reads()[0].events == 100);
  const std::vector<AttritionStep> steps = {{"index events", 100, 100},
                                            {"observed around the index", 100, 100},
                                            {"rule", 1, 1},
                                            {"rule", 1, 1},
                                            {"cohort", 1, 1}};
  CHECK(counted_result.attrition.steps == steps);
}

TEST_CASE("a definition at fault is an error", "[evaluate]") {
  CohortDefinition cohort = definition();
  cohort.index[0].codes = 2;
  CHECK_THROWS_AS(Evaluator(cohort, kCodes), Error);
  cohort.index[0].codes = 0;
  cohort.index[0].tests.push_back(AttributeNumber{column::kStopReason, {}});
  TestData data = data_of({period(0, 2000), index_at(10)});
  MemoryShard shard(data);
  CHECK_THROWS_AS(Evaluator(cohort, kCodes).run(shard), Error);
}

}  // namespace anam::test
