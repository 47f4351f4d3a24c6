// SPDX-License-Identifier: Apache-2.0
#include "tests/query/circe/memory_concepts.h"

#include <algorithm>
#include <set>

#include "storage/attributes.h"

namespace anam::test {

namespace {

// '*' stands at the end only.
bool matches(const CodeSetItem& item, const CodeRecord& record) {
  const auto same = [&item](const std::string& vocabulary, std::string_view code) {
    if (!item.vocabulary.empty() && vocabulary != item.vocabulary) return false;
    std::string_view pattern = item.pattern;
    if (item.literal || !pattern.ends_with('*')) return code == pattern;
    pattern.remove_suffix(1);
    return code.starts_with(pattern);
  };
  return same(record.vocabulary, record.code) || same(record.alias_vocabulary, record.alias_code);
}

}  // namespace

const MemoryConcepts& MemoryConcepts::five() {
  static const MemoryConcepts* const kFive = [] {
    auto* made = new MemoryConcepts;
    for (int i = 1; i <= 5; ++i) {
      CodeRecord record;
      record.vocabulary = "OMOP";
      record.code = std::to_string(1000 + i);
      record.name = "concept " + record.code;
      record.alias_vocabulary = "SNOMED";
      record.alias_code = "S" + std::to_string(i);
      record.defined = i != 5;
      record.invalid = i == 4;
      record.standard = i < 4;
      made->add(record);
    }
    CodeRecord icd;
    icd.vocabulary = "ICD10CM";
    icd.code = "E11";
    icd.name = "Type 2 diabetes";
    icd.defined = true;
    made->add(icd);
    for (const auto& [ancestor, descendant] : {std::pair(1U, 2U), {1, 3}, {2, 3}, {2, 4}}) {
      made->add_below(ancestor, descendant);
    }
    made->add_mapped(1, 4);
    return made;
  }();
  return *kFive;
}

CodeId MemoryConcepts::add(CodeRecord record) {
  records_.push_back(std::move(record));
  return static_cast<CodeId>(records_.size());
}

CodeIds MemoryConcepts::resolve(const CodeSet& set) const {
  const CodeIds include = resolve(set.include);
  const CodeIds exclude = resolve(set.exclude);
  CodeIds ids;
  std::ranges::set_difference(include, exclude, std::back_inserter(ids));
  return ids;
}

CodeIds MemoryConcepts::resolve(const std::vector<CodeSetItem>& items) const {
  std::set<CodeId> all;
  for (const CodeSetItem& item : items) {
    std::set<CodeId> named;
    if (!item.nested.empty()) {
      const CodeIds ids = resolve(item.nested.front());
      named = {ids.begin(), ids.end()};
    } else {
      for (CodeId id = 1; id <= records_.size(); ++id) {
        if (matches(item, records_[id - 1])) named.insert(id);
      }
    }
    std::set<CodeId> ids;
    for (const CodeId id : named) {
      if (!item.defined_only || record(id).defined) ids.insert(id);
    }
    for (const auto& [ancestor, descendant] : below_) {
      if (!item.descendants || !named.contains(ancestor)) continue;
      const CodeRecord& code = records_[descendant - 1];
      if (!item.defined_only || (code.defined && !code.invalid)) ids.insert(descendant);
    }
    const std::set<CodeId> standards = ids;
    for (const auto& [standard, source] : mapped_) {
      if (item.mapped && standards.contains(standard)) ids.insert(source);
    }
    all.merge(ids);
  }
  return {all.begin(), all.end()};
}

std::string MemoryConcepts::attribute_name(ColumnId column) const {
  const AttributeInfo* info = find_builtin_attribute(column);
  return info == nullptr ? "column " + std::to_string(column) : std::string(info->name);
}

}  // namespace anam::test
