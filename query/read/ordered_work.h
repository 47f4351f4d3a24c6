// SPDX-License-Identifier: Apache-2.0
// Work that threads do side by side and whose results are taken one after the other.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace anam {

/// How many of `count` patients a thread reads at a time: enough that neighbours share chunks, few
/// enough that all threads have some, and that what they read does not fill the memory.
inline std::size_t part_size(std::size_t count, unsigned threads) {
  return std::clamp<std::size_t>(count / (std::size_t{4} * threads), 16, 512);
}

/// Calls make(i) for each i below `count`, on `threads` threads, and take(result) on the calling
/// thread, in the order of i. No more than 2 * threads results are made or wait at a time. The
/// first exception in that order, of make or of take, ends it and is thrown; nothing runs any more
/// then. With one thread, all of it is done by the caller.
template <typename Make, typename Take>
void work_in_order(unsigned threads, std::size_t count, Make make, Take take) {
  if (threads <= 1 || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) take(make(i));
    return;
  }
  using Result = decltype(make(std::size_t{0}));
  struct Made {
    std::optional<Result> result;
    std::exception_ptr error;
  };
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::size_t, Made> made;
  std::size_t next = 0;   // to be made
  std::size_t taken = 0;  // all below
  bool stop = false;

  const auto work = [&] {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(
          lock, [&] { return stop || next == count || next < taken + std::size_t{2} * threads; });
      if (stop || next == count) return;
      const std::size_t i = next++;
      lock.unlock();
      Made one;
      try {
        one.result.emplace(make(i));
      } catch (...) {
        one.error = std::current_exception();
      }
      lock.lock();
      made.emplace(i, std::move(one));
      changed.notify_all();
    }
  };

  std::vector<std::jthread> workers;
  // Before the threads are joined, also when something is thrown.
  struct Stop {
    std::mutex& mutex;
    std::condition_variable& changed;
    bool& stop;
    ~Stop() {
      const std::scoped_lock lock(mutex);
      stop = true;
      changed.notify_all();
    }
  } const stop_at_end{mutex, changed, stop};
  for (std::size_t i = 0; i < std::min<std::size_t>(threads, count); ++i)
    workers.emplace_back(work);
  while (taken < count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return made.contains(taken); });
    Made one = std::move(made.extract(taken).mapped());
    lock.unlock();
    if (one.error) std::rethrow_exception(one.error);
    take(std::move(*one.result));
    lock.lock();
    ++taken;
    changed.notify_all();
  }
}

}  // namespace anam
