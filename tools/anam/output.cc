// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "storage/error.h"

namespace anam::cli {
namespace {

[[noreturn]] void fail_io(int error, const std::filesystem::path& file) {
  const ErrorCode code =
      error == ENOSPC || error == EDQUOT || error == EFBIG ? ErrorCode::kFull : ErrorCode::kIo;
  fail(code, "cannot write results to " + (file.empty() ? "standard output" : file.string()),
       std::generic_category().message(error));
}

}  // namespace

Output::Output(const std::optional<std::string>& file) : fd_(STDOUT_FILENO) {
  if (!file || *file == "-") return;
  file_ = *file;
  std::error_code none;
  const auto status = std::filesystem::status(file_, none);
  const bool in_place =
      std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
  if (std::filesystem::is_directory(status)) fail_io(EISDIR, file_);
  if (!in_place) {
    // Through links, so that these stay what they are.
    if (std::filesystem::is_symlink(std::filesystem::symlink_status(file_, none)) &&
        std::filesystem::exists(status))
      file_ = std::filesystem::canonical(file_, none);
    temporary_ = file_;
    temporary_ += ".partial-" + std::to_string(getpid());
  }
  const std::filesystem::path& target = in_place ? file_ : temporary_;
  fd_ = open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (in_place ? 0 : O_TRUNC), 0666);
  if (fd_ < 0) fail_io(errno, file_);
}

Output::~Output() {
  if (fd_ != STDOUT_FILENO && fd_ >= 0) close(fd_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void Output::flush() {
  std::string_view left = buffer_;
  while (!left.empty()) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EPIPE) throw ClosedOutput();
      fail_io(errno, file_);
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

void Output::finish() {
  flush();
  if (fd_ == STDOUT_FILENO) return;
  if (close(fd_) != 0) {
    fd_ = -1;
    fail_io(errno, file_);
  }
  fd_ = -1;
  if (temporary_.empty()) return;
  if (rename(temporary_.c_str(), file_.c_str()) != 0) fail_io(errno, file_);
  temporary_.clear();
}

void guard_standard_descriptors() {
  // Opened the wrong way round, so that reading or writing them fails as if they were closed.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    const int flags = fd == STDIN_FILENO ? O_WRONLY : fd == STDOUT_FILENO ? O_RDONLY : O_WRONLY;
    if (open("/dev/null", flags) != fd) return;  // the lowest number free is this one
  }
}

}  // namespace anam::cli
