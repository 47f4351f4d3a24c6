// SPDX-License-Identifier: Apache-2.0
#include "storage/writer_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "storage/lmdb.h"

namespace anam {
namespace {

[[noreturn]] void fail_locked(const PosixFile& file) {
  std::array<std::byte, 20> text{};
  const auto size =
      std::min<std::size_t>(static_cast<std::size_t>(file.status().st_size), text.size());
  file.read(0, std::span(text).first(size));
  std::string holder(as_text(std::span(text).first(size)));
  holder = holder.substr(0, holder.find('\n'));
  fail(ErrorCode::kLocked, "another process is changing this store; wait until it has finished",
       file.path().parent_path().string() + (holder.empty() ? "" : ", process " + holder));
}

}  // namespace

PosixFile WriterLock::take(const std::filesystem::path& path) {
  for (;;) {
    PosixFile file(path, O_RDWR | O_CREAT);
    while (::flock(file.fd(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) fail_locked(file);
      if (errno != EINTR) lmdb::fail_with(errno, "cannot lock", path);
    }
    // A writer that gave up a new store may have removed the file that is locked now.
    struct stat named {};
    if (::stat(path.c_str(), &named) != 0 || !same_file(named, file.status())) continue;
    file.resize(0);
    file.write(0, as_bytes(std::to_string(::getpid()) + "\n"));
    return file;
  }
}

void WriterLock::remove() { ::unlink(file_.path().c_str()); }

}  // namespace anam
