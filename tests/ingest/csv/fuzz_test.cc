// SPDX-License-Identifier: Apache-2.0
// Random and mutated bytes through the whole reader: an Error or rows, never a crash, and each byte
// accounted for.
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "ingest/csv/csv_reader.h"
#include "ingest/csv/field.h"
#include "storage/error.h"
#include "tests/ingest/csv/scratch_file.h"

using namespace anam;

namespace {

// Touches every byte of every view, so that a sanitizer sees wrong ones.
std::size_t read_everything(const std::string& path, const CsvOptions& options) {
  std::size_t sum = 0;
  try {
    CsvReader reader(path, options);
    CsvBatch batch;
    while (reader.next(batch)) {
      for (std::size_t c = 0; c < reader.names().size(); ++c) {
        for (const std::string_view field : batch.column(c)) {
          for (const char byte : field) sum += static_cast<unsigned char>(byte);
          sum += parse_day_time(field).has_value() + parse_int64(field).has_value() +
                 parse_time(field).has_value();
        }
      }
      for (std::size_t r = 0; r < batch.rows(); ++r) sum += batch.line(r) + batch.text(r).size();
      for (const CsvBadRow& bad : batch.bad_rows())
        sum += bad.text.size() + reader.describe(bad).size();
    }
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInput);
  }
  return sum;
}

}  // namespace

TEST_CASE("random bytes never break the reader", "[ingest]") {
  const auto seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  std::string sample = "person_id,start,\"note\"\r\n";
  for (int i = 0; i < 60; ++i)
    sample += "12345678901,2020-01-02T10:30:00Z,\"a \"\"b\"\",\nc\"\r\n17,20200102,x\r\n";
  const std::string packed = gzip(sample);
  for (int round = 0; round < 1500; ++round) {
    std::string text;
    switch (random() % 3) {
      case 0:
        text.resize(random() % 2000);
        for (char& c : text) c = static_cast<char>(random());
        break;
      case 1:
        text = sample;
        break;
      default:
        text = packed;
    }
    if (!text.empty()) {
      for (auto flips = random() % 8; flips > 0; --flips)
        text[random() % text.size()] = static_cast<char>(random());
      for (auto quotes = random() % 3; quotes > 0; --quotes) text[random() % text.size()] = '"';
      text.resize(text.size() - random() % std::min<std::size_t>(text.size(), 100));
    }
    CsvOptions options;
    options.window_bytes = 1 + random() % 4096;
    options.block_bytes = 1 + random() % 4096;
    options.max_row_bytes = random() % 5000;
    options.quotes = random() % 4 != 0;
    const ScratchFile file(text);
    options.level = ScanLevel::kScalar;
    const std::size_t scalar = read_everything(file.path(), options);
    options.level = best_scan_level();
    if (read_everything(file.path(), options) != scalar) FAIL("levels differ in round " << round);
  }
}
