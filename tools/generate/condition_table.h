// SPDX-License-Identifier: Apache-2.0
// The conditions of the model, as a table. docs/population.md names the sources of the rates.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace anam::generate {

/// Chronic conditions come in an order in which causes stand before what they cause.
enum ConditionId : std::uint8_t {
  kObesity,
  kHypertension,
  kHyperlipidemia,
  kType1Diabetes,
  kType2Diabetes,
  kKidneyDisease,
  kCoronaryDisease,
  kInfarction,
  kFibrillation,
  kHeartFailure,
  kStroke,
  kCopd,
  kAsthma,
  kSleepApnea,
  kDepression,
  kAnxiety,
  kBipolar,
  kSchizophrenia,
  kAdhd,
  kDementia,
  kParkinson,
  kEpilepsy,
  kMigraine,
  kOsteoarthritis,
  kOsteoporosis,
  kRheumatoid,
  kPsoriasis,
  kHypothyroidism,
  kReflux,
  kGout,
  kProstateHyperplasia,
  kBackPain,
  kBowelInflammation,
  kCirrhosis,
  kEndometriosis,
  kGlaucoma,
  kBreastCancer,
  kProstateCancer,
  kLungCancer,
  kColorectalCancer,
  kChronicConditions,
  // Acute ones: they come and go, any number of times.
  kCold = kChronicConditions,
  kOtitis,
  kBronchitis,
  kInfluenza,
  kPneumonia,
  kCovid,
  kUrinaryInfection,
  kGastroenteritis,
  kDermatitis,
  kSprain,
  kWristFracture,
  kHipFracture,
  kAppendicitis,
  kGallstones,
  kSepsis,
  kMyelitis,
  kConditions,
};
inline constexpr std::size_t kAcuteConditions = kConditions - kChronicConditions;

/// Ages 0-17, 18-34, 35-44, 45-54, 55-64, 65-74, 75-84, 85 and more.
inline constexpr std::size_t kAgeBands = 8;
inline constexpr std::array<int, kAgeBands + 1> kBandAges = {0, 18, 35, 45, 55, 65, 75, 85, 121};

struct DiagnosisRow {
  const char* icd10 = nullptr;
  const char* icd9 = nullptr;
  const char* name = nullptr;
  float weight = 0;
};
struct Cause {
  ConditionId condition = kConditions;  // kConditions: no further one
  float factor = 1;                     // on the rate of onset, from then on
};
struct DrugChoice {
  const char* drug = nullptr;
  float weight = 0;
};
struct LabChoice {
  const char* loinc = nullptr;
  float chance = 0;  // at a visit for the condition
  float shift = 0;   // of the value, in the test's unit, while the condition is untreated
};

struct Condition {
  ConditionId id;
  const char* name;
  std::uint32_t snomed_id;  // concept id
  const char* snomed;
  std::array<float, kAgeBands> rate;  // new cases in 1000 person-years
  float female = 1, male = 1;         // factors on the rate
  std::array<Cause, 4> causes = {};
  float mortality = 1;  // factor on the rate of dying
  float visits = 0;     // a year, in an office
  float stays = 0;      // a year, in a hospital, once it is there
  float emergency = 0;  // a year
  float admitted = 0;   // probability that it is found in (an acute one is treated in) a hospital
  int days = 3;         // of a stay, on average
  const char* drg = nullptr;
  std::array<DiagnosisRow, 4> diagnoses = {};
  float treated = 0;  // probability of drug treatment
  std::array<DrugChoice, 6> drugs = {};
  std::array<LabChoice, 4> labs = {};
  const char* procedure = nullptr;  // CPT4 or HCPCS, done when it is found or treated in a hospital
  float office = 0;                 // probability that it is done at a visit to an office
};

/// All of them, by ConditionId.
std::span<const Condition> conditions();

}  // namespace anam::generate
