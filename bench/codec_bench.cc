// SPDX-License-Identifier: Apache-2.0
// Rates of bit packing, of the integer codecs and of column pages on typical columns, and their
// sizes. Each result is checked.
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "storage/bitpack.h"
#include "storage/codec.h"
#include "storage/column_page.h"
#include "storage/decimal.h"

using namespace anam;

namespace {

constexpr std::size_t kPageValues = 4096;
constexpr std::size_t kPages = 256;
constexpr int kRounds = 5;

void require(bool right, const std::string& what) {
  if (right) return;
  std::fprintf(stderr, "wrong answer: %s\n", what.c_str());
  std::exit(1);
}

/// The processor's time for this thread: other work on the machine disturbs it less than the
/// clock's.
double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Seconds of the fastest of several rounds.
template <typename Work>
double seconds(Work work) {
  double best = 1e9;
  for (int round = 0; round <= kRounds; ++round) {
    const double start = now();
    work();
    if (round > 0) best = std::min(best, now() - start);
  }
  return best;
}

// Blocks enough to leave the first-level cache, as a chunk's columns do, but not the second.
void bench_width(unsigned bits) {
  constexpr std::size_t kBlocks = 256;
  constexpr int kRepeats = 200;
  std::mt19937_64 random(bits);
  std::vector<std::uint32_t> values(kBlocks * kBlockValues);
  for (auto& value : values) {
    value = bits == 0 ? 0 : static_cast<std::uint32_t>(random()) >> (32 - bits);
  }
  const std::size_t size = packed_size(kBlockValues, bits);
  Bytes packed(kBlocks * size + 1);
  std::vector<std::uint32_t> out(values.size());
  std::vector<std::uint64_t> wide(values.size());
  const auto each_block = [&](auto work) {
    const double taken = seconds([&] {
      for (int repeat = 0; repeat < kRepeats; ++repeat) {
        for (std::size_t block = 0; block < kBlocks; ++block) work(block);
      }
    });
    return static_cast<double>(values.size()) * kRepeats / taken / 1e9;
  };
  const double pack = each_block(
      [&](std::size_t b) { pack_block(&values[b * kBlockValues], bits, &packed[b * size]); });
  const double unpack = each_block([&](std::size_t b) {
    unpack_block(&packed[b * size], bits, std::uint32_t{0}, &out[b * kBlockValues]);
  });
  const double unpack_wide = each_block([&](std::size_t b) {
    unpack_block(&packed[b * size], bits, std::uint64_t{0}, &wide[b * kBlockValues]);
  });
  require(out == values, "unpacked values");
  require(std::ranges::equal(wide, values), "unpacked wide values");
  std::printf("%-22s %10u %12.2f %12.2f %12.2f\n", "bit packing", bits, pack, unpack, unpack_wide);
}

struct Column {
  std::string name;
  ColumnType type;
  std::vector<std::int64_t> cells;
};

std::vector<Column> typical_columns() {
  std::mt19937_64 random(42);
  std::vector<Column> columns;
  constexpr std::size_t kCount = kPages * kPageValues;
  const auto add = [&](const char* name, ColumnType type, auto value_at) {
    Column column{name, type, std::vector<std::int64_t>(kCount)};
    for (std::size_t i = 0; i < kCount; ++i) {
      column.cells[i] = static_cast<std::int64_t>(value_at(i));
    }
    columns.push_back(std::move(column));
  };
  const auto uniform = [&] { return std::uniform_real_distribution<>()(random); };
  const auto geometric = [&](double mean) { return std::floor(-std::log(1 - uniform()) * mean); };

  double day = 0;
  add("days of timelines", ColumnType::kInt, [&](std::size_t i) {
    return day = i % 42 == 0       ? 14000 + uniform() * 1000
                 : uniform() < 0.5 ? day
                                   : day + geometric(120);
  });
  double ordinal = 0;
  add("patients, 1 in 1000", ColumnType::kInt,
      [&](std::size_t) { return ordinal += 1 + geometric(1000); });
  ordinal = 0;
  add("patients, 1 in 5", ColumnType::kInt,
      [&](std::size_t) { return ordinal += 1 + geometric(5); });
  add("days of postings", ColumnType::kInt, [&](std::size_t) { return 14000 + uniform() * 5500; });
  add("codes, Zipf of 100,000", ColumnType::kCode,
      [&](std::size_t) { return std::exp(uniform() * std::log(1e5)); });
  add("cents", ColumnType::kMoney,
      [&](std::size_t) { return std::exp(std::normal_distribution<>(9, 1.3)(random)); });
  add("cents of a fee list", ColumnType::kMoney, [&](std::size_t) {
    const double item = std::floor(std::exp(uniform() * std::log(300)));
    return std::floor(1000 + std::fmod(item * 7919.77, 1) * 200000);
  });
  add("cents, 3 in 4 null", ColumnType::kMoney, [&](std::size_t) {
    return uniform() < 0.75 ? static_cast<double>(kNull)
                            : std::exp(std::normal_distribution<>(9, 1.3)(random));
  });
  add("days of supply", ColumnType::kInt, [&](std::size_t) {
    const double draw = uniform();
    return draw < 0.6 ? 30 : draw < 0.9 ? 90 : draw < 0.95 ? 14 : std::floor(1 + uniform() * 100);
  });
  add("laboratory values", ColumnType::kDecimal, [&](std::size_t) {
    const double mantissa = std::floor(std::normal_distribution<>(700, 120)(random));
    return mantissa * 32 + (uniform() < 0.7 ? 1 : 2);
  });
  add("patient of an event", ColumnType::kInt, [](std::size_t i) { return i / 42; });
  return columns;
}

void bench_column(const Column& column) {
  const auto report = [&](const char* how, double encode, double decode, std::size_t bytes) {
    const auto count = static_cast<double>(column.cells.size());
    std::printf("%-22s %10s %12.0f %12.0f %12.3f\n", column.name.c_str(), how, count / encode / 1e6,
                count / decode / 1e6, static_cast<double>(bytes) / count);
  };
  std::vector<Bytes> pages(kPages);
  std::vector<std::int64_t> out(column.cells.size());
  const std::span cells(column.cells);
  const auto each_page = [&](auto work) {
    return seconds([&] {
      for (std::size_t page = 0; page < kPages; ++page) work(page);
    });
  };
  const auto bytes = [&] {
    std::size_t sum = 0;
    for (const Bytes& page : pages) sum += page.size();
    return sum;
  };

  double encode = each_page([&](std::size_t page) {
    pages[page].clear();
    encode_ints(cells.subspan(page * kPageValues, kPageValues), pages[page]);
  });
  double decode = each_page([&](std::size_t page) {
    decode_ints(pages[page], std::span(out).subspan(page * kPageValues, kPageValues));
  });
  require(out == column.cells, column.name);
  const std::string codec = "codec " + std::to_string(static_cast<int>(pages[0][0]));
  report(codec.c_str(), encode, decode, bytes());

  if (std::ranges::all_of(
          cells, [](std::int64_t cell) { return cell == static_cast<std::int32_t>(cell); })) {
    std::vector<std::int32_t> narrow(column.cells.begin(), column.cells.end());
    std::vector<std::int32_t> narrow_out(narrow.size());
    encode = each_page([&](std::size_t page) {
      pages[page].clear();
      encode_ints(std::span<const std::int32_t>(narrow).subspan(page * kPageValues, kPageValues),
                  pages[page]);
    });
    decode = each_page([&](std::size_t page) {
      decode_ints(pages[page], std::span(narrow_out).subspan(page * kPageValues, kPageValues));
    });
    require(narrow_out == narrow, column.name);
    report("32 bits", encode, decode, bytes());
  }

  for (const bool zstd : {false, true}) {
    encode = each_page([&](std::size_t page) {
      pages[page].clear();
      encode_column(column.type, cells.subspan(page * kPageValues, kPageValues), nullptr,
                    {.zstd = zstd}, pages[page]);
    });
    decode = each_page([&](std::size_t page) {
      decode_column(column.type, pages[page],
                    std::span(out).subspan(page * kPageValues, kPageValues), nullptr);
    });
    require(out == column.cells, column.name);
    report(zstd ? "zstd page" : "light page", encode, decode, bytes());
  }
}

}  // namespace

int main() {
  std::printf("%-22s %10s %12s %12s %12s\n", "G values/s", "bits", "pack", "unpack", "to 64 bits");
  for (const unsigned bits : {1U, 2U, 4U, 7U, 8U, 11U, 13U, 16U, 20U, 24U, 27U, 31U, 32U})
    bench_width(bits);
  std::printf("\n%-22s %10s %12s %12s %12s\n", "M values/s", "form", "encode", "decode",
              "bytes/value");
  for (const Column& column : typical_columns()) bench_column(column);
}
