// SPDX-License-Identifier: Apache-2.0
// A definition's code sets: Circe's concept sets, and the lists of concepts that criteria hold.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "query/circe/json_value.h"
#include "query/definition.h"

namespace anam::circe {

/// What concept ids are codes of.
inline constexpr std::string_view kConceptVocabulary = "OMOP";

/// A concept id as an item of a code set.
CodeSetItem concept_item(std::int64_t id);

/// Fills CohortDefinition::code_sets. Used while one definition is read.
class CodeSets {
 public:
  explicit CodeSets(std::vector<CodeSet>& sets) : sets_(sets) {}

  /// The definition's ConceptSets. Sets of one id are united, as in Circe.
  void read(const JsonValue& concept_sets);

  /// The set that a CodesetId names. One that is not there has no codes, as in Circe.
  CodeSetIndex named(const JsonValue& id);

  /// The set of a list of concepts, whose ids count whether a vocabulary defines them or not.
  /// Equal lists are one set.
  CodeSetIndex listed(const std::vector<JsonValue>& concepts);

  CodeSetIndex of_ids(const std::vector<std::int64_t>& ids);

 private:
  std::vector<CodeSet>& sets_;
  std::map<std::int32_t, CodeSetIndex> by_id_;
  std::map<std::vector<std::int64_t>, CodeSetIndex> by_concepts_;
};

}  // namespace anam::circe
