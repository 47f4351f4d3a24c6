// SPDX-License-Identifier: Apache-2.0
// What every importer takes, does and reports.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/load.h"

namespace anam {

struct ImportOptions {
  std::vector<std::filesystem::path> paths{};  // files or directories, as the format wants
  unsigned threads = 1;                        // files are parsed by this many threads
  std::uint64_t lane_bytes = 16 << 20;         // of a plain file, for each thread that reads in it
  std::vector<std::string> keep{};  // columns beyond the format's own to keep as attributes: "name"
                                    // (text) or "name:type"
  std::string tables{};             // of Synthea: "clinical", "claims", or empty for both
  std::uint64_t max_bad_rows = 0;   // tolerated before the load gives up
  std::filesystem::path bad_rows_file{};  // where tolerated bad rows are written, with the reason
  const std::atomic<bool>* cancel = nullptr;
  std::function<void(std::uint64_t done, std::uint64_t total)>
      progress{};  // bytes of input; called from several threads, one at a time
};

/// The accounts of one input file: rows == loaded + bad + the sum of skipped.
struct FileReport {
  std::string file;
  std::uint64_t rows = 0;                        // data rows read (without header and empty lines)
  std::uint64_t loaded = 0;                      // rows that reached the load
  std::uint64_t bad = 0;                         // rows that could not be parsed (tolerated ones)
  std::map<std::string, std::uint64_t> skipped;  // rows left out by a documented rule: rule -> rows
  std::map<std::string, std::uint64_t>
      noted;  // rows loaded with a remark ("rounded to cents", ...): remark -> rows
  std::vector<std::string> ignored_columns;  // columns that are neither known nor named by --keep

  /// Adds the rows of another part of the same file.
  void add(const FileReport& part);
};

struct ImportReport {
  std::vector<FileReport> files;
  std::vector<std::string> notes;  // about the whole input, for the summary
};

/// Collects rows that cannot be parsed; writes each to the bad-rows file with file, line, column,
/// value and reason. Thread-safe.
class BadRows {
 public:
  BadRows(std::uint64_t max_bad_rows, std::filesystem::path file);

  /// Counts one bad row. Throws Error(kInput) naming the place and what to do when that is more
  /// than is tolerated.
  void add(std::string_view file, std::uint64_t line, std::string_view column,
           std::string_view value, std::string_view reason);

  std::uint64_t count() const;
  const std::filesystem::path& file() const { return file_; }

 private:
  mutable std::mutex mutex_;
  std::uint64_t max_;
  std::uint64_t count_ = 0;
  std::filesystem::path file_;
  std::ofstream out_;
};

/// One input format. Construction looks at the paths and says what is missing (Error(kInput) or
/// kUsage) before any work is done.
class Importer {
 public:
  virtual ~Importer() = default;

  /// What this format needs of the load: require_persons, require_visits, expected_rows (from file
  /// sizes).
  virtual void prepare(LoadOptions& options) const = 0;

  /// Reads all input into the load. Called once.
  virtual ImportReport run(Load& load) = 0;
};

std::unique_ptr<Importer> make_omop_importer(ImportOptions options);
std::unique_ptr<Importer> make_synpuf_importer(ImportOptions options);
std::unique_ptr<Importer> make_synthea_importer(ImportOptions options);
std::unique_ptr<Importer> make_events_importer(ImportOptions options);

}  // namespace anam
