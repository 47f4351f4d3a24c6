// SPDX-License-Identifier: Apache-2.0
// Finds the ends of fields and rows in CSV text: the part of reading that touches every byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace anam {

/// The implementations of the scan. All give the same answer; the higher need the processor's
/// support.
enum class ScanLevel : std::uint8_t { kScalar, kAvx2, kAvx512 };

/// The fastest one that this processor can run.
ScanLevel best_scan_level();

struct CsvDialect {
  char delimiter = ',';
  bool quotes = true;  // false: a quote is a character like any other
};

/// What a scan found. Offsets count from the start of the scanned text.
struct RowIndex {
  enum Flag : std::uint32_t {
    kQuoted = 1,           // a field of the row begins with a quote
    kTextAfterQuote = 2,   // something stands between a closing quote and the field's end
    kNewlineInQuotes = 4,  // the row takes more than one line
  };
  struct Row {
    std::uint32_t end;  // one past the index, in field_ends, of the row's last end: the next row's
                        // first field is end - 1
    std::uint32_t flags;  // Flags, or-ed
  };

  /// Offset of the delimiter or newline after each field of all complete rows, behind one leading
  /// entry: field_ends[0] is -1 (as unsigned), so that field f begins at field_ends[f] + 1 and ends
  /// at field_ends[f + 1]. A last row without a newline ends at the text's size. Only the first
  /// `rows[row_count - 1].end` entries mean anything.
  std::vector<std::uint32_t> field_ends;
  std::vector<Row> rows;  // only the first row_count
  std::size_t row_count = 0;
  bool any_quoted = false;   // some row is kQuoted
  bool any_doubled = false;  // some quoted field has a doubled quote
  bool quote_open =
      false;  // the text ended inside a quoted field of the row after the last complete one
};

/// Splits `text`, which must begin at the start of a row, into rows. The rest after the last
/// newline is a row only if `last` says that nothing follows it; a quote that is still open then
/// yields no row but quote_open. A quote means something only at the start of a field (RFC 4180);
/// elsewhere it is text. REQUIRES: text.size() < 2^31.
void scan_rows(std::string_view text, CsvDialect dialect, bool last, ScanLevel level,
               RowIndex& index);

}  // namespace anam
