// SPDX-License-Identifier: Apache-2.0
#include "tools/import/omop_run.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "storage/error.h"

namespace anam {

void OmopRun::advance(std::uint64_t bytes) {
  if (stop_ || (options_.cancel != nullptr && *options_.cancel)) {
    fail(ErrorCode::kCancelled, "the load was stopped");
  }
  if (bytes == 0 || !options_.progress) return;
  const std::lock_guard lock(mutex_);
  done_ += bytes;
  options_.progress(std::min(done_, total_), total_);
}

void OmopRun::run(std::vector<std::function<void()>> jobs) {
  std::atomic<std::size_t> next = 0;
  std::exception_ptr first;
  std::mutex mutex;
  const auto work = [&] {
    for (std::size_t i; !stop_ && (i = next++) < jobs.size();) {
      try {
        jobs[i]();
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!first) first = std::current_exception();
        stop_ = true;
      }
    }
  };
  const std::size_t wanted =
      options_.threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : options_.threads;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < std::min(wanted, jobs.size()); ++i) threads.emplace_back(work);
    work();
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace anam
