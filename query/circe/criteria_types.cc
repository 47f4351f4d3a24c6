// SPDX-License-Identifier: Apache-2.0
#include "query/circe/criteria_types.h"

#include <algorithm>
#include <initializer_list>

#include "query/definition.h"

namespace anam::circe {

namespace {

constexpr Field kConditionOccurrence[] = {
    {"CodesetId", Form::kCodes},
    {"ConditionSourceConcept", Form::kSourceCodes},
    {"First", Form::kFirst},
    {"OccurrenceStartDate", Form::kStartDate},
    {"OccurrenceEndDate", Form::kEndDate},
    {"ConditionType", Form::kTypes, column::kType},
    {"ConditionStatus", Form::kConcepts, column::kStatus},
    {"StopReason", Form::kText, column::kStopReason},
    {"Age", Form::kAgeAtStart},
    {"Gender", Form::kSex},
    {"ProviderSpecialty", Form::kConcepts, column::kSpecialty},
    {"VisitType", Form::kVisit},
};

constexpr Field kConditionEra[] = {
    {"CodesetId", Form::kCodes},
    {"First", Form::kFirst},
    {"EraStartDate", Form::kStartDate},
    {"EraEndDate", Form::kEndDate},
    {"OccurrenceCount", Form::kWholeNumber, column::kOccurrences},
    {"EraLength", Form::kLength},
    {"AgeAtStart", Form::kAgeAtStart},
    {"AgeAtEnd", Form::kAgeAtEnd},
    {"Gender", Form::kSex},
};

constexpr Field kDeath[] = {
    {"CodesetId", Form::kCodes},
    {"DeathSourceConcept", Form::kSourceCodes},
    {"OccurrenceStartDate", Form::kStartDate},
    {"DeathType", Form::kTypes, column::kType},
    {"Age", Form::kAgeAtStart},
    {"Gender", Form::kSex},
};

constexpr Field kDeviceExposure[] = {
    {"CodesetId", Form::kCodes},
    {"DeviceSourceConcept", Form::kSourceCodes},
    {"First", Form::kFirst},
    {"OccurrenceStartDate", Form::kStartDate},
    {"OccurrenceEndDate", Form::kEndDate},
    {"DeviceType", Form::kTypes, column::kType},
    {"UniqueDeviceId", Form::kText, column::kDeviceIdentifier},
    {"Quantity", Form::kWholeNumber, column::kQuantity},
    {"Age", Form::kAgeAtStart},
    {"Gender", Form::kSex},
    {"ProviderSpecialty", Form::kConcepts, column::kSpecialty},
    {"VisitType", Form::kVisit},
};

constexpr Field kDoseEra[] = {
    {"CodesetId", Form::kCodes},
    {"First", Form::kFirst},
    {"EraStartDate", Form::kStartDate},
    {"EraEndDate", Form::kEndDate},
    {"Unit", Form::kConcepts, column::kDoseUnit},
    {"DoseValue", Form::kDecimal, column::kDose},
    {"EraLength", Form::kLength},
    {"AgeAtStart", Form::kAgeAtStart},
    {"AgeAtEnd", Form::kAgeAtEnd},
    {"Gender", Form::kSex},
};

constexpr Field kDrugEra[] = {
    {"CodesetId", Form::kCodes},
    {"First", Form::kFirst},
    {"EraStartDate", Form::kStartDate},
    {"EraEndDate", Form::kEndDate},
    {"OccurrenceCount", Form::kWholeNumber, column::kOccurrences},
    {"GapDays", Form::kGapDays, column::kGapDays},
    {"EraLength", Form::kLength},
    {"AgeAtStart", Form::kAgeAtStart},
    {"AgeAtEnd", Form::kAgeAtEnd},
    {"Gender", Form::kSex},
};

constexpr Field kDrugExposure[] = {
    {"CodesetId", Form::kCodes},
    {"DrugSourceConcept", Form::kSourceCodes},
    {"First", Form::kFirst},
    {"OccurrenceStartDate", Form::kStartDate},
    {"OccurrenceEndDate", Form::kStartDate},  // Circe's SQL holds the start against it
    {"DrugType", Form::kTypes, column::kType},
    {"StopReason", Form::kText, column::kStopReason},
    {"Refills", Form::kWholeNumber, column::kRefills},
    {"Quantity", Form::kDecimal, column::kQuantity},
    {"DaysSupply", Form::kWholeNumber, column::kDaysSupply},
    {"RouteConcept", Form::kConcepts, column::kRoute},
    {"EffectiveDrugDose", Form::kDecimal, column::kDose},
    {"DoseUnit", Form::kConcepts, column::kDoseUnit},
    {"LotNumber", Form::kText, column::kLot},
    {"Age", Form::kAgeAtStart},
    {"Gender", Form::kSex},
    {"ProviderSpecialty", Form::kConcepts, column::kSpecialty},
    {"VisitType", Form::kVisit},
};

constexpr Field kLocationRegion[] = {
    {"CodesetId", Form::kCodes},
    {"StartDate", Form::kIgnored},
    {"EndDate", Form::kIgnored},
};

constexpr Field kMeasurement[] = {
    {"CodesetId", Form::kCodes},
    {"MeasurementSourceConcept", Form::kSourceCodes},
    {"First", Form::kFirst},
    {"OccurrenceStartDate", Form::kStartDate},
    {"MeasurementType", Form::kTypes, column::kType},
    {"Operator", Form::kConcepts, column::kOperator},
    {"ValueAsNumber", Form::kDecimal, column::kValue},
    {"ValueAsConcept", Form::kConcepts, column::kValueCode},
    {"Unit", Form::kConcepts, column::kUnit},
    {"RangeLow", Form::kDecimal, column::kRangeLow},
    {"RangeHigh", Form::kDecimal, column::kRangeHigh},
    {"RangeLowRatio", Form::kRatio, column::kRangeLow},
    {"RangeHighRatio", Form::kRatio, column::kRangeHigh},
    {"Abnormal", Form::kAbnormal},
    {"Age", Form::kAgeAtStart},
    {"Gender", Form::kSex},
    {"ProviderSpecialty", Form::kConcepts, column::kSpecialty},
    {"VisitType", Form::kVisit},
};

constexpr Field kObservation[] = {
    {"CodesetId", Form::kCodes},
    {"ObservationSourceConcept", Form::kSourceCodes},
    {"First", Form::kFirst},
    {"OccurrenceStartDate", Form::kStartDate},
    {"ObservationType", Form::kTypes, column::kType},
    {"ValueAsNumber", Form::kDecimal, column::kValue},
    {"ValueAsString", Form::kText, column::kValueText},
    {"ValueAsConcept", Form::kConcepts, column::kValueCode},
    {"Qualifier", Form::kConcepts, column::kQualifier},
    {"Unit", Form::kConcepts, column::kUnit},
    {"Age", Form::kAgeAtStart},
    {"Gender", Form::kSex},
    {"ProviderSpecialty", Form::kConcepts, column::kSpecialty},
    {"VisitType", Form::kVisit},
};

constexpr Field kObservationPeriod[] = {
    {"First", Form::kFirst},
    {"PeriodStartDate", Form::kStartDate},
    {"PeriodEndDate", Form::kEndDate},
    {"UserDefinedPeriod", Form::kPeriod},
    {"PeriodType", Form::kConcepts, column::kCode},
    {"PeriodLength", Form::kLength},
    {"AgeAtStart", Form::kAgeAtStart},
    {"AgeAtEnd", Form::kAgeAtEnd},
};

constexpr Field kPayerPlanPeriod[] = {
    {"First", Form::kFirst},
    {"PeriodStartDate", Form::kStartDate},
    {"PeriodEndDate", Form::kEndDate},
    {"UserDefinedPeriod", Form::kPeriod},
    {"PeriodLength", Form::kLength},
    {"AgeAtStart", Form::kAgeAtStart},
    {"AgeAtEnd", Form::kAgeAtEnd},
    {"Gender", Form::kSex},
    {"PayerConcept", Form::kCodesOf, column::kCode},
    {"PayerSourceConcept", Form::kCodesOf, column::kSourceCode},
    {"PlanConcept", Form::kCodesOf, column::kPlan},
    {"PlanSourceConcept", Form::kCodesOf, column::kPlanSourceCode},
    {"SponsorConcept", Form::kCodesOf, column::kSponsor},
    {"SponsorSourceConcept", Form::kCodesOf, column::kSponsorSourceCode},
    {"StopReasonConcept", Form::kCodesOf, column::kStopReasonCode},
    {"StopReasonSourceConcept", Form::kCodesOf, column::kStopReasonSourceCode},
};

constexpr Field kProcedureOccurrence[] = {
    {"CodesetId", Form::kCodes},
    {"ProcedureSourceConcept", Form::kSourceCodes},
    {"First", Form::kFirst},
    {"OccurrenceStartDate", Form::kStartDate},
    {"ProcedureType", Form::kTypes, column::kType},
    {"Modifier", Form::kConcepts, column::kModifier},
    {"Quantity", Form::kWholeNumber, column::kQuantity},
    {"Age", Form::kAgeAtStart},
    {"Gender", Form::kSex},
    {"ProviderSpecialty", Form::kConcepts, column::kSpecialty},
    {"VisitType", Form::kVisit},
};

constexpr Field kSpecimen[] = {
    {"CodesetId", Form::kCodes},
    {"SpecimenSourceConcept", Form::kIgnored},
    {"First", Form::kFirst},
    {"OccurrenceStartDate", Form::kStartDate},
    {"SpecimenType", Form::kTypes, column::kType},
    {"Quantity", Form::kDecimal, column::kQuantity},
    {"Unit", Form::kConcepts, column::kUnit},
    {"AnatomicSite", Form::kConcepts, column::kAnatomicSite},
    {"DiseaseStatus", Form::kConcepts, column::kDiseaseStatus},
    {"SourceId", Form::kText, column::kSpecimenSource},
    {"Age", Form::kAgeAtStart},
    {"Gender", Form::kSex},
};

constexpr Field kVisitOccurrence[] = {
    {"CodesetId", Form::kCodes},
    {"VisitSourceConcept", Form::kSourceCodes},
    {"First", Form::kFirst},
    {"OccurrenceStartDate", Form::kStartDate},
    {"OccurrenceEndDate", Form::kEndDate},
    {"VisitType", Form::kTypes, column::kType},
    {"VisitLength", Form::kLength},
    {"Age", Form::kAgeAtStart},
    {"Gender", Form::kSex},
    {"ProviderSpecialty", Form::kConcepts, column::kSpecialty},
    {"PlaceOfService", Form::kCareSite, column::kPlaceOfService},
    {"PlaceOfServiceLocation", Form::kUnsupported},
};

constexpr Field kVisitDetail[] = {
    {"CodesetId", Form::kCodes},
    {"VisitDetailSourceConcept", Form::kSourceCodes},
    {"First", Form::kFirst},
    {"VisitDetailStartDate", Form::kStartDate},
    {"VisitDetailEndDate", Form::kEndDate},
    {"VisitDetailType", Form::kSelection, column::kType},
    {"VisitDetailLength", Form::kLength},
    {"Age", Form::kAgeAtEnd},  // Circe's SQL takes the end
    {"Gender", Form::kSexSelection},
    {"ProviderSpecialty", Form::kSelection, column::kSpecialty},
    {"PlaceOfService", Form::kCareSiteSelection, column::kPlaceOfService},
    {"PlaceOfServiceLocation", Form::kUnsupported},
};

constexpr CriteriaType kTypes[] = {
    {"ConditionEra", Domain::kConditionEra, kConditionEra},
    {"ConditionOccurrence", Domain::kCondition, kConditionOccurrence},
    {"Death", Domain::kDeath, kDeath},
    {"DeviceExposure", Domain::kDevice, kDeviceExposure},
    {"DoseEra", Domain::kDoseEra, kDoseEra},
    {"DrugEra", Domain::kDrugEra, kDrugEra},
    {"DrugExposure", Domain::kDrug, kDrugExposure},
    {"LocationRegion", Domain::kLocation, kLocationRegion},
    {"Measurement", Domain::kMeasurement, kMeasurement},
    {"Observation", Domain::kObservation, kObservation},
    {"ObservationPeriod", Domain::kEnrollment, kObservationPeriod},
    {"PayerPlanPeriod", Domain::kPayerPlan, kPayerPlanPeriod},
    {"ProcedureOccurrence", Domain::kProcedure, kProcedureOccurrence},
    {"Specimen", Domain::kSpecimen, kSpecimen},
    {"VisitDetail", Domain::kVisitDetail, kVisitDetail},
    {"VisitOccurrence", Domain::kVisit, kVisitOccurrence},
};

constexpr Field kDemographic[] = {
    {"Age", Form::kAgeAtStart},
    {"Gender", Form::kSex},
    {"Race", Form::kSexByConcepts, column::kRace},
    {"Ethnicity", Form::kSexByConcepts, column::kEthnicity},
    {"OccurrenceStartDate", Form::kStartDate},
    {"OccurrenceEndDate", Form::kEndDate},
};

struct Counted {
  std::string_view name;
  std::string_view sql_name;
  ColumnId column;
  std::initializer_list<Domain> domains;  // empty = all

  bool is_of(Domain domain) const {
    return domains.size() == 0 || std::ranges::find(domains, domain) != domains.end();
  }
};

std::span<const Counted> counted() {
  static const Counted kCounted[] = {
      {"DAYS_SUPPLY", "days_supply", column::kDaysSupply, {Domain::kDrug}},
      {"DOMAIN_CONCEPT", "domain_concept_id", column::kCode, {}},
      {"DOMAIN_SOURCE_CONCEPT", "domain_source_concept_id", column::kSourceCode, {}},
      {"DURATION", "duration", Occurrence::kDuration, {}},
      {"END_DATE", "end_date", column::kEndDay, {}},
      {"ERA_OCCURRENCES",
       "occurrence_count",
       column::kOccurrences,
       {Domain::kConditionEra, Domain::kDrugEra}},
      {"GAP_DAYS", "gap_days", column::kGapDays, {Domain::kDrugEra}},
      {"QUANTITY",
       "quantity",
       column::kQuantity,
       {Domain::kDrug, Domain::kDevice, Domain::kProcedure, Domain::kSpecimen}},
      {"RANGE_HIGH", "range_high", column::kRangeHigh, {Domain::kMeasurement}},
      {"RANGE_LOW", "range_low", column::kRangeLow, {Domain::kMeasurement}},
      {"REFILLS", "refills", column::kRefills, {Domain::kDrug}},
      {"START_DATE", "start_date", column::kDay, {}},
      {"UNIT", "unit_concept_id", column::kDoseUnit, {Domain::kDoseEra}},
      {"UNIT",
       "unit_concept_id",
       column::kUnit,
       {Domain::kMeasurement, Domain::kObservation, Domain::kSpecimen}},
      {"VALUE_AS_NUMBER", "value_as_number", column::kDose, {Domain::kDoseEra}},
      {"VALUE_AS_NUMBER",
       "value_as_number",
       column::kValue,
       {Domain::kMeasurement, Domain::kObservation}},
      {"VISIT_ID", "visit_occurrence_id", column::kVisit, {}},
      {"VISIT_DETAIL_ID", "visit_detail_id", column::kVisitDetail, {}},
  };
  return kCounted;
}

}  // namespace

std::span<const CriteriaType> criteria_types() { return kTypes; }

std::span<const Field> demographic_fields() { return kDemographic; }

std::optional<ColumnId> counted_column(std::string_view name, Domain domain) {
  for (const Counted& one : counted()) {
    if ((one.name == name || one.sql_name == name) && one.is_of(domain)) return one.column;
  }
  return std::nullopt;
}

std::string_view counted_name(ColumnId column, Domain domain) {
  for (const Counted& one : counted()) {
    if (one.column == column && one.is_of(domain)) return one.name;
  }
  return {};
}

}  // namespace anam::circe
