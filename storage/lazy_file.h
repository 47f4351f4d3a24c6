// SPDX-License-Identifier: Apache-2.0
// A file of a release that may not be read at all. Private to the library.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "storage/posix_file.h"
#include "storage/sealed_file.h"

namespace anam {

/// A sealed file whose descriptor is taken at once, so that it stays readable when the file is
/// removed or replaced, and which is verified and mapped when it is first asked for. Safe for many
/// threads.
class LazyFile {
 public:
  /// Throws Error(kIo) when there is no such file, Error(kCorrupt) when it has another size than
  /// the seal says.
  LazyFile(const std::filesystem::path& path, const Seal& seal);

  /// Throws what SealedFile::open() throws, each time until it succeeds.
  const std::shared_ptr<SealedFile>& get() const;

 private:
  const Seal seal_;
  mutable std::mutex mutex_;
  mutable std::optional<PosixFile> file_;  // until the sealed file has a descriptor of its own
  mutable std::shared_ptr<SealedFile> sealed_;
};

}  // namespace anam
