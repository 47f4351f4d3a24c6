// SPDX-License-Identifier: Apache-2.0
// All codes of the population: what they are, what they map to, what lies below what.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace anam::generate {

/// Position of a concept in the book; 0 = none.
using CodeIndex = std::uint32_t;

/// From here on concept ids are this population's own, as OMOP reserves them; those below are
/// OHDSI's.
inline constexpr std::uint32_t kFirstOwnConcept = 2'000'000'001;

/// A code as an OMOP vocabulary has it: known as OMOP:id, and as vocabulary:code.
struct Concept {
  std::uint32_t id = 0;
  std::string vocabulary;
  std::string code;
  std::string name;
  std::string domain;         // "Condition", "Drug", ...
  std::string concept_class;  // "3-char billing code", "Ingredient", ...
  bool is_standard = false;
  CodeIndex standard = 0;  // what a source's code maps to
};

/// Grows while the model is set up; then read by all threads.
class CodeBook {
 public:
  CodeBook() : concepts_(1) {}

  /// Adds a concept; `id` 0 gives it one of the population's own. The same vocabulary and code
  /// again is the same concept.
  CodeIndex add(std::uint32_t id, std::string_view vocabulary, std::string_view code,
                std::string_view name, std::string_view domain, std::string_view concept_class,
                bool is_standard);
  void map(CodeIndex source, CodeIndex standard);
  void add_child(CodeIndex parent, CodeIndex child);

  /// 0 when there is none.
  CodeIndex find(std::string_view vocabulary, std::string_view code) const;

  const Concept& operator[](CodeIndex index) const { return concepts_[index]; }
  CodeIndex standard_of(CodeIndex index) const {
    return concepts_[index].standard != 0 ? concepts_[index].standard : index;
  }
  /// All concepts; the first is none.
  std::span<const Concept> concepts() const { return concepts_; }
  /// Every (ancestor, descendant), also the indirect ones and each concept with itself, sorted.
  std::vector<std::pair<CodeIndex, CodeIndex>> ancestry() const;

 private:
  std::vector<Concept> concepts_;
  std::map<std::pair<std::string, std::string>, CodeIndex> by_code_;
  std::map<CodeIndex, std::vector<CodeIndex>> children_;
};

}  // namespace anam::generate
