// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>

#include "storage/disk_space.h"
#include "storage/lmdb.h"
#include "storage/seal.h"
#include "storage/sealed_file.h"

namespace anam {
namespace {

/// The largest file. Costs address space only, and only while writing.
constexpr std::uint64_t kMaxFileSize = std::uint64_t{1} << 38;
/// LMDB gets slower and takes memory with larger transactions.
constexpr std::uint64_t kCommitSize = 64 << 20;
/// Room on the disk that a commit must leave: for pages of the tree and for the seal.
constexpr std::uint64_t kSpareRoom = 1 << 20;

constexpr std::uint64_t kPageHeader = 16;
constexpr std::uint64_t kNodeOverhead = 10;  // header and pointer
constexpr std::uint64_t kPageReference = 8;  // to a large value

/// Removes a file that was not finished.
class Unfinished {
 public:
  explicit Unfinished(const std::filesystem::path& path) : path_(path) {}
  ~Unfinished() {
    if (!kept_) ::unlink(path_.c_str());
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  void keep() { kept_ = true; }

 private:
  std::filesystem::path path_;
  bool kept_ = false;
};

}  // namespace

class SealedFileWriter::Impl {
 public:
  explicit Impl(const std::filesystem::path& path)
      : file_(path, O_RDWR | O_CREAT | O_EXCL),
        unfinished_(path),
        env_(std::in_place, path, lmdb::Env::Mode::kCreate, kMaxFileSize),
        page_size_(env_->page_size()) {}

  void append(ByteSpan key, ByteSpan value) {
    if (!env_) fail(ErrorCode::kUsage, "file is finished already", path());
    if (key.empty() || key.size() > kMaxKeySize || value.size() > lmdb::kMaxValue) {
      fail(ErrorCode::kUsage, "key or value has no possible size",
           path() + ", key of " + std::to_string(key.size()) + " bytes, value of " +
               std::to_string(value.size()));
    }
    if (!txn_) txn_.emplace(env_->begin(true));
    if (!txn_->append(key, value))
      fail(ErrorCode::kUsage, "keys are not in ascending order", path());
    pending_ += room(key.size(), value.size());
    if (pending_ >= kCommitSize) commit();
  }

  std::uint64_t bytes() const { return env_ ? written_ + pending_ : seal_.size; }

  Seal finish() {
    if (!env_) fail(ErrorCode::kUsage, "file is finished already", path());
    commit();
    const std::uint64_t pages = env_->pages();
    const lmdb::TreeSizes sizes = env_->begin(false).sizes();
    env_.reset();
    seal_ = write_seal(file_, page_size_, pages, sizes);
    unfinished_.keep();
    return seal_;
  }

 private:
  std::string path() const { return file_.path().string(); }

  /// What a key and its value add to the file.
  std::uint64_t room(std::uint64_t key, std::uint64_t value) const {
    if (kNodeOverhead + key + value <= (page_size_ - kPageHeader) / 2)
      return kNodeOverhead + key + value;
    return kNodeOverhead + key + kPageReference +
           (value + kPageHeader + page_size_ - 1) / page_size_ * page_size_;
  }

  void check_room() const {
    const std::optional<std::uint64_t> free = free_space(file_.path());
    if (free && *free < pending_ + kSpareRoom) {
      fail(ErrorCode::kFull, "disk is full; make room and run the command again",
           path() + ", " + std::to_string(pending_ + kSpareRoom) + " bytes needed, " +
               std::to_string(*free) + " free");
    }
  }

  /// Throws the system's own reason why no more can be written, if it has one: LMDB calls a write
  /// that was cut short by a full disk, a quota or a limit an input/output error. Spoils the file.
  void provoke() const {
    const Bytes zeros(1 << 20);
    auto end = static_cast<std::uint64_t>(file_.status().st_size);
    for (const std::uint64_t stop = end + pending_ + kSpareRoom; end < stop; end += zeros.size()) {
      file_.write(end, zeros);
    }
  }

  void commit() {
    if (!txn_) return;
    check_room();
    lmdb::Txn txn = std::move(*txn_);
    txn_.reset();
    try {
      std::move(txn).commit();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kIo) provoke();
      throw;
    }
    file_.start_sync();
    written_ += pending_;
    pending_ = 0;
  }

  PosixFile file_;
  Unfinished unfinished_;
  std::optional<lmdb::Env> env_;
  std::optional<lmdb::Txn> txn_;  // must go before the environment
  std::uint32_t page_size_;
  std::uint64_t pending_ = 0;  // bytes appended and not committed
  std::uint64_t written_ = 0;  // bytes committed, about
  Seal seal_;
};

SealedFileWriter::SealedFileWriter(const std::filesystem::path& path)
    : impl_(std::make_unique<Impl>(path)) {}
SealedFileWriter::~SealedFileWriter() = default;
SealedFileWriter::SealedFileWriter(SealedFileWriter&&) noexcept = default;

void SealedFileWriter::append(ByteSpan key, ByteSpan value) { impl_->append(key, value); }
std::uint64_t SealedFileWriter::bytes() const { return impl_->bytes(); }
Seal SealedFileWriter::finish() { return impl_->finish(); }

}  // namespace anam
