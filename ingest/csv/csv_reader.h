// SPDX-License-Identifier: Apache-2.0
// Streams a CSV or TSV file in batches of rows, as views of the wanted columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/csv/structural_scan.h"

namespace anam {

struct CsvOptions {
  char delimiter = '\0';  // '\0': of comma, tab, semicolon and pipe the one that is most frequent
                          // in the header line
  bool quotes = true;  // false for files whose quotes are plain characters (the OMOP vocabulary's
                       // tab-separated files)
  std::size_t max_row_bytes = 16 << 20;  // longer rows are refused: bounds the memory
  std::size_t block_bytes = 1 << 20;     // read from the file at once
  std::size_t window_bytes =
      128 << 10;  // text of one batch; small enough to stay in the second-level cache
  ScanLevel level = best_scan_level();
};

/// A row that cannot be used. It is not among the rows of its batch.
struct CsvBadRow {
  enum class Reason : std::uint8_t {
    kTooFewFields,
    kTooManyFields,
    kTextAfterQuote,  // "abc"d: text between a closing quote and the next delimiter
    kQuoteNotClosed,  // the row's first line alone is taken out, and reading goes on with the next
                      // line
  };
  std::uint64_t line = 0;  // physical line on which the row begins; the header is line 1
  Reason reason = Reason::kTooFewFields;
  std::size_t fields = 0;  // how many it has (0 with kQuoteNotClosed)
  std::string_view text;   // as in the file, without the line's end
};

/// The rows of one step of CsvReader::next(). All views are valid until the next call of next()
/// with the same batch.
class CsvBatch {
 public:
  /// Good rows; may be 0 in the middle of a file.
  std::size_t rows() const { return lines_.size(); }

  /// The fields of the i-th selected column, one for each row, unquoted. Not trimmed.
  std::span<const std::string_view> column(std::size_t i) const {
    return {fields_.data() + i * rows(), rows()};
  }

  /// Physical line on which a row begins, 1-based with the header as line 1.
  std::uint64_t line(std::size_t row) const { return lines_[row]; }

  /// A row as in the file, without the line's end: for messages and files of rejected rows.
  std::string_view text(std::size_t row) const { return texts_[row]; }

  std::span<const CsvBadRow> bad_rows() const { return bad_rows_; }
  std::uint64_t empty_lines() const { return empty_lines_; }

  /// How far the file was read on for this batch, in bytes of the file itself (compressed ones if
  /// it is).
  std::uint64_t file_bytes() const { return file_bytes_; }

 private:
  friend class CsvReader;
  std::vector<char> bytes_;  // the rows as in the file
  std::uint64_t first_line_ = 0;
  RowIndex index_;
  std::vector<std::size_t> selected_;
  std::vector<std::uint32_t> first_fields_;  // of the good rows, as fields of `index_`
  std::deque<std::string> unescaped_;        // fields that had doubled quotes
  std::vector<std::uint64_t> lines_;
  std::vector<std::string_view> texts_;
  std::vector<std::string_view> fields_;  // column by column; may be longer than used
  std::vector<CsvBadRow> bad_rows_;
  std::uint64_t empty_lines_ = 0;
  std::uint64_t file_bytes_ = 0;
};

/// Reads RFC 4180 CSV: quoted fields may hold delimiters, newlines and doubled quotes; a line ends
/// with LF or CRLF, the last one need not. A UTF-8 byte order mark is dropped, empty lines are
/// skipped and counted. Plain or gzip. next() may be called by several threads, each with a batch
/// of its own: each gets the rows that follow, and only finding where they end is done by one at a
/// time. The rest is for one thread. Readers share nothing, so that files can be read in parallel.
///
///   CsvReader reader(path);
///   reader.select({*reader.find("person_id"), *reader.find("start_date")});
///   for (CsvBatch batch; reader.next(batch);) { ... batch.column(0)[row] ... }
class CsvReader {
 public:
  /// Opens the file and reads its header. Throws what InputFile throws, and Error(kInput) when
  /// there is no header line, when it is UTF-16, or longer than max_row_bytes.
  explicit CsvReader(const std::string& path, const CsvOptions& options = {});
  ~CsvReader();
  CsvReader(CsvReader&&) noexcept;
  CsvReader& operator=(CsvReader&&) noexcept;

  /// Column names without quotes and surrounding blanks, as written and in lower case (ASCII).
  const std::vector<std::string>& names() const;
  const std::vector<std::string>& lower_names() const;

  /// The first column of this lower-case name.
  std::optional<std::size_t> find(std::string_view lower_name) const;

  /// Chooses the columns that batches carry, in this order. All columns if never called. Threads
  /// that share a reader choose the same. REQUIRES: each < names().size().
  void select(std::vector<std::size_t> columns);

  /// Reads on. False at the end of the file, with an empty batch. Throws Error(kInput) for a row
  /// longer than max_row_bytes, and what InputFile throws.
  bool next(CsvBatch& batch);

  char delimiter() const;
  const std::string& path() const;

  /// Progress, in bytes of the file itself (compressed ones if it is). file_bytes() is 0 for a
  /// pipe.
  std::uint64_t bytes_consumed() const;
  std::uint64_t file_bytes() const;

  /// "row has 3 fields, the header has 6: visits.csv, line 17".
  std::string describe(const CsvBadRow& row) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anam
