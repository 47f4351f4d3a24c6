// SPDX-License-Identifier: Apache-2.0
// Sentences about events: which ones, how many, and what groups of counts must hold.
#pragma once

#include "query/definition.h"
#include "query/language/event_tests.h"
#include "query/language/time_clause.h"

namespace anam {

/// Reads an event that starts or ends membership: "first drug metformin with days_supply >= 30".
EventQuery read_event(const Reading& reading);

/// Reads what must hold: a count, a test of the person, or "all of (...)", "at least 2 of (...)".
/// With `around`, windows are anchored on that event.
Group read_condition(const Reading& reading, Around around);

/// Whether an event can begin here.
bool begins_event(const Cursor& cursor, std::size_t ahead);

}  // namespace anam
