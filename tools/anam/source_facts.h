// SPDX-License-Identifier: Apache-2.0
// What a store has of each source: patients, events, years, and the patients that sources share.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "storage/store.h"

namespace anam::cli {

struct SourceFacts {
  Source source;
  std::uint64_t patients = 0;  // with at least one event from it
  std::uint64_t events = 0;
  std::map<std::int16_t, std::uint64_t> events_by_year{};  // in which they began
};

/// Patients with events of both; sources by their place in SourceCounts::sources.
struct SourceOverlap {
  std::size_t first = 0;
  std::size_t second = 0;
  std::uint64_t patients = 0;
};

struct SourceCounts {
  std::vector<SourceFacts> sources;     // all that the catalog has, by id
  std::vector<SourceOverlap> overlaps;  // of all pairs
};

/// Reads the headers and the bitmaps of all shards of the release.
SourceCounts count_sources(const Store& store);

/// "2010-01-01..2024-12-31", open at either side: the days that a source covers as its owner says,
/// "" when not known.
std::string coverage_text(const Source& source);

}  // namespace anam::cli
