// SPDX-License-Identifier: Apache-2.0
// Sorts pairs of code ids in bounded memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "storage/event.h"

namespace anam {

/// Collects pairs in any order, with repeats; gives them back sorted, each once. Holds at most 32
/// MiB of them in memory, the rest in files in `directory`, whose names begin with `prefix`. One
/// thread at a time.
class PairSorter {
 public:
  PairSorter(std::filesystem::path directory, std::string prefix);
  ~PairSorter();
  PairSorter(const PairSorter&) = delete;
  PairSorter& operator=(const PairSorter&) = delete;

  void add(CodeId first, CodeId second);
  bool empty() const { return pairs_.empty() && runs_.empty(); }

  /// Calls f for each distinct pair, ascending. Once.
  void drain(const std::function<void(CodeId first, CodeId second)>& f);

 private:
  void write_run();

  std::filesystem::path directory_;
  std::string prefix_;
  std::vector<std::uint64_t> pairs_;  // first << 32 | second
  std::vector<std::filesystem::path> runs_;
};

}  // namespace anam
