// SPDX-License-Identifier: Apache-2.0
// When an event ends: one rule for all definitions, whichever language they were written in.
//
// | events                                                | end                                   |
// | ----------------------------------------------------- | ------------------------------------- |
// | drug                                                  | recorded, else start + days of supply,
// | |                                                       | else start + 1 day | | condition,
// device                                     | recorded, else start + 1 day          | | procedure,
// measurement, observation, specimen, death  | start + 1 day, whatever was recorded  | | location
// | recorded, else open: the year 2099    | | all others (visits, periods, eras, ...) | recorded,
// else the start: one day     |
//
// This is what OHDSI's Circe does, so that a definition means the same in both languages.
#pragma once

#include "query/event_stream.h"

namespace anam {

/// Which line of the table above a domain stands in.
enum class EndRule : std::uint8_t {
  kDrug,
  kRecordedOrNextDay,
  kNextDay,
  kRecordedOrOpen,
  kRecordedOrStart
};

/// 2099-12-31, the last day of what goes on.
inline constexpr Day kOpenEnd = 47481;

constexpr EndRule end_rule(Domain domain) {
  switch (domain) {
    case Domain::kDrug:
      return EndRule::kDrug;
    case Domain::kCondition:
    case Domain::kDevice:
      return EndRule::kRecordedOrNextDay;
    case Domain::kProcedure:
    case Domain::kMeasurement:
    case Domain::kObservation:
    case Domain::kSpecimen:
    case Domain::kDeath:
      return EndRule::kNextDay;
    case Domain::kLocation:
      return EndRule::kRecordedOrOpen;
    default:
      return EndRule::kRecordedOrStart;
  }
}

/// `recorded` may be EventStream::kNoEnd; `days_supply` is read for drugs only and may be kNull.
constexpr Day event_end(EndRule rule, Day start, Day recorded, std::int64_t days_supply) {
  if (rule == EndRule::kNextDay) return start + 1;
  if (recorded != EventStream::kNoEnd) return recorded;
  if (rule == EndRule::kRecordedOrStart) return start;
  if (rule == EndRule::kRecordedOrOpen) return kOpenEnd;
  if (rule == EndRule::kDrug && days_supply != kNull) {
    return static_cast<Day>(start + days_supply);
  }
  return start + 1;
}

}  // namespace anam
