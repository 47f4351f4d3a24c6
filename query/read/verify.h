// SPDX-License-Identifier: Apache-2.0
// Checks a store: that every byte is what was written, and that what is stored twice agrees.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace anam {

struct VerifyOptions {
  std::optional<std::uint32_t> release{};     // only this one; absent = all
  unsigned threads = 1;                       // files that are checked at a time
  std::size_t max_problems = 20;              // that are described; all are counted
  const std::atomic<bool>* cancel = nullptr;  // when true, the check stops with Error(kCancelled)
  std::function<void(std::uint64_t done, std::uint64_t total)>
      progress{};  // of all work; called from several threads, one at a time
};

struct VerifyReport {
  std::uint64_t releases = 0;
  std::uint64_t files = 0;
  std::uint64_t values = 0;  // keys of files
  std::uint64_t pages = 0;   // decoded columns
  std::uint64_t events = 0;
  std::uint64_t patients = 0;
  std::uint64_t bytes = 0;
  std::uint64_t problem_count = 0;
  std::vector<std::string> problems;  // the first ones, each with file and place
};

/// Opens every file of the releases and decodes every value. Then holds against each other, in each
/// file and shard: postings and bitmaps against timelines, counts of headers and of the catalog
/// against both, patients against their hashes and shards, code ids against the code table. Memory:
/// the postings of a shard's largest domain, on each thread. Throws Error(kUsage) when there is no
/// store, and the error of a catalog that cannot be read; all else is a problem in the report.
VerifyReport verify_store(const std::filesystem::path& path, const VerifyOptions& options);

}  // namespace anam
