// SPDX-License-Identifier: Apache-2.0
#include "tools/import/synthea_codes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace anam {
namespace {

using Digits = std::array<std::uint8_t, 10>;

/// The multiplication of the dihedral group of order 10.
constexpr Digits kProduct[10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
                                 {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
                                 {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
                                 {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
                                 {8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
/// What Verhoeff does to a digit, once for each place.
constexpr Digits kPermutation = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool has_verhoeff_digit(std::string_view digits) {
  std::uint8_t check = 0;
  for (std::size_t place = 0; place < digits.size(); ++place) {
    auto digit = static_cast<std::uint8_t>(digits[digits.size() - 1 - place] - '0');
    for (std::size_t times = 0; times < place % 8; ++times) digit = kPermutation[digit];
    check = kProduct[check][digit];
  }
  return check == 0;
}

struct Word {
  std::string_view word, code;
};

std::string_view code_of_word(std::span<const Word> words, std::string_view word) {
  const auto found = std::ranges::find(words, word, &Word::word);
  return found == words.end() ? std::string_view() : found->code;
}

// Urgent care is care of outpatients; what no code of OMOP's three fits has one of its own.
constexpr Word kClasses[] = {
    {"ambulatory", "Visit:OP"},     {"outpatient", "Visit:OP"}, {"wellness", "Visit:OP"},
    {"urgentcare", "Visit:OP"},     {"emergency", "Visit:ER"},  {"inpatient", "Visit:IP"},
    {"hospice", "Synthea:hospice"}, {"home", "Synthea:home"},   {"snf", "Synthea:snf"},
    {"virtual", "Synthea:virtual"},
};
constexpr Word kDepartments[] = {
    {"0", "wellness"},  {"1", "ambulatory"}, {"2", "outpatient"}, {"3", "inpatient"},
    {"4", "emergency"}, {"5", "urgentcare"}, {"6", "hospice"},    {"7", "home"},
    {"8", "snf"},       {"9", "virtual"},    {"10", "wellness"},  {"20", "wellness"},
};
constexpr Word kRaces[] = {
    {"white", "Race:5"},  {"black", "Race:3"},    {"asian", "Race:2"},
    {"native", "Race:1"}, {"hawaiian", "Race:4"},
};
constexpr Word kEthnicities[] = {{"hispanic", "Ethnicity:Hispanic"},
                                 {"nonhispanic", "Ethnicity:Not Hispanic"}};
constexpr Word kSexes[] = {{"F", "Gender:F"}, {"M", "Gender:M"}};

struct Named {
  std::string_view vocabulary, code, name;
};
constexpr Named kNames[] = {
    {"Visit", "IP", "Inpatient Visit"},
    {"Visit", "OP", "Outpatient Visit"},
    {"Visit", "ER", "Emergency Room Visit"},
    {"Synthea", "hospice", "Hospice care"},
    {"Synthea", "home", "Care at home"},
    {"Synthea", "snf", "Stay in a skilled nursing facility"},
    {"Synthea", "virtual", "Virtual encounter"},
    {"Gender", "F", "FEMALE"},
    {"Gender", "M", "MALE"},
    {"Race", "1", "American Indian or Alaska Native"},
    {"Race", "2", "Asian"},
    {"Race", "3", "Black or African American"},
    {"Race", "4", "Native Hawaiian or Other Pacific Islander"},
    {"Race", "5", "White"},
    {"Ethnicity", "Hispanic", "Hispanic or Latino"},
    {"Ethnicity", "Not Hispanic", "Not Hispanic or Latino"},
};

}  // namespace

bool is_snomed_concept(std::string_view code) {
  if (code.size() < 6 || code.size() > 18 || !all_digits(code) || code.front() == '0') return false;
  const std::string_view partition = code.substr(code.size() - 3, 2);
  return (partition == "00" || partition == "10") && has_verhoeff_digit(code);
}

std::string_view vocabulary_by_form(std::string_view code) {
  constexpr std::size_t kCvxDigits = 3;
  constexpr std::size_t kRxNormDigits = 8;
  if (is_snomed_concept(code) || !all_digits(code) || code.size() > kRxNormDigits) return "SNOMED";
  return code.size() <= kCvxDigits ? "CVX" : "RxNorm";
}

std::string_view vocabulary_of_system(std::string_view system) {
  std::string lower(system);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  constexpr Word kSystems[] = {
      {"snomed", "SNOMED"}, {"rxnorm", "RxNorm"}, {"loinc", "LOINC"}, {"cvx", "CVX"}};
  for (const Word& known : kSystems) {
    if (lower.find(known.word) != std::string::npos) return known.code;
  }
  return {};
}

std::string_view visit_code(std::string_view encounter_class) {
  return code_of_word(kClasses, encounter_class);
}

std::string_view class_of_department(std::string_view department) {
  return code_of_word(kDepartments, department);
}

std::string_view race_code(std::string_view race) { return code_of_word(kRaces, race); }
std::string_view ethnicity_code(std::string_view ethnicity) {
  return code_of_word(kEthnicities, ethnicity);
}
std::string_view sex_code_of(std::string_view gender) { return code_of_word(kSexes, gender); }

void define_synthea_codes(ImportSink& sink) {
  for (const Named& named : kNames) {
    const std::string_view domain = named.vocabulary == "Synthea" ? "Visit" : named.vocabulary;
    define_code(sink, named.vocabulary, named.code, named.name, domain);
  }
}

CodeId VocabularyCodes::id(std::string_view vocabulary, std::string_view code) {
  auto found = caches_.find(vocabulary);
  if (found == caches_.end()) {
    found = caches_.try_emplace(std::string(vocabulary), sink_, std::string(vocabulary)).first;
  }
  return found->second.id(code);
}

CodeId VocabularyCodes::id_of(std::string_view reference) {
  const std::size_t colon = reference.find(':');
  if (colon == std::string_view::npos) return kNoCode;
  return id(reference.substr(0, colon), reference.substr(colon + 1));
}

void CodeNames::meet(Met& met, std::string_view vocabulary, std::string_view code,
                     std::string_view name) {
  if (code.empty() || name.empty()) return;
  std::string key(vocabulary);
  key += ':';
  key += code;
  std::string& known = met[std::move(key)];
  if (known.empty() || name < known) known = name;
}

void CodeNames::merge(const Met& met) {
  const std::lock_guard lock(mutex_);
  for (const auto& [code, name] : met) {
    std::string& known = names_[code];
    if (known.empty() || name < known) known = name;
  }
}

void CodeNames::define(ImportSink& sink) const {
  for (const auto& [reference, name] : names_) {
    const std::size_t colon = reference.find(':');
    CodeDefinition definition;
    definition.name = name;
    definition.defined = false;  // met in data: a vocabulary that the store has says more
    sink.define(sink.code(std::string_view(reference).substr(0, colon),
                          std::string_view(reference).substr(colon + 1)),
                definition);
  }
}

}  // namespace anam
