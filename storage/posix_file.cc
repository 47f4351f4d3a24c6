// SPDX-License-Identifier: Apache-2.0
#include "storage/posix_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "storage/lmdb.h"

namespace anam {

PosixFile::PosixFile(const std::filesystem::path& path, int flags)
    : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
  if (fd_ < 0) lmdb::fail_with(errno, "cannot open", path);
}

PosixFile::~PosixFile() {
  if (fd_ >= 0) ::close(fd_);
}

struct stat PosixFile::status() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) lmdb::fail_with(errno, "cannot read", path_);
  return status;
}

void PosixFile::read(std::uint64_t offset, std::span<std::byte> to) const {
  while (!to.empty()) {
    const ssize_t got = ::pread(fd_, to.data(), to.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) lmdb::fail_with(errno, "cannot read", path_);
    if (got == 0) fail(ErrorCode::kCorrupt, "file ends too early", path_.string());
    to = to.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

void PosixFile::write(std::uint64_t offset, ByteSpan bytes) const {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) lmdb::fail_with(errno, "cannot write", path_);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
}

void PosixFile::resize(std::uint64_t size) const {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0)
    lmdb::fail_with(errno, "cannot write", path_);
}

void PosixFile::sync() const {
  if (::fsync(fd_) != 0) lmdb::fail_with(errno, "cannot sync to disk", path_);
}

void PosixFile::start_sync() const {
#ifdef SYNC_FILE_RANGE_WRITE
  (void)::sync_file_range(fd_, 0, 0,
                          SYNC_FILE_RANGE_WRITE);  // a hint: what it cannot do, sync() does
#endif
}

void PosixFile::will_need(std::uint64_t offset, std::uint64_t size) const {
  // A hint: what it cannot do, read() does.
  (void)::posix_fadvise(fd_, static_cast<off_t>(offset), static_cast<off_t>(size),
                        POSIX_FADV_WILLNEED);
}

void sync_directory(const std::filesystem::path& path) {
  PosixFile(path, O_RDONLY | O_DIRECTORY).sync();
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace anam
