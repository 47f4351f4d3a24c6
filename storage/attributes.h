// SPDX-License-Identifier: Apache-2.0
// The attributes that every store knows by the same name, id and type. Further ones are named by a
// store's catalog.
#pragma once

#include <span>
#include <string_view>

#include "storage/event.h"

namespace anam {

/// One attribute of events or persons.
struct AttributeInfo {
  ColumnId id;
  std::string_view name;  // as in the text language and in CSV headers
  ColumnType type;
  std::string_view vocabulary;  // kCode: vocabulary of a code that comes without one; else empty
  std::string_view meaning;     // one line
};

/// All built-in attributes and the event's own fields that can be asked for by name, in the order
/// of ids.
std::span<const AttributeInfo> builtin_attributes();

/// Null when there is none. The pointer is valid forever.
const AttributeInfo* find_builtin_attribute(std::string_view name);
const AttributeInfo* find_builtin_attribute(ColumnId id);

namespace column {

// Values.
inline constexpr ColumnId kValue = 64;
inline constexpr ColumnId kValueText = 65;
inline constexpr ColumnId kValueCode = 66;
inline constexpr ColumnId kUnit = 67;
inline constexpr ColumnId kOperator = 68;
inline constexpr ColumnId kRangeLow = 69;
inline constexpr ColumnId kRangeHigh = 70;
inline constexpr ColumnId kQualifier = 71;
// Drugs, devices, procedures, specimens.
inline constexpr ColumnId kQuantity = 80;
inline constexpr ColumnId kDaysSupply = 81;
inline constexpr ColumnId kRefills = 82;
inline constexpr ColumnId kRoute = 83;
inline constexpr ColumnId kLot = 84;
inline constexpr ColumnId kDose = 85;
inline constexpr ColumnId kDoseUnit = 86;
inline constexpr ColumnId kStopReason = 87;
inline constexpr ColumnId kModifier = 88;
inline constexpr ColumnId kDeviceIdentifier = 89;
inline constexpr ColumnId kProduction = 90;
inline constexpr ColumnId kSig = 91;
inline constexpr ColumnId kAnatomicSite = 92;
inline constexpr ColumnId kDiseaseStatus = 93;
inline constexpr ColumnId kVerbatimEnd = 94;
// How and where it was recorded.
inline constexpr ColumnId kType = 100;
inline constexpr ColumnId kStatus = 101;
inline constexpr ColumnId kPosition = 102;
inline constexpr ColumnId kProvider = 103;
inline constexpr ColumnId kSpecialty = 104;
inline constexpr ColumnId kCareSite = 105;
inline constexpr ColumnId kPlaceOfService = 106;
inline constexpr ColumnId kAdmittedFrom = 107;
inline constexpr ColumnId kDischargedTo = 108;
inline constexpr ColumnId kDrg = 109;
inline constexpr ColumnId kRevenueCode = 110;
inline constexpr ColumnId kClaimLine = 111;
inline constexpr ColumnId kClaimType = 112;
inline constexpr ColumnId kParentVisitDetail = 113;
inline constexpr ColumnId kAdmitting = 114;
// On the way into the store, as kParentVisitDetail, the outside id of what is named.
inline constexpr ColumnId kPrecedingVisit = 115;
inline constexpr ColumnId kPrecedingVisitDetail = 116;
// Values as the source wrote them.
inline constexpr ColumnId kSourceValue = 120;
inline constexpr ColumnId kUnitSource = 121;
inline constexpr ColumnId kValueSource = 122;
inline constexpr ColumnId kStatusSource = 123;
inline constexpr ColumnId kRouteSource = 124;
inline constexpr ColumnId kDoseUnitSource = 125;
inline constexpr ColumnId kModifierSource = 126;
inline constexpr ColumnId kQualifierSource = 127;
inline constexpr ColumnId kAdmittedFromSource = 128;
inline constexpr ColumnId kDischargedToSource = 129;
inline constexpr ColumnId kSpecimenSource = 130;
inline constexpr ColumnId kAnatomicSiteSource = 131;
inline constexpr ColumnId kDiseaseStatusSource = 132;
inline constexpr ColumnId kSpecialtySource = 133;
inline constexpr ColumnId kSpecialtySourceCode = 134;
inline constexpr ColumnId kUnitSourceCode = 135;
inline constexpr ColumnId kDrgSource = 136;
inline constexpr ColumnId kRevenueCodeSource = 137;
// Money, in cents, on exactly one event of a claim or line.
inline constexpr ColumnId kCharged = 140;
inline constexpr ColumnId kAllowed = 141;
inline constexpr ColumnId kPaid = 142;
inline constexpr ColumnId kCost = 143;
inline constexpr ColumnId kPaidByPayer = 144;
inline constexpr ColumnId kPaidByPatient = 145;
inline constexpr ColumnId kCopay = 146;
inline constexpr ColumnId kCoinsurance = 147;
inline constexpr ColumnId kDeductible = 148;
inline constexpr ColumnId kPaidByPrimary = 149;
inline constexpr ColumnId kIngredientCost = 150;
inline constexpr ColumnId kDispensingFee = 151;
inline constexpr ColumnId kBloodDeductible = 152;
inline constexpr ColumnId kPassThrough = 153;
inline constexpr ColumnId kCurrency = 154;
inline constexpr ColumnId kCostType = 155;
// Eras, payer plans, death.
inline constexpr ColumnId kOccurrences = 160;
inline constexpr ColumnId kGapDays = 161;
inline constexpr ColumnId kPayerSource = 162;
inline constexpr ColumnId kPlan = 163;
inline constexpr ColumnId kPlanSource = 164;
inline constexpr ColumnId kSponsor = 165;
inline constexpr ColumnId kSponsorSource = 166;
inline constexpr ColumnId kFamily = 167;
inline constexpr ColumnId kStopReasonCode = 168;
inline constexpr ColumnId kStopReasonSource = 169;
inline constexpr ColumnId kPlanSourceCode = 170;
inline constexpr ColumnId kSponsorSourceCode = 171;
inline constexpr ColumnId kStopReasonSourceCode = 172;
// Persons.
inline constexpr ColumnId kSex = 200;
inline constexpr ColumnId kRace = 201;
inline constexpr ColumnId kEthnicity = 202;
inline constexpr ColumnId kBirthYear = 203;
inline constexpr ColumnId kBirthMonth = 204;
inline constexpr ColumnId kBirthDay = 205;
inline constexpr ColumnId kState = 206;
inline constexpr ColumnId kCounty = 207;
inline constexpr ColumnId kZip = 208;
inline constexpr ColumnId kCountry = 209;
inline constexpr ColumnId kRegion = 210;
inline constexpr ColumnId kSexSource = 211;
inline constexpr ColumnId kRaceSource = 212;
inline constexpr ColumnId kEthnicitySource = 213;
inline constexpr ColumnId kSexSourceCode = 214;
inline constexpr ColumnId kRaceSourceCode = 215;
inline constexpr ColumnId kEthnicitySourceCode = 216;
inline constexpr ColumnId kBirthSecond = 217;

}  // namespace column

}  // namespace anam
