// SPDX-License-Identifier: Apache-2.0
// Codes of Synthea: whose vocabulary they are, what they are called, what its words mean.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tools/import/code_cache.h"
#include "tools/import/import_sink.h"

namespace anam {

/// True for what can be the id of a SNOMED CT concept: 6 to 18 digits, the partition of concepts,
/// and the right check digit (Verhoeff's).
bool is_snomed_concept(std::string_view code);

/// The vocabulary of a code that stands among others on a claim's lines or as an allergy: Synthea
/// does not say which. A SNOMED CT concept is known by its form; CVX codes have up to three digits,
/// RxNorm's more; what is neither is taken for SNOMED.
std::string_view vocabulary_by_form(std::string_view code);

/// The vocabulary that a cell of a SYSTEM column names; empty when it names none that is known.
std::string_view vocabulary_of_system(std::string_view system);

/// The code of a visit of this class ("ambulatory", "inpatient", ...), as VOCABULARY:CODE. Empty
/// for a class that Synthea does not have.
std::string_view visit_code(std::string_view encounter_class);

/// The class of an encounter from the DEPARTMENTID of its claim; empty for any other.
std::string_view class_of_department(std::string_view department);

/// "Race:5" for "white"; empty for a race without a code. And the same for ethnicity and sex.
std::string_view race_code(std::string_view race);
std::string_view ethnicity_code(std::string_view ethnicity);
std::string_view sex_code_of(std::string_view gender);

/// Names the codes that the functions above give.
void define_synthea_codes(ImportSink& sink);

/// Codes of any vocabulary, for one thread.
class VocabularyCodes {
 public:
  explicit VocabularyCodes(ImportSink& sink) : sink_(sink) {}

  CodeId id(std::string_view vocabulary, std::string_view code);
  /// "VOCABULARY:CODE"; kNoCode for an empty text.
  CodeId id_of(std::string_view reference);

 private:
  ImportSink& sink_;
  std::map<std::string, CodeCache, std::less<>> caches_;
};

/// What codes are called. One name a code, the smallest of those met, so that the order of rows and
/// files does not show. Memory: the distinct codes.
class CodeNames {
 public:
  /// Names met by one thread; they are added to the others' by merge().
  using Met = std::unordered_map<std::string, std::string>;  // "VOCABULARY:CODE" -> name
  static void meet(Met& met, std::string_view vocabulary, std::string_view code,
                   std::string_view name);

  /// Thread-safe.
  void merge(const Met& met);
  /// Defines all codes met. One thread, after the last merge().
  void define(ImportSink& sink) const;

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> names_;
};

}  // namespace anam
