// SPDX-License-Identifier: Apache-2.0
// All files of a store: sorted keys and values, written once, then sealed.
//
// A sealed file is an LMDB file with a seal behind its last page: the checksums of all of LMDB's
// own pages (LMDB checks none of them and dies of flipped bits there). They are verified before
// LMDB sees the file; values carry their own checks (checked_value.h). docs/format.md has the
// layout.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "storage/bytes.h"

namespace anam {

class PosixFile;

inline constexpr std::size_t kMaxKeySize = 511;

/// Binds a file to the release that names it.
struct Seal {
  std::uint64_t size = 0;      // of the whole file, in bytes
  std::uint64_t checksum = 0;  // of the seal, and by it of all of LMDB's pages

  friend bool operator==(const Seal&, const Seal&) = default;
};

/// Writes one sealed file. One thread at a time. After an Error only the destructor may be called.
class SealedFileWriter {
 public:
  /// Creates the file; Error(kIo) when there is one already.
  explicit SealedFileWriter(const std::filesystem::path& path);
  /// Removes the file unless finish() returned.
  ~SealedFileWriter();
  SealedFileWriter(SealedFileWriter&&) noexcept;
  SealedFileWriter& operator=(SealedFileWriter&&) = delete;

  /// Writes to disk by itself every 64 MiB. A value of over about 2 KB occupies
  /// ceil((size + 16) / 4096) pages. Throws Error(kUsage) for a key that is empty, over kMaxKeySize
  /// or not greater than the one before, and Error(kFull) when the disk is full.
  void append(ByteSpan key, ByteSpan value);

  /// About the size of the file so far.
  std::uint64_t bytes() const;

  /// Seals the file and syncs it to disk. The caller syncs the directory.
  Seal finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads one sealed file. Safe for many threads; needs no permission to write; what was opened
/// stays readable when the file is removed or replaced. Not to be used across fork().
class SealedFile : public std::enable_shared_from_this<SealedFile> {
 public:
  /// How the file will mostly be read: kRandom reads no more from disk than is asked for.
  enum class Access : std::uint8_t { kRandom, kSequential };

  /// Throws Error(kCorrupt) when the file is not what was written (or not the `expected` one),
  /// Error(kVersion) when a newer program wrote it.
  static std::shared_ptr<SealedFile> open(const std::filesystem::path& path,
                                          const std::optional<Seal>& expected,
                                          Access access = Access::kRandom);
  /// The file that is open, whatever has its name now. Leaves `file` as it is. For the library.
  static std::shared_ptr<SealedFile> open(const PosixFile& file,
                                          const std::optional<Seal>& expected,
                                          Access access = Access::kRandom);
  ~SealedFile();
  SealedFile(const SealedFile&) = delete;
  SealedFile& operator=(const SealedFile&) = delete;

  class Cursor;

  /// The value, valid as long as the SealedFile.
  std::optional<ByteSpan> find(ByteSpan key) const;
  /// Cheap (they are pooled); one thread at a time. Keeps the file open.
  Cursor cursor() const;

  const std::filesystem::path& path() const;
  const Seal& seal() const;
  std::uint64_t size() const;  // number of keys

  /// Asks the system to read the value from disk in the background. Sort, ask for many, then use.
  void will_need(ByteSpan value) const;

 private:
  class Impl;
  friend class Cursor;
  explicit SealedFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// A position in a sealed file, at first before all keys for next() and behind all for prev(). What
/// returns false leaves it nowhere: next() and prev() then return false until a seek succeeds.
class SealedFile::Cursor {
 public:
  ~Cursor();
  Cursor(Cursor&&) noexcept;
  Cursor& operator=(Cursor&&) noexcept;

  bool seek_ge(ByteSpan key);  // to the first key that is not less; the empty key: to the first
  bool seek_le(ByteSpan key);  // to the last key that is not greater
  bool next();
  bool prev();
  /// REQUIRES: the last move returned true. Valid as long as the file.
  ByteSpan key() const;
  ByteSpan value() const;

 private:
  friend class SealedFile;
  struct Handle;
  Cursor(std::shared_ptr<const SealedFile> file, std::unique_ptr<Handle> handle);
  bool moved(bool found);

  enum class State : std::uint8_t { kFresh, kPositioned, kNowhere };
  std::shared_ptr<const SealedFile> file_;
  std::unique_ptr<Handle> handle_;
  State state_ = State::kFresh;
};

}  // namespace anam
