// SPDX-License-Identifier: Apache-2.0
#include "query/language/calendar_index.h"

#include <algorithm>

#include "query/language/quantity.h"
#include "query/language/time_clause.h"
#include "query/language/words.h"
#include "storage/calendar.h"

namespace anam {
namespace {

constexpr std::size_t kMaxDates = 1000;

/// Steps through the calendar: by days, or by months that keep the day of the month.
struct Step {
  int days = 0;
  int months = 0;
};

Step read_step(Cursor& cursor) {
  const TextSpan number_span = cursor.peek().span;
  const bool numbered = cursor.peek().kind == TokenKind::kNumber;
  const int number = numbered ? read_count(cursor, "a number") : 1;
  if (number == 0) cursor.fail(number_span, "this step leads nowhere", "Steps are 1 or more.");
  const Token unit = cursor.peek();
  const TimeSpan span = read_time_unit(cursor, number);
  if (span.seconds) cursor.fail(unit.span, "only whole days will do here", "Say days or years.");
  const int length = static_cast<int>(span.length);
  // A unit's length tells it from the others: here, years and months are those of the calendar.
  if (length == 365 * number) return {.days = 0, .months = 12 * number};
  if (length == 30 * number) return {.days = 0, .months = number};
  return {.days = length, .months = 0};
}

/// The day `months` later, or the last one of its month where the month is too short. Behind the
/// calendar's end, its last day.
Day add_months(Day day, int months) {
  const Civil from = civil_of(day);
  const std::int64_t month = std::int64_t{from.year} * 12 + from.month - 1 + months;
  if (month / 12 > 9999) return kLastDay;
  const auto year = static_cast<std::int32_t>(month / 12);
  for (std::int32_t last = from.day;; --last) {
    const auto found = day_of(year, static_cast<std::int32_t>(month % 12) + 1, last);
    if (found) return *found;
  }
}

std::vector<Day> read_repeated(Cursor& cursor) {
  cursor.expect("every");
  const Step step = read_step(cursor);
  cursor.expect("from");
  const std::size_t begin = cursor.begin();
  const Day from = read_date(cursor);
  if (!accept_to(cursor)) cursor.fail_expected("\"to\"");
  const Day to = read_date(cursor);
  const TextSpan range{begin, cursor.end_of_last()};
  if (to < from) cursor.fail(range, "no date is in this range", "The earlier date stands first.");
  std::vector<Day> dates;
  std::int64_t day = from;
  for (int i = 1; day <= to; ++i) {
    if (dates.size() == kMaxDates) {
      cursor.fail(range, "these are too many dates", "At most 1000 will do; take larger steps.");
    }
    if (!dates.empty() && dates.back() == day) break;  // the calendar's end
    dates.push_back(static_cast<Day>(day));
    // Counted from the first date: the 31st stays the 31st where there is one.
    day = step.months > 0 ? std::int64_t{add_months(from, step.months * i)}
                          : from + std::int64_t{step.days} * i;
  }
  return dates;
}

std::vector<Day> read_listed(Cursor& cursor) {
  cursor.expect("on");
  std::vector<Day> dates;
  do {
    const TextSpan span = cursor.peek().span;
    const Day date = read_date(cursor);
    if (std::ranges::find(dates, date) != dates.end())
      cursor.fail(span, "this date is said twice", "Each stands there once.");
    if (dates.size() == kMaxDates)
      cursor.fail(span, "these are too many dates", "At most 1000 will do.");
    dates.push_back(date);
  } while (cursor.accept(",") || cursor.accept("or"));
  // In their order: of a patient's index events, the first and the last are then those that were
  // read first and last.
  std::ranges::sort(dates);
  return dates;
}

}  // namespace

bool begins_repeated_dates(const Cursor& cursor) {
  if (!cursor.at("every")) return false;
  const Token& next = cursor.peek(1);
  return next.kind == TokenKind::kNumber ||
         (next.kind == TokenKind::kWord && time_unit(next.text).has_value());
}

std::vector<EventQuery> read_index_dates(Cursor& cursor) {
  const std::string place = "line " + std::to_string(cursor.line());
  std::vector<EventQuery> events;
  for (const Day date : cursor.at("on") ? read_listed(cursor) : read_repeated(cursor)) {
    EventQuery& event = events.emplace_back();
    event.domain = Domain::kEnrollment;
    event.contains_start = date;
    event.contains_end = date;
    event.place = place;
  }
  return events;
}

}  // namespace anam
