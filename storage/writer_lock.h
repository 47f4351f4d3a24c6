// SPDX-License-Identifier: Apache-2.0
// The lock that lets one process at a time change a store. Private to the library.
#pragma once

#include <filesystem>

#include "storage/posix_file.h"

namespace anam {

/// Holds an flock() on a file with the holder's process id, as long as it lives. The system lets go
/// of it when the process ends, however that happens.
class WriterLock {
 public:
  /// Throws Error(kLocked) with the holder's process id when another has it, in this process too.
  explicit WriterLock(const std::filesystem::path& path) : file_(take(path)) {}
  /// Removes the file; the lock is held all the same.
  void remove();

 private:
  static PosixFile take(const std::filesystem::path& path);

  PosixFile file_;
};

}  // namespace anam
