// SPDX-License-Identifier: Apache-2.0
// What a file holds of a shard: counts, where persons are found, sizes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "storage/event.h"
#include "storage/format.h"
#include "storage/sealed_file.h"

namespace anam {

struct DomainSummary {
  std::uint64_t events = 0;
  std::uint32_t patients = 0;
  std::uint8_t roles = 0;  // bit r: the file has postings of PostingRole r
};

/// First patient of a block of rows about persons who are new with the file.
struct PatientFence {
  std::uint64_t hash = 0;
  std::uint32_t first = 0;  // ordinal
};

struct ShardHeader {
  std::uint32_t shard = 0;
  std::uint32_t version = kShardVersion;
  std::uint32_t patients = 0;   // of the shard, this file's new ones included
  std::uint32_t first_new = 0;  // ordinal of the first new one
  std::uint32_t touched = 0;    // patients with at least one event in this file
  std::uint64_t events = 0;     // in this file
  Day first_day = 0;            // of its events
  Day last_day = 0;
  std::map<Domain, DomainSummary> domains;
  std::map<std::uint32_t, std::uint64_t> sources;  // source id -> events
  /// (source id, year in which they began) -> events; empty in files of version 1.
  std::map<std::pair<std::uint32_t, std::int16_t>, std::uint64_t> years;
  std::vector<PatientFence> fences;                // by hash, and by ordinal
  std::map<ColumnId, std::uint64_t> column_bytes;  // pages of timelines
  std::uint64_t timeline_bytes = 0;                // blocks whole
  std::uint64_t patient_bytes = 0;
  std::uint64_t posting_bytes = 0;
  std::uint64_t bitmap_bytes = 0;
};

Bytes write_shard_header(const ShardHeader& header);

/// Throws Error(kCorrupt) when the file holds nothing of the shard or its header is not what was
/// written.
ShardHeader read_shard_header(const SealedFile& file, std::uint32_t shard);

}  // namespace anam
