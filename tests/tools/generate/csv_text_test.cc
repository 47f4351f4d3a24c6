// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "storage/calendar.h"
#include "tools/generate/csv_folder.h"

namespace anam::generate {
namespace {

TEST_CASE("cells are written as importers read them", "[generate]") {
  std::string text;
  CsvText(text)
      .cell("plain")
      .cell("a, \"b\"")
      .empty()
      .cell(std::int64_t{-12})
      .date(*day_of(2015, 10, 1))
      .date(*day_of(1999, 2, 3))
      .end_line();
  CHECK(text == "plain,\"a, \"\"b\"\"\",,-12,2015-10-01,1999-02-03\n");
}

TEST_CASE("decimals have all their places", "[generate]") {
  const auto written = [](std::int64_t number, unsigned scale) {
    std::string text;
    CsvText(text).decimal(number, scale);
    return text;
  };
  CHECK(written(1234, 2) == "12.34");
  CHECK(written(5, 2) == "0.05");
  CHECK(written(-5, 1) == "-0.5");
  CHECK(written(0, 2) == "0.00");
  CHECK(written(120, 0) == "120");
}

}  // namespace
}  // namespace anam::generate
