// SPDX-License-Identifier: Apache-2.0
#include "ingest/csv/structural_scan.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/ingest/csv/naive_csv.h"

using namespace anam;

namespace {

// What the index says, as the naive reader would say it.
std::vector<NaiveRow> rows_of(const std::string& text, const RowIndex& index) {
  std::vector<NaiveRow> rows;
  std::size_t field = 0;
  for (std::size_t k = 0; k < index.row_count; ++k) {
    NaiveRow row;
    for (; field + 1 < index.rows[k].end; ++field) {
      const std::uint32_t begin = index.field_ends[field] + 1;
      row.raw.push_back(text.substr(begin, index.field_ends[field + 1] - begin));
    }
    row.quoted = (index.rows[k].flags & RowIndex::kQuoted) != 0;
    row.text_after_quote = (index.rows[k].flags & RowIndex::kTextAfterQuote) != 0;
    row.newline_in_quotes = (index.rows[k].flags & RowIndex::kNewlineInQuotes) != 0;
    rows.push_back(row);
  }
  return rows;
}

std::vector<ScanLevel> levels() {
  std::vector<ScanLevel> all = {ScanLevel::kScalar};
  if (best_scan_level() >= ScanLevel::kAvx2) all.push_back(ScanLevel::kAvx2);
  if (best_scan_level() >= ScanLevel::kAvx512) all.push_back(ScanLevel::kAvx512);
  return all;
}

void check(const std::string& text, CsvDialect dialect) {
  bool open = false;
  const std::vector<NaiveRow> whole = naive_rows(text, dialect, true, &open);
  bool open_in_part = false;
  const std::vector<NaiveRow> part = naive_rows(text, dialect, false, &open_in_part);
  RowIndex index;
  for (const ScanLevel level : levels()) {
    INFO("level " << static_cast<int>(level) << ", text " << text);
    scan_rows(text, dialect, true, level, index);
    if (rows_of(text, index) != whole || index.quote_open != open) FAIL("whole text differs");
    scan_rows(text, dialect, false, level, index);
    if (rows_of(text, index) != part || index.quote_open != open_in_part)
      FAIL("partial text differs");
  }
}

}  // namespace

TEST_CASE("scans at all levels agree with reading character by character", "[ingest]") {
  const auto seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const std::string alphabets[] = {
      "abc,\n",         "ab,\"\n",
      "\",\n",          "abcdefghijklmnopqrstuvwxyz0123456789,\n\r",
      "\"\"\"\"a,\r\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,\"\n"};
  for (int round = 0; round < 3000; ++round) {
    const std::string& alphabet = alphabets[random() % std::size(alphabets)];
    std::string text(random() % (round % 50 == 0 ? 20000 : 400), '\0');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    if (random() % 8 == 0 && !text.empty()) text[random() % text.size()] = '\0';
    check(text, {',', random() % 4 != 0});
  }
}

TEST_CASE("quotes on block and run boundaries are followed", "[ingest]") {
  for (const std::size_t at :
       {60U, 61U, 62U, 63U, 64U, 65U, 127U, 128U, 4090U, 4094U, 4095U, 4096U, 4097U}) {
    for (const char* piece : {"\"a,\n\"\n", "\"\"\"\",b\n", "\"a\"b,c\n", "\"a\"\r\nb\n", "\"abc",
                              "\"a\"", "\"\n\n\",\"\""}) {
      std::string text(at, 'x');
      text[at - 1] = ',';
      check(text + piece + std::string(200, 'y') + ",z\n", {',', true});
      check(text + piece, {',', true});
    }
  }
}
