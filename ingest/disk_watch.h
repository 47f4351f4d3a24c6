// SPDX-License-Identifier: Apache-2.0
// What a load takes of the disk, and whether the rest of it fits.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>

namespace anam {

/// How far a load is.
struct DiskState {
  std::uint64_t rows = 0;           // that the load will have, as far as is known
  std::uint64_t rows_read = 0;      // of them, given to the load
  std::uint64_t rows_spilled = 0;   // of them, written to `spill_bytes` and not just buffered
  std::uint64_t spill_bytes = 0;    // written, whether they are there still or not
  std::uint64_t scratch_bytes = 0;  // there now
  std::uint64_t rows_built = 0;
  std::uint64_t store_bytes = 0;  // written of the store, with the rows built
};

/// The bytes that the load's files will grow by, at their most, from here on: the rest of the
/// spill, then what the store takes beyond the spill that makes way for it. Where nothing is
/// measured yet, as little as any data that were seen took.
std::uint64_t bytes_to_come(const DiskState& state);

/// Counts the bytes of a load's files and compares what it will need with what is free.
/// Thread-safe.
class DiskWatch {
 public:
  /// `limit`: bytes that the load may take in all; 0 = what the disk of `directory` has.
  DiskWatch(std::filesystem::path directory, std::uint64_t limit)
      : directory_(std::move(directory)), limit_(limit) {}

  /// Scratch files grow: throws Error(kFull) when that is beyond the limit.
  void add_scratch(std::uint64_t bytes);
  void remove_scratch(std::uint64_t bytes) { scratch_ -= bytes; }
  /// A file of the store is complete.
  void add_store(std::uint64_t bytes) { store_ += bytes; }

  std::uint64_t scratch() const { return scratch_; }
  std::uint64_t most_scratch() const { return most_scratch_; }
  std::uint64_t store() const { return store_; }

  /// Throws Error(kFull), saying what to do, unless so many bytes more fit and leave a little room.
  void require(std::uint64_t more, std::uint64_t rows) const;

 private:
  std::filesystem::path directory_;
  std::uint64_t limit_;
  std::atomic<std::uint64_t> scratch_ = 0;
  std::atomic<std::uint64_t> most_scratch_ = 0;
  std::atomic<std::uint64_t> store_ = 0;
};

}  // namespace anam
