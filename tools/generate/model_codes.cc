// SPDX-License-Identifier: Apache-2.0
// Codes of the model that stand in no table, and the long tail of rare ones.
#include <set>
#include <string>

#include "tools/generate/model.h"

namespace anam::generate {
namespace {

std::string padded(std::uint32_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  return digits.size() >= width ? digits : std::string(width - digits.size(), '0') + digits;
}

/// LOINC's check digit (mod 10, as Luhn's).
std::string loinc(std::uint32_t number) {
  const std::string digits = std::to_string(number);
  std::uint32_t sum = 0;
  bool twice = true;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, twice = !twice) {
    const auto value = static_cast<std::uint32_t>(*digit - '0') * (twice ? 2 : 1);
    sum += value / 10 + value % 10;
  }
  return digits + "-" + std::to_string((10 - sum % 10) % 10);
}

}  // namespace

void Model::add_single_codes() {
  for (const Unit& unit : units())
    book.add(unit.id, "UCUM", unit.ucum, unit.name, "Unit", "Unit", true);
  const auto add = [&](std::uint32_t id, const char* vocabulary, const char* code, const char* name,
                       const char* domain) {
    return book.add(id, vocabulary, code, name, domain, domain, true);
  };
  female = add(8532, "Gender", "F", "FEMALE", "Gender");
  male = add(8507, "Gender", "M", "MALE", "Gender");
  inpatient = add(9201, "Visit", "IP", "Inpatient Visit", "Visit");
  outpatient = add(9202, "Visit", "OP", "Outpatient Visit", "Visit");
  emergency = add(9203, "Visit", "ER", "Emergency Room Visit", "Visit");
  enrollment = add(0, "Type Concept", "OMOP4976876", "Claim enrolment record", "Type Concept");
  claim = add(32810, "Type Concept", "OMOP4976890", "Claim", "Type Concept");
  record = add(32817, "Type Concept", "OMOP4976900", "EHR", "Type Concept");
  principal_status =
      add(32902, "Condition Status", "OMOP4976972", "Primary diagnosis", "Condition Status");
  other_status =
      add(32908, "Condition Status", "OMOP4976978", "Secondary diagnosis", "Condition Status");
  commercial = add(0, "SOPT", "5", "Private health insurance", "Payer");
  medicare = add(0, "SOPT", "1", "Medicare", "Payer");
  races = {add(8527, "Race", "5", "White", "Race"),
           add(8516, "Race", "3", "Black or African American", "Race"),
           add(8515, "Race", "2", "Asian", "Race"),
           add(8657, "Race", "1", "American Indian or Alaska Native", "Race"), 0};
  positive = add(9191, "SNOMED", "10828004", "Positive", "Meas Value");
  negative = add(9189, "SNOMED", "260385009", "Negative", "Meas Value");

  const auto disorder = [&](std::uint32_t id, const char* snomed, const char* name) {
    return book.add(id, "SNOMED", snomed, name, "Condition", "Clinical Finding", true);
  };
  const CodeIndex exam = disorder(0, "162673000", "General examination of patient");
  checkup = diagnosis("Z00.00", "V70.0", "General adult medical examination", exam);
  child_checkup = diagnosis("Z00.129", "V20.2", "Routine child health examination", exam);
  const CodeIndex pregnancy = disorder(4299535, "77386006", "Patient currently pregnant");
  prenatal = diagnosis("Z34.90", "V22.1", "Supervision of normal pregnancy", pregnancy);
  delivery = diagnosis("O80", "650", "Full-term uncomplicated delivery",
                       disorder(0, "48782003", "Delivery normal"));
  cesarean = diagnosis("O82", "669.71", "Cesarean delivery without indication",
                       disorder(0, "200146002", "Cesarean delivery - delivered"));
  live_birth = diagnosis("Z37.0", "V27.0", "Single live birth",
                         disorder(0, "169826009", "Single live birth"));
  gestational = diagnosis("O24.410", "648.83", "Gestational diabetes mellitus, diet controlled",
                          disorder(4024659, "11687002", "Gestational diabetes mellitus"));
  miscarriage = diagnosis("O03.9", "634.90", "Spontaneous abortion without complication",
                          disorder(0, "17369002", "Miscarriage"));
  chemotherapy = diagnosis("Z51.11", "V58.11", "Encounter for antineoplastic chemotherapy",
                           disorder(0, "367336001", "Chemotherapy"));
  neutropenia = diagnosis("D70.1", "288.03", "Agranulocytosis due to cancer chemotherapy",
                          disorder(320073, "165517008", "Neutropenia"));
  weakness = diagnosis("M62.81", "728.87", "Muscle weakness (generalized)",
                       disorder(79908, "26544005", "Muscle weakness"));
  paresthesia = diagnosis("R20.2", "782.0", "Paresthesia of skin",
                          disorder(4236484, "91019004", "Paresthesia"));
  chest_pain = diagnosis("R07.9", "786.50", "Chest pain, unspecified",
                         disorder(77670, "29857009", "Chest pain"));
  injury = diagnosis("T14.90", "959.9", "Injury, unspecified",
                     disorder(0, "417163006", "Traumatic or non-traumatic injury"));
}

void Model::add_ancestors() {
  for (const Ancestor& row : ancestors()) {
    const CodeIndex child = book.find(row.child_vocabulary, row.child);
    const CodeIndex above = book.add(row.id, row.vocabulary, row.code, row.name, row.domain,
                                     row.vocabulary, std::string_view(row.vocabulary) != "ATC");
    book.add_child(above, child);
  }
}

void Model::add_rare_codes() {
  // A hundred disorders, each of which many rare codes mean.
  std::vector<CodeIndex> disorders;
  for (std::uint32_t i = 0; i < 300; ++i) {
    disorders.push_back(book.add(0, "SNOMED", std::to_string(890000001 + i * 1000),
                                 "Rare disorder, group " + std::to_string(i + 1), "Condition",
                                 "Disorder", true));
  }
  // Categories of the conditions stay theirs, so that E11* means diabetes.
  std::set<std::string> common;
  for (const Concept& entry : book.concepts()) {
    if (entry.vocabulary == "ICD10CM" || entry.vocabulary == "ICD9CM")
      common.insert(entry.code.substr(0, 3));
  }
  constexpr std::string_view kLetters = "ABDEFGHIJKLMNOPQRSTZ";  // without C, whose tumours matter
  for (std::uint32_t i = 0; i < rare_diagnoses.size(); ++i) {
    const char letter = kLetters[i % kLetters.size()];
    const std::uint32_t spread = i * 7919 % 6007;  // 6007 is prime: no two are the same
    const std::string number = padded(spread / 61, 2);
    std::string icd10(1, common.contains(letter + number) ? 'Y' : letter);
    icd10.append(number).append(".").append(padded(spread % 61 + 30, 2));
    if (letter == 'S' || letter == 'T') icd10 += "XA";
    while (book.find("ICD10CM", icd10) != 0) icd10 += '9';
    std::string icd9 = padded(spread / 7 + 1, 3) + "." + padded(spread % 7 * 14 + i % 14, 2);
    if (common.contains(icd9.substr(0, 3)))
      icd9 = "E" + padded(800 + i % 200, 3) + "." + std::to_string(i / 200);
    rare_diagnoses[i] = diagnosis(icd10.c_str(), icd9.c_str(), ("Rare diagnosis " + icd10).c_str(),
                                  disorders[spread % 300]);
  }
  constexpr std::string_view kServices = "ACEGJKLQSV";
  for (std::uint32_t i = 0; i < rare_procedures.size(); ++i) {
    const std::string code = kServices[i % 10] + padded(5000 + i * 2741 % 4999, 4);
    rare_procedures[i] =
        book.add(0, "HCPCS", code, "Rare service " + code, "Procedure", "HCPCS", true);
  }
  for (std::uint32_t i = 0; i < rare_drugs.size(); ++i) {
    const std::string rxnorm = std::to_string(3900000 + i / 3);
    const CodeIndex drug =
        book.add(0, "RxNorm", rxnorm, "rare drug " + rxnorm, "Drug", "Clinical Drug", true);
    const std::string ndc = padded(99100 + i % 97, 5) + padded(i, 4) + "30";
    rare_drugs[i] =
        book.add(0, "NDC", ndc, "rare drug, package " + ndc, "Drug", "11-digit NDC", false);
    book.map(rare_drugs[i], drug);
  }
  for (std::uint32_t i = 0; i < rare_labs.size(); ++i) {
    const std::string code = loinc(60000 + i * 37);
    rare_labs[i].code =
        book.add(0, "LOINC", code, "Rare test " + code, "Measurement", "Lab Test", true);
    rare_labs[i].unit = book.find("UCUM", units()[i % units().size()].ucum);
    rare_labs[i].mean = static_cast<int>(20 + i * 17 % 400);
  }
}

}  // namespace anam::generate
