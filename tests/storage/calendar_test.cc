// SPDX-License-Identifier: Apache-2.0
#include "storage/calendar.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

using namespace anam;

TEST_CASE("the calendar agrees with counting day by day from 1600 to 2400", "[storage]") {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  std::int32_t day = -135140;  // 1600-01-01: 370 years of 365 days and 90 leap days before 1970
  std::int32_t wrong = 0;
  for (int year = 1600; year <= 2400; ++year) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    for (int month = 1; month <= 12; ++month) {
      const int last = kDays[month - 1] + (leap && month == 2 ? 1 : 0);
      for (int of_month = 0; of_month <= 32; ++of_month) {
        char text[32];
        char compact[32];
        std::snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, of_month);
        std::snprintf(compact, sizeof(compact), "%04d%02d%02d", year, month, of_month);
        if (of_month < 1 || of_month > last) {
          wrong += day_of(year, month, of_month) || parse_day(text) || parse_day(compact) ? 1 : 0;
          continue;
        }
        const Civil civil = civil_of(day);
        const bool right = day_of(year, month, of_month) == day && parse_day(text) == day &&
                           parse_day(compact) == day && format_day(day) == text &&
                           civil.year == year && civil.month == month && civil.day == of_month;
        wrong += right ? 0 : 1;
        ++day;
      }
    }
  }
  CHECK(wrong == 0);
  CHECK(parse_day("1970-01-01") == 0);
  CHECK(format_day(day) == "2401-01-01");
}

TEST_CASE("dates reach from year 1 to year 9999", "[storage]") {
  CHECK(parse_day("0001-01-01") == kFirstDay);
  CHECK(parse_day("9999-12-31") == kLastDay);
  CHECK(format_day(kFirstDay) == "0001-01-01");
  CHECK(format_day(kLastDay) == "9999-12-31");
  CHECK_FALSE(parse_day("0000-12-31"));
  CHECK(format_day(kLastDay + 1) == "10000-01-01");
}

TEST_CASE("what is no date is refused", "[storage]") {
  for (const char* text : {"",
                           "2020",
                           "2020-1-1",
                           "2020-01-1",
                           "2020-01-01 ",
                           " 2020-01-01",
                           "2020-13-01",
                           "2020-00-10",
                           "2019-02-29",
                           "1900-02-29",
                           "2020/01/01",
                           "2020-0101",
                           "202001-01",
                           "2020-01-0a",
                           "2o20-01-01",
                           "20200230",
                           "2020010",
                           "202001011",
                           "2020-01-01x",
                           "2020-01-01 25:00",
                           "2020-01-01 10",
                           "2020-01-01T",
                           "2020-01-01 10:30:",
                           "2020-01-01 10:30:61",
                           "2020-01-01 10:30:00.",
                           "2020-01-01 10:30:00 PM",
                           "2020-01-01 10:60",
                           "2020-01-01 10:30+",
                           "2020-01-01 10:30+25:00",
                           "2020-01-01 10:30+1:00",
                           "2020-01-01 24:00:00",
                           "2020-01-01 10:30Zulu"}) {
    INFO(text);
    CHECK_FALSE(parse_day(text));
    CHECK_FALSE(parse_day_time(text));
  }
}

TEST_CASE("times of day are read with their date", "[storage]") {
  const std::int32_t day = *parse_day("2020-01-31");
  const auto second = [day](const char* text) {
    const std::optional<DayTime> parsed = parse_day_time(text);
    INFO(text);
    REQUIRE(parsed);
    CHECK(parsed->day == day);
    CHECK(parse_day(text) == day);
    return parsed->second;
  };
  CHECK(second("2020-01-31") == -1);
  CHECK(second("20200131") == -1);
  CHECK(second("2020-01-31 00:00") == 0);
  CHECK(second("2020-01-31 10:30") == 37800);
  CHECK(second("2020-01-31T10:30:59") == 37859);
  CHECK(second("2020-01-31 10:30:59.9999") == 37859);
  CHECK(second("2020-01-31T10:30:59Z") == 37859);
  CHECK(second("2020-01-31T10:30:59.123456Z") == 37859);
  CHECK(second("2020-01-31T10:30:59+02:00") == 37859);
  CHECK(second("2020-01-31T10:30:59-0530") == 37859);
  CHECK(second("2020-01-31T10:30-05") == 37800);
  CHECK(second("20200131 23:59:59") == 86399);
}

TEST_CASE("a time alone is read and printed", "[storage]") {
  for (std::int32_t second = 0; second < 86400; second += 7) {
    if (parse_time(format_second(second)) != second) FAIL("differs: " << second);
  }
  CHECK(format_second(86399) == "23:59:59");
  CHECK(parse_time("10:30") == 37800);
  CHECK(parse_time("10:30:59.5") == 37859);
  for (const char* text : {"", "10", "1:30:00", "10-30", "24:00", "10:61", "10:30:60", "10:30:5",
                           "ab:cd:ef", "10:30:59 "}) {
    INFO(text);
    CHECK_FALSE(parse_time(text));
  }
}
