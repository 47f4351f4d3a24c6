// SPDX-License-Identifier: Apache-2.0
#include "query/read/stream_order.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <random>
#include <tuple>

using namespace anam;

namespace {

constexpr ColumnId kMark = column::kFirstAttribute;  // where the row stood; never compared

// `runs` ascending runs of few patients and days, so that many rows are equal.
EventStream random_stream(std::mt19937_64& random, std::size_t rows, std::size_t runs) {
  struct Row {
    std::uint32_t patient;
    Day day;
  };
  std::vector<Row> all;
  for (std::size_t run = 0; run < runs; ++run) {
    std::vector<Row> part(rows / runs + random() % 3);
    for (Row& row : part)
      row = {static_cast<std::uint32_t>(random() % (rows / 4 + 1)),
             static_cast<Day>(random() % 5) - 2};
    std::ranges::sort(part, {}, [](const Row& row) { return std::pair(row.patient, row.day); });
    all.insert(all.end(), part.begin(), part.end());
  }
  EventStream stream;
  for (const Row& row : all) {
    stream.patient.push_back(row.patient);
    stream.start.push_back(row.day);
  }
  if (random() % 2 == 0) {
    for (std::size_t i = 0; i < all.size(); ++i)
      stream.end.push_back(static_cast<Day>(random() % 3));
  }
  if (random() % 2 == 0) {
    StreamColumn seconds{column::kSecond, ColumnType::kInt, {}};
    for (std::size_t i = 0; i < all.size(); ++i)
      seconds.cells.push_back(random() % 2 == 0 ? kNull : static_cast<std::int64_t>(random() % 2));
    stream.columns.push_back(seconds);
  }
  return stream;
}

}  // namespace

TEST_CASE("streams are ordered as by a stable sort, whether merged or sorted", "[read]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 400; ++round) {
    const std::size_t runs = 1 + random() % 12;  // more than are merged, too
    const bool by_all = random() % 2 == 0;
    EventStream stream = random_stream(random, round < 4 ? 0 : random() % 600, runs);
    const std::size_t n = stream.size();
    const StreamColumn* seconds = stream.find(column::kSecond);
    const auto rank = [&](std::uint32_t row) {
      return std::tuple(stream.patient[row], stream.start[row],
                        seconds == nullptr ? 0 : seconds->cells[row],
                        by_all && !stream.end.empty() ? stream.end[row] : 0);
    };
    std::vector<std::uint32_t> expected(n);
    std::iota(expected.begin(), expected.end(), 0U);
    std::ranges::stable_sort(expected, {}, rank);
    std::vector<decltype(rank(0))> ranks;
    for (const std::uint32_t row : expected) ranks.push_back(rank(row));

    // Which row is which, seen by the order alone where nothing else is compared.
    const bool marked = !by_all;
    if (marked) {
      stream.columns.push_back({kMark, ColumnType::kInt, std::vector<std::int64_t>(n)});
      std::iota(stream.columns.back().cells.begin(), stream.columns.back().cells.end(), 0);
    }
    seconds = stream.find(column::kSecond);
    sort_stream(stream, by_all);
    REQUIRE(stream.size() == n);
    for (std::uint32_t row = 0; row < n; ++row) {
      REQUIRE(rank(row) == ranks[row]);
      if (marked) REQUIRE(stream.columns.back().cells[row] == expected[row]);
    }
    if (by_all) CHECK(is_in_day_order(stream));
  }
}

TEST_CASE("rows of a day that are out of order are seen", "[read]") {
  EventStream stream;
  stream.patient = {1, 1, 2};
  stream.start = {5, 5, 5};
  stream.end = {7, 6, 5};
  CHECK_FALSE(is_in_day_order(stream));
  stream.end = {6, 6, 5};
  CHECK(is_in_day_order(stream));
}
