// SPDX-License-Identifier: Apache-2.0
// The tables and columns of the OMOP CDM 5.3 and 5.4, and what each becomes (docs/omop.md).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "storage/attributes.h"
#include "storage/event.h"

namespace anam {

/// What a column is for.
enum class OmopRole : std::uint8_t {
  kUnused,     // standard, but nothing is made of it by itself
  kAttribute,  // a cell of `column`
  kPerson,
  kRecord,  // the row's own id; for costs, the id of the event
  kCode,    // the event's concept
  kStartDate,
  kStartDateTime,
  kStartTime,
  kEndDate,
  kEndDateTime,
  kBirthDateTime,
  kProvider,
  kCareSite,
  kLocation,
  kEntityDomain,  // what the row is about: cost_domain_id, location_history.domain_id
};

/// How a field is read.
enum class OmopValue : std::uint8_t {
  kInteger,
  kDecimal,
  kMoney,
  kConcept,
  kText,
  kDate,
  kDateTime,
  kTime,
  kYear,        // 1 to 9999
  kMonth,       // 1 to 12
  kDayOfMonth,  // 1 to 31
};

struct OmopColumn {
  std::string_view name;  // lower case
  OmopRole role = OmopRole::kUnused;
  OmopValue value = OmopValue::kText;
  ColumnId column = 0;    // kAttribute
  bool required = false;  // a table without it cannot be read
};

/// How a table is read.
enum class OmopKind : std::uint8_t {
  kVocabulary,
  kReference,        // provider, care_site, location: kept in memory
  kRows,             // a row is an event, or is about a person
  kLocationHistory,  // a row is an event if it is about a person
  kCost,             // a row completes an event that it names by its id
};

struct OmopTable {
  std::string_view name;
  OmopKind kind;
  Domain domain;        // of the rows
  ColumnId key_column;  // that the row's own id is kept in; 0 = none
  std::span<const OmopColumn> columns;
};

std::span<const OmopTable> omop_tables();

/// Null when there is none. The name is in lower case; the pointer is valid forever.
const OmopTable* find_omop_table(std::string_view name);

/// Whether rows of the table are events.
bool has_events(const OmopTable& table);

/// The events that a cost_domain_id names: "Drug", "Visit Detail", "drug_exposure", in any case.
/// Domain::kNone when it names none.
Domain omop_cost_domain(std::string_view text);

}  // namespace anam
