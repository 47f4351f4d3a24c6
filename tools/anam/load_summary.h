// SPDX-License-Identifier: Apache-2.0
// What a load says when it is done: to people, and to the release that keeps it.
#pragma once

#include <string>

#include "ingest/load.h"
#include "tools/import/importer.h"

namespace anam::cli {

/// The report that a release keeps, JSON.
std::string load_report_json(const std::string& format, const ImportReport& input,
                             const LoadReport& load);

/// The same for people: accounts for every input row.
std::string load_summary(const ImportReport& input, const LoadReport& load);

/// What the load took of time, memory and disk, a line.
std::string load_cost(const LoadReport& load, double seconds);

/// What the store does with rows of a kind of exception ("orphan", ...).
std::string exception_rule(const std::string& kind);

}  // namespace anam::cli
