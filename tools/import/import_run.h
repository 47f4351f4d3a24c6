// SPDX-License-Identifier: Apache-2.0
// What the threads of one import share: files, bad rows, progress, the wish to stop.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/csv/csv_reader.h"
#include "tools/import/importer.h"

namespace anam {

/// Files named by `paths`: a file is itself, a directory stands for the files directly in it whose
/// names end in one of `endings` (lower case; compared without case), in the order of their names.
/// Throws Error(kInput) for a path that does not exist and for a directory without such files.
std::vector<std::filesystem::path> list_input_files(const std::vector<std::filesystem::path>& paths,
                                                    const std::vector<std::string_view>& endings);

/// The file's size, or 0 when it has none (a pipe).
std::uint64_t size_of_file(const std::filesystem::path& file);

/// A guess of the rows in a file from its size; compressed files count eightfold.
std::uint64_t guess_rows(const std::filesystem::path& file, std::uint64_t bytes_per_row);

/// Thread-safe.
class ImportRun {
 public:
  /// `total` is in bytes of input files.
  ImportRun(const ImportOptions& options, std::uint64_t total);

  const ImportOptions& options() const { return options_; }
  BadRows& bad_rows() { return bad_rows_; }

  /// Reports `bytes` more of the input as read. Throws Error(kCancelled) when the user asked to
  /// stop or another thread failed.
  void advance(std::uint64_t bytes);

  /// Calls work(0) .. work(count - 1) on up to options().threads threads, and returns when all are
  /// done. The first exception stops the others and is rethrown.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& work);

  /// Reads files on up to options().threads threads, a large one that is not compressed on several
  /// at a time: open(i) is called once for each file, read(i, csv) once for each thread in it, with
  /// a reader that they share. Files are begun in the order given. Returns the files' reports, each
  /// the sum of what read() returned.
  using SharedCsv = std::shared_ptr<CsvReader>;
  std::vector<FileReport> read_files(
      const std::vector<std::filesystem::path>& files,
      const std::function<SharedCsv(std::size_t)>& open,
      const std::function<FileReport(std::size_t, const SharedCsv&)>& read);

 private:
  std::size_t lanes(const std::filesystem::path& file) const;

  const ImportOptions& options_;
  BadRows bad_rows_;
  std::uint64_t total_;
  std::mutex mutex_;
  std::uint64_t done_ = 0;
  std::exception_ptr failure_;
  std::atomic<bool> stop_ = false;
};

}  // namespace anam
