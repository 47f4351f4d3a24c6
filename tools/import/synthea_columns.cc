// SPDX-License-Identifier: Apache-2.0
#include "tools/import/synthea_columns.h"

#include <algorithm>
#include <cstddef>

namespace anam {
namespace {

using enum SyntheaClass;

// Columns of several releases of Synthea stand side by side: what a file lacks is empty.

constexpr SyntheaColumn kPatients[] = {
    {"id", kPatient},
    {"birthdate", kDate},
    {"deathdate", kDate},
    {"ssn", kIdentifier},
    {"drivers", kIdentifier},
    {"passport", kIdentifier},
    {"prefix", kIdentifier},
    {"first", kIdentifier},
    {"middle", kIdentifier},
    {"last", kIdentifier},
    {"suffix", kIdentifier},
    {"maiden", kIdentifier},
    {"marital", kText, "marital"},
    {"race", kText, "race_source"},
    {"ethnicity", kText, "ethnicity_source"},
    {"gender", kText, "sex_source"},
    {"birthplace", kIdentifier},
    {"address", kIdentifier},
    {"city", kIdentifier},
    {"state", kText, "state"},
    {"county", kIdentifier},
    {"fips", kIdentifier},
    {"zip", kZip},
    {"lat", kIdentifier},
    {"lon", kIdentifier},
    {"healthcare_expenses", kNotNeeded},
    {"healthcare_coverage", kNotNeeded},
    {"income", kNotNeeded},
};

constexpr SyntheaColumn kEncounters[] = {
    {"id", kKey},
    {"start", kDate},
    {"date", kDate},
    {"stop", kDate},
    {"patient", kPatient},
    {"organization", kStaff, "care_site"},
    {"provider", kStaff, "provider"},
    {"payer", kPayer, "payer"},
    {"encounterclass", kText, "encounter_class"},
    {"code", kCode},
    {"description", kName, "code"},
    {"base_encounter_cost", kMoney, "cost"},
    {"cost", kMoney, "cost"},
    {"total_claim_cost", kMoney, "total_claim_cost"},
    {"payer_coverage", kMoney, "payer_coverage"},
    {"reasoncode", kCode, "reason", "SNOMED"},
    {"reasondescription", kName, "reasoncode"},
};

constexpr SyntheaColumn kConditions[] = {
    {"start", kDate},  {"stop", kDate}, {"patient", kPatient},          {"encounter", kKey},
    {"system", kText}, {"code", kCode}, {"description", kName, "code"},
};

constexpr SyntheaColumn kMedications[] = {
    {"start", kDate},
    {"stop", kDate},
    {"patient", kPatient},
    {"payer", kPayer, "payer"},
    {"encounter", kKey},
    {"code", kCode},
    {"description", kName, "code"},
    {"base_cost", kNotNeeded},  // of one dispensing: totalcost / dispenses
    {"cost", kMoney, "cost"},
    {"payer_coverage", kMoney, "payer_coverage"},
    {"dispenses", kNumber},
    {"totalcost", kMoney, "cost"},
    {"reasoncode", kCode, "reason", "SNOMED"},
    {"reasondescription", kName, "reasoncode"},
};

constexpr SyntheaColumn kProcedures[] = {
    {"start", kDate},
    {"date", kDate},
    {"stop", kDate},
    {"patient", kPatient},
    {"encounter", kKey},
    {"system", kText},
    {"code", kCode},
    {"description", kName, "code"},
    {"base_cost", kMoney, "cost"},
    {"cost", kMoney, "cost"},
    {"reasoncode", kCode, "reason", "SNOMED"},
    {"reasondescription", kName, "reasoncode"},
};

constexpr SyntheaColumn kObservations[] = {
    {"date", kDate},     {"patient", kPatient},
    {"encounter", kKey}, {"category", kText, "category"},
    {"code", kCode},     {"description", kName, "code"},
    {"value", kText},    {"units", kCode, "unit", "UCUM"},
    {"type", kText},
};

constexpr SyntheaColumn kImmunizations[] = {
    {"date", kDate},          {"patient", kPatient},          {"encounter", kKey},
    {"code", kCode},          {"description", kName, "code"}, {"base_cost", kMoney, "cost"},
    {"cost", kMoney, "cost"},
};

constexpr SyntheaColumn kDevices[] = {
    {"start", kDate},     {"stop", kDate}, {"patient", kPatient},
    {"encounter", kKey},  {"code", kCode}, {"description", kName, "code"},
    {"udi", kIdentifier},
};

constexpr SyntheaColumn kAllergies[] = {
    {"start", kDate},
    {"stop", kDate},
    {"patient", kPatient},
    {"encounter", kKey},
    {"code", kCode},
    {"system", kText},
    {"description", kName, "code"},
    {"type", kText, "allergy_type"},
    {"category", kText, "category"},
    {"reaction1", kCode, "reaction", "SNOMED"},
    {"description1", kName, "reaction1"},
    {"severity1", kText, "severity"},
    {"reaction2", kCode, "reaction_2", "SNOMED"},
    {"description2", kName, "reaction2"},
    {"severity2", kText, "severity_2"},
};

constexpr SyntheaColumn kCareplans[] = {
    {"id", kNotNeeded},
    {"start", kDate},
    {"stop", kDate},
    {"patient", kPatient},
    {"encounter", kKey},
    {"code", kCode},
    {"description", kName, "code"},
    {"reasoncode", kCode, "reason", "SNOMED"},
    {"reasondescription", kName, "reasoncode"},
};

constexpr SyntheaColumn kImagingStudies[] = {
    {"id", kKey},
    {"date", kDate},
    {"patient", kPatient},
    {"encounter", kKey},
    {"series_uid", kIdentifier},
    {"bodysite_code", kCode, "body_site", "SNOMED"},
    {"bodysite_description", kName, "bodysite_code"},
    {"modality_code", kCode, "modality", "DCM"},
    {"modality_description", kName, "modality_code"},
    {"instance_uid", kIdentifier},
    {"sop_code", kNotNeeded},
    {"sop_description", kNotNeeded},
    {"procedure_code", kCode},
};

constexpr SyntheaColumn kSupplies[] = {
    {"date", kDate}, {"patient", kPatient},          {"encounter", kKey},
    {"code", kCode}, {"description", kName, "code"}, {"quantity", kDecimal, "quantity"},
};

constexpr SyntheaColumn kClaims[] = {
    {"id", kKey},
    {"patientid", kPatient},
    {"providerid", kStaff},
    {"primarypatientinsuranceid", kPayer},
    {"secondarypatientinsuranceid", kPayer},
    {"departmentid", kText},
    {"patientdepartmentid", kNotNeeded},
    {"diagnosis1", kCode},
    {"diagnosis2", kCode},
    {"diagnosis3", kCode},
    {"diagnosis4", kCode},
    {"diagnosis5", kCode},
    {"diagnosis6", kCode},
    {"diagnosis7", kCode},
    {"diagnosis8", kCode},
    {"referringproviderid", kNotNeeded},
    {"appointmentid", kKey},
    {"currentillnessdate", kNotNeeded},
    {"servicedate", kDate},
    {"supervisingproviderid", kNotNeeded},
    {"status1", kText},
    {"status2", kNotNeeded},
    {"statusp", kNotNeeded},
    {"outstanding1", kNotNeeded},
    {"outstanding2", kNotNeeded},
    {"outstandingp", kNotNeeded},
    {"lastbilleddate1", kNotNeeded},
    {"lastbilleddate2", kNotNeeded},
    {"lastbilleddatep", kNotNeeded},
    {"healthcareclaimtypeid1", kText},
    {"healthcareclaimtypeid2", kNotNeeded},
};

constexpr SyntheaColumn kClaimsTransactions[] = {
    {"id", kNotNeeded},
    {"claimid", kKey},
    {"chargeid", kKey},
    {"patientid", kPatient},
    {"type", kText},
    {"amount", kMoney},
    {"method", kText},
    {"fromdate", kDate},
    {"todate", kDate},
    {"placeofservice", kStaff},
    {"procedurecode", kCode},
    {"modifier1", kText},
    {"modifier2", kText},
    {"diagnosisref1", kNumber},
    {"diagnosisref2", kNotNeeded},
    {"diagnosisref3", kNotNeeded},
    {"diagnosisref4", kNotNeeded},
    {"units", kDecimal},
    {"departmentid", kNotNeeded},
    {"notes", kIdentifier},  // free text
    {"unitamount", kNotNeeded},
    {"transferoutid", kNotNeeded},
    {"transfertype", kText},
    {"payments", kMoney},
    {"adjustments", kMoney},
    {"transfers", kMoney},
    {"outstanding", kMoney},
    {"appointmentid", kKey},
    {"linenote", kIdentifier},  // free text
    {"patientinsuranceid", kIdentifier},
    {"feescheduleid", kNotNeeded},
    {"providerid", kStaff},
    {"supervisingproviderid", kNotNeeded},
};

constexpr SyntheaColumn kPayerTransitions[] = {
    {"patient", kPatient},
    {"memberid", kIdentifier},
    {"start_date", kDate},
    {"start_year", kYear},
    {"end_date", kDate},
    {"end_year", kYear},
    {"payer", kPayer},
    {"secondary_payer", kPayer, "secondary_payer"},
    {"plan_ownership", kText, "plan_ownership"},
    {"ownership", kText, "plan_ownership"},
    {"owner_name", kIdentifier},
};

constexpr SyntheaColumn kPayers[] = {
    {"id", kPayer},
    {"name", kText},
    {"ownership", kText},
    {"address", kNotNeeded},
    {"city", kNotNeeded},
    {"state_headquartered", kNotNeeded},
    {"zip", kNotNeeded},
    {"phone", kNotNeeded},
    {"amount_covered", kNotNeeded},
    {"amount_uncovered", kNotNeeded},
    {"revenue", kNotNeeded},
    {"covered_encounters", kNotNeeded},
    {"uncovered_encounters", kNotNeeded},
    {"covered_medications", kNotNeeded},
    {"uncovered_medications", kNotNeeded},
    {"covered_procedures", kNotNeeded},
    {"uncovered_procedures", kNotNeeded},
    {"covered_immunizations", kNotNeeded},
    {"uncovered_immunizations", kNotNeeded},
    {"unique_customers", kNotNeeded},
    {"qols_avg", kNotNeeded},
    {"member_months", kNotNeeded},
};

constexpr SyntheaColumn kProviders[] = {
    {"id", kStaff},
    {"organization", kNotNeeded},
    {"name", kIdentifier},
    {"gender", kNotNeeded},
    {"speciality", kText},
    {"specialty", kText},
    {"address", kIdentifier},
    {"city", kIdentifier},
    {"state", kNotNeeded},
    {"zip", kNotNeeded},
    {"lat", kIdentifier},
    {"lon", kIdentifier},
    {"encounters", kNotNeeded},
    {"procedures", kNotNeeded},
    {"utilization", kNotNeeded},
};

// Nothing of an organization is stored but its id, with the encounters that name it.
constexpr SyntheaColumn kOrganizations[] = {
    {"id", kStaff},          {"name", kIdentifier},       {"address", kIdentifier},
    {"city", kIdentifier},   {"state", kNotNeeded},       {"zip", kNotNeeded},
    {"lat", kIdentifier},    {"lon", kIdentifier},        {"phone", kIdentifier},
    {"revenue", kNotNeeded}, {"utilization", kNotNeeded},
};

constexpr std::string_view kIdentifyingObservations[] = {
    "56799-0",  // address
    "54125-0",  // patient's name
    "45392-8",  // first name
    "45394-4",  // last name
    "45396-9",  // social security number
    "42077-8",  // patient's phone number
    "45401-7",  // ZIP code
};

constexpr SyntheaHalves kBoth = {true, true};
constexpr SyntheaHalves kRecord = {true, false};
constexpr SyntheaHalves kMoneyHalf = {false, true};

constexpr SyntheaTableInfo kTables[] = {
    {SyntheaTable::kPatients, "patients", kBoth, kPatients},
    {SyntheaTable::kEncounters, "encounters", kRecord, kEncounters},
    {SyntheaTable::kConditions, "conditions", kRecord, kConditions},
    {SyntheaTable::kMedications, "medications", kRecord, kMedications},
    {SyntheaTable::kProcedures, "procedures", kRecord, kProcedures},
    {SyntheaTable::kObservations, "observations", kRecord, kObservations},
    {SyntheaTable::kImmunizations, "immunizations", kRecord, kImmunizations},
    {SyntheaTable::kDevices, "devices", kRecord, kDevices},
    {SyntheaTable::kAllergies, "allergies", kRecord, kAllergies},
    {SyntheaTable::kCareplans, "careplans", kRecord, kCareplans},
    {SyntheaTable::kImagingStudies, "imaging_studies", kRecord, kImagingStudies},
    {SyntheaTable::kSupplies, "supplies", kRecord, kSupplies},
    {SyntheaTable::kClaims, "claims", kMoneyHalf, kClaims},
    {SyntheaTable::kClaimsTransactions, "claims_transactions", kMoneyHalf, kClaimsTransactions},
    {SyntheaTable::kPayerTransitions, "payer_transitions", kMoneyHalf, kPayerTransitions},
    {SyntheaTable::kPayers, "payers", kBoth, kPayers},
    {SyntheaTable::kProviders, "providers", kBoth, kProviders},
    {SyntheaTable::kOrganizations, "organizations", kBoth, kOrganizations},
};

constexpr bool in_order() {
  std::size_t i = 0;
  return std::ranges::all_of(kTables, [&i](const SyntheaTableInfo& info) {
    return static_cast<std::size_t>(info.table) == i++;
  });
}
static_assert(in_order());

}  // namespace

std::optional<ColumnType> attribute_type(const SyntheaColumn& column) {
  if (column.attribute.empty()) return std::nullopt;
  switch (column.what) {
    case kCode:
    case kPayer:
      return ColumnType::kCode;
    case kMoney:
      return ColumnType::kMoney;
    case kNumber:
      return ColumnType::kInt;
    case kDecimal:
      return ColumnType::kDecimal;
    case kText:
    case kStaff:
      return ColumnType::kText;
    default:
      return std::nullopt;
  }
}

std::span<const SyntheaTableInfo> synthea_tables() { return kTables; }

const SyntheaTableInfo& synthea_table(SyntheaTable table) {
  return kTables[static_cast<std::size_t>(table)];
}

const SyntheaColumn* find_synthea_column(SyntheaTable table, std::string_view lower_name) {
  const std::span<const SyntheaColumn> columns = synthea_table(table).columns;
  const auto found = std::ranges::find(columns, lower_name, &SyntheaColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

bool asks_for_identifier(std::string_view observation_code) {
  return std::ranges::find(kIdentifyingObservations, observation_code) !=
         std::end(kIdentifyingObservations);
}

}  // namespace anam
