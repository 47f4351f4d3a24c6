// SPDX-License-Identifier: Apache-2.0
#include "storage/attributes.h"

#include <algorithm>
#include <array>

namespace anam {
namespace {

using enum ColumnType;

constexpr AttributeInfo kBuiltin[] = {
    {column::kSourceCode, "source_code", kCode, "", "code in the source's own vocabulary"},
    {column::kVisit, "visit", kInt, "", "number of the visit within the patient"},
    {column::kVisitDetail, "visit_detail", kInt, "",
     "number of the detail of a visit within the patient"},
    {column::kClaim, "claim", kInt, "", "number of the claim within the patient"},
    {column::kRecord, "record", kInt, "", "the source's own record number"},
    {column::kValue, "value", kDecimal, "", "measured number"},
    {column::kValueText, "value_text", kText, "", "observed text"},
    {column::kValueCode, "value_code", kCode, "", "observed value that is a code"},
    {column::kUnit, "unit", kCode, "UCUM", "unit of the value"},
    {column::kOperator, "operator", kCode, "Meas Value Operator", "=, <, <=, >, >= of the value"},
    {column::kRangeLow, "range_low", kDecimal, "", "lower end of the reference range"},
    {column::kRangeHigh, "range_high", kDecimal, "", "upper end of the reference range"},
    {column::kQualifier, "qualifier", kCode, "", "qualifier of an observation"},
    {column::kQuantity, "quantity", kDecimal, "", "quantity dispensed, used or taken"},
    {column::kDaysSupply, "days_supply", kInt, "", "days that a dispensing lasts"},
    {column::kRefills, "refills", kInt, "", "refills after the first dispensing"},
    {column::kRoute, "route", kCode, "", "route of administration"},
    {column::kLot, "lot", kText, "", "lot number"},
    {column::kDose, "dose", kDecimal, "", "effective dose, or the dose of a dose era"},
    {column::kDoseUnit, "dose_unit", kCode, "UCUM", "unit of the dose"},
    {column::kStopReason, "stop_reason", kText, "", "why it ended"},
    {column::kModifier, "modifier", kCode, "", "modifier of a procedure"},
    {column::kDeviceIdentifier, "device_identifier", kText, "", "unique device identifier"},
    {column::kProduction, "production", kText, "", "production identifier of a device"},
    {column::kSig, "sig", kText, "", "directions for use"},
    {column::kAnatomicSite, "anatomic_site", kCode, "", "where a specimen was taken"},
    {column::kDiseaseStatus, "disease_status", kCode, "", "disease status of a specimen"},
    {column::kVerbatimEnd, "verbatim_end", kInt, "", "end day as recorded (days since 1970-01-01)"},
    {column::kType, "type", kCode, "", "provenance: claim, record, ..."},
    {column::kStatus, "status", kCode, "", "status of a diagnosis: admitting, final, ..."},
    {column::kPosition, "position", kInt, "",
     "position of a diagnosis or procedure on its claim; 1 = principal"},
    {column::kProvider, "provider", kText, "", "who provided the care"},
    {column::kSpecialty, "specialty", kCode, "", "specialty of the provider"},
    {column::kCareSite, "care_site", kText, "", "where the care took place"},
    {column::kPlaceOfService, "place_of_service", kCode, "CMS Place of Service", "kind of place"},
    {column::kAdmittedFrom, "admitted_from", kCode, "", "where the patient came from"},
    {column::kDischargedTo, "discharged_to", kCode, "", "where the patient went"},
    {column::kDrg, "drg", kCode, "DRG", "diagnosis-related group of a stay"},
    {column::kRevenueCode, "revenue_code", kCode, "Revenue Code", "revenue centre"},
    {column::kClaimLine, "claim_line", kInt, "", "line of the claim, from 1"},
    {column::kClaimType, "claim_type", kText, "",
     "kind of claim: inpatient, outpatient, carrier, drug, ..."},
    {column::kParentVisitDetail, "parent_visit_detail", kInt, "",
     "number of the visit detail that contains this one"},
    {column::kAdmitting, "admitting", kInt, "", "1 on the admitting diagnosis"},
    {column::kPrecedingVisit, "preceding_visit", kInt, "", "number of the visit before this one"},
    {column::kPrecedingVisitDetail, "preceding_visit_detail", kInt, "",
     "number of the visit detail before this one"},
    {column::kSourceValue, "source_value", kText, "", "code as the source wrote it"},
    {column::kUnitSource, "unit_source", kText, "", "unit as the source wrote it"},
    {column::kValueSource, "value_source", kText, "", "value as the source wrote it"},
    {column::kStatusSource, "status_source", kText, "", "status as the source wrote it"},
    {column::kRouteSource, "route_source", kText, "", "route as the source wrote it"},
    {column::kDoseUnitSource, "dose_unit_source", kText, "", "dose unit as the source wrote it"},
    {column::kModifierSource, "modifier_source", kText, "", "modifier as the source wrote it"},
    {column::kQualifierSource, "qualifier_source", kText, "", "qualifier as the source wrote it"},
    {column::kAdmittedFromSource, "admitted_from_source", kText, "",
     "admitted from, as the source wrote it"},
    {column::kDischargedToSource, "discharged_to_source", kText, "",
     "discharged to, as the source wrote it"},
    {column::kSpecimenSource, "specimen_source", kText, "", "the source's id of a specimen"},
    {column::kAnatomicSiteSource, "anatomic_site_source", kText, "",
     "anatomic site as the source wrote it"},
    {column::kDiseaseStatusSource, "disease_status_source", kText, "",
     "disease status as the source wrote it"},
    {column::kSpecialtySource, "specialty_source", kText, "", "specialty as the source wrote it"},
    {column::kSpecialtySourceCode, "specialty_source_code", kCode, "",
     "specialty in the source's own vocabulary"},
    {column::kUnitSourceCode, "unit_source_code", kCode, "", "unit in the source's own vocabulary"},
    {column::kDrgSource, "drg_source", kText, "", "diagnosis-related group as the source wrote it"},
    {column::kRevenueCodeSource, "revenue_code_source", kText, "",
     "revenue centre as the source wrote it"},
    {column::kCharged, "charged", kMoney, "", "amount charged"},
    {column::kAllowed, "allowed", kMoney, "", "amount allowed"},
    {column::kPaid, "paid", kMoney, "",
     "amount paid in total, or by the insurer where claims say no more"},
    {column::kCost, "cost", kMoney, "", "cost to the provider"},
    {column::kPaidByPayer, "paid_by_payer", kMoney, "", "paid by the insurer"},
    {column::kPaidByPatient, "paid_by_patient", kMoney, "", "paid by the patient"},
    {column::kCopay, "copay", kMoney, "", "copayment"},
    {column::kCoinsurance, "coinsurance", kMoney, "", "coinsurance"},
    {column::kDeductible, "deductible", kMoney, "", "deductible"},
    {column::kPaidByPrimary, "paid_by_primary", kMoney, "", "paid by another, primary payer"},
    {column::kIngredientCost, "ingredient_cost", kMoney, "", "paid for a drug's ingredients"},
    {column::kDispensingFee, "dispensing_fee", kMoney, "", "paid for dispensing"},
    {column::kBloodDeductible, "blood_deductible", kMoney, "", "deductible for blood"},
    {column::kPassThrough, "pass_through", kMoney, "", "pass-through per diem"},
    {column::kCurrency, "currency", kCode, "Currency", "currency of the amounts"},
    {column::kCostType, "cost_type", kCode, "", "provenance of the amounts"},
    {column::kOccurrences, "occurrences", kInt, "", "events that an era is made of"},
    {column::kGapDays, "gap_days", kInt, "", "days of an era that no exposure covers"},
    {column::kPayerSource, "payer_source", kText, "", "payer as the source wrote it"},
    {column::kPlan, "plan", kCode, "", "plan of a payer"},
    {column::kPlanSource, "plan_source", kText, "", "plan as the source wrote it"},
    {column::kSponsor, "sponsor", kCode, "", "sponsor of a plan"},
    {column::kSponsorSource, "sponsor_source", kText, "", "sponsor as the source wrote it"},
    {column::kFamily, "family", kText, "", "family of a plan's members"},
    {column::kStopReasonCode, "stop_reason_code", kCode, "", "why a plan ended"},
    {column::kStopReasonSource, "stop_reason_source", kText, "",
     "why a plan ended, as the source wrote it"},
    {column::kPlanSourceCode, "plan_source_code", kCode, "", "plan in the source's own vocabulary"},
    {column::kSponsorSourceCode, "sponsor_source_code", kCode, "",
     "sponsor in the source's own vocabulary"},
    {column::kStopReasonSourceCode, "stop_reason_source_code", kCode, "",
     "why a plan ended, in the source's own vocabulary"},
    {column::kSex, "sex", kCode, "Gender", "sex"},
    {column::kRace, "race", kCode, "Race", "race"},
    {column::kEthnicity, "ethnicity", kCode, "Ethnicity", "ethnicity"},
    {column::kBirthYear, "birth_year", kInt, "", "year of birth"},
    {column::kBirthMonth, "birth_month", kInt, "", "month of birth, 1 to 12"},
    {column::kBirthDay, "birth_day", kInt, "", "day of birth, 1 to 31"},
    {column::kState, "state", kText, "", "state of residence"},
    {column::kCounty, "county", kText, "", "county of residence"},
    {column::kZip, "zip", kText, "", "ZIP code of residence"},
    {column::kCountry, "country", kCode, "", "country of residence"},
    {column::kRegion, "region", kCode, "", "region of residence"},
    {column::kSexSource, "sex_source", kText, "", "sex as the source wrote it"},
    {column::kRaceSource, "race_source", kText, "", "race as the source wrote it"},
    {column::kEthnicitySource, "ethnicity_source", kText, "", "ethnicity as the source wrote it"},
    {column::kSexSourceCode, "sex_source_code", kCode, "", "sex in the source's own vocabulary"},
    {column::kRaceSourceCode, "race_source_code", kCode, "", "race in the source's own vocabulary"},
    {column::kEthnicitySourceCode, "ethnicity_source_code", kCode, "",
     "ethnicity in the source's own vocabulary"},
    {column::kBirthSecond, "birth_second", kInt, "", "second of the day of birth"},
};

static_assert(std::ranges::is_sorted(kBuiltin, {}, &AttributeInfo::id));

constexpr std::array<std::string_view, 18> kDomainNames = {
    "none",       "condition",     "drug",     "procedure",    "measurement", "observation",
    "device",     "specimen",      "visit",    "visit_detail", "death",       "enrollment",
    "payer_plan", "condition_era", "drug_era", "dose_era",     "location",    "cost"};

constexpr std::array<Domain, 17> kDomains = {
    Domain::kCondition,    Domain::kDrug,    Domain::kProcedure,  Domain::kMeasurement,
    Domain::kObservation,  Domain::kDevice,  Domain::kSpecimen,   Domain::kVisit,
    Domain::kVisitDetail,  Domain::kDeath,   Domain::kEnrollment, Domain::kPayerPlan,
    Domain::kConditionEra, Domain::kDrugEra, Domain::kDoseEra,    Domain::kLocation,
    Domain::kCost};

}  // namespace

std::span<const AttributeInfo> builtin_attributes() { return kBuiltin; }

const AttributeInfo* find_builtin_attribute(std::string_view name) {
  const auto* found = std::ranges::find(kBuiltin, name, &AttributeInfo::name);
  return found == std::end(kBuiltin) ? nullptr : found;
}

const AttributeInfo* find_builtin_attribute(ColumnId id) {
  const auto* found = std::ranges::lower_bound(kBuiltin, id, {}, &AttributeInfo::id);
  return found == std::end(kBuiltin) || found->id != id ? nullptr : found;
}

std::string_view domain_name(Domain domain) {
  if (domain == Domain::kPerson) return "person";
  const auto index = static_cast<std::size_t>(domain);
  return index < kDomainNames.size() ? kDomainNames[index] : "unknown";
}

std::optional<Domain> find_domain(std::string_view name) {
  for (const Domain domain : kDomains) {
    if (domain_name(domain) == name) return domain;
  }
  return std::nullopt;
}

std::span<const Domain> all_domains() { return kDomains; }

}  // namespace anam
