// SPDX-License-Identifier: Apache-2.0
// Rows on disk between the pass over the input and the building of shards: a file a partition,
// frames of encoded columns.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "ingest/disk_watch.h"
#include "ingest/row_buffer.h"

namespace anam {

/// Where a row belongs: its partition, or kDropped.
inline constexpr std::uint32_t kDropped = 0xFFFFFFFF;
using Placement = std::function<std::uint32_t(std::size_t row)>;

/// Buffers rows by partition and writes what does not fit. add() is thread-safe; the rest is for
/// one thread (a partition).
class Spill {
 public:
  /// What buffers take at least, each.
  static constexpr std::uint64_t kLeastMemory = 8192;

  /// Files go to `directory`, named with `prefix`, and are counted by `disk`, which must outlive
  /// the spill. All buffers together take `memory` bytes, or kLeastMemory for each partition if
  /// that is more.
  Spill(std::filesystem::path directory, std::string prefix, std::uint32_t partitions,
        std::uint64_t memory, const ColumnTypes& types, DiskWatch& disk);

  void add(const EventBatch& batch, const Placement& partition_of);
  void add(const RowBuffer& rows, const Placement& partition_of);

  std::uint32_t partitions() const { return static_cast<std::uint32_t>(parts_.size()); }
  std::uint64_t rows(std::uint32_t partition) const { return parts_[partition].rows; }
  /// Bytes and rows that were written so far.
  std::uint64_t bytes_written() const { return bytes_; }
  std::uint64_t rows_written() const { return rows_written_; }
  /// Bytes of the partition's file.
  std::uint64_t bytes(std::uint32_t partition) const { return parts_[partition].bytes; }
  /// Memory that the buffers hold.
  std::uint64_t held_bytes() const;
  /// About the memory that the partition's rows need as a RowBuffer.
  std::uint64_t memory(std::uint32_t partition) const;

  /// Calls f(frame) for all frames of the partition: what RowBuffer::append() takes. The frame is
  /// valid during the call.
  void read(std::uint32_t partition, const std::function<void(const Block& frame)>& f);
  /// Forgets the partition and removes its file.
  void remove(std::uint32_t partition);

 private:
  struct Part {
    explicit Part(const ColumnTypes& types) : buffer(types) {}
    std::mutex mutex;
    RowBuffer buffer;
    std::uint64_t rows = 0;
    std::uint64_t memory = 0;  // of what was written
    std::uint64_t bytes = 0;   // on disk
  };
  template <typename Source>
  void scatter(const Source& source, std::size_t rows, const Placement& partition_of);
  void flush(std::uint32_t partition);
  std::filesystem::path path(std::uint32_t partition) const;

  std::filesystem::path directory_;
  std::string prefix_;
  DiskWatch& disk_;
  std::uint64_t buffer_bytes_;
  std::deque<Part> parts_;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint64_t> rows_written_ = 0;
};

}  // namespace anam
