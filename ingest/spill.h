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

#include "ingest/row_buffer.h"

namespace anam {

/// Where a row belongs: its partition, or kDropped.
inline constexpr std::uint32_t kDropped = 0xFFFFFFFF;
using Placement = std::function<std::uint32_t(std::size_t row)>;

/// Buffers rows by partition and writes what does not fit. add() is thread-safe; the rest is for
/// one thread (a partition).
class Spill {
 public:
  /// Files go to `directory`, named with `prefix`. All buffers together take about `memory` bytes.
  Spill(std::filesystem::path directory, std::string prefix, std::uint32_t partitions,
        std::uint64_t memory, const ColumnTypes& types);

  void add(const EventBatch& batch, const Placement& partition_of);
  void add(const RowBuffer& rows, const Placement& partition_of);

  std::uint32_t partitions() const { return static_cast<std::uint32_t>(parts_.size()); }
  std::uint64_t rows(std::uint32_t partition) const { return parts_[partition].rows; }
  std::uint64_t bytes_on_disk() const { return bytes_; }
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
    bool on_disk = false;
  };
  template <typename Source>
  void scatter(const Source& source, std::size_t rows, const Placement& partition_of);
  void flush(std::uint32_t partition);
  std::filesystem::path path(std::uint32_t partition) const;

  std::filesystem::path directory_;
  std::string prefix_;
  std::uint64_t buffer_bytes_;
  std::deque<Part> parts_;
  std::atomic<std::uint64_t> bytes_ = 0;
};

}  // namespace anam
