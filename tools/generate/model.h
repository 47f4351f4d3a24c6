// SPDX-License-Identifier: Apache-2.0
// The tables of the model with their codes looked up and their rates added up.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tools/generate/code_book.h"
#include "tools/generate/condition_table.h"
#include "tools/generate/item_tables.h"
#include "tools/generate/random.h"

namespace anam::generate {

/// A diagnosis as it is coded before and from 2015-10-01 on.
struct DiagnosisCodes {
  CodeIndex icd9 = 0;
  CodeIndex icd10 = 0;
};

/// Ranks that follow Zipf's law with exponent 1.
class ZipfRanks {
 public:
  explicit ZipfRanks(std::uint32_t ranks);
  std::uint32_t draw(Stream& stream) const {
    const std::uint64_t random = stream.next();
    const std::size_t step = random >> 54;
    const std::uint32_t width = bounds_[step + 1] - bounds_[step];
    return bounds_[step] + static_cast<std::uint32_t>((random & 0xFFFFFFFF) * (width + 1) >> 32);
  }

 private:
  std::array<std::uint32_t, 1025> bounds_;  // of the 1/1024 quantiles, the last one included
};

/// An index chosen by weight.
struct Choice {
  std::uint16_t index = 0;
  float upto = 0;  // cumulative probability
};

struct ConditionModel {
  const Condition* row = nullptr;
  std::vector<DiagnosisCodes> codes;
  std::vector<float> codes_upto;  // cumulative probability
  std::vector<Choice> drugs;
  std::vector<std::uint16_t> labs;
  std::vector<float> lab_chances;
  std::uint64_t causes = 0;  // as bits
  int procedure = -1;
  int stay = -1;
  /// Expected cases until the birthday of each age, without causes; [0] of men, [1] of women.
  std::array<std::array<float, 123>, 2> cumulative{};
};

struct RareLab {
  CodeIndex code = 0;
  CodeIndex unit = 0;
  int mean = 0;
};

/// Immutable once built; shared by all threads. A function of nothing: every population has the
/// same codes.
class Model {
 public:
  Model();

  CodeBook book;
  std::vector<ConditionModel> conditions;  // by ConditionId
  std::vector<CodeIndex> drugs;            // ingredients, as drugs()
  std::vector<CodeIndex> first_package;    // of each drug; then the next ones
  std::vector<CodeIndex> labs, lab_units;  // as labs()
  std::vector<CodeIndex> procedures;       // as procedures()
  std::vector<CodeIndex> stays;            // as stays()
  std::vector<float> lab_shift;            // condition * labs + lab
  std::vector<float> lab_effect;           // drug * labs + lab

  std::vector<DiagnosisCodes> rare_diagnoses;
  std::vector<CodeIndex> rare_procedures;
  std::vector<CodeIndex> rare_drugs;
  std::vector<RareLab> rare_labs;
  ZipfRanks diagnosis_ranks, procedure_ranks, drug_ranks, lab_ranks;

  // Single ones.
  CodeIndex female, male, inpatient, outpatient, emergency;
  CodeIndex enrollment, commercial, medicare;
  CodeIndex claim, record;  // types
  CodeIndex principal_status, other_status;
  std::array<CodeIndex, 5> races;
  CodeIndex positive, negative;
  DiagnosisCodes checkup, child_checkup, prenatal, delivery, live_birth, cesarean, gestational,
      miscarriage, chemotherapy, neutropenia, weakness, paresthesia, chest_pain, injury;
  int find_lab(std::string_view loinc) const;
  int find_procedure(std::string_view code) const;
  int find_drug(std::string_view name) const;
  int find_stay(std::string_view drg) const;

 private:
  void add_codes();
  void add_single_codes();
  void add_conditions();
  void add_ancestors();
  void add_rare_codes();
  DiagnosisCodes diagnosis(const char* icd10, const char* icd9, const char* name,
                           CodeIndex standard);
};

}  // namespace anam::generate
