// SPDX-License-Identifier: Apache-2.0
// The options of subcommands that query: threads, memory, time, release.
#pragma once

#include <vector>

#include "query/evaluate/cohort_run.h"
#include "tools/anam/subcommand.h"

namespace anam::cli {

/// From --threads, --memory and --timeout; Ctrl-C stops the query, too. The time begins now.
CohortRunOptions query_options(const Arguments& arguments);

/// What --help says of these, and of --release.
std::vector<Option> query_option_list();

}  // namespace anam::cli
