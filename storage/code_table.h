// SPDX-License-Identifier: Apache-2.0
// The codes of a release: what each id means, which ids a text means, which lie below which.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/event.h"
#include "storage/sealed_file.h"

namespace anam {

/// What the store knows about a code. Empty fields say nothing.
struct CodeRecord {
  std::string vocabulary;
  std::string code;
  std::string name;
  std::string synonyms;  // one a line
  std::string domain;
  std::string concept_class;
  std::string alias_vocabulary;  // the same code under its own vocabulary
  std::string alias_code;
  bool defined = false;   // listed by a vocabulary, not just met in the data
  bool standard = false;  // a standard concept
  bool invalid = false;   // retired or replaced

  friend bool operator==(const CodeRecord&, const CodeRecord&) = default;
};

/// How many codes have this vocabulary as their own, and how many as their alias.
struct VocabularyCount {
  std::string name;
  std::uint64_t codes = 0;
  std::uint64_t aliases = 0;

  friend bool operator==(const VocabularyCount&, const VocabularyCount&) = default;
};

/// Writes a file of codes, streaming: memory does not grow with the number of codes but for a first
/// text a page. The calls come in the order of the functions here, each kind sorted; anything else
/// is Error(kUsage). One thread at a time.
class CodeTableWriter {
 public:
  explicit CodeTableWriter(const std::filesystem::path& path);
  ~CodeTableWriter();
  CodeTableWriter(const CodeTableWriter&) = delete;
  CodeTableWriter& operator=(const CodeTableWriter&) = delete;

  /// Ids are 1, 2, 3, ...
  void add_record(CodeId id, const CodeRecord& record);
  /// A text that means the code: its own (alias = false), or its alias. Ascending by the bytes of
  /// (vocabulary, code), own before alias, then id.
  void add_text(std::string_view vocabulary, std::string_view code, CodeId id, bool alias);
  void add_descendant(CodeId ancestor, CodeId descendant);  // strictly ascending
  void add_mapped(CodeId standard, CodeId source);          // strictly ascending

  Seal finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads a file of codes. Pages are read and decoded when they are needed and kept in a small
/// cache. Safe for many threads. Everything throws Error(kCorrupt) for bytes that are not what was
/// written.
class CodeTable {
 public:
  /// `cache_bytes` bounds the decoded pages that are kept.
  explicit CodeTable(std::shared_ptr<SealedFile> file, std::size_t cache_bytes = 16 << 20);
  ~CodeTable();
  CodeTable(const CodeTable&) = delete;
  CodeTable& operator=(const CodeTable&) = delete;

  /// The greatest id; ids are 1 to size().
  CodeId size() const;
  /// Error(kUsage) for an id that is not in 1 to size().
  CodeRecord record(CodeId id) const;
  /// By its own vocabulary and code, exactly; not by aliases.
  std::optional<CodeId> find(std::string_view vocabulary, std::string_view code) const;
  /// All vocabularies, aliases' too, by name.
  const std::vector<VocabularyCount>& vocabularies() const;

  /// Calls back for each code whose own or alias text matches: the vocabulary is compared exactly
  /// or, if the table has none of that name, without regard to ASCII case; in the pattern `*`
  /// stands for any text and `?` for one character (UTF-8), unless `literal`. A code can be
  /// reported twice (own and alias). Reads no more than the texts with the pattern's fixed
  /// beginning.
  void match(std::string_view vocabulary, std::string_view pattern, bool literal,
             const std::function<void(CodeId)>& found) const;
  /// Calls back, ascending, for each code whose name, synonyms or code hold every word of `text`,
  /// without regard to ASCII case. Reads all records.
  void search_names(std::string_view text, const std::function<void(CodeId)>& found) const;

  /// Sorted, each once: the codes below any of `ancestors` (themselves only where the hierarchy
  /// says so).
  std::vector<CodeId> descendants(std::span<const CodeId> ancestors) const;
  /// Sorted, each once: the codes that map to any of `standards`.
  std::vector<CodeId> sources_of(std::span<const CodeId> standards) const;

  // Everything, in the order in which it was written: to copy a table into the next release's.
  void for_each_record(const std::function<void(CodeId, const CodeRecord&)>& f) const;
  void for_each_text(const std::function<void(std::string_view vocabulary, std::string_view code,
                                              CodeId id, bool alias)>& f) const;
  void for_each_descendant(const std::function<void(CodeId ancestor, CodeId descendant)>& f) const;
  void for_each_mapped(const std::function<void(CodeId standard, CodeId source)>& f) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace anam
