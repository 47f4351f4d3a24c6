// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <algorithm>
#include <cassert>
#include <set>
#include <system_error>
#include <vector>

#include "storage/format.h"
#include "storage/posix_file.h"
#include "storage/store.h"
#include "storage/writer_lock.h"

namespace anam {
namespace {

namespace fs = std::filesystem;

/// What a directory holds, judged by names.
struct Contents {
  bool catalog = false;
  bool creating = false;
  bool data = false;     // files of shards or codes
  bool strange = false;  // anything that no store has
};

bool is_own_name(std::string_view name) {
  return name == file_name::kCatalog || name == file_name::kNewCatalog ||
         name == file_name::kWriterLock || name == file_name::kScratch ||
         name == file_name::kCreating || is_data_file_name(name);
}

[[noreturn]] void fail_directory(const fs::path& path, const std::error_code& error) {
  fail(ErrorCode::kIo, "cannot use the store's directory", path.string() + ": " + error.message());
}

std::vector<fs::path> list_directory(const fs::path& path) {
  std::vector<fs::path> names;
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename());
  }
  if (error) fail_directory(path, error);
  return names;
}

Contents look_into(const fs::path& path) {
  Contents contents;
  for (const fs::path& entry : list_directory(path)) {
    const std::string name = entry.string();
    contents.catalog |= name == file_name::kCatalog;
    contents.creating |= name == file_name::kCreating;
    contents.data |= is_data_file_name(name);
    contents.strange |= !is_own_name(name);
  }
  return contents;
}

/// Throws unless it is safe to write a store here.
Contents check_contents(const fs::path& path) {
  const Contents contents = look_into(path);
  if (contents.catalog || contents.creating) return contents;
  if (contents.strange) fail(ErrorCode::kUsage, "is not a store, and not empty", path.string());
  if (contents.data) {
    fail(ErrorCode::kCorrupt,
         "store has lost its catalog.mdb; bring it back, or empty the directory", path.string());
  }
  return contents;
}

/// Creates the directory itself, not its parents: a mistyped path is more likely than a deep one.
/// True when it was not there.
bool make_directory(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return false;
  if (fs::exists(status)) fail(ErrorCode::kUsage, "is not a store but a file", path.string());
  const bool created = fs::create_directory(path, error);
  if (error) fail_directory(path, error);
  return created;
}

/// No lock is left behind in a directory that is no store.
fs::path lock_path(const fs::path& path) {
  check_contents(path);
  return path / file_name::kWriterLock;
}

fs::path without_trailing_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

class StoreWriter::Impl {
 public:
  explicit Impl(const fs::path& path)
      : path_(without_trailing_slash(path)),
        created_(make_directory(path_)),
        lock_(lock_path(path_)) {
    // Before the lock was taken, all of this could change.
    const Contents contents = check_contents(path_);
    if (contents.catalog) {
      catalog_ = read_catalog(*SealedFile::open(path_ / file_name::kCatalog, std::nullopt));
      remove_file(file_name::kCreating);
    } else if (!contents.creating) {
      // Tells a first load that crashed from a store that lost its catalog.
      PosixFile(path_ / file_name::kCreating, O_WRONLY | O_CREAT);
    }
    remove_scratch();
    remove_rubbish();
  }

  ~Impl() {
    remove_scratch();
    try {
      remove_rubbish();
    } catch (const Error&) {
      // The next writer removes it.
    }
    if (catalog_) return;
    remove_file(file_name::kCreating);
    lock_.remove();
    std::error_code ignored;
    if (created_) fs::remove(path_, ignored);  // only when empty
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const fs::path& path() const { return path_; }
  const std::optional<Catalog>& catalog() const { return catalog_; }

  fs::path scratch() const {
    std::error_code error;
    fs::create_directory(path_ / file_name::kScratch, error);
    if (error) fail_directory(path_ / file_name::kScratch, error);
    return path_ / file_name::kScratch;
  }

  void publish(const Catalog& catalog, const Checked& progress) {
    check_catalog(catalog);
    if (catalog_ && (catalog.id != catalog_->id || catalog.shard_bits != catalog_->shard_bits)) {
      fail(ErrorCode::kUsage, "catalog is of another store", path_.string());
    }
    check_files(catalog, progress);
    remove_file(file_name::kNewCatalog);
    write_catalog(path_ / file_name::kNewCatalog, catalog);
    sync_directory(path_);  // the data files' names, before the catalog that counts on them
    std::error_code error;
    fs::rename(path_ / file_name::kNewCatalog, path_ / file_name::kCatalog, error);
    if (error) fail_directory(path_, error);
    catalog_ = catalog;
    sync_directory(path_);
    if (created_) sync_directory(path_.has_parent_path() ? path_.parent_path() : ".");
    remove_file(file_name::kCreating);
    remove_rubbish();
  }

 private:
  /// Opens, and by that verifies, the files that the last catalog did not name; looks at the
  /// others' sizes.
  void check_files(const Catalog& catalog, const Checked& progress) const {
    const std::set<std::string> known = file_names(catalog_);
    std::size_t fresh = 0;
    for (const std::string& name : file_names(catalog)) fresh += known.contains(name) ? 0 : 1;
    std::size_t verified = 0;
    std::set<std::string> checked;
    for (const Release& release : catalog.releases) {
      for (const StoreFile& file : release.files) {
        if (!checked.insert(file.name).second) continue;
        if (!known.contains(file.name)) {
          SealedFile::open(path_ / file.name, file.seal);
          if (progress) progress(++verified, fresh);
        } else if (std::error_code error;
                   fs::file_size(path_ / file.name, error) != file.seal.size || error) {
          fail(ErrorCode::kCorrupt, "file of an earlier release is missing or has the wrong size",
               (path_ / file.name).string());
        }
      }
    }
  }

  static std::set<std::string> file_names(const std::optional<Catalog>& catalog) {
    std::set<std::string> names;
    if (!catalog) return names;
    for (const Release& release : catalog->releases) {
      for (const StoreFile& file : release.files) names.insert(file.name);
    }
    return names;
  }

  void remove_file(std::string_view name) const {
    std::error_code ignored;  // what stays is rubbish that does no harm
    fs::remove(path_ / name, ignored);
  }

  void remove_scratch() const {
    std::error_code ignored;
    fs::remove_all(path_ / file_name::kScratch, ignored);
  }

  /// Removes data files that no release names, and a catalog that was not published.
  void remove_rubbish() const {
    const std::set<std::string> named = file_names(catalog_);
    for (const fs::path& entry : list_directory(path_)) {
      const std::string name = entry.string();
      const bool rubbish =
          name == file_name::kNewCatalog || (is_data_file_name(name) && !named.contains(name));
      std::error_code error;
      if (rubbish && fs::is_regular_file(fs::symlink_status(path_ / entry, error)))
        remove_file(name);
    }
  }

  fs::path path_;
  bool created_;
  WriterLock lock_;
  std::optional<Catalog> catalog_;
};

StoreWriter::StoreWriter(const std::filesystem::path& path) : impl_(std::make_unique<Impl>(path)) {}
StoreWriter::~StoreWriter() = default;

const std::filesystem::path& StoreWriter::path() const { return impl_->path(); }
const std::optional<Catalog>& StoreWriter::catalog() const { return impl_->catalog(); }

std::filesystem::path StoreWriter::new_file(std::string_view name) const {
  assert(is_data_file_name(name));
  return impl_->path() / name;
}

std::filesystem::path StoreWriter::scratch() const { return impl_->scratch(); }
void StoreWriter::publish(const Catalog& catalog, const Checked& checked) {
  impl_->publish(catalog, checked);
}

}  // namespace anam
