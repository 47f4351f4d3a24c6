// SPDX-License-Identifier: Apache-2.0
// Cohorts that a store keeps: the rows of one definition on one release, a file each.
// docs/format.md has the layout.
//
// Rows are kept by shard with ordinals, so that they are read as they stand, and with the patients'
// ids, so that they stay right where ordinals are others.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/cohort_name.h"
#include "storage/event.h"
#include "storage/sealed_file.h"
#include "storage/text_pool.h"

namespace anam {

/// Where a saved cohort came from.
struct SavedCohortFacts {
  std::array<std::uint8_t, 16> store{};  // Catalog::id
  std::uint32_t shard_bits = 0;
  std::uint32_t release = 0;
  std::int64_t release_time = 0;  // when it was published, seconds since 1970
  std::int64_t time = 0;          // when the cohort was saved
  std::string program;            // the version of anam that saved it
  std::string title;
  struct Text {
    std::string file;
    std::string text;
  };
  std::vector<Text> definition;  // its own first, then those of other files that it refers to
  std::uint64_t rows = 0;        // filled by the writer
  std::uint64_t patients = 0;
};

/// A row of a shard.
struct SavedRow {
  std::uint32_t ordinal = 0;
  Day start = 0;
  Day end = 0;
};

/// The outside id of a patient: a number, or (number == kNull) a text.
struct SavedId {
  std::int64_t number = 0;
  std::string text;
};

/// Stands for the files that gave a shard's patients their ordinals: fed with their seals in the
/// order of releases. Later files add patients and leave these as they are.
class PatientFiles {
 public:
  void add(const Seal& seal);
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

/// Writes one saved cohort. One thread at a time. Throws Error(kIo), Error(kFull).
class SavedCohortWriter {
 public:
  /// Creates the store's directory of saved cohorts where it is absent. Throws Error(kUsage) for a
  /// name that is none, or is taken and not to be replaced.
  SavedCohortWriter(const std::filesystem::path& store, std::string_view name, bool replace);
  /// Without finish(), nothing has happened.
  ~SavedCohortWriter();
  SavedCohortWriter(const SavedCohortWriter&) = delete;
  SavedCohortWriter& operator=(const SavedCohortWriter&) = delete;

  /// Once for a shard, in any order of shards. Rows are by ordinal and start; `id` gives a
  /// patient's id, asked for each patient once, ascending. REQUIRES: end >= start.
  void add(std::uint32_t shard, const PatientFiles& files, std::span<const SavedRow> rows,
           const std::function<SavedId(std::uint32_t ordinal)>& id);

  /// Syncs all to disk and gives the file its name: readers see it whole, or what was there before.
  void finish(SavedCohortFacts facts);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Rows of one shard, as saved.
struct SavedShardRows {
  std::vector<std::uint32_t> patient;  // ordinals, ascending; a row each
  std::vector<Day> start;
  std::vector<Day> end;
  // Where asked for: ids of the patients, each distinct one once, parallel to `ordinals`.
  std::vector<std::uint32_t> ordinals;
  std::vector<std::int64_t> id_number;  // kNull: a text
  std::vector<std::int64_t> id_text;    // of `texts`
  TextPool texts;
};

/// Reads one saved cohort. Safe for many threads; stays readable when the file is replaced or
/// removed. Throws Error(kCorrupt) for bytes that are not what was written.
class SavedCohort {
 public:
  /// Throws Error(kUsage) when the store keeps none of this name.
  static std::shared_ptr<const SavedCohort> open(const std::filesystem::path& store,
                                                 std::string_view name);
  ~SavedCohort();
  SavedCohort(const SavedCohort&) = delete;
  SavedCohort& operator=(const SavedCohort&) = delete;

  const std::string& name() const;
  const SavedCohortFacts& facts() const;
  std::uint64_t bytes() const;  // of the file

  /// What there is of a shard; null where it has no rows.
  struct Shard {
    std::uint32_t shard = 0;
    std::uint64_t files = 0;  // PatientFiles::value()
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t rows = 0;
    std::uint64_t patients = 0;
  };
  const Shard* find(std::uint32_t shard) const;
  const std::vector<Shard>& shards() const;

  SavedShardRows read(const Shard& shard, bool ids) const;

 private:
  class Impl;
  explicit SavedCohort(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

/// Names of the cohorts that a store keeps, in alphabetical order.
std::vector<std::string> list_saved_cohorts(const std::filesystem::path& store);

/// Throws Error(kUsage) when there is none of this name.
void drop_saved_cohort(const std::filesystem::path& store, std::string_view name);

}  // namespace anam
