// SPDX-License-Identifier: Apache-2.0
// The reader that tests compare with: one character at a time, nothing clever.
#pragma once

#include <string>
#include <vector>

#include "ingest/csv/structural_scan.h"

struct NaiveRow {
  std::vector<std::string> raw;  // fields as written, quotes and carriage returns included
  bool quoted = false;
  bool text_after_quote = false;
  bool newline_in_quotes = false;

  bool operator==(const NaiveRow&) const = default;
};

inline std::vector<NaiveRow> naive_rows(const std::string& text, anam::CsvDialect dialect,
                                        bool last, bool* open) {
  std::vector<NaiveRow> rows;
  NaiveRow row;
  std::size_t i = 0;
  *open = false;
  while (i < text.size()) {
    std::string field;
    if (dialect.quotes && text[i] == '"') {
      row.quoted = true;
      field += text[i++];
      for (;;) {
        if (i == text.size()) {
          *open = true;
          return rows;
        }
        if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') {
          field += "\"\"";
          i += 2;
          continue;
        }
        field += text[i];
        row.newline_in_quotes = row.newline_in_quotes || text[i] == '\n';
        if (text[i++] == '"') break;
      }
      const bool crlf =
          i < text.size() && text[i] == '\r' && (i + 1 == text.size() || text[i + 1] == '\n');
      const bool ends = i == text.size() || text[i] == dialect.delimiter || text[i] == '\n' || crlf;
      if (!ends) row.text_after_quote = true;
    }
    while (i < text.size() && text[i] != dialect.delimiter && text[i] != '\n') field += text[i++];
    row.raw.push_back(field);
    if (i == text.size()) {
      if (last) rows.push_back(row);
      return rows;
    }
    if (text[i++] == '\n') {
      rows.push_back(row);
      row = NaiveRow();
    } else if (i == text.size() && last) {  // a delimiter at the very end: one more, empty field
      row.raw.emplace_back();
      rows.push_back(row);
    }
  }
  return rows;
}

/// A raw field as meant: without quotes, doubled ones halved; `ends_row` drops a carriage return
/// first.
inline std::string naive_plain(std::string raw, bool quotes, bool ends_row) {
  if (ends_row && !raw.empty() && raw.back() == '\r') raw.pop_back();
  if (!quotes || raw.empty() || raw[0] != '"') return raw;
  std::string plain;
  for (std::size_t i = 1; i + 1 < raw.size(); ++i) {
    plain += raw[i];
    if (raw[i] == '"') ++i;
  }
  return plain;
}
