// SPDX-License-Identifier: Apache-2.0
// Builds one shard of a release: its spilled rows in, its part of a shard file out.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ingest/code_dictionary.h"
#include "ingest/load.h"
#include "ingest/patient_rows.h"
#include "ingest/posting_run.h"
#include "ingest/row_buffer.h"
#include "ingest/spill.h"
#include "storage/sealed_file.h"
#include "storage/shard_header.h"
#include "storage/timeline_writer.h"

namespace anam {

/// A file of an earlier release that has something of the shard.
struct EarlierShard {
  std::shared_ptr<const SealedFile> file;
  ShardHeader header;
};

struct ShardBuildOptions {
  bool require_persons = false;
  bool require_visits = false;
  std::uint32_t source = 0;  // id of the load's source
  std::uint64_t memory = 0;  // bytes for the rows at hand
  std::filesystem::path scratch;
  DiskWatch* disk = nullptr;  // counts scratch files
  ColumnTypes types;
  const std::atomic<bool>* cancel = nullptr;
};

/// What building a shard adds to the load's report.
struct ShardCounts {
  std::uint64_t patients = 0;
  std::uint64_t new_patients = 0;
  std::uint64_t persons = 0;
  std::uint64_t amendments = 0;
  std::map<Domain, std::uint64_t> events;
  std::map<std::string, std::map<Domain, std::uint64_t>> exceptions;

  void add(const ShardCounts& other);
};

/// Sorts, links and encodes, by runs of patients that follow each other: so many that the rows of
/// one fit the processor's caches. Rows that need more memory than there is are first split into
/// parts on disk. Not thread-safe; several shards are built by as many
/// builders.
class ShardBuilder {
 public:
  ShardBuilder(std::uint32_t shard, std::uint32_t shard_bits, std::vector<EarlierShard> earlier,
               const CodeDictionary& codes, ShardBuildOptions options);
  ~ShardBuilder();

  /// Builds partition `partition` of `spill` and removes it. Appends to `out`; writes nothing when
  /// there is nothing. Returns false then.
  bool build(Spill& spill, std::uint32_t partition, SealedFileWriter& out);

  const ShardHeader& header() const { return header_; }
  const ShardCounts& counts() const { return counts_; }

 private:
  /// A patient that the load may keep.
  struct Kept {
    const RunPatient* patient = nullptr;
    std::uint32_t ordinal = 0;
    bool fresh = false;
    std::uint32_t persons =
        0;  // rows about the person; they, then amendments, stand before the events
    std::uint32_t amendments = 0;
    std::uint32_t events = 0;
    std::array<std::int64_t, 3> used{};  // visits, details of visits and claims numbered so far
    bool numbered = false;               // ... and some of them by this load
  };
  struct KnownPatients;

  void read_known();
  /// Runs are numbered in the order of ordinals: known patients by ordinal, then new ones by hash,
  /// in `runs` of each that are about equal.
  std::vector<std::uint32_t> runs_of(RowBuffer& rows, std::uint32_t runs) const;
  std::uint32_t known_runs(std::uint32_t runs) const;  // of known patients: `runs`, or none
  /// Runs first .. first + count - 1, of `each` of known and of new patients.
  struct RunRange {
    std::uint32_t first;
    std::uint32_t count;
    std::uint32_t each;
  };
  /// Builds a partition in `parts` parts that are first written to disk, each of them in `runs`
  /// runs.
  void split(Spill& spill, std::uint32_t partition, std::uint32_t parts, std::uint32_t runs);
  /// Builds all runs of a partition, and removes it.
  void build_runs(Spill& spill, std::uint32_t partition, const RunRange& range);
  void build_run(RowBuffer& rows);
  std::vector<Kept> keep(RowBuffer& rows, const PatientRows& sorted);
  std::uint32_t find_known(const RunPatient& patient) const;  // kDropped when it is new
  void amend(RowBuffer& rows, const PatientRows& sorted, const std::vector<Kept>& kept);
  std::vector<RowBuffer::Column> person_cells(RowBuffer& rows, const PatientRows& sorted,
                                              const std::vector<Kept>& kept) const;
  void link(RowBuffer& events, std::vector<Kept>& kept);
  void write_timelines(RowBuffer& events, const std::vector<Kept>& kept);
  void write_persons(std::vector<RowBuffer::Column> cells, const std::vector<Kept>& kept,
                     const TextPool& texts);
  void write_postings(SealedFileWriter& out);
  void check_cancel() const;

  ShardBuildOptions options_;
  const CodeDictionary& codes_;
  std::uint32_t shard_bits_;
  bool on_disk_ = false;  // parts, and the postings of runs
  std::vector<EarlierShard> earlier_;
  std::unique_ptr<KnownPatients> known_;
  ShardHeader header_;
  ShardCounts counts_;
  std::unique_ptr<TimelineWriter> timeline_;
  std::vector<std::pair<Bytes, Bytes>> person_blocks_;  // written after the timelines
  std::vector<PatientFence> fences_;
  std::vector<std::unique_ptr<PostingRun>> runs_;
  std::map<Domain, std::vector<std::uint32_t>> domain_patients_;
};

}  // namespace anam
