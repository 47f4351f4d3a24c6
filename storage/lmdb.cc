// SPDX-License-Identifier: Apache-2.0
#include "storage/lmdb.h"

#include <lmdb.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace anam::lmdb {
namespace {

/// The unnamed database's handle, the same in every file.
constexpr MDB_dbi kMainDbi = 1;
constexpr MDB_dbi kFreeDbi = 0;

ErrorCode error_code(int code) {
  switch (code) {
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case MDB_CURSOR_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case ENOMEM:
      return ErrorCode::kFull;
    case MDB_PAGE_NOTFOUND:
    case MDB_CORRUPTED:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_BAD_TXN:  // an earlier read of this transaction met a corrupt page
      return ErrorCode::kCorrupt;
    default:
      return ErrorCode::kIo;
  }
}

std::string reason(int code) {
  switch (code) {
    case EMFILE:
      return "too many open files in this process; raise its limit (ulimit -n)";
    case ENOMEM:
      return "no memory or address space to map the file";
    default:
      // mdb_strerror() hands errno values to strerror(), which is not safe for threads.
      return code > 0 ? std::generic_category().message(code) : mdb_strerror(code);
  }
}

void check(int code, std::string_view what, const std::filesystem::path& path) {
  if (code != MDB_SUCCESS) fail_with(code, what, path);
}

// LMDB's C interface takes what it only reads as void*.
MDB_val to_val(ByteSpan bytes) {
  return {bytes.size(), const_cast<std::byte*>(bytes.data())};  // NOLINT
}

ByteSpan to_span(const MDB_val& val) {
  return {static_cast<const std::byte*>(val.mv_data), val.mv_size};
}

}  // namespace

void fail_with(int code, std::string_view what, const std::filesystem::path& path) {
  fail(error_code(code), what, path.string() + ": " + reason(code));
}

void EnvDeleter::operator()(MDB_env* env) const { mdb_env_close(env); }
void TxnDeleter::operator()(MDB_txn* txn) const { mdb_txn_abort(txn); }
void CursorDeleter::operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }

Env::Env(const std::filesystem::path& path, Mode mode, std::uint64_t map_size,
         const std::filesystem::path& open_as)
    : path_(std::make_unique<const std::filesystem::path>(path)) {
  MDB_env* env = nullptr;
  check(mdb_env_create(&env), "cannot open", path);
  env_.reset(env);
  check(mdb_env_set_mapsize(env, map_size), "cannot map", path);
  // NOSYNC: the writer syncs once, at the end.
  unsigned flags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS;
  flags |= mode == Mode::kCreate ? MDB_NOSYNC : MDB_RDONLY;
  if (mode == Mode::kRandom) flags |= MDB_NORDAHEAD;
  const std::filesystem::path& way = open_as.empty() ? path : open_as;
  check(mdb_env_open(env, way.c_str(), flags, 0644), "cannot open", path);

  // Sets the order of keys for all transactions to come.
  const Txn txn = begin(false);
  MDB_dbi dbi = 0;
  check(mdb_dbi_open(txn.txn_.get(), nullptr, 0, &dbi), "cannot open", path);
  if (dbi != kMainDbi)
    fail(ErrorCode::kIo, "unknown version of LMDB", mdb_version(nullptr, nullptr, nullptr));
}

Txn Env::begin(bool write) const {
  MDB_txn* txn = nullptr;
  check(mdb_txn_begin(env_.get(), nullptr, write ? 0 : MDB_RDONLY, &txn),
        "cannot begin a transaction", *path_);
  return Txn(txn, path_.get());
}

int Env::fd() const {
  mdb_filehandle_t fd = -1;
  check(mdb_env_get_fd(env_.get(), &fd), "cannot open", *path_);
  return fd;
}

std::uint32_t Env::page_size() const {
  MDB_stat stat{};
  check(mdb_env_stat(env_.get(), &stat), "cannot read", *path_);
  return stat.ms_psize;
}

std::uint64_t Env::pages() const {
  MDB_envinfo info{};
  check(mdb_env_info(env_.get(), &info), "cannot read", *path_);
  return info.me_last_pgno + 1;
}

Cursor Txn::cursor() const {
  MDB_cursor* cursor = nullptr;
  check(mdb_cursor_open(txn_.get(), kMainDbi, &cursor), "cannot read", *path_);
  return Cursor(cursor, path_);
}

bool Txn::append(ByteSpan key, ByteSpan value) {
  MDB_val k = to_val(key);
  MDB_val v = to_val(value);
  const int code = mdb_put(txn_.get(), kMainDbi, &k, &v, MDB_APPEND);
  if (code == MDB_KEYEXIST) return false;
  check(code, "cannot write", *path_);
  return true;
}

TreeSizes Txn::sizes() const {
  TreeSizes sizes;
  for (const MDB_dbi dbi : {kFreeDbi, kMainDbi}) {
    MDB_stat stat{};
    check(mdb_stat(txn_.get(), dbi, &stat), "cannot read", *path_);
    sizes.entries = stat.ms_entries;
    sizes.tree_pages += stat.ms_branch_pages + stat.ms_leaf_pages;
    sizes.overflow_pages += stat.ms_overflow_pages;
  }
  return sizes;
}

void Txn::commit() && {
  // Frees the transaction whatever it returns.
  check(mdb_txn_commit(txn_.release()), "cannot write", *path_);
}

bool Cursor::get(ByteSpan key, int operation) {
  MDB_val k = to_val(key);
  MDB_val v{};
  const int code = mdb_cursor_get(cursor_.get(), &k, &v, static_cast<MDB_cursor_op>(operation));
  if (code == MDB_NOTFOUND) return false;
  check(code, "cannot read", *path_);
  key_ = to_span(k);
  value_ = to_span(v);
  return true;
}

bool Cursor::first() { return get({}, MDB_FIRST); }
bool Cursor::last() { return get({}, MDB_LAST); }
bool Cursor::next() { return get({}, MDB_NEXT); }
bool Cursor::prev() { return get({}, MDB_PREV); }
bool Cursor::seek(ByteSpan key) { return get(key, MDB_SET_KEY); }
bool Cursor::seek_ge(ByteSpan key) { return get(key, MDB_SET_RANGE); }

}  // namespace anam::lmdb
