// SPDX-License-Identifier: Apache-2.0
// A load: rows in, a published release out.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/event_batch.h"
#include "storage/event.h"

namespace anam {

/// What a load is doing, for a progress display. Called from several threads, one at a time.
struct LoadProgress {
  enum class Phase { kRead, kBuild, kPublish } phase;
  std::uint64_t rows = 0;         // rows added so far
  std::uint64_t shards_done = 0;  // of `shards`, while building
  std::uint64_t shards = 0;
  std::uint64_t rows_built = 0;  // of `rows`, in shards that are done
  std::uint64_t files_done = 0;  // of `files`, verified before they are published
  std::uint64_t files = 0;
};

struct LoadOptions {
  std::filesystem::path store;  // created when absent
  std::string source;           // who the data are from; every event knows it
  std::string source_kind;      // of a source that is new or has none yet; see source_kinds()
  std::string note;             // kept with the release
  unsigned threads = 0;         // for building; 0 = all cores
  std::uint64_t memory =
      0;                   // bytes that the load may take for rows; 0 = a quarter of the machine's
  std::uint64_t disk = 0;  // bytes that the load may take of the disk; 0 = what is free
  std::optional<unsigned>
      shards;  // at the store's creation; a power of two; absent = from expected_rows
  std::uint64_t expected_rows =
      0;  // an estimate of the rows to come, to choose the number of shards; 0 = not known
  bool require_persons = false;  // rows of patients without a person row (in this or an earlier
                                 // release) are orphans and left out
  bool require_visits =
      false;  // references to a visit that has no event of its own are counted as dangling
  std::function<void(const LoadProgress&)> progress;
  const std::atomic<bool>* cancel =
      nullptr;  // when it becomes true, the load stops with Error(kCancelled)
};

/// A code as a vocabulary defines it. Empty fields say nothing.
struct CodeDefinition {
  std::string name;
  std::string synonyms;  // other names, one a line
  std::string domain;    // as the vocabulary says: "Condition", "Drug", ...
  std::string concept_class;
  std::string
      alias_vocabulary;  // the same code under its own vocabulary: OMOP:201826 is SNOMED:44054006
  std::string alias_code;
  bool defined = true;    // listed by a vocabulary, not just met in the data
  bool standard = false;  // a standard concept
  bool invalid = false;   // retired or replaced
};

/// What a finished load did.
struct LoadReport {
  std::uint32_t release = 0;
  std::uint64_t patients = 0;      // with at least one row in this release
  std::uint64_t new_patients = 0;  // not known to the store before
  std::uint64_t events = 0;        // stored
  std::uint64_t persons = 0;       // rows about persons
  std::uint64_t amendments = 0;    // rows whose cells were added to an event
  std::uint64_t bytes = 0;         // of the release's files
  std::uint64_t rows = 0;          // given to the load
  std::uint64_t spill_bytes = 0;   // the most that waited on disk at a time
  std::map<Domain, std::uint64_t> events_by_domain;
  /// What broke a reference or was repeated: kind -> domain -> rows. Kinds: "orphan" (left out),
  /// "repeated person" (the later one wins, in the order of all cells), "dangling visit", "dangling
  /// visit_detail" (kept: events of one such visit still share its number), "unmatched amendment"
  /// (left out).
  std::map<std::string, std::map<Domain, std::uint64_t>> exceptions;
};

/// One load into a store, under the store's writer lock. add(), code() and attribute() may be
/// called by several threads; the rest by one. Nothing is visible to readers before finish()
/// returns; a Load that is destroyed without it leaves the store as it was.
class Load {
 public:
  /// Takes the lock (Error(kLocked) when another process has it), removes what crashed loads left,
  /// creates the store when absent. Throws Error(kFull) when the disk cannot hold the expected
  /// rows.
  explicit Load(LoadOptions options);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  /// The id of a code for use in this load's batches. kNoCode for an empty code. Throws
  /// Error(kInput) for one of over 255 bytes or with control characters.
  CodeId code(std::string_view vocabulary, std::string_view code);

  /// The column of an attribute, named by the catalog from now on; a built-in name gives the
  /// built-in column. Throws Error(kInput) when the store knows it with another type.
  ColumnId attribute(std::string_view name, ColumnType type);

  /// Says what a code is; a later definition replaces an earlier one.
  void define(CodeId code, const CodeDefinition& definition);
  /// `descendant` lies below `ancestor` (or is it). Both stay as they are for codes that were never
  /// defined.
  void add_descendant(CodeId ancestor, CodeId descendant);
  /// `source` maps to the standard code `standard`.
  void add_mapping(CodeId source, CodeId standard);
  /// Replaces the store's whole hierarchy and mappings by those added in this load (a new
  /// vocabulary version), instead of adding to them.
  void replace_hierarchy();

  /// How much of the input is read, in any unit: rows to come are estimated from it. Thread-safe.
  void set_read(std::uint64_t done, std::uint64_t total);

  /// A directory for files of the importer's own. It lives as long as the load.
  std::filesystem::path scratch() const;

  /// Takes the rows. May write to the spill directory; throws Error(kFull) as soon as it is clear
  /// that the disk will not hold the load.
  void add(EventBatch&& batch);

  /// Sorts, builds, syncs and publishes the release. `describe` writes what the release keeps as
  /// its report (JSON, for people).
  LoadReport finish(const std::function<std::string(const LoadReport&)>& describe = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace anam
