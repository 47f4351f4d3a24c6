// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "query/definition_walk.h"
#include "query/diagnose/diagnosis.h"

namespace anam {

namespace {

// Items that match no code of the store.
struct Unmatched {
  std::size_t items = 0;
  std::size_t unknown = 0;
  std::string first;
};

bool matches(const CodeSetItem& item, const CodeTable& codes) {
  bool any = false;
  const auto found = [&any](CodeId) { any = true; };
  if (!item.vocabulary.empty()) {
    codes.match(item.vocabulary, item.pattern, item.literal, found);
  } else {
    for (const VocabularyCount& vocabulary : codes.vocabularies()) {
      if (!any) codes.match(vocabulary.name, item.pattern, item.literal, found);
    }
  }
  return any;
}

void look_up(const std::vector<CodeSetItem>& items, const CodeTable& codes, Unmatched& result) {
  for (const CodeSetItem& item : items) {
    if (!item.nested.empty()) {
      look_up(item.nested.front().include, codes, result);
      continue;
    }
    ++result.items;
    if (matches(item, codes)) continue;
    if (++result.unknown > 1) continue;
    result.first = (item.vocabulary.empty() ? "*" : item.vocabulary) + ':' + item.pattern;
  }
}

}  // namespace

std::vector<Warning> diagnose_codes(const CohortDefinition& definition, const StoreReader& reader) {
  std::vector<bool> used(definition.code_sets.size(), false);
  for_each_code_set(definition, [&](CodeSetIndex set, auto&&...) { used.at(set) = true; });
  std::vector<Warning> warnings;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    const CodeSet& set = definition.code_sets[i];
    Unmatched result;
    look_up(set.include, reader.codes(), result);
    if (result.unknown == 0) continue;
    const std::string label = code_set_label(set);
    if (result.items == 1) {
      warnings.push_back({label, "the store has no code " + result.first});
    } else if (result.unknown == result.items) {
      warnings.push_back({label, "the store has none of its " + std::to_string(result.items) +
                                     " codes, of which the first is " + result.first});
    } else {
      warnings.push_back({label, "the store does not have " + std::to_string(result.unknown) +
                                     " of its " + std::to_string(result.items) +
                                     " codes, of which the first is " + result.first});
    }
  }
  return warnings;
}

std::vector<CodeSetUse> count_code_sets(const CohortDefinition& definition,
                                        const StoreReader& reader, unsigned threads) {
  std::vector<CodeSetUse> uses;
  for (const CodeSet& set : definition.code_sets) {
    const CodeIds ids = reader.resolve(set);
    const CodeCounts counts = count_codes(reader, ids, threads);
    CodeSetUse& use = uses.emplace_back();
    use.name = code_set_label(set);
    use.codes = ids.size();
    use.events = counts.all.events;
    use.patients = counts.all.patients;
    CodeIds seen;
    for (const CodeCount& count : counts.codes) {
      if (count.events > 0) seen.push_back(count.code);
    }
    std::ranges::sort(seen);
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    use.seen_codes = seen.size();
    std::ranges::set_difference(ids, seen, std::back_inserter(use.unseen));
  }
  for_each_code_set(definition, [&](CodeSetIndex set, auto&&...) { uses.at(set).used = true; });
  return uses;
}

}  // namespace anam
