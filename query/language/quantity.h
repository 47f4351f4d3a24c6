// SPDX-License-Identifier: Apache-2.0
// Numbers, comparisons and stretches of time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "query/definition.h"
#include "query/language/cursor.h"

namespace anam {

/// Takes a whole number from 0 on; `what` completes "expected ..., found ...".
int read_count(Cursor& cursor, std::string_view what);

/// As read_count, below 0 too: for what only other tools write.
int read_signed_count(Cursor& cursor, std::string_view what);

/// A stretch of time: so many days, or so many seconds where `seconds`.
struct TimeSpan {
  std::int64_t length = 0;
  bool seconds = false;
};

/// "30 days", "2 weeks", "24 hours". A month is 30 days and a year 365.
TimeSpan read_time_span(Cursor& cursor);
/// Takes the unit behind a number that is already read.
TimeSpan read_time_unit(Cursor& cursor, int number);
/// Only whole days will do; `what` completes "expected ..., found ...".
int read_days(Cursor& cursor, std::string_view what);
/// As read_days, below 0 too.
int read_signed_days(Cursor& cursor, std::string_view what);

/// Takes one of the signs < <= = != >= > if it stands here.
std::optional<Comparison> accept_sign(Cursor& cursor);

/// ">= 6.5", "18 to 75", "between 1 and 2", "at least 3", or a number alone.
NumberTest read_number_test(Cursor& cursor);

/// Takes "to" or "..".
bool accept_to(Cursor& cursor);

}  // namespace anam
