// SPDX-License-Identifier: Apache-2.0
// What `anam info` tells about a store, gathered from its catalog and the headers of its shards.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "storage/code_table.h"
#include "storage/store.h"
#include "tools/anam/source_facts.h"

namespace anam::cli {

/// Rows that broke a reference, as the report of a release counted them.
struct ReportedException {
  std::uint32_t release = 0;
  std::string kind;
  std::string domain;
  std::uint64_t rows = 0;
};

struct PartSize {
  std::string name;
  std::uint64_t bytes = 0;
};

struct StoreFacts {
  SourceCounts sources;
  bool any_events = false;
  Day first_day = 0;  // of any_events
  Day last_day = 0;
  std::uint64_t bytes = 0;        // of the release's files
  std::vector<PartSize> parts;    // add up to `bytes`
  std::vector<PartSize> columns;  // of timelines, largest first
  std::vector<VocabularyCount> vocabularies;
  std::vector<ReportedException> exceptions;
};

/// Reads the header of every shard of the release, and its code table's summary.
StoreFacts gather_facts(const Store& store);

/// "code", "paid", ...; what the store's catalog or the program calls a column of events.
std::string column_name(const Catalog& catalog, ColumnId column);

/// "2026-01-31 10:30:59", universal time.
std::string format_time(std::int64_t seconds);

}  // namespace anam::cli
