// SPDX-License-Identifier: Apache-2.0
// The little of LMDB that the store uses: one environment a file, its main database, no lock file.
// Private to the library: lmdb.h of the system is included by lmdb.cc alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "storage/bytes.h"

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

namespace anam::lmdb {

/// LMDB's limits, as built by default everywhere.
inline constexpr std::size_t kMaxKey = 511;
inline constexpr std::uint64_t kMaxValue = 0xFFFFFFFF;

/// Throws the Error for an LMDB return code or errno: kFull for what ran out, kCorrupt for what is
/// no LMDB file, kIo for the rest. "what: path: reason".
[[noreturn]] void fail_with(int code, std::string_view what, const std::filesystem::path& path);

struct EnvDeleter {
  void operator()(MDB_env* env) const;
};
struct TxnDeleter {
  void operator()(MDB_txn* txn) const;  // aborts
};
struct CursorDeleter {
  void operator()(MDB_cursor* cursor) const;
};

class Txn;

/// How many pages of which kind all trees of a file have.
struct TreeSizes {
  std::uint64_t entries = 0;         // of the main database
  std::uint64_t tree_pages = 0;      // branch and leaf pages
  std::uint64_t overflow_pages = 0;  // pages of large values
};

/// An open file. Move-only; must outlive its transactions; not to be used across fork().
class Env {
 public:
  enum class Mode : std::uint8_t {
    kCreate,      // an empty file, to be written by one transaction at a time, without syncs
    kRandom,      // read only, no read-ahead
    kSequential,  // read only, the system's read-ahead
  };
  /// `open_as`: another way to the same file, if that is how to open it.
  Env(const std::filesystem::path& path, Mode mode, std::uint64_t map_size,
      const std::filesystem::path& open_as = {});

  Txn begin(bool write) const;
  int fd() const;
  std::uint32_t page_size() const;
  /// Pages of the file as last committed, meta pages included.
  std::uint64_t pages() const;
  const std::filesystem::path& path() const { return *path_; }

 private:
  std::unique_ptr<const std::filesystem::path> path_;  // transactions point to it
  std::unique_ptr<MDB_env, EnvDeleter> env_;
};

/// A position in the main database. Created by a Txn and not to be used after it. The views that it
/// gives point into the mapped file.
class Cursor {
 public:
  bool first();
  bool last();
  bool next();
  bool prev();
  bool seek(ByteSpan key);     // exactly this key
  bool seek_ge(ByteSpan key);  // the first key that is not less
  ByteSpan key() const { return key_; }
  ByteSpan value() const { return value_; }

 private:
  friend class Txn;
  Cursor(MDB_cursor* cursor, const std::filesystem::path* path) : cursor_(cursor), path_(path) {}
  bool get(ByteSpan key, int operation);

  std::unique_ptr<MDB_cursor, CursorDeleter> cursor_;
  const std::filesystem::path* path_;
  ByteSpan key_;
  ByteSpan value_;
};

/// A transaction; aborted unless committed. One thread at a time.
class Txn {
 public:
  Cursor cursor() const;
  /// REQUIRES: a write transaction; key greater than all before. False when it is not.
  bool append(ByteSpan key, ByteSpan value);
  TreeSizes sizes() const;
  void commit() &&;

 private:
  friend class Env;
  Txn(MDB_txn* txn, const std::filesystem::path* path) : txn_(txn), path_(path) {}

  std::unique_ptr<MDB_txn, TxnDeleter> txn_;
  const std::filesystem::path* path_;
};

}  // namespace anam::lmdb
