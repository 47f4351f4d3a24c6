// SPDX-License-Identifier: Apache-2.0
#include "query/circe/code_sets.h"

#include <algorithm>

namespace anam::circe {

namespace {

// Only the id means something: all else describes the concept.
std::int64_t read_concept(const JsonValue& value) {
  JsonObject fields = value.object();
  for (const std::string_view described :
       {"CONCEPT_NAME", "STANDARD_CONCEPT", "STANDARD_CONCEPT_CAPTION", "INVALID_REASON",
        "INVALID_REASON_CAPTION", "CONCEPT_CODE", "DOMAIN_ID", "VOCABULARY_ID", "CONCEPT_CLASS_ID",
        "VALID_START_DATE", "VALID_END_DATE"}) {
    fields.find(described);
  }
  const std::int64_t id = fields.need("CONCEPT_ID").concept_id();
  fields.finish();
  return id;
}

CodeSet read_set(JsonObject& fields) {
  CodeSet set;
  set.name = fields.text("name");
  JsonObject expression = fields.need("expression").object();
  if (const auto items = expression.find("items")) {
    for (const JsonValue& value : items->array()) {
      JsonObject item_fields = value.object();
      CodeSetItem item = concept_item(read_concept(item_fields.need("concept")));
      item.defined_only = true;
      item.descendants = item_fields.flag("includeDescendants");
      item.mapped = item_fields.flag("includeMapped");
      (item_fields.flag("isExcluded") ? set.exclude : set.include).push_back(std::move(item));
      item_fields.finish();
    }
  }
  expression.finish();
  return set;
}

}  // namespace

CodeSetItem concept_item(std::int64_t id) {
  CodeSetItem item;
  item.vocabulary = kConceptVocabulary;
  item.pattern = std::to_string(id);
  item.literal = true;
  return item;
}

void CodeSets::read(const JsonValue& concept_sets) {
  for (const JsonValue& value : concept_sets.array()) {
    JsonObject fields = value.object();
    const std::int32_t id = fields.need("id").integer();
    CodeSet set = read_set(fields);
    fields.finish();
    const auto [at, added] = by_id_.try_emplace(id, sets_.size());
    if (added) {
      sets_.push_back(std::move(set));
      continue;
    }
    CodeSet& before = sets_[at->second];
    CodeSet both;
    both.name = before.name;
    for (CodeSet* part : {&before, &set}) {
      both.include.emplace_back().nested.push_back(std::move(*part));
    }
    before = std::move(both);
  }
}

CodeSetIndex CodeSets::named(const JsonValue& id) {
  const auto [at, added] = by_id_.try_emplace(id.integer(), sets_.size());
  if (added) sets_.emplace_back().name = "concept set " + std::to_string(at->first);
  return at->second;
}

CodeSetIndex CodeSets::listed(const std::vector<JsonValue>& concepts) {
  std::vector<std::int64_t> ids;
  ids.reserve(concepts.size());
  for (const JsonValue& value : concepts) ids.push_back(read_concept(value));
  return of_ids(ids);
}

CodeSetIndex CodeSets::of_ids(const std::vector<std::int64_t>& ids) {
  std::vector<std::int64_t> sorted = ids;
  std::ranges::sort(sorted);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  const auto [at, added] = by_concepts_.try_emplace(sorted, sets_.size());
  if (added) {
    CodeSet& set = sets_.emplace_back();
    for (const std::int64_t id : sorted) set.include.push_back(concept_item(id));
  }
  return at->second;
}

}  // namespace anam::circe
