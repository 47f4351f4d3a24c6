// SPDX-License-Identifier: Apache-2.0
// anam cohort --print: definitions as they are understood, in the text language.
#pragma once

#include "tools/anam/subcommand.h"

namespace anam::cli {

/// Writes every definition of the command line; evaluates none. The first word may be a store or
/// not: with one, its attributes are known and codes have their names as comments. Returns the exit
/// code: what cannot be read or written is reported, and the others are printed.
int print_definitions(const Arguments& arguments);

}  // namespace anam::cli
