// SPDX-License-Identifier: Apache-2.0
// Rates of the CSV reader on a generated file of events: csv_bench [ROWS] [FOLDER]. Each line is
// one scenario, the median and the range of several runs after a warm-up, with the file in the page
// cache. Every scenario checks its answer.
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "ingest/csv/csv_reader.h"
#include "ingest/csv/field.h"

namespace {

using namespace anam;

enum class Style { kPlain, kQuotedText, kAllQuoted, kWide };

struct Sample {
  std::string path;
  std::size_t bytes = 0;
  std::int64_t sum = 0;  // of patients and days, over all rows
};

Sample write_events(const std::string& folder, const char* name, Style style, std::size_t rows) {
  Sample sample;
  sample.path = folder + "/" + name;
  std::string text = "patient,domain,vocabulary,code,start,value";
  if (style == Style::kWide) {
    for (int i = 0; i < 40; ++i) text += ",extra" + std::to_string(i);
  }
  text += '\n';
  std::mt19937_64 random(20240701);
  const std::string quote = style == Style::kAllQuoted ? "\"" : "";
  const std::string text_quote = style == Style::kPlain || style == Style::kWide ? "" : "\"";
  std::ofstream out(sample.path, std::ios::binary);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto patient = static_cast<std::int64_t>(random() % 100000000);
    const auto day = static_cast<std::int32_t>(10957 + random() % 7300);
    sample.sum += patient + day;
    text += quote + std::to_string(patient) + quote + ',' + quote + "condition" + quote + ',' +
            quote + "ICD10CM" + quote;
    text += ',' + text_quote + "E11." + std::to_string(random() % 1000) + text_quote + ',' + quote +
            format_day(day) + quote;
    text += ',' + quote + std::to_string(random() % 100000) + quote;
    if (style == Style::kWide) {
      for (int k = 0; k < 40; ++k) text += k % 3 == 0 ? ",12345" : ",";
    }
    text += '\n';
    if (text.size() > (1U << 20) || i + 1 == rows) {
      sample.bytes += text.size();
      out.write(text.data(), static_cast<std::streamsize>(text.size()));
      text.clear();
    }
  }
  if (!out.flush()) throw std::runtime_error("cannot write " + sample.path);
  return sample;
}

Sample compress(const Sample& plain) {
  Sample packed = plain;
  packed.path += ".gz";
  std::ifstream in(plain.path, std::ios::binary);
  const gzFile out = gzopen(packed.path.c_str(), "wb1");
  std::vector<char> block(1 << 20);
  bool good = out != nullptr;
  while (good &&
         (in.read(block.data(), static_cast<std::streamsize>(block.size())), in.gcount() > 0)) {
    good = gzwrite(out, block.data(), static_cast<unsigned>(in.gcount())) ==
           static_cast<int>(in.gcount());
  }
  if (!good || gzclose(out) != Z_OK) throw std::runtime_error("cannot write " + packed.path);
  return packed;
}

// Only the columns: no field is parsed.
std::size_t read_views(const Sample& sample, ScanLevel level) {
  CsvOptions options;
  options.level = level;
  CsvReader reader(sample.path, options);
  reader.select({0, 3, 4, 5});
  std::size_t rows = 0;
  for (CsvBatch batch; reader.next(batch);) rows += batch.rows();
  return rows;
}

std::size_t read_and_parse(const Sample& sample, ScanLevel level) {
  CsvOptions options;
  options.level = level;
  CsvReader reader(sample.path, options);
  reader.select({0, 3, 4, 5});
  std::size_t rows = 0;
  std::int64_t sum = 0;
  std::int64_t values = 0;
  for (CsvBatch batch; reader.next(batch);) {
    rows += batch.rows();
    for (const std::string_view field : batch.column(0)) sum += parse_int64(field).value();
    for (const std::string_view field : batch.column(2)) sum += parse_day(field).value();
    for (const std::string_view field : batch.column(3)) values += parse_int64(field).value();
  }
  if (sum != sample.sum || values <= 0)
    throw std::runtime_error("the sum over the file is wrong: " + sample.path);
  return rows;
}

template <typename Read>
void measure(const char* name, const Sample& sample, std::size_t rows, const Read& read) {
  std::vector<double> seconds;
  for (int run = 0; run < 6; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    if (read() != rows) throw std::runtime_error(std::string("rows are missing: ") + name);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (run > 0) seconds.push_back(took.count());  // the first one warms up
  }
  std::sort(seconds.begin(), seconds.end());
  const double median = seconds[seconds.size() / 2];
  std::printf("%-34s %7.2f M rows/s  %6.2f GB/s  (%.3f to %.3f s)\n", name,
              static_cast<double>(rows) / median / 1e6,
              static_cast<double>(sample.bytes) / median / 1e9, seconds.front(), seconds.back());
}

void run(std::size_t rows, const std::string& folder) {
  const Sample plain = write_events(folder, "plain.csv", Style::kPlain, rows);
  const Sample some = write_events(folder, "quoted_text.csv", Style::kQuotedText, rows);
  const Sample all = write_events(folder, "all_quoted.csv", Style::kAllQuoted, rows);
  const Sample wide = write_events(folder, "wide.csv", Style::kWide, rows / 4);
  const Sample packed = compress(plain);
  const ScanLevel best = best_scan_level();
  std::printf("%zu rows, %.0f MB, one thread, scan level %d\n", rows,
              static_cast<double>(plain.bytes) / 1e6, static_cast<int>(best));
  for (int level = static_cast<int>(best); level >= 0; --level) {
    const auto at = static_cast<ScanLevel>(level);
    const std::string suffix = ", level " + std::to_string(level);
    measure(("plain, 4 columns" + suffix).c_str(), plain, rows,
            [&] { return read_views(plain, at); });
    measure(("plain, 4 columns, parsed" + suffix).c_str(), plain, rows,
            [&] { return read_and_parse(plain, at); });
  }
  measure("1 of 6 quoted, parsed", some, rows, [&] { return read_and_parse(some, best); });
  measure("all quoted, parsed", all, rows, [&] { return read_and_parse(all, best); });
  measure("4 of 46 columns, parsed", wide, rows / 4, [&] { return read_and_parse(wide, best); });
  measure("gzip, parsed", packed, rows, [&] { return read_and_parse(packed, best); });
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder =
      std::filesystem::path(argc > 2 ? argv[2] : std::filesystem::temp_directory_path()) /
      ("anam_csv_bench_" + std::to_string(::getpid()));
  int result = 0;
  try {
    std::filesystem::create_directories(folder);
    run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2000000, folder.string());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "csv_bench: %s\n", error.what());
    result = 1;
  }
  std::error_code ignored;  // what is left over in the temporary folder is no failure
  std::filesystem::remove_all(folder, ignored);
  return result;
}
