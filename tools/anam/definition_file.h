// SPDX-License-Identifier: Apache-2.0
// Cohort definitions from files.
#pragma once

#include <string>

#include "query/definition.h"
#include "query/read/store_reader.h"

namespace anam::cli {

/// The file's name without directories and extension: the cohort_definition_id.
std::string definition_id(const std::string& file);

/// Reads and compiles a .cohort file (the text language) or a .json file (Circe); knows the store's
/// attributes. Throws Error(kInput) with the
/// place in the file.
CohortDefinition read_definition(const std::string& file, const StoreReader& reader);

}  // namespace anam::cli
