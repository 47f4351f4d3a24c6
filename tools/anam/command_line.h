// SPDX-License-Identifier: Apache-2.0
// Reads command lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/anam/subcommand.h"

namespace anam::cli {

/// What a command line asks for.
struct Invocation {
  enum class Kind { kRun, kHelp, kVersion } kind = Kind::kRun;
  const Subcommand* subcommand = nullptr;  // null: help about all, or nothing was given
  Arguments arguments{{}, {}};
};

/// Options may stand anywhere, before the subcommand too; what follows `--` is none. Throws
/// Error(kUsage) for what it does not understand, with the nearest known name.
Invocation read_command_line(const std::vector<std::string>& words,
                             const std::vector<Subcommand>& known);

/// The text of --help.
std::string help_text(const std::vector<Subcommand>& known);
std::string help_text(const Subcommand& subcommand);

/// The candidate that is most like a misspelled word; empty when none is.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace anam::cli
