// SPDX-License-Identifier: Apache-2.0
// Reads the rows of one file of an OMOP table.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/csv/csv_reader.h"
#include "tools/import/importer.h"
#include "tools/import/omop_files.h"
#include "tools/import/omop_run.h"

namespace anam {

/// A row's values. kNull is absent. Views are valid until the next row.
struct OmopRow {
  struct Cell {
    ColumnId column;
    std::int64_t cell;
  };
  struct Text {
    ColumnId column;
    std::string_view text;
  };

  std::int64_t person, record, provider, care_site, location;
  std::int64_t day, second, end_day, end_second;
  CodeId code;
  std::string_view entity_domain;
  std::vector<Cell> cells;
  std::vector<Text> texts;

  void clear();
  bool has(ColumnId column) const;
  /// kNull when there is none.
  std::int64_t cell(ColumnId column) const;
  /// Begins a row of the batch and sets the row's cells; `key_column` gets the record id.
  void put(EventBatch& batch, Domain domain, ColumnId key_column) const;
};

/// A remark about a row that is loaded (FileReport::noted).
enum class OmopRemark : std::uint8_t {
  kRoundedMoney,
  kRoundedNumber,
  kDayOfDateTime,
  kDaysDiffer,
  kNoTime,
  kEndBeforeStart,
  kNoEnd,
  kNoBirthYear,
  kNoProvider,
  kNoCareSite,
  kNoLocation,
  kCount,
};

/// Reads one file. One thread. Rows that cannot be parsed go to the run's BadRows.
class OmopRowReader {
 public:
  /// Opens the file. Throws what CsvReader and bind_omop_columns throw.
  OmopRowReader(OmopRun& run, const OmopFile& file);
  /// Of a file that other readers read in, too (ImportRun::read_files()): the rows that they do not
  /// get.
  OmopRowReader(OmopRun& run, const OmopFile& file, std::shared_ptr<CsvReader> csv);

  /// The next row that could be parsed; null at the end. Valid until the next call.
  OmopRow* next();

  // What became of the row that next() gave.
  void loaded();
  void skipped(std::string_view rule) { ++report_.skipped[std::string(rule)]; }
  void remark(OmopRemark remark) { row_remarks_ |= 1U << static_cast<unsigned>(remark); }

  const OmopTable& table() const { return *file_.table; }
  OmopConcepts& concepts() { return concepts_; }

  /// The accounts so far.
  FileReport report() const;

 private:
  bool next_batch();
  void add_bad_rows(std::uint64_t before_line);  // in the order of lines, among the others
  bool parse();
  void bad(std::string_view column, std::string_view value, std::string_view reason);
  bool take(const OmopColumn& what, std::string_view text);
  bool take_integer(const OmopColumn& what, std::string_view text);
  bool take_day(const OmopColumn& what, std::string_view text);
  bool settle_times();
  void settle_birth();

  OmopRun& run_;
  OmopFile file_;
  std::shared_ptr<CsvReader> csv_;
  OmopBinding binding_;
  OmopConcepts concepts_;
  CsvBatch batch_;
  std::vector<std::span<const std::string_view>> fields_;  // of the batch, by bound column
  std::size_t at_ = 0;                                     // row of the batch
  std::size_t bad_at_ = 0;                                 // bad row of the batch
  std::string_view start_column_;                          // for messages
  OmopRow row_;
  struct {
    std::int64_t day, datetime_day, datetime_second, time;
    std::int64_t end_day, end_datetime_day, end_datetime_second;
    std::int64_t birth_day, birth_second;
  } when_;  // as the columns say, of the row
  FileReport report_;
  std::uint32_t row_remarks_ = 0;  // a bit for each; counted when the row is loaded
  std::array<std::uint64_t, static_cast<std::size_t>(OmopRemark::kCount)> remarks_{};
};

/// Reads "17", "-3", and "17.0" as some programs write whole numbers. Empty for anything else.
std::optional<std::int64_t> parse_omop_integer(std::string_view text);

/// Whether a field of a column that is no text means null: \N, NULL, NA, NaN, None, in any case.
bool is_omop_null(std::string_view text);

/// Without blanks around it.
std::string_view trim_blanks(std::string_view text);

/// The reason for BadRows of a row whose fields are wrong as CSV.
std::string describe_bad_row(const CsvBadRow& row, std::size_t columns);

/// Opens a table: files of the vocabulary that are separated by tabs and have no quotes in the
/// header are read without quoting, as they are distributed.
CsvReader open_omop_table(const OmopFile& file);

}  // namespace anam
