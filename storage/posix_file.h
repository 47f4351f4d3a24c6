// SPDX-License-Identifier: Apache-2.0
// Files of the operating system: whole reads and writes at offsets, syncs. Failures are Error(kIo)
// or Error(kFull) with the file's name. Private to the library.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <span>

#include "storage/bytes.h"

namespace anam {

/// An open file. Move-only. Reads and writes at offsets may run in several threads.
class PosixFile {
 public:
  /// `flags` as for open(2); O_CLOEXEC is added.
  PosixFile(const std::filesystem::path& path, int flags);
  ~PosixFile();
  PosixFile(PosixFile&& other) noexcept : path_(std::move(other.path_)), fd_(other.fd_) {
    other.fd_ = -1;
  }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  int fd() const { return fd_; }
  const std::filesystem::path& path() const { return path_; }

  struct stat status() const;
  void read(std::uint64_t offset,
            std::span<std::byte> to) const;  // Error(kCorrupt) at the end of the file
  void write(std::uint64_t offset, ByteSpan bytes) const;
  void resize(std::uint64_t size) const;
  void sync() const;
  /// Lets the system begin to write to disk what sync() would wait for.
  void start_sync() const;
  /// Asks the system to read this part in the background.
  void will_need(std::uint64_t offset, std::uint64_t size) const;

 private:
  std::filesystem::path path_;
  int fd_;
};

/// Makes creations, renames and removals in the directory outlive a crash of the machine.
void sync_directory(const std::filesystem::path& path);

/// True when both are the same file, whatever its names.
bool same_file(const struct stat& a, const struct stat& b);

}  // namespace anam
