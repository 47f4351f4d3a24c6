// SPDX-License-Identifier: Apache-2.0
// Rows of results as a table for people, as CSV, or as JSON lines.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/anam/output.h"
#include "tools/anam/subcommand.h"

namespace anam::cli {

/// One value of a row. The text is that of the value in every format; it must live until add()
/// returns.
struct Cell {
  enum class Kind : std::uint8_t { kNull, kText, kNumber } kind = Kind::kNull;
  std::string_view text;

  static Cell of(std::string_view text) { return {Kind::kText, text}; }
  static Cell number(std::string_view text) { return {Kind::kNumber, text}; }
};

/// Writes rows as they come. A table takes its widths from the first rows, and is written when
/// enough of them are there. CSV is quoted where it must be (RFC 4180, but LF); a null is empty.
/// JSON lines leave nulls out. One thread at a time; the Output must outlive it.
class RecordWriter {
 public:
  enum class Format : std::uint8_t { kTable, kCsv, kNdjson };
  struct Column {
    std::string name;
    bool right = false;  // in tables
  };

  RecordWriter(Output& output, Format format, std::vector<Column> columns);
  void add(std::span<const Cell> cells);
  /// Writes what is held back. The Output is the caller's to finish.
  void finish();

 private:
  void flush_table();
  void add_line(const std::vector<std::string>& cells);

  Output& output_;
  Format format_;
  std::vector<Column> columns_;
  std::vector<std::string> json_keys_;
  std::string line_;
  std::vector<std::vector<std::string>> held_;
  std::vector<std::size_t> widths_;  // empty until they are known
};

/// The options --format table|csv|ndjson and --output FILE.
RecordWriter::Format format_of(const Arguments& arguments);
Option format_option();
Option output_option();

void append_csv(std::string& out, std::string_view field);

/// A patient id as a number where it reads as one.
Cell patient_cell(std::string_view id);

}  // namespace anam::cli
