// SPDX-License-Identifier: Apache-2.0
// The codes of one load: interned while rows come in, given their final ids when all are known.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ingest/load.h"
#include "ingest/pair_sorter.h"
#include "storage/code_table.h"

namespace anam {

/// Interns (vocabulary, code) to ids that count from 1 in the order of arrival ("local" ids).
/// settle() then gives each its id in the store: the one that it has, or for new codes the next
/// ones in the order of (vocabulary, code), so that ids do not depend on the order of arrival.
/// Memory: about 150 bytes a code, and the definitions' texts.
class CodeDictionary {
 public:
  explicit CodeDictionary(std::filesystem::path scratch);

  /// Thread-safe. kNoCode for an empty code.
  CodeId intern(std::string_view vocabulary, std::string_view code);

  // One thread at a time.
  void define(CodeId code, const CodeDefinition& definition);
  void add_descendant(CodeId ancestor, CodeId descendant) {
    descendants_.add(ancestor, descendant);
  }
  void add_mapping(CodeId source, CodeId standard) { mappings_.add(standard, source); }
  void replace_hierarchy() { replace_hierarchy_ = true; }

  /// After the last intern(). `existing` is the store's present table, or null.
  void settle(const CodeTable* existing);
  /// True when the store needs a new table: there are new codes, definitions, or pairs.
  bool changed() const;
  /// Writes the new table: the existing one with this load's codes added and redefined.
  Seal write(const std::filesystem::path& path, const CodeTable* existing);

  std::size_t size() const { return texts_.size(); }  // local ids are 1 .. size()

  // After settle(); by local id.
  CodeId final_id(CodeId local) const { return final_[local]; }
  /// Position of the code in the order of (vocabulary, code), among the load's codes; 0 for
  /// kNoCode.
  std::uint32_t rank(CodeId local) const { return rank_[local]; }
  /// The local id at a rank.
  CodeId at_rank(std::uint32_t rank) const { return by_rank_[rank]; }
  std::string_view vocabulary(CodeId local) const;
  std::string_view code(CodeId local) const;

 private:
  CodeRecord merged(CodeId local, CodeRecord record) const;
  CodeDefinition definition(CodeId local) const;
  bool defined(CodeId local) const {
    return local < definition_at_.size() && definition_at_[local] != 0;
  }

  struct Stripe {
    std::shared_mutex mutex;
    std::unordered_map<std::string_view, CodeId> ids;  // keys view texts_
  };
  std::array<Stripe, 64> stripes_;
  std::mutex texts_mutex_;
  std::deque<std::string> texts_;  // "vocabulary\0code" by local id - 1; never moved

  std::filesystem::path scratch_;
  std::string definitions_;                   // packed
  std::vector<std::uint64_t> definition_at_;  // by local id: position + 1; 0 = none
  PairSorter descendants_;                    // local ids
  PairSorter mappings_;
  bool replace_hierarchy_ = false;
  bool any_pairs() const { return !descendants_.empty() || !mappings_.empty(); }

  CodeId existing_ = 0;  // codes of the store before this load
  std::vector<CodeId> final_;
  std::vector<std::uint32_t> rank_;
  std::vector<CodeId> by_rank_;
};

}  // namespace anam
