// SPDX-License-Identifier: Apache-2.0
// Days and seconds: the proleptic Gregorian calendar, years 0001 to 9999. No function here
// allocates, but for format_*.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace anam {

/// 0001-01-01 and 9999-12-31 as days since 1970-01-01.
inline constexpr std::int32_t kFirstDay = -719162;
inline constexpr std::int32_t kLastDay = 2932896;

struct Civil {
  std::int32_t year = 1970;
  std::int32_t month = 1;  // 1 to 12
  std::int32_t day = 1;    // 1 to 31
};

/// A day and, where `second` is not -1, the second of that day (0 to 86399).
struct DayTime {
  std::int32_t day = 0;
  std::int32_t second = -1;
};

bool is_leap_year(std::int32_t year);

/// Days since 1970-01-01. Empty when there is no such date, or when the year is outside 1 to 9999.
std::optional<std::int32_t> day_of(std::int32_t year, std::int32_t month, std::int32_t day);

/// REQUIRES: kFirstDay <= day <= kLastDay (outside of it the year has no four digits, but nothing
/// breaks).
Civil civil_of(std::int32_t day);

/// Reads "2020-01-31" or "20200131", and the same followed by a time of day, which must be a valid
/// one and is dropped. Strict: no blanks around, no other separators, valid calendar dates only.
std::optional<std::int32_t> parse_day(std::string_view text);

/// As parse_day, with the time: "2020-01-31", "2020-01-31 10:30", "2020-01-31T10:30:59.123Z",
/// "20200131 10:30:59+02:00". Fractions of a second are cut off. A time zone ("Z", "+hh", "+hhmm",
/// "+hh:mm") is accepted and ignored: times are local times of the place of care, as they were
/// recorded.
std::optional<DayTime> parse_day_time(std::string_view text);

/// Second of the day from "10:30" or "10:30:59", with fraction and time zone treated as in
/// parse_day_time.
std::optional<std::int32_t> parse_time(std::string_view text);

/// "2020-01-31".
std::string format_day(std::int32_t day);

/// "10:30:59". REQUIRES: 0 <= second < 86400.
std::string format_second(std::int32_t second);

}  // namespace anam
