// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/model.h"

#include <algorithm>
#include <string>

namespace anam::generate {
namespace {

// As large as the ranges of the loops in rare_codes.cc.
constexpr std::uint32_t kRareDiagnoses = 6000;
constexpr std::uint32_t kRareProcedures = 1500;
constexpr std::uint32_t kRareDrugs = 1500;
constexpr std::uint32_t kRareLabs = 400;

template <typename Rows, typename Match>
int position(const Rows& rows, Match match) {
  const auto found = std::ranges::find_if(rows, match);
  return found == rows.end() ? -1 : static_cast<int>(found - rows.begin());
}

}  // namespace

ZipfRanks::ZipfRanks(std::uint32_t ranks) {
  double total = 0;
  for (std::uint32_t k = 1; k <= ranks; ++k) total += 1.0 / k;
  double sum = 0;
  std::uint32_t rank = 0;
  for (std::size_t step = 0; step < bounds_.size(); ++step) {
    const double wanted = total * static_cast<double>(step) / 1024;
    while (rank + 1 < ranks && sum + 1.0 / (rank + 1) < wanted) sum += 1.0 / ++rank;
    bounds_[step] = rank;
  }
}

Model::Model()
    : diagnosis_ranks(kRareDiagnoses),
      procedure_ranks(kRareProcedures),
      drug_ranks(kRareDrugs),
      lab_ranks(kRareLabs) {
  rare_diagnoses.resize(kRareDiagnoses);
  rare_procedures.resize(kRareProcedures);
  rare_drugs.resize(kRareDrugs);
  rare_labs.resize(kRareLabs);
  add_single_codes();
  add_codes();
  add_conditions();
  add_ancestors();
  add_rare_codes();
}

int Model::find_lab(std::string_view loinc) const {
  return position(generate::labs(), [&](const Lab& lab) { return lab.loinc == loinc; });
}
int Model::find_procedure(std::string_view code) const {
  return position(generate::procedures(), [&](const Procedure& row) { return row.code == code; });
}
int Model::find_drug(std::string_view name) const {
  return position(generate::drugs(), [&](const Drug& drug) { return drug.name == name; });
}
int Model::find_stay(std::string_view drg) const {
  return position(generate::stays(), [&](const Stay& stay) { return stay.drg == drg; });
}

DiagnosisCodes Model::diagnosis(const char* icd10, const char* icd9, const char* name,
                                CodeIndex standard) {
  const auto add = [&](const char* vocabulary, const char* code, const char* concept_class) {
    const CodeIndex index = book.add(0, vocabulary, code, name, "Condition", concept_class, false);
    if (book[index].standard == 0) book.map(index, standard);
    return index;
  };
  return {.icd9 = add("ICD9CM", icd9, "ICD9CM code"), .icd10 = add("ICD10CM", icd10, "ICD10 code")};
}

void Model::add_codes() {
  for (const Drug& drug : generate::drugs()) {
    const CodeIndex ingredient =
        book.add(drug.id, "RxNorm", drug.rxnorm, drug.name, "Drug", drug.concept_class, true);
    drugs.push_back(ingredient);
    const CodeIndex atc = book.add(std::string_view(drug.atc) == "R03BB" ? 21603292 : 0, "ATC",
                                   drug.atc, drug.name, "Drug", "ATC 5th", false);
    book.add_child(atc, ingredient);
    // Packages: numbers in the format of NDCs, under labelers that do not exist.
    const auto number = static_cast<std::uint32_t>(drugs.size());
    for (int package = 0; package < drug.packages; ++package) {
      std::string ndc = std::to_string(99000 + 7 * package % 83);
      const std::string product = std::to_string(1000 + number * 13);
      ndc += product + (package % 3 == 0 ? "01" : package % 3 == 1 ? "30" : "90");
      const CodeIndex index = book.add(0, "NDC", ndc, std::string(drug.name) + ", package " + ndc,
                                       "Drug", "11-digit NDC", false);
      book.map(index, ingredient);
      if (package == 0) first_package.push_back(index);
    }
  }
  for (const Lab& lab : generate::labs()) {
    labs.push_back(book.add(lab.id, "LOINC", lab.loinc, lab.name, "Measurement", "Lab Test", true));
    lab_units.push_back(book.find("UCUM", lab.unit));
  }
  for (const Procedure& row : generate::procedures()) {
    procedures.push_back(
        book.add(row.id, row.vocabulary, row.code, row.name, "Procedure", row.vocabulary, true));
  }
  for (const Stay& stay : generate::stays()) {
    stays.push_back(book.add(0, "DRG", stay.drg, stay.name, "Observation", "MS-DRG", true));
  }
}

void Model::add_conditions() {
  const std::size_t count = generate::labs().size();
  lab_shift.resize(kConditions * count);
  lab_effect.resize(generate::drugs().size() * count);
  for (const DrugEffect& effect : drug_effects()) {
    lab_effect[static_cast<std::size_t>(find_drug(effect.drug)) * count +
               static_cast<std::size_t>(find_lab(effect.loinc))] = effect.shift;
  }
  for (const Condition& row : generate::conditions()) {
    ConditionModel& model = conditions.emplace_back();
    model.row = &row;
    const CodeIndex standard =
        book.add(row.snomed_id, "SNOMED", row.snomed, row.name, "Condition", "Disorder", true);
    float total = 0;
    for (const DiagnosisRow& code : row.diagnoses) total += code.weight;
    float sum = 0;
    for (const DiagnosisRow& code : row.diagnoses) {
      if (code.icd10 == nullptr) break;
      model.codes.push_back(diagnosis(code.icd10, code.icd9, code.name, standard));
      model.codes_upto.push_back((sum += code.weight) / total);
    }
    total = sum = 0;
    for (const DrugChoice& drug : row.drugs) total += drug.weight;
    for (const DrugChoice& drug : row.drugs) {
      if (drug.drug == nullptr) break;
      model.drugs.push_back(
          {static_cast<std::uint16_t>(find_drug(drug.drug)), (sum += drug.weight) / total});
    }
    for (const LabChoice& lab : row.labs) {
      if (lab.loinc == nullptr) break;
      const int index = find_lab(lab.loinc);
      model.labs.push_back(static_cast<std::uint16_t>(index));
      model.lab_chances.push_back(lab.chance);
      lab_shift[row.id * count + static_cast<std::size_t>(index)] = lab.shift;
    }
    for (const Cause& cause : row.causes) {
      if (cause.condition != kConditions && cause.factor != 1)
        model.causes |= std::uint64_t{1} << cause.condition;
    }
    if (row.procedure != nullptr) model.procedure = find_procedure(row.procedure);
    model.stay = find_stay(row.drg != nullptr ? row.drg : "392");
    for (std::size_t sex = 0; sex < 2; ++sex) {
      double cases = 0;
      for (std::size_t age = 0; age + 1 < model.cumulative[sex].size(); ++age) {
        model.cumulative[sex][age] = static_cast<float>(cases);
        std::size_t band = 0;
        while (band + 1 < kAgeBands && static_cast<int>(age) >= kBandAges[band + 1]) ++band;
        cases += row.rate[band] * (sex == 1 ? row.female : row.male) / 1000;
      }
      model.cumulative[sex].back() = static_cast<float>(cases);
    }
  }
}

}  // namespace anam::generate
