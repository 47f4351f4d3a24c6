// SPDX-License-Identifier: Apache-2.0
// Other cohorts as events: `cohort diabetics as of release 3`, `cohort file "t2d.cohort"`.
#pragma once

#include <cstddef>

#include "query/definition.h"
#include "query/language/event_tests.h"

namespace anam {

/// Reads what stands behind the word "cohort".
CohortReference read_cohort_reference(const Reading& reading);

/// Throws about the text from `begin` to the last token when what was just read there asks for
/// something that rows of a cohort do not have. `counted` may be null.
void check_cohort_clause(const Cursor& cursor, std::size_t begin, const EventQuery& query,
                         const CountedQuery* counted);

}  // namespace anam
