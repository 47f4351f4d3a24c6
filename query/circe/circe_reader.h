// SPDX-License-Identifier: Apache-2.0
// OHDSI's cohort definitions: Circe JSON, as Atlas exports it. What is read, and which habits of
// Circe's SQL are kept: docs/circe.md. All functions are thread-safe.
#pragma once

#include <string_view>

#include "query/definition.h"

namespace anam {

/// Compiles a definition. Concept ids become codes of the vocabulary OMOP. `name` stands for the
/// text in messages (a file's name). A field or value that is not understood is an Error(kInput)
/// with its JSON path; nothing is passed over.
CohortDefinition parse_circe(std::string_view text, std::string_view name);

}  // namespace anam
