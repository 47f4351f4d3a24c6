// SPDX-License-Identifier: Apache-2.0
#include "storage/backup.h"

#include <fcntl.h>

#include <algorithm>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "storage/format.h"
#include "storage/posix_file.h"
#include "storage/saved_cohort.h"
#include "storage/saved_cohort_file.h"
#include "storage/store.h"

namespace anam {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCopyBytes = std::size_t{4} << 20;
// How often the store may change while its files are being opened.
constexpr int kMaxAttempts = 16;

/// What is copied: opened first, so that nothing can be taken away meanwhile.
struct Originals {
  Catalog catalog;
  std::vector<std::pair<std::string, PosixFile>> files;    // of releases, by name
  std::vector<std::pair<std::string, PosixFile>> cohorts;  // by name of the file

  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const auto* list : {&files, &cohorts}) {
      for (const auto& [name, file] : *list)
        sum += static_cast<std::uint64_t>(file.status().st_size);
    }
    return sum;
  }
};

Originals open_originals(const fs::path& store) {
  for (int attempt = 1;; ++attempt) {
    Originals originals;
    originals.catalog = Store::open(store).catalog();
    try {
      std::map<std::string, const StoreFile*> files;
      for (const Release& release : originals.catalog.releases) {
        for (const StoreFile& file : release.files) files.try_emplace(file.name, &file);
      }
      for (const auto& [name, file] : files)
        originals.files.emplace_back(name, PosixFile(store / name, O_RDONLY));
      for (const std::string& name : list_saved_cohorts(store)) {
        const fs::path path = saved_cohort::file(store, name);
        originals.cohorts.emplace_back(path.filename().string(), PosixFile(path, O_RDONLY));
      }
      return originals;
    } catch (const Error&) {
      // A compaction may have removed files, or somebody a cohort.
      if (attempt == kMaxAttempts || Store::open(store).catalog() == originals.catalog) throw;
    }
  }
}

class Copier {
 public:
  Copier(const BackupOptions& options, std::uint64_t total)
      : options_(options), total_(total), buffer_(kCopyBytes) {}

  void copy(const PosixFile& from, const fs::path& to) {
    const PosixFile out(to, O_WRONLY | O_CREAT | O_EXCL);
    const auto size = static_cast<std::uint64_t>(from.status().st_size);
    for (std::uint64_t at = 0; at < size;) {
      if (options_.cancel != nullptr && *options_.cancel)
        fail(ErrorCode::kCancelled, "the backup was stopped");
      const auto part = std::span(buffer_).first(std::min<std::uint64_t>(kCopyBytes, size - at));
      from.read(at, part);
      out.write(at, part);
      out.start_sync();
      at += part.size();
      done_ += part.size();
      if (options_.progress) options_.progress(done_, total_);
    }
    out.sync();
  }

 private:
  const BackupOptions& options_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  Bytes buffer_;
};

/// Cohorts copied so far are removed with it, unless it is kept.
class CohortDirectory {
 public:
  explicit CohortDirectory(fs::path path) : path_(std::move(path)) {}
  ~CohortDirectory() {
    std::error_code ignored;
    if (!kept_) fs::remove_all(path_, ignored);
  }
  CohortDirectory(const CohortDirectory&) = delete;
  CohortDirectory& operator=(const CohortDirectory&) = delete;

  void create() const {
    std::error_code error;
    fs::create_directory(path_, error);
    if (error) fail(ErrorCode::kIo, "cannot create", path_.string() + ": " + error.message());
  }
  void keep() { kept_ = true; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  bool kept_ = false;
};

}  // namespace

BackupReport back_up_store(const fs::path& from, const fs::path& to, const BackupOptions& options) {
  const Originals originals = open_originals(from);
  StoreWriter writer(to);
  if (writer.catalog()) fail(ErrorCode::kUsage, "there is a store already", to.string());
  BackupReport report{.release = originals.catalog.releases.back().number,
                      .releases = originals.catalog.releases.size(),
                      .files = originals.files.size(),
                      .cohorts = originals.cohorts.size(),
                      .bytes = originals.bytes()};
  Copier copier(options, report.bytes);
  for (const auto& [name, file] : originals.files) copier.copy(file, writer.new_file(name));
  CohortDirectory cohorts(writer.path() / file_name::kCohorts);
  if (!originals.cohorts.empty()) {
    cohorts.create();
    for (const auto& [name, file] : originals.cohorts) copier.copy(file, cohorts.path() / name);
    sync_directory(cohorts.path());
  }
  writer.publish(originals.catalog);
  cohorts.keep();
  return report;
}

}  // namespace anam
