// SPDX-License-Identifier: Apache-2.0
// A store's directory: opening a release for reading, and the writer's side.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "storage/catalog.h"
#include "storage/sealed_file.h"

namespace anam {

/// One release of a store, open for reading: descriptors of all of its files are taken at the
/// start, so that whatever a later load or compaction does, this release stays readable. A file is
/// verified when it is first asked for. Takes no lock and needs no permission to write. Safe for
/// many threads; cheap to copy. Raises the process's limit of open files to the hard one.
class Store {
 public:
  /// Opens the newest release, or the one given. Throws Error(kUsage) when there is no store or no
  /// such release.
  static Store open(const std::filesystem::path& path,
                    std::optional<std::uint32_t> release = std::nullopt);

  const std::filesystem::path& path() const;
  const Catalog& catalog() const;
  const Release& release() const;  // the one opened

  /// Throws Error(kUsage) for a name that is no file of the release, and what opening throws when
  /// the file is not what was written.
  const std::shared_ptr<SealedFile>& file(std::string_view name) const;
  const std::shared_ptr<SealedFile>& codes_file() const;

 private:
  struct State;
  explicit Store(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

/// The right to change a store: holds the writer's lock as long as it lives. One thread at a time.
class StoreWriter {
 public:
  /// Creates the directory when absent, takes the lock, removes what crashed loads left (only files
  /// with names that this program gives and that no release names). Throws Error(kLocked) with the
  /// holder's process id, Error(kUsage) for a directory that holds something else than a store.
  explicit StoreWriter(const std::filesystem::path& path);
  /// Removes what was written and not published; of a store without a release, the directory too
  /// when this writer created it.
  ~StoreWriter();
  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;

  const std::filesystem::path& path() const;
  /// As published last; empty for a store without a release.
  const std::optional<Catalog>& catalog() const;

  /// Where to write a data file with this name. REQUIRES: is_data_file_name(name).
  std::filesystem::path new_file(std::string_view name) const;
  /// A directory for the load's own files, created when absent, removed with the writer.
  std::filesystem::path scratch() const;

  /// Makes this the store's catalog, in one step that readers see wholly or not at all. All files
  /// that it names must be there, sealed. Afterwards removes data files that no release names any
  /// more. `checked` is called after each file whose pages were verified, before anything is
  /// published, with their number so far and in all; what it throws ends the work.
  using Checked = std::function<void(std::size_t done, std::size_t files)>;
  void publish(const Catalog& catalog, const Checked& checked = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace anam
