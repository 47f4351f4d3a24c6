// SPDX-License-Identifier: Apache-2.0
// A directory for one test, and whole files as bytes.
#pragma once

#include <filesystem>

#include "storage/bytes.h"

namespace anam::testing {

/// Creates an empty directory; removes it with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

Bytes read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, ByteSpan bytes);
/// Overwrites a part of a file in place: a file written anew is flushed to disk by some file
/// systems.
void patch_file(const std::filesystem::path& path, std::size_t offset, ByteSpan bytes);

}  // namespace anam::testing
