// SPDX-License-Identifier: Apache-2.0
// Index events that are dates of the calendar: everybody who is observed on such a day.
#pragma once

#include <vector>

#include "query/definition.h"
#include "query/language/cursor.h"

namespace anam {

/// Whether "every year from ...", "every 3 months from ..." begins here, behind "index".
bool begins_repeated_dates(const Cursor& cursor);

/// Reads "on 2015-01-01, 2016-01-01 or 2017-01-01", or "every 3 months from 2015-01-01 to
/// 2019-12-31". For each date, in ascending order: the periods that contain it, as an event of that
/// one day.
std::vector<EventQuery> read_index_dates(Cursor& cursor);

}  // namespace anam
