// SPDX-License-Identifier: Apache-2.0
// A copy of a store, taken while others read it and load into it.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>

namespace anam {

struct BackupOptions {
  const std::atomic<bool>* cancel = nullptr;  // when it becomes true: Error(kCancelled)
  std::function<void(std::uint64_t done, std::uint64_t total)> progress{};  // bytes
};

struct BackupReport {
  std::uint32_t release = 0;  // the newest in the copy
  std::uint64_t releases = 0;
  std::uint64_t files = 0;  // of releases
  std::uint64_t cohorts = 0;
  std::uint64_t bytes = 0;  // of all of them
};

/// Copies all releases that the store has now, and its saved cohorts, to a directory that is absent
/// or empty. Whatever is loaded or compacted meanwhile, the copy is the store of one moment; it is
/// synced to disk when this returns, and nothing is left of one that fails. Takes no lock of the
/// store and needs no permission to write there. Throws Error(kUsage) when `to` holds something.
BackupReport back_up_store(const std::filesystem::path& from, const std::filesystem::path& to,
                           const BackupOptions& options = {});

}  // namespace anam
