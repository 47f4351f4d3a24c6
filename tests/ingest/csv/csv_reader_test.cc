// SPDX-License-Identifier: Apache-2.0
#include "ingest/csv/csv_reader.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "storage/error.h"
#include "tests/ingest/csv/naive_csv.h"
#include "tests/ingest/csv/scratch_file.h"

using namespace anam;

namespace {

struct Content {
  std::vector<std::string> rows;  // "line: field|field"
  std::vector<std::string> bad;   // describe() without the path, and the text
  std::uint64_t empty_lines = 0;
  std::uint64_t file_bytes = 0;
};

// Several threads may share the reader: each gets a part.
Content read(CsvReader& reader) {
  Content content;
  CsvBatch batch;
  std::vector<std::size_t> columns(reader.names().size());
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = i;
  reader.select(columns);
  while (reader.next(batch)) {
    for (std::size_t r = 0; r < batch.rows(); ++r) {
      std::string row = std::to_string(batch.line(r)) + ": ";
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) row += '|';
        row += batch.column(i)[r];
      }
      content.rows.push_back(row);
    }
    for (const CsvBadRow& bad : batch.bad_rows()) {
      std::string message = reader.describe(bad);
      const std::size_t path = message.find(reader.path() + ", ");
      if (path == std::string::npos) throw std::runtime_error(message);
      content.bad.push_back(message.erase(path, reader.path().size() + 2) + " <" +
                            std::string(bad.text) + ">");
    }
    content.empty_lines += batch.empty_lines();
    content.file_bytes += batch.file_bytes();
  }
  content.file_bytes += batch.file_bytes();
  if (batch.rows() != 0) throw std::runtime_error("rows at the end");
  return content;
}

Content read(const std::string& text, const CsvOptions& options = {}) {
  const ScratchFile file(text);
  CsvReader reader(file.path(), options);
  return read(reader);
}

std::string error_of(const std::string& text, const CsvOptions& options = {}) {
  const ScratchFile file(text);
  try {
    CsvReader reader(file.path(), options);
    read(reader);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInput);
    std::string message = error.what();
    const std::size_t path = message.find(file.path());
    REQUIRE(path != std::string::npos);
    return message.replace(path, file.path().size(), "FILE");
  }
  return "no error";
}

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE("rows are read with their lines", "[ingest]") {
  const Content content = read("a,b,c\n1,2,3\n,,\n4,5,6");
  CHECK(content.rows == Rows{"2: 1|2|3", "3: ||", "4: 4|5|6"});
  CHECK(content.bad.empty());
  CHECK(read("a,b,c\n1,2,3\n,,\n4,5,").rows == Rows{"2: 1|2|3", "3: ||", "4: 4|5|"});
  CHECK(read("a\n1\n\n2\n").rows == Rows{"2: 1", "4: 2"});
}

TEST_CASE("names lose quotes, blanks and a byte order mark", "[ingest]") {
  const ScratchFile file("\xEF\xBB\xBF\"Person_ID\", START ,\"a \"\"b\"\"\",x\r\n1,2,3,4\r\n");
  CsvReader reader(file.path());
  CHECK(reader.names() == Rows{"Person_ID", "START", "a \"b\"", "x"});
  CHECK(reader.lower_names() == Rows{"person_id", "start", "a \"b\"", "x"});
  CHECK(reader.find("start") == 1U);
  CHECK_FALSE(reader.find("START"));
  CHECK(reader.file_bytes() == std::filesystem::file_size(file.path()));
  CHECK(read(reader).rows == Rows{"2: 1|2|3|4"});
  CHECK(reader.bytes_consumed() == reader.file_bytes());
}

TEST_CASE("the delimiter is taken from the header", "[ingest]") {
  for (const char delimiter : {',', '\t', ';', '|'}) {
    std::string text = "a;b,c";
    text = std::string("\"x,y;z\"") + delimiter + "b" + delimiter + "c\n1" + delimiter + "2" +
           delimiter + "3\n";
    const ScratchFile file(text);
    CsvReader reader(file.path());
    CHECK(reader.delimiter() == delimiter);
    CHECK(read(reader).rows == Rows{"2: 1|2|3"});
  }
  CHECK(read("a,b;c\n1,2;3\n", {.delimiter = ';'}).rows == Rows{"2: 1,2|3"});
}

TEST_CASE("quoted fields hold delimiters, newlines and quotes", "[ingest]") {
  const Content content = read(
      "a,b\r\n\"1,2\",\"x\ny\r\nz\"\r\n\"\",\"say \"\"hi\"\"\"\r\n5\" "
      "needle,it\"s\r\n\"\"\"\",plain\r\n");
  CHECK(content.rows ==
        Rows{"2: 1,2|x\ny\r\nz", "5: |say \"hi\"", "6: 5\" needle|it\"s", "7: \"|plain"});
  CHECK(content.bad.empty());
  CHECK(read("a\tb\n\"1\t\"2\n", {.quotes = false}).rows == Rows{"2: \"1|\"2"});
}

TEST_CASE("columns are selected in any order", "[ingest]") {
  const ScratchFile file("a,b,c\n1,\"2\",3\r\n4,5,6\r\n");
  CsvReader reader(file.path());
  reader.select({2, 0});
  CsvBatch batch;
  REQUIRE(reader.next(batch));
  REQUIRE(batch.rows() == 2);
  CHECK(batch.column(0)[0] == "3");
  CHECK(batch.column(1)[0] == "1");
  CHECK(batch.column(0)[1] == "6");
  CHECK(batch.text(0) == "1,\"2\",3");
  CHECK(batch.text(1) == "4,5,6");
  CHECK_FALSE(reader.next(batch));
  CHECK_THROWS_WITH(reader.select({3}), "no such column: " + file.path() + ": column 3");
}

TEST_CASE("bad rows are told with their lines and do not stop the file", "[ingest]") {
  const Content content = read(
      "a,b\n1\n1,2\n\n\r\n1,2,3\r\n\"x\ny\"z,2\n\"x\n\"y,2\n3,4\n\"5,6\n7,8\n\"\"\"9\",10\n\"open,"
      "\n11,12\n13\n14,15");
  CHECK(content.rows == Rows{"3: 1|2", "11: 3|4", "16: 11|12", "18: 14|15"});
  CHECK(content.bad == Rows{"row has 1 field, the header has 2: line 2 <1>",
                            "row has 3 fields, the header has 2: line 6 <1,2,3>",
                            "text follows a closing quote: line 7 <\"x\ny\"z,2>",
                            "text follows a closing quote: line 9 <\"x\n\"y,2>",
                            "text follows a closing quote: line 12 <\"5,6\n7,8\n\"\"\"9\",10>",
                            "quote is not closed: line 15 <\"open,>",
                            "row has 1 field, the header has 2: line 17 <13>"});
  CHECK(content.empty_lines == 2);
  CHECK(read("a,b\n1,\"").bad == Rows{"quote is not closed: line 2 <1,\">"});
}

TEST_CASE("a quote left open costs one line however large the file is", "[ingest]") {
  std::string text = "a,b\n1,\"2\n";
  for (int i = 0; i < 20000; ++i) text += "3,4\n";
  for (const std::size_t limit : {100U, 5000U, 1U << 24}) {
    const Content content =
        read(text, {.max_row_bytes = limit, .block_bytes = 64, .window_bytes = 32});
    CHECK(content.bad == Rows{"quote is not closed: line 2 <1,\"2>"});
    CHECK(content.rows.size() == 20000);
    CHECK(content.rows.back() == "20002: 3|4");
  }
}

TEST_CASE("files without a usable header are refused", "[ingest]") {
  CHECK(error_of("") == "file is empty; a line with column names is expected: FILE");
  CHECK(error_of("\n\r\n") == "file is empty; a line with column names is expected: FILE");
  CHECK(error_of(gzip("")) == "file is empty; a line with column names is expected: FILE");
  CHECK(error_of(std::string("\xFF\xFE"
                             "a\0",
                             4)) == "the file is UTF-16; convert it to UTF-8 first: FILE");
  CHECK(error_of("a,\"b\n1,2\n") == "quote is not closed in the header: FILE, line 1");
  CHECK(error_of("a,\"b\"c\n1,2\n") == "text follows a closing quote in the header: FILE, line 1");
  CHECK(error_of(std::string(200, 'a'), {.max_row_bytes = 100, .window_bytes = 32}) ==
        "header is longer than a row may be: FILE, line 1");
  CHECK(
      error_of("a,b\n1,2\n" + std::string(200, 'a'), {.max_row_bytes = 100, .window_bytes = 32}) ==
      "row is longer than 100 bytes: FILE, line 3");
  const Content content = read("\n\na,b\n1,2\n");
  CHECK(content.rows == Rows{"4: 1|2"});
}

TEST_CASE("compressed files read as plain ones, and cut ones are errors", "[ingest]") {
  std::string text = "a,b\n";
  for (int i = 0; i < 30000; ++i) text += std::to_string(i * 7919) + "," + std::to_string(i) + "\n";
  const Content plain = read(text);
  CHECK(plain.rows.size() == 30000);
  CHECK(read(gzip(text)).rows == plain.rows);
  CHECK(read(gzip(text.substr(0, 1000)) + gzip(text.substr(1000))).rows == plain.rows);
  const std::string cut = gzip(text).substr(0, 5000);
  CHECK(error_of(cut) ==
        "compressed file ends too early; was its transfer complete?: FILE: after 5000 bytes");
}

TEST_CASE("batches do not depend on windows, blocks or the processor", "[ingest]") {
  const auto seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const std::string alphabets[] = {"ab,,\n", "ab,,\"\n", "\"\"a,,\n\r", "abcdefghijk,\n"};
  for (int round = 0; round < 300; ++round) {
    const std::string& alphabet = alphabets[random() % std::size(alphabets)];
    std::string text(random() % 3000, '\0');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    const CsvDialect dialect = {',', random() % 4 != 0};
    INFO("text " << text);

    // What the naive reader says, and where it stumbles over an open quote it starts anew on the
    // next line.
    Content expected;
    std::string rest = text;
    std::uint64_t line = 2;
    const auto shorten = [](std::string raw) {
      if (!raw.empty() && raw.back() == '\r') raw.pop_back();
      return raw;
    };
    for (bool open = true; open;) {
      for (const NaiveRow& row : naive_rows(rest, dialect, true, &open)) {
        std::string raw;
        for (const std::string& field : row.raw)
          raw += (raw.empty() && &field == row.raw.data() ? "" : ",") + field;
        const std::string here = "line " + std::to_string(line) + " <" + shorten(raw) + ">";
        if (shorten(raw).empty()) {
          ++expected.empty_lines;
        } else if (row.text_after_quote) {
          expected.bad.push_back("text follows a closing quote: " + here);
        } else if (row.raw.size() != 2) {
          expected.bad.push_back("row has " + std::to_string(row.raw.size()) +
                                 (row.raw.size() == 1 ? " field" : " fields") +
                                 ", the header has 2: " + here);
        } else {
          expected.rows.push_back(std::to_string(line) + ": " +
                                  naive_plain(row.raw[0], dialect.quotes, false) + "|" +
                                  naive_plain(row.raw[1], dialect.quotes, true));
        }
        line += 1 + static_cast<std::uint64_t>(std::count(raw.begin(), raw.end(), '\n'));
        rest.erase(0, std::min(rest.size(), raw.size() + 1));
      }
      if (open) {
        const std::string first = rest.substr(0, rest.find('\n'));
        expected.bad.push_back("quote is not closed: line " + std::to_string(line++) + " <" +
                               shorten(first) + ">");
        rest.erase(0, std::min(rest.size(), first.size() + 1));
      }
    }

    for (int way = 0; way < 4; ++way) {
      CsvOptions options;
      options.delimiter = ',';
      options.quotes = dialect.quotes;
      options.level =
          static_cast<ScanLevel>(random() % (static_cast<unsigned>(best_scan_level()) + 1));
      options.window_bytes = 1 + random() % 300;
      options.block_bytes = 1 + random() % 500;
      INFO("window " << options.window_bytes << ", block " << options.block_bytes);
      const Content content = read("a,b\n" + text, options);
      if (content.rows != expected.rows) FAIL("rows differ");
      if (content.bad != expected.bad) FAIL("bad rows differ");
      if (content.empty_lines != expected.empty_lines) FAIL("empty lines differ");
    }
  }
}

TEST_CASE("threads that share a reader get the rows, lines and bad rows of one", "[ingest]") {
  const auto seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const std::string fields[] = {"1",
                                "",
                                "abc",
                                "\"x,y\"",
                                "\"two\r\nlines\"",
                                "\"say \"\"it\"\"\"",
                                "it\"s",
                                "\"bad\"z",
                                "\"three\n\nlines\""};
  const auto field = [&] { return fields[random() % std::size(fields)]; };
  for (int round = 0; round < 60; ++round) {
    std::string text = "a,b,c\n";
    for (auto rows = random() % 2000; rows > 0; --rows) {
      if (random() % 50 != 0) text += field() + "," + field();
      if (random() % 50 != 0) text += "," + field();
      text += random() % 2 == 0 ? "\r\n" : "\n";
    }
    if (random() % 3 == 0) text += random() % 2 == 0 ? "1,2,3" : "1,\"2,3\n4,5,6\n7,8,9";
    CsvOptions options;
    options.window_bytes = 1 + random() % 2000;
    options.block_bytes = 1 + random() % 3000;
    const ScratchFile file(random() % 4 == 0 ? gzip(text) : text);
    CsvReader alone(file.path(), options);
    const Content expected = read(alone);

    CsvReader shared(file.path(), options);
    std::vector<Content> parts(2 + random() % 3);
    {
      std::vector<std::jthread> threads;
      for (Content& part : parts) threads.emplace_back([&] { part = read(shared); });
    }
    Content all;
    for (const Content& part : parts) {
      all.rows.insert(all.rows.end(), part.rows.begin(), part.rows.end());
      all.bad.insert(all.bad.end(), part.bad.begin(), part.bad.end());
      all.empty_lines += part.empty_lines;
      all.file_bytes += part.file_bytes;
    }
    // Each row and message has its line in it.
    const auto sorted = [](Rows rows) {
      std::ranges::sort(rows);
      return rows;
    };
    if (sorted(all.rows) != sorted(expected.rows)) FAIL("rows differ in round " << round);
    if (sorted(all.bad) != sorted(expected.bad)) FAIL("bad rows differ in round " << round);
    if (all.empty_lines != expected.empty_lines) FAIL("empty lines differ in round " << round);
    if (all.file_bytes != expected.file_bytes) FAIL("progress differs in round " << round);
  }
}
