// SPDX-License-Identifier: Apache-2.0
// When an event happened: around another event, or on the calendar.
#pragma once

#include <vector>

#include "query/definition.h"
#include "query/language/cursor.h"

namespace anam {

/// What a window of time can be anchored on.
enum class Around {
  kNothing,  // only the calendar
  kIndex,    // "index"
  kIt,       // "it": the event before "that has"
};

/// Whether a clause of time begins at the token `ahead`.
bool begins_time(const Cursor& cursor, std::size_t ahead);

/// Reads one clause: "within 30 days before index", "ending after 2015-01-01". Dates become tests,
/// windows are added to `windows` (null where around is kNothing).
void read_time(Cursor& cursor, Around around, std::vector<EventTest>& tests,
               std::vector<Window>* windows);

/// Reads "index" or "it", and "start" or "end" behind it.
End read_anchor(Cursor& cursor, Around around);

/// Takes a date.
Day read_date(Cursor& cursor);

}  // namespace anam
