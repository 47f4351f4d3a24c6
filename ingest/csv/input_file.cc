// SPDX-License-Identifier: Apache-2.0
#include "ingest/csv/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <vector>

#include "storage/error.h"

namespace anam {
namespace {

constexpr std::size_t kCompressedBlock = 256 << 10;
constexpr std::size_t kMagicBytes = 6;

[[noreturn]] void fail_system(std::string_view what, const std::string& path, int error) {
  fail(ErrorCode::kIo, what, path + ": " + std::generic_category().message(error));
}

bool starts_with(std::string_view text, std::string_view magic) {
  return text.substr(0, magic.size()) == magic;
}

// Names the program to call for compressed files that this one does not read.
void refuse_other_compression(std::string_view front, const std::string& path) {
  const char* format = nullptr;
  if (starts_with(front, std::string_view("PK\x03\x04", 4))) format = "zip";
  if (starts_with(front, std::string_view("\x28\xB5\x2F\xFD", 4))) format = "zstd";
  if (starts_with(front, std::string_view("\xFD\x37zXZ\0", 6))) format = "xz";
  if (format != nullptr) {
    fail(ErrorCode::kInput, "only plain and gzip files can be read; decompress the file first",
         path + ": is a " + format + " file");
  }
}

}  // namespace

struct InputFile::State {
  std::string path;
  int fd = -1;
  std::uint64_t size = 0;
  std::uint64_t taken = 0;  // bytes read from fd
  std::vector<char> raw;    // bytes read and not yet delivered or inflated: raw[raw_at, raw_end)
  std::size_t raw_at = 0;
  std::size_t raw_end = 0;
  bool gzip = false;
  bool member_open = false;     // inside a gzip member
  bool inflater_ready = false;  // `zlib` wants inflateEnd
  z_stream zlib = {};

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (inflater_ready) inflateEnd(&zlib);
    if (fd >= 0) ::close(fd);
  }

  std::size_t read_some(char* to, std::size_t capacity) {
    for (;;) {
      const ssize_t got = ::read(fd, to, capacity);
      if (got >= 0) {
        taken += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got);
      }
      if (errno != EINTR) fail_system("cannot read file", path, errno);
    }
  }

  std::size_t read_full(char* to, std::size_t capacity) {
    std::size_t filled = 0;
    while (filled < capacity) {
      const std::size_t got = read_some(to + filled, capacity - filled);
      if (got == 0) break;
      filled += got;
    }
    return filled;
  }

  std::size_t read_plain(char* to, std::size_t capacity) {
    const std::size_t kept = std::min(capacity, raw_end - raw_at);
    if (kept > 0) std::memcpy(to, raw.data() + raw_at, kept);
    raw_at += kept;
    return kept + read_full(to + kept, capacity - kept);
  }

  // Makes sure that at least one compressed byte is there; false at the end of the file.
  bool refill() {
    if (raw_at < raw_end) return true;
    raw_at = 0;
    raw_end = read_some(raw.data(), raw.size());
    return raw_end > 0;
  }

  // Between members: starts the next one, skips zero padding (tapes and some writers leave it), or
  // ends.
  bool open_member() {
    bool padded = false;
    while (refill() && raw[raw_at] == '\0') {
      ++raw_at;
      padded = true;
    }
    if (raw_at == raw_end) return false;
    if (padded || static_cast<unsigned char>(raw[raw_at]) != 0x1F) {
      fail(ErrorCode::kInput, "compressed file goes on with something that is not gzip",
           path + ": before byte " + std::to_string(taken - (raw_end - raw_at)));
    }
    if (inflateReset(&zlib) != Z_OK) fail(ErrorCode::kInput, "cannot restart decompression", path);
    member_open = true;
    return true;
  }

  std::size_t read_gzip(char* to, std::size_t capacity) {
    std::size_t filled = 0;
    while (filled < capacity) {
      if (!member_open && !open_member()) break;
      if (!refill()) {
        fail(ErrorCode::kInput, "compressed file ends too early; was its transfer complete?",
             path + ": after " + std::to_string(taken) + " bytes");
      }
      const std::size_t room = std::min<std::size_t>(capacity - filled, 1U << 30);
      zlib.next_in = reinterpret_cast<Bytef*>(raw.data() + raw_at);
      zlib.avail_in = static_cast<uInt>(raw_end - raw_at);
      zlib.next_out = reinterpret_cast<Bytef*>(to + filled);
      zlib.avail_out = static_cast<uInt>(room);
      const int result = inflate(&zlib, Z_NO_FLUSH);
      raw_at = raw_end - zlib.avail_in;
      filled += room - zlib.avail_out;
      if (result == Z_STREAM_END) {
        member_open = false;
      } else if (result == Z_MEM_ERROR) {
        fail(ErrorCode::kFull, "not enough memory to decompress", path);
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        fail(ErrorCode::kInput, "compressed data is damaged",
             path + ": before byte " + std::to_string(taken - (raw_end - raw_at)) + ": " +
                 (zlib.msg != nullptr ? zlib.msg : "unknown error"));
      }
    }
    return filled;
  }
};

InputFile::InputFile(const std::string& path) : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.path = path;
  state.fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (state.fd < 0) fail_system("cannot open file", path, errno);
  struct stat status = {};
  if (::fstat(state.fd, &status) != 0) fail_system("cannot examine file", path, errno);
  if (S_ISDIR(status.st_mode)) fail(ErrorCode::kInput, "a file is expected, not a directory", path);
  if (S_ISREG(status.st_mode)) {
    state.size = static_cast<std::uint64_t>(status.st_size);
    ::posix_fadvise(state.fd, 0, 0, POSIX_FADV_SEQUENTIAL);  // a hint: its failure changes nothing
  }
  state.raw.resize(kMagicBytes);
  state.raw_end = state.read_full(state.raw.data(), kMagicBytes);
  const std::string_view front(state.raw.data(), state.raw_end);
  refuse_other_compression(front, path);
  if (!starts_with(front, "\x1F\x8B")) return;
  state.gzip = true;
  state.raw.resize(kCompressedBlock);
  if (inflateInit2(&state.zlib, 15 + 16) != Z_OK)
    fail(ErrorCode::kFull, "cannot start decompression", path);
  state.inflater_ready = true;
  state.member_open = true;
}

InputFile::~InputFile() = default;
InputFile::InputFile(InputFile&&) noexcept = default;
InputFile& InputFile::operator=(InputFile&&) noexcept = default;

std::size_t InputFile::read(char* to, std::size_t capacity) {
  return state_->gzip ? state_->read_gzip(to, capacity) : state_->read_plain(to, capacity);
}

const std::string& InputFile::path() const { return state_->path; }
bool InputFile::is_gzip() const { return state_->gzip; }
std::uint64_t InputFile::bytes_consumed() const {
  return state_->taken - (state_->raw_end - state_->raw_at);
}
std::uint64_t InputFile::size() const { return state_->size; }

}  // namespace anam
