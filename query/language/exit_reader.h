// SPDX-License-Identifier: Apache-2.0
// What ends membership, and what is done with the rows in the end.
#pragma once

#include "query/definition.h"
#include "query/language/event_tests.h"

namespace anam {

/// Behind "exit": reasons that are joined by "or".
void read_exit(const Reading& reading, CohortDefinition& cohort);

/// Behind "join": "rows up to 30 days apart".
void read_join(const Reading& reading, CohortDefinition& cohort);

/// Behind "cut": "rows to 2015-01-01..2019-12-31".
void read_cut(const Reading& reading, CohortDefinition& cohort);

}  // namespace anam
