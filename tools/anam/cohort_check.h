// SPDX-License-Identifier: Apache-2.0
// What looks wrong about definitions: a word about it before they run, and all of it with --check.
#pragma once

#include <span>
#include <string>

#include "query/definition.h"
#include "query/read/store_reader.h"
#include "tools/anam/command_line.h"

namespace anam::cli {

/// A definition and the file that it was read from.
struct ReadDefinition {
  std::string file;
  const CohortDefinition* definition;
};

/// Writes warnings to standard error: those of a few definitions, or else of how many there are
/// any.
void warn_of(std::span<const ReadDefinition> definitions, const StoreReader& reader);

/// anam cohort --check: all warnings, and how much of the code sets occurs in the store. Evaluates
/// nothing. Returns the exit code: 1 when a definition cannot be read.
int check_definitions(const Arguments& arguments);

}  // namespace anam::cli
