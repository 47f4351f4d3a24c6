// SPDX-License-Identifier: Apache-2.0
// Definitions survive being written and read, in both languages.
#pragma once

#include "query/definition.h"

namespace anam::test {

/// As text and back: the text is the same when it is printed again, and the definition gives the
/// same rows and attrition for some patients. Throws std::logic_error where it does not, or where
/// the text cannot be written or read.
void check_text(const CohortDefinition& definition);

/// The same for Circe JSON. Where `must_be_said` is false, Circe may not know what is asked.
void check_circe(const CohortDefinition& definition, bool must_be_said);

}  // namespace anam::test
