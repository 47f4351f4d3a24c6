// SPDX-License-Identifier: Apache-2.0
// A definition's code sets as Circe's concept sets and lists of concepts: the mirror of CodeSets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "query/circe/circe_writer.h"
#include "query/circe/json_text.h"
#include "query/definition.h"

namespace anam::circe {

/// Used while one definition is written; knows in the end which sets it needs.
class ConceptWriter {
 public:
  ConceptWriter(const std::vector<CodeSet>& sets, const CirceConcepts& concepts)
      : sets_(sets), concepts_(concepts), written_(sets.size()) {}

  /// Whether it is a plain list of OMOP ids, as criteria hold them.
  bool is_list(CodeSetIndex set) const;
  /// Whether list() can be called: the codes are OMOP concepts, and there are some.
  bool can_list(CodeSetIndex set);
  JsonText list(CodeSetIndex set);

  /// Why the set cannot be a concept set; empty where it can.
  const std::string& refusal(CodeSetIndex set);
  /// The CodesetId. REQUIRES: refusal() is empty.
  JsonText id(CodeSetIndex set);

  /// Whether these are all of the set's codes, as it is written.
  bool is_exactly(CodeSetIndex set, const std::vector<std::int64_t>& concept_ids) const;

  /// ConceptSets: those whose id was asked for, and named ones that nothing uses.
  JsonText concept_sets();

  const CirceConcepts& concepts() const { return concepts_; }

 private:
  struct Item {
    std::int64_t concept_id = 0;
    bool exclude = false;
    bool descendants = false;
    bool mapped = false;
  };
  struct Written {
    bool done = false;  // items and refusal are what they will be
    std::vector<Item> items;
    std::string refusal;
    bool named = false;   // an id was asked for
    bool listed = false;  // a list was asked for
  };

  Written& write(CodeSetIndex set);
  std::optional<std::vector<Item>> as_structured(const CodeSet& set, bool circe_only) const;
  bool add_items(const CodeSet& set, bool exclude, bool circe_only, std::vector<Item>& items) const;
  std::optional<std::vector<std::int64_t>> listed_ids(CodeSetIndex set) const;
  JsonText concept_json(std::int64_t concept_id) const;

  const std::vector<CodeSet>& sets_;
  const CirceConcepts& concepts_;
  std::vector<Written> written_;
};

}  // namespace anam::circe
