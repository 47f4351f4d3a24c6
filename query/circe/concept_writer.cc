// SPDX-License-Identifier: Apache-2.0
#include "query/circe/concept_writer.h"

#include <algorithm>
#include <charconv>

#include "query/circe/code_sets.h"

namespace anam::circe {

namespace {

/// The id in "201826"; empty where the text is not how an id is written.
std::optional<std::int64_t> id_in(std::string_view text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (std::to_string(id) != text) return std::nullopt;
  return id;
}

std::optional<std::int64_t> concept_of(const CodeRecord& record) {
  return record.vocabulary == kConceptVocabulary ? id_in(record.code) : std::nullopt;
}

/// The one id that an item names, without what hangs below it.
std::optional<std::int64_t> concept_of(const CodeSetItem& item) {
  if (!item.nested.empty() || item.vocabulary != kConceptVocabulary) return std::nullopt;
  return id_in(item.pattern);
}

bool is_plain(const CodeSetItem& item) {
  return !item.descendants && !item.mapped && !item.defined_only && concept_of(item);
}

std::string text_of(const CodeRecord& record) {
  std::string text = record.vocabulary + ':' + record.code;
  if (!record.name.empty()) text += " (" + record.name + ')';
  return text;
}

}  // namespace

bool ConceptWriter::is_list(CodeSetIndex set) const {
  const CodeSet& of = sets_[set];
  return !of.include.empty() && of.exclude.empty() && std::ranges::all_of(of.include, is_plain);
}

bool ConceptWriter::is_exactly(CodeSetIndex set,
                               const std::vector<std::int64_t>& concept_ids) const {
  if (!is_list(set) || sets_[set].include.size() != concept_ids.size()) return false;
  return std::ranges::all_of(sets_[set].include, [&](const CodeSetItem& item) {
    return std::ranges::find(concept_ids, *concept_of(item)) != concept_ids.end();
  });
}

std::optional<std::vector<std::int64_t>> ConceptWriter::listed_ids(CodeSetIndex set) const {
  std::vector<std::int64_t> ids;
  if (is_list(set)) {
    for (const CodeSetItem& item : sets_[set].include) ids.push_back(*concept_of(item));
    return ids;
  }
  for (const CodeId code : concepts_.resolve(sets_[set])) {
    const auto id = concept_of(concepts_.record(code));
    if (!id) return std::nullopt;
    ids.push_back(*id);
  }
  if (ids.empty()) return std::nullopt;  // an empty list is none
  return ids;
}

bool ConceptWriter::can_list(CodeSetIndex set) { return listed_ids(set).has_value(); }

JsonText ConceptWriter::list(CodeSetIndex set) {
  JsonText all = JsonText::array();
  written_[set].listed = true;
  const auto ids = listed_ids(set);
  for (const std::int64_t id : *ids) all.add(concept_json(id));
  return all;
}

// With `circe_only` only what Circe's sets are made of; otherwise what comes near, whose meaning
// has to be compared.
bool ConceptWriter::add_items(const CodeSet& set, bool exclude, bool circe_only,
                              std::vector<Item>& items) const {
  for (const CodeSetItem& from : exclude ? set.exclude : set.include) {
    if (circe_only && !from.defined_only && from.nested.empty()) return false;
    Item item{0, exclude, from.descendants, from.mapped};
    if (const auto id = concept_of(from)) {
      item.concept_id = *id;
      items.push_back(item);
      continue;
    }
    const bool bare = !from.descendants && !from.mapped && !from.defined_only;
    if (bare && !from.nested.empty() && from.nested[0].exclude.empty()) {
      std::vector<Item> inner;
      if (!add_items(from.nested[0], false, circe_only, inner)) return false;
      for (Item& one : inner) one.exclude = exclude;
      items.insert(items.end(), inner.begin(), inner.end());
      continue;
    }
    if (circe_only) return false;
    CodeSet alone;
    alone.include.push_back(from);
    alone.include[0].descendants = alone.include[0].mapped = alone.include[0].defined_only = false;
    for (const CodeId code : concepts_.resolve(alone)) {
      const auto id = concept_of(concepts_.record(code));
      if (!id) return false;
      item.concept_id = *id;
      items.push_back(item);
    }
  }
  return true;
}

std::optional<std::vector<ConceptWriter::Item>> ConceptWriter::as_structured(
    const CodeSet& set, bool circe_only) const {
  std::vector<Item> items;
  if (!add_items(set, false, circe_only, items) || !add_items(set, true, circe_only, items)) {
    return std::nullopt;
  }
  return items;
}

ConceptWriter::Written& ConceptWriter::write(CodeSetIndex number) {
  Written& written = written_[number];
  if (written.done) return written;
  written.done = true;
  const CodeSet& set = sets_[number];
  if (auto items = as_structured(set, true)) {
    written.items = *std::move(items);
    return written;
  }
  const CodeIds meant = concepts_.resolve(set);
  const auto means_the_same = [&](const std::vector<Item>& items) {
    CodeSet other;
    for (const Item& item : items) {
      CodeSetItem one = concept_item(item.concept_id);
      one.defined_only = true;
      one.descendants = item.descendants;
      one.mapped = item.mapped;
      (item.exclude ? other.exclude : other.include).push_back(std::move(one));
    }
    return concepts_.resolve(other) == meant;
  };
  if (auto items = as_structured(set, false); items && means_the_same(*items)) {
    written.items = *std::move(items);
    return written;
  }
  for (const CodeId code : meant) {
    const CodeRecord record = concepts_.record(code);
    const auto id = concept_of(record);
    if (!id || !record.defined) {
      written.refusal = "the code set \"" + set.name + "\" has a code that is " +
                        (id ? "no concept of the store's vocabularies: "
                            : "no OMOP concept, as all codes are in Circe: ") +
                        text_of(record);
      return written;
    }
    written.items.push_back({.concept_id = *id});
  }
  if (!means_the_same(written.items)) {
    written.refusal = "the code set \"" + set.name + "\" has no list of OMOP concepts";
  }
  return written;
}

const std::string& ConceptWriter::refusal(CodeSetIndex set) { return write(set).refusal; }

JsonText ConceptWriter::id(CodeSetIndex set) {
  write(set).named = true;
  return JsonText::number(static_cast<std::int64_t>(set));
}

JsonText ConceptWriter::concept_json(std::int64_t concept_id) const {
  CodeSet alone;
  alone.include.push_back(concept_item(concept_id));
  const CodeIds found = concepts_.resolve(alone);
  JsonText json = JsonText::object();
  json.add("CONCEPT_ID", JsonText::number(concept_id));
  const CodeRecord record = found.empty() ? CodeRecord() : concepts_.record(found.front());
  json.add("CONCEPT_NAME", JsonText::text(record.name));
  if (!record.defined) return json;
  json.add("STANDARD_CONCEPT", JsonText::text(record.standard ? "S" : "N"))
      .add("STANDARD_CONCEPT_CAPTION",
           JsonText::text(record.standard ? "Standard" : "Non-Standard"))
      .add("INVALID_REASON", JsonText::text(record.invalid ? "D" : "V"))
      .add("INVALID_REASON_CAPTION", JsonText::text(record.invalid ? "Invalid" : "Valid"))
      .add("CONCEPT_CODE", JsonText::text(record.alias_code))
      .add("DOMAIN_ID", JsonText::text(record.domain))
      .add("VOCABULARY_ID", JsonText::text(record.alias_vocabulary))
      .add("CONCEPT_CLASS_ID", JsonText::text(record.concept_class));
  return json;
}

JsonText ConceptWriter::concept_sets() {
  JsonText all = JsonText::array();
  for (CodeSetIndex number = 0; number < sets_.size(); ++number) {
    const bool used = written_[number].named;
    if (!used && (written_[number].listed || sets_[number].name.empty())) continue;
    const Written& written = write(number);
    if (!written.refusal.empty()) continue;  // nothing uses it
    JsonText items = JsonText::array();
    for (const Item& item : written.items) {
      items.add(JsonText::object()
                    .add("concept", concept_json(item.concept_id))
                    .add("isExcluded", JsonText::boolean(item.exclude))
                    .add("includeDescendants", JsonText::boolean(item.descendants))
                    .add("includeMapped", JsonText::boolean(item.mapped)));
    }
    const std::string name =
        sets_[number].name.empty() ? "concept set " + std::to_string(number) : sets_[number].name;
    all.add(JsonText::object()
                .add("id", JsonText::number(static_cast<std::int64_t>(number)))
                .add("name", JsonText::text(name))
                .add("expression", JsonText::object().add("items", std::move(items))));
  }
  return all;
}

}  // namespace anam::circe
