// SPDX-License-Identifier: Apache-2.0
// A cohort definition as compact text, so that a test can state what a sentence means in one line.
#pragma once

#include <string>

#include "query/definition.h"

namespace anam::test {

/// "any-vocabulary code", descendants as "+", mapped as "~", quoted patterns in quotes, inner sets
/// in parentheses: "ICD10CM:E11* | RXNORM:1+ - ATC:A10~".
std::string describe(const CodeSet& set);

/// One line per part: "title ...", "set NAME = ...", "index ...", "rule NAME: ...", ....
std::string describe(const CohortDefinition& cohort);

}  // namespace anam::test
