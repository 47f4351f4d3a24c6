// SPDX-License-Identifier: Apache-2.0
// Which fields each kind of criteria has, and what they test: the whole of Circe's model in one
// table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "storage/attributes.h"
#include "storage/event.h"

namespace anam::circe {

/// How a field is written, and what is done with it.
enum class Form : std::uint8_t {
  kCodes,        // a concept set's id: the events' codes
  kSourceCodes,  // the same for their source codes
  kCodesOf,      // the same for codes in a column
  kFirst,        // true: the person's first
  kStartDate,
  kEndDate,
  kLength,  // in days
  kAgeAtStart,
  kAgeAtEnd,
  kSex,  // a list of concepts NAME and a selection NAME + "CS", as in all that follow
  kConcepts,
  kTypes,      // also NAME + "Exclude", which turns the list around
  kSelection,  // NAME + "CS" alone
  kSexSelection,
  kSexByConcepts,  // a list about a person, but its "CS" tests the sex, as in Circe's SQL
  kCareSite,       // as kConcepts, of the care site, which must be there
  kCareSiteSelection,
  kVisit,  // of the visit that the event belongs to
  kWholeNumber,
  kDecimal,
  kRatio,  // of the value to a column
  kText,
  kAbnormal,
  kPeriod,   // dates that the period contains, in place of its own
  kGapDays,  // tests the gap days, with the range that EraLength has
  kIgnored,  // as Circe does
  kUnsupported
};

struct Field {
  std::string_view name;
  Form form;
  ColumnId column = 0;
};

struct CriteriaType {
  std::string_view name;
  Domain domain;
  std::span<const Field> fields;
};

std::span<const CriteriaType> criteria_types();

/// What DemographicCriteria have.
std::span<const Field> demographic_fields();

/// "Below low normal" and "above high normal": with a value out of its range, these are Abnormal.
inline constexpr std::int64_t kAbnormalValues[] = {4155142, 4155143};

/// The column that a CountColumn ("DAYS_SUPPLY") means for events of the domain; empty where such
/// events have none.
std::optional<ColumnId> counted_column(std::string_view name, Domain domain);
/// The CountColumn for a column; empty where there is none.
std::string_view counted_name(ColumnId column, Domain domain);

}  // namespace anam::circe
