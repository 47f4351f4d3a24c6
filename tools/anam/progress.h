// SPDX-License-Identifier: Apache-2.0
// The progress line of long work, on standard error.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "ingest/load.h"

namespace anam::cli {

/// On a terminal a live bar with rate and time left, else a line every few seconds; nothing for
/// work that is done within a second. Updates are cheap and may come from several threads.
class Progress {
 public:
  Progress();
  /// Removes the bar.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Begins a part of the work. `counted` are the things whose rate is shown; may be empty.
  void phase(std::string name, std::string counted);
  /// How much of the part is done; total 0 = not known.
  void update(std::uint64_t done, std::uint64_t total);
  void count(std::uint64_t things);

 private:
  void run();
  std::string line() const;

  const bool terminal_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  bool shown_ = false;
  std::string phase_;
  std::string counted_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t things_ = 0;
  std::chrono::steady_clock::time_point begun_;  // the phase
  std::thread thread_;
};

/// Shows what a load is doing; while it reads, the phase is the caller's.
void show_load(Progress& progress, const LoadProgress& now);

}  // namespace anam::cli
