// SPDX-License-Identifier: Apache-2.0
#include "storage/calendar.h"

#include <array>
#include <cstring>

#include "storage/bytes.h"  // all loads are little-endian

namespace anam {
namespace {

// Turns a digit into 0..9 and everything else into something larger.
unsigned digit(char c) { return static_cast<unsigned>(static_cast<unsigned char>(c)) - '0'; }

// Two digits as a number; 100 or more when one of them is no digit.
unsigned two_digits(const char* at) {
  const unsigned tens = digit(at[0]);
  const unsigned ones = digit(at[1]);
  return (tens > 9 || ones > 9) ? 100 : tens * 10 + ones;
}

std::int32_t days_in_month(std::int32_t year, std::int32_t month) {
  static constexpr std::array<std::int8_t, 13> kDays = {0,  31, 28, 31, 30, 31, 30,
                                                        31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : kDays[static_cast<std::size_t>(month)];
}

// Howard Hinnant's days_from_civil (public domain): years begin in March, so that the leap day is a
// year's last.
std::int32_t count_days(std::int32_t year, std::int32_t month, std::int32_t day) {
  const std::int32_t y = year - (month <= 2 ? 1 : 0);
  const std::int32_t era = y / 400;  // y >= 0 as year >= 1
  const std::int32_t year_of_era = y - era * 400;
  const std::int32_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int32_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

inline std::optional<std::int32_t> checked_day(std::int32_t year, std::int32_t month,
                                               std::int32_t day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return std::nullopt;
  if (day > 28 && day > days_in_month(year, month)) return std::nullopt;
  return count_days(year, month, day);
}

// "2020-01-31" exactly, the usual shape, all digits at once.
std::optional<std::int32_t> parse_dashed_date(const char* at) {
  std::uint64_t front = 0;
  std::uint16_t back = 0;
  std::memcpy(&front, at, sizeof(front));
  std::memcpy(&back, at + 8, sizeof(back));
  if ((front & 0xFF0000FF00000000U) != 0x2D00002D00000000U) return std::nullopt;
  const std::uint64_t chars =
      (front & 0xFFFFFFFFU) | (front >> 40 & 0xFFFFU) << 32 | std::uint64_t{back} << 48;
  // Each byte is 0x30 to 0x39: its high half is 3, and stays 3 when 6 is added.
  if (((chars & 0xF0F0F0F0F0F0F0F0U) |
       ((chars + 0x0606060606060606U) & 0xF0F0F0F0F0F0F0F0U) >> 4) != 0x3333333333333333U) {
    return std::nullopt;
  }
  const std::uint64_t pairs =
      (chars & 0x0F0F0F0F0F0F0F0FU) * 2561 >> 8;  // a number below 100 in every second byte
  const auto pair = [pairs](int i) { return static_cast<std::int32_t>(pairs >> (16 * i) & 0xFFU); };
  return checked_day(pair(0) * 100 + pair(1), pair(2), pair(3));
}

// Reads the date at the front and sets *length to what it took; empty when there is none.
std::optional<std::int32_t> parse_date_prefix(std::string_view text, std::size_t* length) {
  if (text.size() < 8) return std::nullopt;
  const char* const at = text.data();
  const unsigned century = two_digits(at);
  const unsigned years = two_digits(at + 2);
  unsigned month = 0;
  unsigned day = 0;
  if (at[4] == '-') {
    if (text.size() < 10 || at[7] != '-') return std::nullopt;
    month = two_digits(at + 5);
    day = two_digits(at + 8);
    *length = 10;
  } else {
    month = two_digits(at + 4);
    day = two_digits(at + 6);
    *length = 8;
  }
  if (century > 99 || years > 99) return std::nullopt;
  return checked_day(static_cast<std::int32_t>(century * 100 + years),
                     static_cast<std::int32_t>(month), static_cast<std::int32_t>(day));
}

// "Z", "+hh", "+hhmm", "+hh:mm" or nothing.
bool is_zone(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return true;
  if ((text[0] != '+' && text[0] != '-') || text.size() < 3 || two_digits(text.data() + 1) > 23)
    return false;
  if (text.size() == 3) return true;
  if (text.size() == 5) return two_digits(text.data() + 3) < 60;
  return text.size() == 6 && text[3] == ':' && two_digits(text.data() + 4) < 60;
}

}  // namespace

bool is_leap_year(std::int32_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

std::optional<std::int32_t> day_of(std::int32_t year, std::int32_t month, std::int32_t day) {
  return checked_day(year, month, day);
}

Civil civil_of(std::int32_t day) {
  const std::int32_t shifted = day + 719468;
  const std::int32_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const std::int32_t day_of_era = shifted - era * 146097;
  const std::int32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int32_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int32_t month_from_march = (5 * day_of_year + 2) / 153;
  Civil civil;
  civil.day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  civil.month = month_from_march + (month_from_march < 10 ? 3 : -9);
  civil.year = year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0);
  return civil;
}

std::optional<std::int32_t> parse_time(std::string_view text) {
  if (text.size() < 5 || text[2] != ':') return std::nullopt;
  const unsigned hour = two_digits(text.data());
  const unsigned minute = two_digits(text.data() + 3);
  unsigned second = 0;
  std::size_t length = 5;
  if (text.size() >= 8 && text[5] == ':') {
    second = two_digits(text.data() + 6);
    length = 8;
    if (text.size() > 8 && text[8] == '.') {
      length = 9;
      while (length < text.size() && digit(text[length]) <= 9) ++length;
      if (length == 9) return std::nullopt;  // a point without digits
    }
  }
  if (hour > 23 || minute > 59 || second > 59 || !is_zone(text.substr(length))) return std::nullopt;
  return static_cast<std::int32_t>(hour * 3600 + minute * 60 + second);
}

std::optional<DayTime> parse_day_time(std::string_view text) {
  if (text.size() == 10) {
    const std::optional<std::int32_t> day = parse_dashed_date(text.data());
    return day ? std::optional(DayTime{*day, -1}) : std::nullopt;
  }
  std::size_t length = 0;
  const std::optional<std::int32_t> day = parse_date_prefix(text, &length);
  if (!day) return std::nullopt;
  if (text.size() == length) return DayTime{*day, -1};
  if (text[length] != ' ' && text[length] != 'T') return std::nullopt;
  const std::optional<std::int32_t> second = parse_time(text.substr(length + 1));
  if (!second) return std::nullopt;
  return DayTime{*day, *second};
}

std::optional<std::int32_t> parse_day(std::string_view text) {
  if (text.size() == 10) return parse_dashed_date(text.data());  // no other shape has this length
  std::size_t length = 0;
  const std::optional<std::int32_t> day = parse_date_prefix(text, &length);
  if (!day || text.size() == length) return day;
  const std::optional<DayTime> with_time = parse_day_time(text);
  if (!with_time) return std::nullopt;
  return with_time->day;
}

std::string format_day(std::int32_t day) {
  const Civil civil = civil_of(day);
  std::string text = "0000-00-00";
  const auto put_two = [&text](std::size_t at, std::int32_t value) {
    text[at] = static_cast<char>('0' + value / 10 % 10);
    text[at + 1] = static_cast<char>('0' + value % 10);
  };
  if (civil.year < 0 || civil.year > 9999) {  // outside of what can be stored, but still told truly
    text.replace(0, 4, std::to_string(civil.year));
    const std::size_t at = text.size() - 5;
    put_two(at, civil.month);
    put_two(at + 3, civil.day);
    return text;
  }
  put_two(0, civil.year / 100);
  put_two(2, civil.year);
  put_two(5, civil.month);
  put_two(8, civil.day);
  return text;
}

std::string format_second(std::int32_t second) {
  std::string text = "00:00:00";
  const auto put_two = [&text](std::size_t at, std::int32_t value) {
    text[at] = static_cast<char>('0' + value / 10);
    text[at + 1] = static_cast<char>('0' + value % 10);
  };
  put_two(0, second / 3600);
  put_two(3, second / 60 % 60);
  put_two(6, second % 60);
  return text;
}

}  // namespace anam
