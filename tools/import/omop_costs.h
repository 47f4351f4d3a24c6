// SPDX-License-Identifier: Apache-2.0
// Joins the cost table, which has no person and no date, to the events that it names.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "tools/import/omop_row_reader.h"
#include "tools/import/partitioned_rows.h"

namespace anam {

/// First read() takes the files of the cost table, then add_event() every event of the domains that
/// occur there, then join() gives each cost to its event as an amendment. Rows wait in scratch
/// files, scattered by the event's domain and id, so that one partition per thread is in memory.
class OmopCosts {
 public:
  /// `cost_rows` and `event_rows` are estimates: they choose the number of partitions.
  OmopCosts(OmopRun& run, std::span<const OmopFile* const> files, std::uint64_t cost_rows,
            std::uint64_t event_rows);

  /// Takes the rows of the index-th file. Several threads may read different files.
  void read(std::size_t index);

  /// True for domains that have costs. Call after the last read().
  bool concern(Domain domain) const { return concerned_[static_cast<std::size_t>(domain)]; }

  /// An event of a concerned domain. Thread-safe.
  void add_event(Domain domain, std::int64_t id, std::int64_t patient);

  /// Gives the costs to the load. Call once, after the last add_event().
  void join();

  /// The accounts of the files; final after join().
  std::vector<FileReport> reports() const;

  /// Events whose id another patient's event of the same domain has too. Their costs went to the
  /// patient with the smallest id.
  std::uint64_t shared_ids() const { return shared_ids_; }

 private:
  struct Account {
    FileReport report;
    std::atomic<std::uint64_t> joined = 0;
    std::atomic<std::uint64_t> orphans = 0;
  };

  void join_partition(std::size_t partition);

  OmopRun& run_;
  std::vector<OmopFile> files_;
  std::vector<ColumnId> columns_;  // of a cost row's cells
  std::vector<ColumnType> types_;
  std::array<std::atomic<bool>, 256> concerned_{};
  std::unique_ptr<PartitionedRows> costs_;   // file, domain, event id, cells
  std::unique_ptr<PartitionedRows> events_;  // domain, event id, patient
  std::deque<Account> accounts_;
  std::atomic<std::uint64_t> shared_ids_ = 0;
};

}  // namespace anam
