// SPDX-License-Identifier: Apache-2.0
#include "storage/store.h"

#include <sys/resource.h>

#include <algorithm>
#include <mutex>
#include <system_error>

#include "storage/format.h"
#include "storage/lazy_file.h"

namespace anam {
namespace {

/// How often a store may change while it is being opened.
constexpr int kMaxAttempts = 16;

/// An open file takes a descriptor, and the usual soft limit is 1024.
void raise_file_limit() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct rlimit limit {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);  // where it fails, opening says so
  });
}

void check_is_store(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found)
    fail(ErrorCode::kUsage, "there is no such store", path.string());
  if (error) fail(ErrorCode::kIo, "cannot open the store", path.string() + ": " + error.message());
  if (status.type() != std::filesystem::file_type::directory) {
    fail(ErrorCode::kUsage, "is not a store but a file", path.string());
  }
  const auto there = [&](std::string_view name) {
    return std::filesystem::exists(path / name, error);
  };
  if (there(file_name::kCatalog)) return;
  if (error) fail(ErrorCode::kIo, "cannot open the store", path.string() + ": " + error.message());
  if (there(file_name::kCreating)) {
    fail(ErrorCode::kUsage, "store has no release yet; its first load is running or did not finish",
         path.string());
  }
  fail(ErrorCode::kUsage, "is not a store (it has no catalog.mdb)", path.string());
}

const Release& find_release(const std::filesystem::path& path, const Catalog& catalog,
                            std::optional<std::uint32_t> number) {
  if (catalog.releases.empty()) fail(ErrorCode::kUsage, "store has no release yet", path.string());
  if (!number) return catalog.releases.back();
  const auto found = std::ranges::find(catalog.releases, *number, &Release::number);
  if (found != catalog.releases.end()) return *found;
  std::string known;
  for (const Release& release : catalog.releases) {
    known += (known.empty() ? "" : ", ") + std::to_string(release.number);
  }
  fail(ErrorCode::kUsage, "store has no release " + std::to_string(*number) + ", but " + known,
       path.string());
}

}  // namespace

struct Store::State {
  std::filesystem::path path;
  Catalog catalog;
  const Release* release = nullptr;
  std::map<std::string, LazyFile, std::less<>> files;
};

Store Store::open(const std::filesystem::path& path, std::optional<std::uint32_t> release) {
  raise_file_limit();
  check_is_store(path);
  for (int attempt = 1;; ++attempt) {
    const auto catalog_file = SealedFile::open(path / file_name::kCatalog, std::nullopt);
    auto state = std::make_shared<State>();
    state->path = path;
    state->catalog = read_catalog(*catalog_file);
    state->release = &find_release(path, state->catalog, release);
    try {
      for (const StoreFile& file : state->release->files) {
        state->files.try_emplace(file.name, path / file.name, file.seal);
      }
      return Store(std::move(state));
    } catch (const Error&) {
      // A compaction may have replaced the catalog and removed files of the old one in the
      // meantime.
      const bool changed = SealedFile::open(path / file_name::kCatalog, std::nullopt)->seal() !=
                           catalog_file->seal();
      if (!changed || attempt == kMaxAttempts) throw;
    }
  }
}

const std::filesystem::path& Store::path() const { return state_->path; }
const Catalog& Store::catalog() const { return state_->catalog; }
const Release& Store::release() const { return *state_->release; }

const std::shared_ptr<SealedFile>& Store::file(std::string_view name) const {
  const auto found = state_->files.find(name);
  if (found == state_->files.end()) fail(ErrorCode::kUsage, "release has no such file", name);
  return found->second.get();
}

const std::shared_ptr<SealedFile>& Store::codes_file() const { return file(release().codes_file); }

}  // namespace anam
