// SPDX-License-Identifier: Apache-2.0
// Rows of one table of Synthea, through its allow-list: no column can be read that the list does
// not let through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/calendar.h"
#include "tools/import/input_table.h"
#include "tools/import/synthea_files.h"

namespace anam {

/// Reads a file row by row. One thread.
///
///   SyntheaRows rows(import, file);
///   const auto start = rows.column({"start", "date"});
///   while (rows.next()) {
///     const std::optional<DayTime> day = rows.moment(start);
///     if (!rows.good()) continue;  // the row is rejected
///     ...
///     rows.fill(batch);
///   }
///   return rows.finish();
class SyntheaRows {
 public:
  /// A column that the file may lack.
  using Column = std::optional<std::size_t>;

  SyntheaRows(SyntheaImport& import, const SyntheaFile& file);

  /// The first of these columns that the file has. All columns before the first next(). Throws
  /// Error(kUsage) for a column that the table's list does not have or does not let be read: a
  /// defect of the importer, not of the file.
  Column column(std::initializer_list<std::string_view> names);
  /// The same, and Error(kInput) when the file has none.
  Column needed(std::initializer_list<std::string_view> names);

  /// The next row; false at the end of the file.
  bool next();

  std::string_view text(Column column) const { return table_.cell(column, row_); }
  /// These remember the first cell that is wrong; kNull, or nothing, for an empty and a wrong one.
  std::string_view needed_text(Column column, const char* missing);
  std::optional<DayTime> moment(Column column);
  std::optional<DayTime> needed_moment(Column column);
  std::int64_t cents(Column column);
  std::int64_t integer(Column column);
  std::int64_t decimal(Column column);
  void wrong(Column column, const char* reason);

  /// Reads the cells that fill attributes as they stand and those of --keep. False when any cell of
  /// the row was wrong: the row is then rejected.
  bool good();
  /// Puts these cells into the row begun last, and remembers the names of their codes.
  void fill(EventBatch& batch);
  /// Appends the row's cells of --keep, in its order, for a row that is set aside (pack_field()).
  void pack_kept(std::string& record) const;
  /// Remembers what a code of the row is called.
  void name(std::string_view vocabulary, std::string_view code, std::string_view name) {
    CodeNames::meet(names_, vocabulary, code, name);
  }

  FileReport& report() { return table_.report(); }
  /// The accounts of the file, when it is read.
  FileReport finish();

 private:
  /// A code's column that is stored as it stands, and the column of its name.
  struct NamedColumn {
    Column code, name;
    std::string_view vocabulary;
  };
  struct PayerColumn {
    Column input;
    ColumnId id;
  };

  void choose_attributes(const SyntheaFile& file);
  void report_columns(const SyntheaFile& file);

  SyntheaImport& import_;
  SyntheaTable kind_;
  InputTable table_;
  std::vector<AttributeColumn> attributes_;
  std::vector<Column> kept_;  // of --keep, in its order
  std::vector<PayerColumn> payers_;
  std::vector<NamedColumn> named_;
  CodeNames::Met names_;
  std::size_t row_ = 0;
  bool begun_ = false;  // whether there is a batch of rows
  Column wrong_;
  const char* reason_ = nullptr;
};

}  // namespace anam
