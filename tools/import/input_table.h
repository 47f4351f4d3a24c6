// SPDX-License-Identifier: Apache-2.0
// One CSV file of an import: wanted columns, rows, and the file's accounts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/csv/csv_reader.h"
#include "tools/import/import_run.h"

namespace anam {

/// Reads a file row by row and keeps its FileReport: counts rows, hands rows that do not fit the
/// header to the run's bad rows, reports progress, stops when asked to. One thread.
class InputTable {
 public:
  /// For a file that is read twice: its bad rows count once.
  enum class BadRowsAre { kReported, kLeftOut };

  /// Opens the file. `run` must outlive it. Throws what CsvReader throws.
  InputTable(ImportRun& run, const std::filesystem::path& file,
             BadRowsAre bad_rows = BadRowsAre::kReported);
  /// Of a file that other tables read in, too (ImportRun::read_files()): the rows that they do not
  /// get.
  InputTable(ImportRun& run, std::shared_ptr<CsvReader> csv,
             BadRowsAre bad_rows = BadRowsAre::kReported);

  bool has(std::string_view lower_name) const { return csv_->find(lower_name).has_value(); }
  const std::vector<std::string>& names() const { return csv_->names(); }
  const std::vector<std::string>& lower_names() const { return csv_->lower_names(); }

  /// Chooses a column for cell(). Empty when the file has none of this name. Before the first
  /// next().
  std::optional<std::size_t> want(std::string_view lower_name);
  /// The same, of the column at a place in the header.
  std::size_t want_at(std::size_t header_index);
  /// want(), and Error(kInput) when there is no such column.
  std::size_t need(std::string_view lower_name);

  /// Names the columns that were not chosen as ignored. After the last want().
  void report_ignored_columns();

  /// The next rows; false at the end of the file.
  bool next();
  std::size_t rows() const { return batch_.rows(); }

  /// A cell of a chosen column, without blanks around it. Valid until the next next().
  std::string_view cell(std::size_t column, std::size_t row) const;
  /// The same, empty where the file has no such column.
  std::string_view cell(const std::optional<std::size_t>& column, std::size_t row) const {
    return column ? cell(*column, row) : std::string_view();
  }

  /// Counts a row as bad and tells the run why (which may throw).
  void reject(std::size_t row, std::size_t column, std::string_view reason);

  /// Accounts of rows() rows are the caller's: loaded, skipped, noted.
  FileReport& report() { return report_; }
  const FileReport& report() const { return report_; }

 private:
  ImportRun& run_;
  std::shared_ptr<CsvReader> csv_;
  CsvBatch batch_;
  std::vector<std::size_t> wanted_;  // column for cell() -> place in the header
  bool selected_ = false;
  BadRowsAre bad_rows_;
  FileReport report_;
};

}  // namespace anam
