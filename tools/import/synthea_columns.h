// SPDX-License-Identifier: Apache-2.0
// The tables of Synthea's CSV export, and for each column what it is: the allow-list of the import.
// A column reaches the store only where this list says so.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "storage/column_page.h"

namespace anam {

enum class SyntheaTable : std::uint8_t {
  kPatients,
  kEncounters,
  kConditions,
  kMedications,
  kProcedures,
  kObservations,
  kImmunizations,
  kDevices,
  kAllergies,
  kCareplans,
  kImagingStudies,
  kSupplies,
  kClaims,
  kClaimsTransactions,
  kPayerTransitions,
  kPayers,
  kProviders,
  kOrganizations,
};

/// What a column holds, which decides whether and how it may be read.
enum class SyntheaClass : std::uint8_t {
  kPatient,     // the patient's id: the patient in the store
  kKey,         // an id of a visit, claim or record: links rows, and is stored as a number at most
  kStaff,       // an id of a provider or an organization
  kPayer,       // an id of a payer
  kDate,        // a day, perhaps with its time
  kYear,        // a year
  kCode,        // a code of a vocabulary
  kName,        // what a code means, as the vocabulary says: kept with the code
  kMoney,       // an amount
  kNumber,      // an integer
  kDecimal,     // a number
  kText,        // a word of a small set, or an observed value
  kZip,         // a ZIP code, of which the first three digits are kept
  kIdentifier,  // tells who somebody is, or may: is never read, not even where --keep asks for it
  kNotNeeded,   // says nothing that is not known already: is read where --keep asks for it
};

/// True for the classes of columns that are read.
constexpr bool is_read(SyntheaClass what) {
  return what != SyntheaClass::kIdentifier && what != SyntheaClass::kNotNeeded;
}

struct SyntheaColumn {
  std::string_view name;  // lower case
  SyntheaClass what;
  /// The attribute that the column fills as it stands. Empty: the table's reader knows what becomes
  /// of it. Of a kName: the column of the code that it names.
  std::string_view attribute = {};
  std::string_view vocabulary = {};  // of a kCode that fills an attribute
};

/// The type of the attribute that a column fills as it stands; empty for one that fills none.
std::optional<ColumnType> attribute_type(const SyntheaColumn& column);

/// Which loads read a table (--tables).
struct SyntheaHalves {
  bool clinical;
  bool claims;
};

struct SyntheaTableInfo {
  SyntheaTable table;
  std::string_view name;  // of the file, without .csv
  SyntheaHalves halves;
  std::span<const SyntheaColumn> columns;
};

/// All tables, in the order of their numbers.
std::span<const SyntheaTableInfo> synthea_tables();
const SyntheaTableInfo& synthea_table(SyntheaTable table);

/// Null when the table does not know the column. The pointer is valid forever.
const SyntheaColumn* find_synthea_column(SyntheaTable table, std::string_view lower_name);

/// True for an observation whose value is an identifier: Synthea's patients answer a questionnaire
/// that asks for their address. Codes of LOINC.
bool asks_for_identifier(std::string_view observation_code);

}  // namespace anam
