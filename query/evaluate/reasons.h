// SPDX-License-Identifier: Apache-2.0
// Why rows are in a cohort: which events met which rule, and what ended membership.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "query/definition.h"
#include "query/evaluate/cohort_row.h"
#include "storage/event.h"

namespace anam {

struct ReasonOptions {
  std::size_t events = 5;  // shown of each count; how many there were is always said
};

/// A cell with what is needed to print it.
struct ReasonValue {
  ColumnId column = 0;
  ColumnType type = ColumnType::kInt;
  std::int64_t cell = kNull;  // never null in results; means nothing for texts
  std::string text;           // of text columns
};

/// An event as it stands on the timeline.
struct ReasonEvent {
  std::uint32_t patient = 0;
  Domain domain = Domain::kNone;
  CodeId code = kNoCode;         // standard
  CodeId source_code = kNoCode;  // kNoCode: none
  Day day = 0;
  std::optional<std::int32_t> second;  // of the day
  std::optional<Day> end_day;          // as recorded
  std::optional<std::int32_t> end_second;
  std::int64_t source = kNull;      // id
  std::vector<ReasonValue> values;  // value, unit, ... and what the query tested, where present
};

struct MemberReason;

/// An event that was counted, or that is an index event.
struct ShownEvent {
  std::size_t event = 0;              // of RowReasons::events
  Day start = 0;                      // as it was counted: dates may have been moved or replaced
  std::int64_t days = 0;              // from the start of the event that it was counted around
  std::vector<MemberReason> members;  // of the group around it ("that has")
};

/// What a test of the person looked at.
struct PersonFact {
  enum class Kind : std::uint8_t { kAge, kStart, kEnd, kColumn } kind = Kind::kColumn;
  ReasonValue value;  // kAge: years, kStart and kEnd: the day; the cell is null where it is absent
};

/// One member of a group.
struct MemberReason {
  enum class Kind : std::uint8_t { kCount, kPerson, kGroup } kind = Kind::kCount;
  std::size_t at = 0;  // of the Group's counts, demographics or groups
  bool met = false;
  // kCount
  std::int64_t found = 0;         // events, or distinct values: what the count was held against
  std::uint64_t events = 0;       // that were counted
  std::vector<ShownEvent> shown;  // the first of these
  // kPerson
  std::vector<PersonFact> facts;
  // kGroup: counts, persons, groups, in this order
  std::vector<MemberReason> members;
};

/// One rule, or the restriction before the rules.
struct RuleReason {
  std::optional<std::size_t> rule;  // of CohortDefinition::rules; absent: `additional`
  bool met = false;                 // for rules that exclude: their group is not
  std::vector<MemberReason> members;
};

/// Something that ends membership on the day on which it ended.
struct ExitReason {
  enum class Kind : std::uint8_t {
    kPeriodEnd,
    kOffset,     // days after the index event
    kEra,        // the exposures stopped
    kIndexEnd,   // the index event's own end, outside of all periods
    kCensoring,  // an event
    kDeath
  } kind = Kind::kPeriodEnd;
  std::size_t at = 0;  // kOffset, kEra: 0 = `exit`, else of further_exits + 1; kCensoring: of these
  std::optional<std::size_t> event;  // kCensoring, kDeath: of RowReasons::events
  Day era_start = 0;                 // kEra
  Day era_end = 0;                   // its last day, the offset counted in
};

/// How far an index event came.
enum class Fate : std::uint8_t {
  kMember,
  kNoIndexEvent,   // of its kind and codes, but not with its other conditions, or not the first
  kNotObserved,    // not in a period of observation that is long enough
  kNotChosen,      // `index earliest` or `latest` took another one
  kNotRestricted,  // does not meet what stands in `restrict to`
  kNotQualified,   // `keeping earliest` or `latest` took another one
  kRule,           // does not meet a rule
  kNotKept,        // `keep earliest` or `latest` took another one
  kNoEnd,          // nothing ends membership on its start or later
  kCut             // outside of the stretch that rows are cut to
};

/// One index event.
struct IndexReason {
  ShownEvent event;
  std::size_t alternative = 0;  // of CohortDefinition::index
  std::optional<Day> period_start;
  std::optional<Day> period_end;
  Fate fate = Fate::kMember;
  std::size_t failed_rule = 0;    // kRule: the first one that is not met
  std::uint64_t alike = 0;        // kNoIndexEvent: further ones that are not shown
  std::vector<RuleReason> rules;  // those that were asked
  Day end = 0;                    // of its own row, before rows are joined and cut
  std::vector<ExitReason> exits;  // all that fall on this day
};

/// One row, with the index events that it was made of; or (of a patient who was asked for by
/// himself) an index event that became no row.
struct RowReasons {
  bool member = true;
  CohortRow row;                   // not a member: from the index event's start to its start
  std::vector<IndexReason> index;  // by start; several where rows were joined
  std::vector<ReasonEvent> events;
};

/// Takes the reasons of some rows, by ordinal and start.
using TakeReasons = std::function<void(std::vector<RowReasons>&&)>;

}  // namespace anam
