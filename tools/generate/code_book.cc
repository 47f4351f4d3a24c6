// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/code_book.h"

#include <set>

namespace anam::generate {

CodeIndex CodeBook::add(std::uint32_t id, std::string_view vocabulary, std::string_view code,
                        std::string_view name, std::string_view domain,
                        std::string_view concept_class, bool is_standard) {
  const auto next = static_cast<CodeIndex>(concepts_.size());
  const auto [found, fresh] =
      by_code_.try_emplace({std::string(vocabulary), std::string(code)}, next);
  if (!fresh) return found->second;
  concepts_.push_back({.id = id != 0 ? id : kFirstOwnConcept + next,
                       .vocabulary = std::string(vocabulary),
                       .code = std::string(code),
                       .name = std::string(name),
                       .domain = std::string(domain),
                       .concept_class = std::string(concept_class),
                       .is_standard = is_standard});
  return next;
}

void CodeBook::map(CodeIndex source, CodeIndex standard) {
  concepts_[source].standard = standard;
  add_child(standard, source);
}

void CodeBook::add_child(CodeIndex parent, CodeIndex child) { children_[parent].push_back(child); }

CodeIndex CodeBook::find(std::string_view vocabulary, std::string_view code) const {
  const auto found = by_code_.find({std::string(vocabulary), std::string(code)});
  return found == by_code_.end() ? 0 : found->second;
}

std::vector<std::pair<CodeIndex, CodeIndex>> CodeBook::ancestry() const {
  std::vector<std::pair<CodeIndex, CodeIndex>> pairs;
  std::vector<CodeIndex> open;
  std::set<CodeIndex> seen;
  for (CodeIndex ancestor = 1; ancestor < concepts_.size(); ++ancestor) {
    seen = {ancestor};
    open = {ancestor};
    while (!open.empty()) {
      const auto below = children_.find(open.back());
      open.pop_back();
      if (below == children_.end()) continue;
      for (const CodeIndex child : below->second) {
        if (seen.insert(child).second) open.push_back(child);
      }
    }
    for (const CodeIndex descendant : seen) pairs.emplace_back(ancestor, descendant);
  }
  return pairs;
}

}  // namespace anam::generate
