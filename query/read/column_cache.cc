// SPDX-License-Identifier: Apache-2.0
#include "query/read/column_cache.h"

namespace anam {

std::size_t ColumnCache::Hash::operator()(const Key& key) const {
  const std::uint64_t mixed =
      (key.place ^ (std::uint64_t{key.file} << 48) ^ (std::uint64_t{key.column} << 32)) *
      0x9E3779B97F4A7C15U;
  return static_cast<std::size_t>(mixed ^ mixed >> 29);
}

const ColumnCache::Cells* ColumnCache::read(std::size_t file, const TimelineChunk& chunk,
                                            ColumnId column, Cells& scratch) {
  const std::size_t bytes = chunk.head().rows * sizeof(std::int64_t) + sizeof(Entry) + sizeof(Key);
  const Key key{std::uint64_t{chunk.head().first} << 32 | chunk.head().skipped,
                static_cast<std::uint32_t>(file), column};
  const auto found = entries_.find(key);
  if (found != entries_.end()) return found->second.null ? nullptr : &found->second.cells;
  const bool any = chunk.read(column, scratch);
  if (room_ >= bytes) {
    room_ -= any ? bytes : sizeof(Entry) + sizeof(Key);
    Entry& entry = entries_[key];
    entry.null = !any;
    if (any) entry.cells = scratch;
  }
  return any ? &scratch : nullptr;
}

}  // namespace anam
