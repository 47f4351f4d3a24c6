// SPDX-License-Identifier: Apache-2.0
#include "tools/import/omop_tables.h"

#include <algorithm>
#include <string>

namespace anam {
namespace {

using enum OmopRole;
using enum OmopValue;

constexpr OmopColumn role(std::string_view name, OmopRole what, OmopValue value = kInteger) {
  return {name, what, value, 0, false};
}
constexpr OmopColumn attribute(std::string_view name, ColumnId column, OmopValue value) {
  return {name, kAttribute, value, column, false};
}
constexpr OmopColumn code(std::string_view name, ColumnId column) {
  return attribute(name, column, kConcept);
}
constexpr OmopColumn text(std::string_view name, ColumnId column) {
  return attribute(name, column, kText);
}
constexpr OmopColumn money(std::string_view name, ColumnId column) {
  return attribute(name, column, kMoney);
}
constexpr OmopColumn start_date(std::string_view name) { return role(name, kStartDate, kDate); }
constexpr OmopColumn start_time(std::string_view name) {
  return role(name, kStartDateTime, kDateTime);
}
constexpr OmopColumn end_date(std::string_view name) { return role(name, kEndDate, kDate); }
constexpr OmopColumn end_time(std::string_view name) { return role(name, kEndDateTime, kDateTime); }
constexpr OmopColumn event_code(std::string_view name) { return role(name, kCode, kConcept); }
constexpr OmopColumn source_code(std::string_view name) { return code(name, column::kSourceCode); }
constexpr OmopColumn source_value(std::string_view name) {
  return text(name, column::kSourceValue);
}
constexpr OmopColumn unused(std::string_view name) { return {name}; }
constexpr OmopColumn required(OmopColumn column) {
  column.required = true;
  return column;
}

constexpr OmopColumn kPersonId = required(role("person_id", kPerson));
constexpr OmopColumn kProviderId = role("provider_id", kProvider);
constexpr OmopColumn kCareSiteId = role("care_site_id", kCareSite);
constexpr OmopColumn kLocationId = role("location_id", kLocation);
constexpr OmopColumn kVisitId = attribute("visit_occurrence_id", column::kVisitKey, kInteger);
constexpr OmopColumn kVisitDetailId =
    attribute("visit_detail_id", column::kVisitDetailKey, kInteger);

// A table lists the newest name of a column first: where a file has both, the first one counts.

constexpr OmopColumn kPersonColumns[] = {
    kPersonId,
    kProviderId,
    kCareSiteId,
    kLocationId,
    code("gender_concept_id", column::kSex),
    attribute("year_of_birth", column::kBirthYear, kYear),
    attribute("month_of_birth", column::kBirthMonth, kMonth),
    attribute("day_of_birth", column::kBirthDay, kDayOfMonth),
    role("birth_datetime", kBirthDateTime, kDateTime),
    code("race_concept_id", column::kRace),
    code("ethnicity_concept_id", column::kEthnicity),
    text("gender_source_value", column::kSexSource),
    code("gender_source_concept_id", column::kSexSourceCode),
    text("race_source_value", column::kRaceSource),
    code("race_source_concept_id", column::kRaceSourceCode),
    text("ethnicity_source_value", column::kEthnicitySource),
    code("ethnicity_source_concept_id", column::kEthnicitySourceCode),
    unused("person_source_value"),
};

constexpr OmopColumn kObservationPeriodColumns[] = {
    role("observation_period_id", kRecord),      kPersonId,
    start_date("observation_period_start_date"), end_date("observation_period_end_date"),
    event_code("period_type_concept_id"),
};

constexpr OmopColumn kVisitOccurrenceColumns[] = {
    required(role("visit_occurrence_id", kRecord)),
    kPersonId,
    required(event_code("visit_concept_id")),
    start_date("visit_start_date"),
    start_time("visit_start_datetime"),
    end_date("visit_end_date"),
    end_time("visit_end_datetime"),
    code("visit_type_concept_id", column::kType),
    kProviderId,
    kCareSiteId,
    source_value("visit_source_value"),
    source_code("visit_source_concept_id"),
    code("admitted_from_concept_id", column::kAdmittedFrom),
    code("admitting_source_concept_id", column::kAdmittedFrom),
    text("admitted_from_source_value", column::kAdmittedFromSource),
    text("admitting_source_value", column::kAdmittedFromSource),
    code("discharged_to_concept_id", column::kDischargedTo),
    code("discharge_to_concept_id", column::kDischargedTo),
    text("discharged_to_source_value", column::kDischargedToSource),
    text("discharge_to_source_value", column::kDischargedToSource),
    attribute("preceding_visit_occurrence_id", column::kPrecedingVisit, kInteger),
};

constexpr OmopColumn kVisitDetailColumns[] = {
    required(role("visit_detail_id", kRecord)),
    kPersonId,
    required(event_code("visit_detail_concept_id")),
    start_date("visit_detail_start_date"),
    start_time("visit_detail_start_datetime"),
    end_date("visit_detail_end_date"),
    end_time("visit_detail_end_datetime"),
    code("visit_detail_type_concept_id", column::kType),
    kProviderId,
    kCareSiteId,
    kVisitId,
    source_value("visit_detail_source_value"),
    source_code("visit_detail_source_concept_id"),
    code("admitted_from_concept_id", column::kAdmittedFrom),
    code("admitting_source_concept_id", column::kAdmittedFrom),
    text("admitted_from_source_value", column::kAdmittedFromSource),
    text("admitting_source_value", column::kAdmittedFromSource),
    code("discharged_to_concept_id", column::kDischargedTo),
    code("discharge_to_concept_id", column::kDischargedTo),
    text("discharged_to_source_value", column::kDischargedToSource),
    text("discharge_to_source_value", column::kDischargedToSource),
    attribute("preceding_visit_detail_id", column::kPrecedingVisitDetail, kInteger),
    attribute("parent_visit_detail_id", column::kParentVisitDetail, kInteger),
    attribute("visit_detail_parent_id", column::kParentVisitDetail, kInteger),
};

constexpr OmopColumn kConditionOccurrenceColumns[] = {
    role("condition_occurrence_id", kRecord),
    kPersonId,
    required(event_code("condition_concept_id")),
    start_date("condition_start_date"),
    start_time("condition_start_datetime"),
    end_date("condition_end_date"),
    end_time("condition_end_datetime"),
    code("condition_type_concept_id", column::kType),
    code("condition_status_concept_id", column::kStatus),
    text("stop_reason", column::kStopReason),
    kProviderId,
    kVisitId,
    kVisitDetailId,
    source_value("condition_source_value"),
    source_code("condition_source_concept_id"),
    text("condition_status_source_value", column::kStatusSource),
};

constexpr OmopColumn kDrugExposureColumns[] = {
    role("drug_exposure_id", kRecord),
    kPersonId,
    required(event_code("drug_concept_id")),
    start_date("drug_exposure_start_date"),
    start_time("drug_exposure_start_datetime"),
    end_date("drug_exposure_end_date"),
    end_time("drug_exposure_end_datetime"),
    attribute("verbatim_end_date", column::kVerbatimEnd, kDate),
    code("drug_type_concept_id", column::kType),
    text("stop_reason", column::kStopReason),
    attribute("refills", column::kRefills, kInteger),
    attribute("quantity", column::kQuantity, kDecimal),
    attribute("days_supply", column::kDaysSupply, kInteger),
    text("sig", column::kSig),
    code("route_concept_id", column::kRoute),
    text("lot_number", column::kLot),
    kProviderId,
    kVisitId,
    kVisitDetailId,
    source_value("drug_source_value"),
    source_code("drug_source_concept_id"),
    text("route_source_value", column::kRouteSource),
    text("dose_unit_source_value", column::kDoseUnitSource),
    attribute("effective_drug_dose", column::kDose, kDecimal),
    code("dose_unit_concept_id", column::kDoseUnit),
};

constexpr OmopColumn kProcedureOccurrenceColumns[] = {
    role("procedure_occurrence_id", kRecord),
    kPersonId,
    required(event_code("procedure_concept_id")),
    start_date("procedure_date"),
    start_time("procedure_datetime"),
    end_date("procedure_end_date"),
    end_time("procedure_end_datetime"),
    code("procedure_type_concept_id", column::kType),
    code("modifier_concept_id", column::kModifier),
    attribute("quantity", column::kQuantity, kDecimal),
    kProviderId,
    kVisitId,
    kVisitDetailId,
    source_value("procedure_source_value"),
    source_code("procedure_source_concept_id"),
    text("modifier_source_value", column::kModifierSource),
    text("qualifier_source_value", column::kModifierSource),
};

constexpr OmopColumn kMeasurementColumns[] = {
    role("measurement_id", kRecord),
    kPersonId,
    required(event_code("measurement_concept_id")),
    start_date("measurement_date"),
    start_time("measurement_datetime"),
    role("measurement_time", kStartTime, kTime),
    code("measurement_type_concept_id", column::kType),
    code("operator_concept_id", column::kOperator),
    attribute("value_as_number", column::kValue, kDecimal),
    code("value_as_concept_id", column::kValueCode),
    code("unit_concept_id", column::kUnit),
    attribute("range_low", column::kRangeLow, kDecimal),
    attribute("range_high", column::kRangeHigh, kDecimal),
    kProviderId,
    kVisitId,
    kVisitDetailId,
    source_value("measurement_source_value"),
    source_code("measurement_source_concept_id"),
    text("unit_source_value", column::kUnitSource),
    code("unit_source_concept_id", column::kUnitSourceCode),
    text("value_source_value", column::kValueSource),
    unused("measurement_event_id"),
    unused("meas_event_field_concept_id"),
};

constexpr OmopColumn kObservationColumns[] = {
    role("observation_id", kRecord),
    kPersonId,
    required(event_code("observation_concept_id")),
    start_date("observation_date"),
    start_time("observation_datetime"),
    code("observation_type_concept_id", column::kType),
    attribute("value_as_number", column::kValue, kDecimal),
    text("value_as_string", column::kValueText),
    code("value_as_concept_id", column::kValueCode),
    code("qualifier_concept_id", column::kQualifier),
    code("unit_concept_id", column::kUnit),
    kProviderId,
    kVisitId,
    kVisitDetailId,
    source_value("observation_source_value"),
    source_code("observation_source_concept_id"),
    text("unit_source_value", column::kUnitSource),
    text("qualifier_source_value", column::kQualifierSource),
    text("value_source_value", column::kValueSource),
    unused("observation_event_id"),
    unused("obs_event_field_concept_id"),
};

constexpr OmopColumn kDeviceExposureColumns[] = {
    role("device_exposure_id", kRecord),
    kPersonId,
    required(event_code("device_concept_id")),
    start_date("device_exposure_start_date"),
    start_time("device_exposure_start_datetime"),
    end_date("device_exposure_end_date"),
    end_time("device_exposure_end_datetime"),
    code("device_type_concept_id", column::kType),
    text("unique_device_id", column::kDeviceIdentifier),
    text("production_id", column::kProduction),
    attribute("quantity", column::kQuantity, kDecimal),
    kProviderId,
    kVisitId,
    kVisitDetailId,
    source_value("device_source_value"),
    source_code("device_source_concept_id"),
    code("unit_concept_id", column::kUnit),
    text("unit_source_value", column::kUnitSource),
    code("unit_source_concept_id", column::kUnitSourceCode),
};

constexpr OmopColumn kSpecimenColumns[] = {
    role("specimen_id", kRecord),
    kPersonId,
    required(event_code("specimen_concept_id")),
    code("specimen_type_concept_id", column::kType),
    start_date("specimen_date"),
    start_time("specimen_datetime"),
    attribute("quantity", column::kQuantity, kDecimal),
    code("unit_concept_id", column::kUnit),
    code("anatomic_site_concept_id", column::kAnatomicSite),
    code("disease_status_concept_id", column::kDiseaseStatus),
    text("specimen_source_id", column::kSpecimenSource),
    source_value("specimen_source_value"),
    text("unit_source_value", column::kUnitSource),
    text("anatomic_site_source_value", column::kAnatomicSiteSource),
    text("disease_status_source_value", column::kDiseaseStatusSource),
};

constexpr OmopColumn kDeathColumns[] = {
    kPersonId,
    start_date("death_date"),
    start_time("death_datetime"),
    code("death_type_concept_id", column::kType),
    event_code("cause_concept_id"),
    source_value("cause_source_value"),
    source_code("cause_source_concept_id"),
};

constexpr OmopColumn kPayerPlanPeriodColumns[] = {
    role("payer_plan_period_id", kRecord),
    kPersonId,
    start_date("payer_plan_period_start_date"),
    end_date("payer_plan_period_end_date"),
    event_code("payer_concept_id"),
    text("payer_source_value", column::kPayerSource),
    source_code("payer_source_concept_id"),
    code("plan_concept_id", column::kPlan),
    text("plan_source_value", column::kPlanSource),
    code("plan_source_concept_id", column::kPlanSourceCode),
    code("sponsor_concept_id", column::kSponsor),
    text("sponsor_source_value", column::kSponsorSource),
    code("sponsor_source_concept_id", column::kSponsorSourceCode),
    text("family_source_value", column::kFamily),
    code("stop_reason_concept_id", column::kStopReasonCode),
    text("stop_reason_source_value", column::kStopReasonSource),
    code("stop_reason_source_concept_id", column::kStopReasonSourceCode),
};

constexpr OmopColumn kConditionEraColumns[] = {
    role("condition_era_id", kRecord),
    kPersonId,
    required(event_code("condition_concept_id")),
    start_date("condition_era_start_date"),
    start_time("condition_era_start_datetime"),
    end_date("condition_era_end_date"),
    end_time("condition_era_end_datetime"),
    attribute("condition_occurrence_count", column::kOccurrences, kInteger),
};

constexpr OmopColumn kDrugEraColumns[] = {
    role("drug_era_id", kRecord),
    kPersonId,
    required(event_code("drug_concept_id")),
    start_date("drug_era_start_date"),
    start_time("drug_era_start_datetime"),
    end_date("drug_era_end_date"),
    end_time("drug_era_end_datetime"),
    attribute("drug_exposure_count", column::kOccurrences, kInteger),
    attribute("gap_days", column::kGapDays, kInteger),
};

constexpr OmopColumn kDoseEraColumns[] = {
    role("dose_era_id", kRecord),
    kPersonId,
    required(event_code("drug_concept_id")),
    start_date("dose_era_start_date"),
    start_time("dose_era_start_datetime"),
    end_date("dose_era_end_date"),
    end_time("dose_era_end_datetime"),
    code("unit_concept_id", column::kDoseUnit),
    attribute("dose_value", column::kDose, kDecimal),
};

constexpr OmopColumn kLocationHistoryColumns[] = {
    role("location_history_id", kRecord),
    required(kLocationId),
    code("relationship_type_concept_id", column::kType),
    required(role("domain_id", kEntityDomain, kText)),
    required(role("entity_id", kPerson)),
    start_date("start_date"),
    end_date("end_date"),
};

constexpr OmopColumn kCostColumns[] = {
    required(role("cost_event_id", kRecord)),
    required(role("cost_domain_id", kEntityDomain, kText)),
    code("cost_type_concept_id", column::kCostType),
    code("currency_concept_id", column::kCurrency),
    money("total_charge", column::kCharged),
    money("total_cost", column::kCost),
    money("total_paid", column::kPaid),
    money("paid_by_payer", column::kPaidByPayer),
    money("paid_by_patient", column::kPaidByPatient),
    money("paid_patient_copay", column::kCopay),
    money("paid_patient_coinsurance", column::kCoinsurance),
    money("paid_patient_deductible", column::kDeductible),
    money("paid_by_primary", column::kPaidByPrimary),
    money("paid_ingredient_cost", column::kIngredientCost),
    money("paid_dispensing_fee", column::kDispensingFee),
    money("amount_allowed", column::kAllowed),
    code("revenue_code_concept_id", column::kRevenueCode),
    text("revenue_code_source_value", column::kRevenueCodeSource),
    text("reveue_code_source_value", column::kRevenueCodeSource),  // as CDM 5.3's scripts spell it
    code("drg_concept_id", column::kDrg),
    text("drg_source_value", column::kDrgSource),
    unused("cost_id"),
    unused("payer_plan_period_id"),
};

constexpr OmopColumn kProviderColumns[] = {
    required(role("provider_id", kRecord)),
    code("specialty_concept_id", column::kSpecialty),
    text("specialty_source_value", column::kSpecialtySource),
    code("specialty_source_concept_id", column::kSpecialtySourceCode),
    unused("provider_name"),
    unused("npi"),
    unused("dea"),
    unused("care_site_id"),
    unused("year_of_birth"),
    unused("gender_concept_id"),
    unused("provider_source_value"),
    unused("gender_source_value"),
    unused("gender_source_concept_id"),
};

constexpr OmopColumn kCareSiteColumns[] = {
    required(role("care_site_id", kRecord)),
    code("place_of_service_concept_id", column::kPlaceOfService),
    unused("location_id"),
    unused("care_site_name"),
    unused("care_site_source_value"),
    unused("place_of_service_source_value"),
};

constexpr OmopColumn kLocationColumns[] = {
    required(role("location_id", kRecord)),
    text("state", column::kState),
    text("zip", column::kZip),
    text("county", column::kCounty),
    code("country_concept_id", column::kCountry),
    code("region_concept_id", column::kRegion),
    unused("address_1"),
    unused("address_2"),
    unused("city"),
    unused("location_source_value"),
    unused("country_source_value"),
    unused("latitude"),
    unused("longitude"),
};

constexpr OmopColumn kConceptColumns[] = {
    required(unused("concept_id")),   required(unused("concept_name")),
    required(unused("domain_id")),    required(unused("vocabulary_id")),
    unused("concept_class_id"),       required(unused("standard_concept")),
    required(unused("concept_code")), unused("valid_start_date"),
    unused("valid_end_date"),         required(unused("invalid_reason")),
};
constexpr OmopColumn kConceptSynonymColumns[] = {
    required(unused("concept_id")),
    required(unused("concept_synonym_name")),
    unused("language_concept_id"),
};
constexpr OmopColumn kConceptAncestorColumns[] = {
    required(unused("ancestor_concept_id")),
    required(unused("descendant_concept_id")),
    unused("min_levels_of_separation"),
    unused("max_levels_of_separation"),
};
constexpr OmopColumn kConceptRelationshipColumns[] = {
    required(unused("concept_id_1")),
    required(unused("concept_id_2")),
    required(unused("relationship_id")),
    unused("valid_start_date"),
    unused("valid_end_date"),
    required(unused("invalid_reason")),
};

using enum OmopKind;

constexpr OmopTable kTables[] = {
    {"concept", kVocabulary, Domain::kNone, 0, kConceptColumns},
    {"concept_synonym", kVocabulary, Domain::kNone, 0, kConceptSynonymColumns},
    {"concept_ancestor", kVocabulary, Domain::kNone, 0, kConceptAncestorColumns},
    {"concept_relationship", kVocabulary, Domain::kNone, 0, kConceptRelationshipColumns},
    {"provider", kReference, Domain::kNone, 0, kProviderColumns},
    {"care_site", kReference, Domain::kNone, 0, kCareSiteColumns},
    {"location", kReference, Domain::kNone, 0, kLocationColumns},
    {"cost", OmopKind::kCost, Domain::kNone, 0, kCostColumns},
    {"location_history", kLocationHistory, Domain::kLocation, 0, kLocationHistoryColumns},
    {"person", kRows, Domain::kPerson, 0, kPersonColumns},
    {"observation_period", kRows, Domain::kEnrollment, 0, kObservationPeriodColumns},
    {"visit_occurrence", kRows, Domain::kVisit, column::kVisitKey, kVisitOccurrenceColumns},
    {"visit_detail", kRows, Domain::kVisitDetail, column::kVisitDetailKey, kVisitDetailColumns},
    {"condition_occurrence", kRows, Domain::kCondition, 0, kConditionOccurrenceColumns},
    {"drug_exposure", kRows, Domain::kDrug, 0, kDrugExposureColumns},
    {"procedure_occurrence", kRows, Domain::kProcedure, 0, kProcedureOccurrenceColumns},
    {"measurement", kRows, Domain::kMeasurement, 0, kMeasurementColumns},
    {"observation", kRows, Domain::kObservation, 0, kObservationColumns},
    {"device_exposure", kRows, Domain::kDevice, 0, kDeviceExposureColumns},
    {"specimen", kRows, Domain::kSpecimen, 0, kSpecimenColumns},
    {"death", kRows, Domain::kDeath, 0, kDeathColumns},
    {"payer_plan_period", kRows, Domain::kPayerPlan, 0, kPayerPlanPeriodColumns},
    {"condition_era", kRows, Domain::kConditionEra, 0, kConditionEraColumns},
    {"drug_era", kRows, Domain::kDrugEra, 0, kDrugEraColumns},
    {"dose_era", kRows, Domain::kDoseEra, 0, kDoseEraColumns},
};

}  // namespace

std::span<const OmopTable> omop_tables() { return kTables; }

const OmopTable* find_omop_table(std::string_view name) {
  const auto* found = std::ranges::find(kTables, name, &OmopTable::name);
  return found == std::end(kTables) ? nullptr : found;
}

bool has_events(const OmopTable& table) {
  return (table.kind == kRows && table.domain != Domain::kPerson) || table.kind == kLocationHistory;
}

Domain omop_cost_domain(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (c == ' ') {
      name += '_';
    } else {
      name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  const OmopTable* table = find_omop_table(name);
  if (table != nullptr && has_events(*table)) return table->domain;
  return find_domain(name).value_or(Domain::kNone);
}

}  // namespace anam
