// SPDX-License-Identifier: Apache-2.0
// Columns of timelines, decoded once for many definitions.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "storage/timeline_reader.h"

namespace anam {

/// Keeps decoded columns until its budget is used up, and what it has it keeps: definitions go over
/// a shard again and again, and a cache that drops what was used longest ago would then never have
/// what is asked for next. Texts are not kept. Used by one thread at a time.
class ColumnCache {
 public:
  using Cells = std::vector<std::int64_t>;

  explicit ColumnCache(std::size_t bytes) : room_(bytes) {}

  /// A column of a chunk of the shard's `file`th file; null when every cell is null. `scratch`
  /// holds the cells where they are not kept; what is returned is valid as long as it.
  const Cells* read(std::size_t file, const TimelineChunk& chunk, ColumnId column, Cells& scratch);

 private:
  struct Key {
    std::uint64_t place;  // the chunk's first patient, and what is skipped of that
    std::uint32_t file;
    ColumnId column;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  struct Entry {
    bool null = false;
    Cells cells;
  };

  std::size_t room_;
  std::unordered_map<Key, Entry, Hash> entries_;
};

}  // namespace anam
