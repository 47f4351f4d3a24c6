// SPDX-License-Identifier: Apache-2.0
#include "ingest/disk_watch.h"

#include <algorithm>
#include <limits>
#include <string>

#include "storage/disk_space.h"
#include "storage/error.h"

namespace anam {
namespace {

// Until there is something to measure: less than any data took.
constexpr double kLeastSpillBytes = 8;     // a row
constexpr double kLeastStoreShare = 0.35;  // of the spill's bytes
// Rows from which on bytes a row are a measurement.
constexpr std::uint64_t kMeasured = 100'000;
// What must stay free, of what is needed.
constexpr std::uint64_t kRoom = 16;

std::string amount(std::uint64_t bytes) {
  constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;
  if (bytes < 10 * kMebibyte) return std::to_string(bytes) + " bytes";
  if (bytes < 10240 * kMebibyte) return std::to_string(bytes / kMebibyte) + " MiB";
  return std::to_string(bytes / (1024 * kMebibyte)) + " GiB";
}

}  // namespace

std::uint64_t bytes_to_come(const DiskState& state) {
  const auto rate = [](std::uint64_t bytes, std::uint64_t rows, double unmeasured) {
    return rows < kMeasured ? unmeasured : static_cast<double>(bytes) / static_cast<double>(rows);
  };
  const double spill_row = rate(state.spill_bytes, state.rows_spilled, kLeastSpillBytes);
  const double store_row = rate(state.store_bytes, state.rows_built, spill_row * kLeastStoreShare);
  const std::uint64_t rows = std::max(state.rows, state.rows_read);
  const double spill = static_cast<double>(rows - state.rows_read) * spill_row;
  const double store = static_cast<double>(rows - std::min(rows, state.rows_built)) * store_row;
  const double beyond = std::max(0.0, store - static_cast<double>(state.scratch_bytes) - spill);
  return static_cast<std::uint64_t>(spill + beyond);
}

void DiskWatch::add_scratch(std::uint64_t bytes) {
  const std::uint64_t now = scratch_ += bytes;
  std::uint64_t most = most_scratch_;
  while (now > most && !most_scratch_.compare_exchange_weak(most, now)) {
  }
  if (limit_ != 0 && now + store_ > limit_) {
    fail(ErrorCode::kFull, "the load needs more of the disk than it may take",
         directory_.string() + ": " + amount(limit_) + " allowed, and more rows to come");
  }
}

void DiskWatch::require(std::uint64_t more, std::uint64_t rows) const {
  std::uint64_t left = std::numeric_limits<std::uint64_t>::max();
  if (limit_ != 0) left = limit_ - std::min<std::uint64_t>(limit_, scratch_ + store_);
  const bool limited = left < free_space(directory_).value_or(left);
  if (!limited) left = free_space(directory_).value_or(left);
  if (more + more / kRoom <= left) return;
  fail(ErrorCode::kFull,
       "not enough room on the disk for this load; make room there, use a store on a larger disk, "
       "or load fewer files",
       directory_.string() + ": " + amount(more + more / kRoom) + " more are needed for " +
           std::to_string(rows) + " rows, " + amount(left) + (limited ? " allowed" : " free"));
}

}  // namespace anam
