// SPDX-License-Identifier: Apache-2.0
// A cohort definition compiled for evaluation: each thing to read once, each set of events once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/definition.h"
#include "query/evaluate/evaluator.h"
#include "query/evaluate/number_check.h"
#include "query/event_stream.h"

namespace anam::evaluation {

/// One EventTest. `kind` says which of the other members mean something.
struct CompiledTest {
  enum class Kind : std::uint8_t {
    kNumber,
    kRatio,
    kOrder,
    kText,
    kCodes,
    kPresent,
    kVisit,
    kDate,
    kLength,
    kAge,
    kPersonNumber,
    kPersonCodes,
    kPersonText,
    kPersonPresent,
    kSource,
    kAny,
    kAll
  } kind = Kind::kAny;
  ColumnId column = 0;
  ColumnId other = 0;  // kRatio: the denominator; kOrder: the right side
  End end = End::kStart;
  bool exclude = false;  // codes, sources; kPresent: must be absent
  bool exact_age = false;
  NumberCheck number;  // kOrder: of a difference, against 0
  TextTest text;
  const CodeIds* codes = nullptr;  // kVisit: null = any visit
  SourceIs source;
  std::vector<CompiledTest> parts;  // kAny, kAll
};

/// What is asked of events beyond patient and start.
struct Needs {
  bool end = false;
  bool second = false;
  bool end_second = false;
  bool visit = false;
  bool claim = false;
  void add(const Needs& other) {
    end |= other.end;
    second |= other.second;
    end_second |= other.end_second;
    visit |= other.visit;
    claim |= other.claim;
  }
};

struct CompiledCount {
  std::size_t selector = 0;
  std::vector<Window> windows;
  bool same_visit = false;
  bool same_claim = false;
  bool within_period = false;
  bool in_seconds = false;  // some window has an edge in seconds
  Occurrence occurrence;
};

struct CompiledGroup {
  Group::Kind kind = Group::Kind::kAll;
  int count = 0;
  std::vector<CompiledCount> counts;
  std::vector<std::vector<CompiledTest>> demographics;
  std::vector<CompiledGroup> groups;
  Needs anchor;  // of the events that the group is counted around

  std::size_t size() const { return counts.size() + demographics.size() + groups.size(); }
};

/// The events that an EventQuery selects.
struct Selector {
  std::size_t stream = 0;  // of Plan::streams
  Domain domain = Domain::kNone;
  bool first = false;
  const CodeIds* source_codes = nullptr;
  std::vector<CompiledTest> tests;
  std::optional<DateAdjustment> adjustment;
  std::optional<Day> contains_start;
  std::optional<Day> contains_end;
  std::optional<CompiledGroup> nested;
  std::optional<int> days_supply;  // eras: ends are start + this
  Needs needs;
};

struct CompiledExit {
  enum class Kind : std::uint8_t { kPeriodEnd, kAfter, kEra } kind = Kind::kPeriodEnd;
  ExitAfter after;
  ExitWhenEraEnds era;
  std::size_t selector = 0;  // kEra: the exposures
};

struct CompiledRule {
  std::string name;
  CompiledGroup group;
  bool negated = false;
};

/// Holds no reference to the definition, but points into its own copies of code sets: not copied,
/// not moved. Immutable once made.
struct Plan {
  Plan(const CohortDefinition& definition, const std::vector<CodeIds>& codes,
       const CohortLookup& lookup = {});
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  std::vector<CodeIds> code_sets;
  std::vector<std::shared_ptr<const CohortSource>> cohorts;  // that streams point to
  std::vector<StreamRequest> streams;  // distinct but for columns, which are united
  std::vector<Selector> selectors;     // distinct; a nested group's come before their parent

  bool by_record = false;
  std::vector<std::size_t> index;  // selectors
  bool index_in_period = true;
  int days_before = 0;
  int days_after = 0;
  Limit index_limit = Limit::kAll;
  std::optional<CompiledGroup> additional;
  Limit qualified_limit = Limit::kAll;
  std::vector<CompiledRule> rules;
  Limit included_limit = Limit::kAll;
  std::vector<CompiledExit> exits;
  std::vector<std::size_t> censoring;  // selectors
  bool death_censors = false;          // by the last selector of `censoring`
  bool exit_at_period_end = true;      // also where no exit says so
  int era_pad = 0;
  std::optional<Day> censor_from;
  std::optional<Day> censor_to;
  Needs index_needs;  // of the index events

  static constexpr std::size_t kPeriods = 0;  // of `streams`: the patients' periods
  static constexpr std::size_t kVisits = 1;   // of `streams`: their visits, for VisitCodes
};

}  // namespace anam::evaluation
