// SPDX-License-Identifier: Apache-2.0
// Rows scattered to partitions on disk, so that a join needs one partition in memory at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "storage/column_page.h"

namespace anam {

/// Holds rows of 64-bit cells (of text columns: texts) in a scratch file, compressed by column.
/// Memory: `block_rows` rows for each partition. add() may be called by several threads, read() by
/// several after the last add(). The file has no name, so nothing of it outlives the process.
class PartitionedRows {
 public:
  /// Throws Error(kIo) when the file cannot be made.
  PartitionedRows(const std::filesystem::path& directory, std::vector<ColumnType> columns,
                  std::size_t partitions, std::size_t block_rows);
  ~PartitionedRows();
  PartitionedRows(const PartitionedRows&) = delete;
  PartitionedRows& operator=(const PartitionedRows&) = delete;

  std::size_t partitions() const { return partitions_.size(); }

  /// Adds a row to the partition that `hash` falls into. Cells of text columns are indices into
  /// `texts`. REQUIRES: a cell for each column. Throws Error(kIo) when the disk refuses.
  void add(std::uint64_t hash, std::span<const std::int64_t> cells, const TextPool* texts);

  /// A block of rows: columns[c][row]; texts of all text columns.
  struct Block {
    std::vector<std::vector<std::int64_t>> columns;
    TextPool texts;
    std::size_t rows = 0;
  };
  /// Gives the partition's rows block by block, in the order in which they were added. Throws
  /// Error(kIo) or Error(kCorrupt) when the file does not give back what was written.
  void read(std::size_t partition, const std::function<void(const Block&)>& use);

 private:
  struct Extent {
    std::uint64_t offset;
    std::uint32_t bytes;
  };
  struct Partition {
    std::mutex mutex;
    Block block;  // not yet written
    std::vector<Extent> extents;
  };

  void flush(Partition& partition);

  std::vector<ColumnType> types_;
  std::size_t block_rows_;
  std::deque<Partition> partitions_;
  std::mutex end_mutex_;
  std::uint64_t end_ = 0;  // of the file
  int file_ = -1;
};

}  // namespace anam
