// SPDX-License-Identifier: Apache-2.0
#include "storage/sealed_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "storage/lmdb.h"
#include "storage/seal.h"

namespace anam {
namespace {

/// Idle cursors that a file keeps; more threads than this at once open and close theirs.
constexpr std::size_t kMaxIdle = 64;
/// How often a file may be replaced between its verification and LMDB's opening it.
constexpr int kMaxAttempts = 16;

lmdb::Env open_env(const PosixFile& file, const VerifiedSeal& verified, SealedFile::Access access) {
  const auto mode = access == SealedFile::Access::kRandom ? lmdb::Env::Mode::kRandom
                                                          : lmdb::Env::Mode::kSequential;
  const std::uint64_t page_size = verified.footer.page_size;
  const std::uint64_t map_size = (verified.seal.size + page_size - 1) / page_size * page_size;
  // LMDB opens by name. This one is the open file's own, also when it was removed.
  const std::filesystem::path own = "/proc/self/fd/" + std::to_string(file.fd());
  std::error_code none;
  const bool has_own = std::filesystem::exists(own, none);
  return lmdb::Env(file.path(), mode, map_size, has_own ? own : file.path());
}

/// Null when a rename put another file in its place.
std::optional<std::pair<lmdb::Env, VerifiedSeal>> open_verified(const PosixFile& file,
                                                                const std::optional<Seal>& expected,
                                                                SealedFile::Access access) {
  const VerifiedSeal verified = verify_seal(file, expected);
  lmdb::Env env = open_env(file, verified, access);
  struct stat opened {};
  if (::fstat(env.fd(), &opened) != 0) lmdb::fail_with(errno, "cannot read", file.path());
  if (!same_file(opened, file.status())) return std::nullopt;
  if (env.page_size() != verified.footer.page_size || env.pages() > verified.footer.page_count) {
    fail(ErrorCode::kCorrupt, "size or seal of the file is wrong", file.path().string());
  }
  return std::pair(std::move(env), verified);
}

}  // namespace

/// A read transaction and its cursor. The file never changes, so both are good for ever.
struct SealedFile::Cursor::Handle {
  explicit Handle(const lmdb::Env& env) : txn(env.begin(false)), cursor(txn.cursor()) {}

  lmdb::Txn txn;
  lmdb::Cursor cursor;
};

class SealedFile::Impl {
 public:
  using Handle = Cursor::Handle;

  Impl(lmdb::Env env, const VerifiedSeal& verified) : env_(std::move(env)), verified_(verified) {}

  const lmdb::Env& env() const { return env_; }
  const VerifiedSeal& verified() const { return verified_; }

  std::unique_ptr<Handle> borrow() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Handle> handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
      }
    }
    return std::make_unique<Handle>(env_);
  }

  void give_back(std::unique_ptr<Handle> handle) noexcept {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kMaxIdle) idle_.push_back(std::move(handle));
  }

 private:
  const lmdb::Env env_;
  const VerifiedSeal verified_;
  std::mutex mutex_;
  // Room is made at once, so that giving back cannot throw.
  std::vector<std::unique_ptr<Handle>> idle_ = [] {
    std::vector<std::unique_ptr<Handle>> idle;
    idle.reserve(kMaxIdle);
    return idle;
  }();
};

SealedFile::SealedFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SealedFile::~SealedFile() = default;

std::shared_ptr<SealedFile> SealedFile::open(const std::filesystem::path& path,
                                             const std::optional<Seal>& expected, Access access) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    auto opened = open_verified(PosixFile(path, O_RDONLY), expected, access);
    if (!opened) continue;
    return std::shared_ptr<SealedFile>(new SealedFile(
        std::make_unique<Impl>(std::move(opened->first), opened->second)));  // NOLINT
  }
  fail(ErrorCode::kIo, "file is replaced again and again", path.string());
}

std::shared_ptr<SealedFile> SealedFile::open(const PosixFile& file,
                                             const std::optional<Seal>& expected, Access access) {
  auto opened = open_verified(file, expected, access);
  if (!opened)
    fail(ErrorCode::kIo, "file was replaced, and without /proc its old content cannot be read",
         file.path().string());
  return std::shared_ptr<SealedFile>(
      new SealedFile(std::make_unique<Impl>(std::move(opened->first), opened->second)));  // NOLINT
}

std::optional<ByteSpan> SealedFile::find(ByteSpan key) const {
  if (key.empty()) return std::nullopt;
  Cursor cursor = this->cursor();
  if (!cursor.handle_->cursor.seek(key)) return std::nullopt;
  return cursor.handle_->cursor.value();
}

SealedFile::Cursor SealedFile::cursor() const {
  return Cursor(shared_from_this(), impl_->borrow());
}

const std::filesystem::path& SealedFile::path() const { return impl_->env().path(); }
const Seal& SealedFile::seal() const { return impl_->verified().seal; }
std::uint64_t SealedFile::size() const { return impl_->verified().footer.keys; }

void SealedFile::will_need(ByteSpan value) const {
  if (value.empty()) return;
  static const auto kPage = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(value.data()) / kPage * kPage;
  const auto end = reinterpret_cast<std::uintptr_t>(value.data() + value.size());
  // A hint: what it cannot do, the first access does.
  (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_WILLNEED);  // NOLINT
}

SealedFile::Cursor::Cursor(std::shared_ptr<const SealedFile> file, std::unique_ptr<Handle> handle)
    : file_(std::move(file)), handle_(std::move(handle)) {}

SealedFile::Cursor::Cursor(Cursor&&) noexcept = default;

SealedFile::Cursor& SealedFile::Cursor::operator=(Cursor&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(handle_, other.handle_);
  std::swap(state_, other.state_);
  return *this;
}

SealedFile::Cursor::~Cursor() {
  if (handle_) file_->impl_->give_back(std::move(handle_));
}

bool SealedFile::Cursor::moved(bool found) {
  state_ = found ? State::kPositioned : State::kNowhere;
  return found;
}

bool SealedFile::Cursor::seek_ge(ByteSpan key) {
  return moved(key.empty() ? handle_->cursor.first() : handle_->cursor.seek_ge(key));
}

bool SealedFile::Cursor::seek_le(ByteSpan key) {
  if (key.empty()) return moved(false);
  lmdb::Cursor& cursor = handle_->cursor;
  if (!cursor.seek_ge(key)) return moved(cursor.last());
  return moved(std::ranges::equal(cursor.key(), key) || cursor.prev());
}

bool SealedFile::Cursor::next() {
  if (state_ == State::kNowhere) return false;
  return moved(state_ == State::kFresh ? handle_->cursor.first() : handle_->cursor.next());
}

bool SealedFile::Cursor::prev() {
  if (state_ == State::kNowhere) return false;
  return moved(state_ == State::kFresh ? handle_->cursor.last() : handle_->cursor.prev());
}

ByteSpan SealedFile::Cursor::key() const {
  assert(state_ == State::kPositioned);
  return handle_->cursor.key();
}

ByteSpan SealedFile::Cursor::value() const {
  assert(state_ == State::kPositioned);
  return handle_->cursor.value();
}

}  // namespace anam
