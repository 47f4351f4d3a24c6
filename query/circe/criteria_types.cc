// SPDX-License-Identifier: Apache-2.0
#include "query/circe/criteria_types.h"

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

}  // namespace

std::span<const CriteriaType> criteria_types() { return kTypes; }

}  // namespace anam::circe
