// SPDX-License-Identifier: Apache-2.0
// The cohort definition: what the text language and OHDSI's Circe JSON both compile to, and the
// evaluator runs.
//
// Days are inclusive everywhere. "Period" is an enrollment event (an observation period) of the
// patient.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "storage/attributes.h"
#include "storage/event.h"

namespace anam {

// ---------------------------------------------------------------- code sets

struct CodeSet;

/// One item of a code set, as written: codes by (vocabulary, pattern), with what hangs below or
/// maps to them.
struct CodeSetItem {
  std::string vocabulary;       // "ICD10CM"; empty = any vocabulary
  std::string pattern;          // '*' = any run of characters, '?' = any one
  bool literal = false;         // the pattern's '*' and '?' are plain characters
  bool descendants = false;     // and all codes below them
  bool mapped = false;          // and all source codes that map to any of these
  // Circe: the code itself counts only when a vocabulary defines it, and codes below it only while
  // they are valid.
  bool defined_only = false;
  std::vector<CodeSet> nested;  // 0 or 1: in place of the pattern, the codes of this set
};

/// Union of `include` without `exclude`; exclusion is applied last.
struct CodeSet {
  std::string name;
  std::vector<CodeSetItem> include;
  std::vector<CodeSetItem> exclude;
};

/// Index into CohortDefinition::code_sets.
using CodeSetIndex = std::size_t;

// ---------------------------------------------------------------- tests of one event

enum class Comparison : std::uint8_t {
  kLess,
  kLessEqual,
  kEqual,
  kNotEqual,
  kGreaterEqual,
  kGreater,
  kBetween,
  kNotBetween
};

/// Compares a number with `value` (and `upper` for between). No value satisfies no test, also no
/// negated one.
struct NumberTest {
  Comparison comparison = Comparison::kEqual;
  std::int64_t value = 0;  // packed decimal (storage/decimal.h)
  std::int64_t upper = 0;
};

/// Compares a day.
struct DayTest {
  Comparison comparison = Comparison::kEqual;
  Day value = 0;
  Day upper = 0;
};

/// Compares text as SQL's LIKE does where `like`: '%' any run, '_' any one; case counts.
struct TextTest {
  enum class Kind : std::uint8_t { kEqual, kContains, kStartsWith, kEndsWith } kind = Kind::kEqual;
  bool negated = false;
  bool like = false;
  std::string text;
};

enum class End : std::uint8_t { kStart, kEnd };

struct AttributeNumber {
  ColumnId column;
  NumberTest test;
};  // int, money (in units of money: 12.50) and decimal attributes
struct AttributeRatio {
  ColumnId numerator;
  ColumnId denominator;
  NumberTest test;
};  // value / range_low; a denominator of 0 or null fails
struct AttributeOrder {
  ColumnId left;
  Comparison comparison;  // neither between nor its negation
  ColumnId right;
};  // value < range_low, of one event; null fails
struct AttributeText {
  ColumnId column;
  TextTest test;
};
struct AttributeCodes {
  ColumnId column;
  CodeSetIndex codes;
  bool exclude = false;
};  // null fails both ways
struct AttributePresent {
  ColumnId column;  // a person's where it is one of is_person_column()
  bool present = true;
};
/// Tests the standard code of the visit that the event belongs to. An event without a visit fails,
/// negated or not.
struct VisitCodes {
  std::optional<CodeSetIndex> codes;  // absent = any visit
  bool exclude = false;
};
struct DateIs {
  End of = End::kStart;
  DayTest test;
};
struct LengthIs {
  NumberTest test;
};  // end day - start day
struct AgeIs {
  End at = End::kStart;
  NumberTest test;
  // Whole years where month and day of birth are known too. Otherwise, and always where false (as
  // Circe counts), the difference of the years.
  bool exact = false;
};
struct PersonCodes {
  ColumnId column;
  CodeSetIndex codes;
  bool exclude = false;
};  // sex, race, ethnicity, ...
struct PersonText {
  ColumnId column;
  TextTest test;
};
struct SourceIs {
  std::vector<std::string> sources;  // names of data sources
  std::vector<std::string> kinds{};  // ... and kinds of them ("claims"): any that fits
  bool exclude = false;
};
struct PersonNumber {
  ColumnId column;
  NumberTest test;
};                  // birth_year, ...
struct AnyOfTests;  // a disjunction
struct AllOfTests;  // a conjunction, as part of a disjunction

using EventTest = std::variant<AttributeNumber, AttributeRatio, AttributeOrder, AttributeText,
                               AttributeCodes, AttributePresent, VisitCodes, DateIs, LengthIs, AgeIs, PersonCodes,
                               PersonText, PersonNumber, SourceIs, AnyOfTests, AllOfTests>;
struct AnyOfTests {
  std::vector<EventTest> tests;
};
struct AllOfTests {
  std::vector<EventTest> tests;
};

/// Whether AttributePresent on `id` asks about the person, not the event.
constexpr bool is_person_column(ColumnId id) {
  return (id >= column::kSex && id <= column::kBirthDay) ||
         (id >= column::kSexSource && id <= column::kBirthSecond);
}

/// Which of an event's codes a code set is held against.
enum class Role : std::uint8_t { kEither, kStandard, kSource };

struct Group;

/// Moves an event's start and end before every test that follows (Circe's DateAdjustment). Events
/// that end before they start are dropped.
struct DateAdjustment {
  End start_from = End::kStart;
  int start_offset = 0;
  End end_from = End::kEnd;
  int end_offset = 0;
};

struct CohortDefinition;

/// The rows of another cohort, each an event from its start to its end, both days without a time.
/// They have no codes and no attributes.
struct CohortReference {
  std::string name;  // under which the store keeps its rows; empty = another definition
  // Saved rows count only where they were made of the release that is asked, or of this one.
  std::optional<std::uint32_t> release;
  std::string file;                                    // the other definition's, as written
  std::shared_ptr<const CohortDefinition> definition;  // what it says; one for all who refer to it
};

/// Selects events: a domain, a code set, tests.
struct EventQuery {
  Domain domain = Domain::kNone;      // kNone = any domain
  std::optional<CodeSetIndex> codes;  // absent = any code
  Role role = Role::kEither;
  bool first =
      false;  // only the patient's first such event ever, before all tests but the code set
  std::vector<EventTest> tests;  // all must hold
  std::optional<DateAdjustment> adjustment;
  std::optional<Day>
      contains_start;  // periods: only those that contain the day, which replaces their start
  std::optional<Day> contains_end;  // ... their end
  // 0 or 1: a group that is counted around this event, which (where the definition has
  // index_in_period) must then start in a period.
  std::vector<Group> nested;
  // Where the query stands in its source, for messages: "line 8", or a JSON path; may be empty.
  std::string place;
  // The event's source code must be of this set too; like `codes`, before `first`.
  std::optional<CodeSetIndex> source_codes;
  // In place of domain, codes and role, which then say nothing.
  std::optional<CohortReference> cohort;
};

// ---------------------------------------------------------------- windows and groups

/// One edge of a window: an offset from the anchor; absent = unbounded (to the edge of the period
/// where the count is kept within it).
struct WindowEdge {
  enum class Unit : std::uint8_t { kDays, kSeconds } unit = Unit::kDays;
  std::optional<std::int64_t> offset;  // negative = before the anchor
  // Without an offset and where the count is kept within the period: the period's other edge, its
  // end for `from` and its start for `to` (Circe can say it).
  bool opposite = false;
};

/// The event's start (or end) must lie from anchor + from to anchor + to. With seconds, a date-only
/// event is inside only if its whole day is, for every time of day of a date-only anchor.
struct Window {
  WindowEdge from;
  WindowEdge to;
  End anchor = End::kStart;  // of the index event
  End event = End::kStart;   // of the counted event
};

struct Occurrence {
  enum class Kind : std::uint8_t { kExactly, kAtMost, kAtLeast } kind = Kind::kAtLeast;
  int count = 1;
  bool distinct = false;
  ColumnId distinct_column =
      column::kCode;  // kCode, kDay (start date), kEndDay, kVisit, an attribute, or kDuration
  static constexpr ColumnId kDuration = 48;  // end day - start day
};

/// Counts events around an index event.
struct CountedQuery {
  EventQuery query;
  std::vector<Window> windows;  // all must hold; none = anywhere
  bool same_visit = false;      // null never matches
  bool same_claim = false;
  bool within_period = false;  // the counted event must start in the same period as the index event
  Occurrence occurrence;
};

/// A test of the person at the index event.
struct Demographic {
  std::vector<EventTest> tests;  // AgeIs, DateIs (of the index event), Person...: all must hold
};

/// Combines counts, demographics and groups. An empty group is met.
struct Group {
  enum class Kind : std::uint8_t { kAll, kAny, kAtLeast, kAtMost } kind = Kind::kAll;
  int count = 0;  // kAtLeast, kAtMost
  std::vector<CountedQuery> counts;
  std::vector<Demographic> demographics;
  std::vector<Group> groups;
};

// ---------------------------------------------------------------- the cohort

enum class Limit : std::uint8_t { kAll, kFirst, kLast };

/// One step of the attrition. `exclude` rules hold when their group does not.
struct Rule {
  std::string name;
  std::string description;
  Group group;
  bool negated = false;
};

struct ExitAtPeriodEnd {};
struct ExitAfter {
  End from = End::kStart;
  int days = 0;
};                        // clamped to the period's end
struct ExitWhenEraEnds {  // persistence: exposures joined over gaps of up to `gap_days`
  CodeSetIndex codes = 0;
  int gap_days = 30;
  int offset = 0;                  // added to each exposure's end, before they are joined
  std::optional<int> days_supply;  // replaces what the exposures say
};
using Exit = std::variant<ExitAtPeriodEnd, ExitAfter, ExitWhenEraEnds>;

struct CohortDefinition {
  std::string title;
  std::vector<CodeSet> code_sets;

  // Of events on one day, the one that its source numbered first comes first, whatever their times
  // (Circe); otherwise the earliest.
  bool by_record = false;

  std::vector<EventQuery> index;  // alternatives: any of them
  // An index event must start in a period. Where false, an index event outside all periods ends by
  // default with its own end.
  bool index_in_period = true;
  int days_before = 0;  // of the period before the index event
  int days_after = 0;
  // Of a patient's index events, by start; of several on the day, the one numbered first.
  Limit index_limit = Limit::kAll;

  std::optional<Group> additional;      // restricts the index events (Circe's AdditionalCriteria)
  Limit qualified_limit = Limit::kAll;  // applied only with `additional`
  std::vector<Rule> rules;              // attrition, in order
  Limit included_limit = Limit::kAll;   // of the events that meet all rules

  Exit exit = ExitAtPeriodEnd{};    // of several reasons to leave, the earliest counts
  std::vector<Exit> further_exits;  // in the text language, "or ..."
  bool exit_at_death = false;
  std::vector<EventQuery> censoring;  // events (after the start or on it) that end membership

  int era_pad = 0;                 // rows of a patient closer than this are joined
  std::optional<Day> censor_from;  // rows are cut to this window
  std::optional<Day> censor_to;
};

}  // namespace anam
