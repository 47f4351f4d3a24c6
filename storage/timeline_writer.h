// SPDX-License-Identifier: Apache-2.0
// Writes the timelines of a shard: sorted events in, blocks out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "storage/block.h"

namespace anam {

/// Events of a chunk at most. Small enough that one patient's read is fast; larger ones gain little
/// (docs/format.md).
inline constexpr std::uint32_t kChunkEvents = 2048;
/// A block is closed when its pages exceed this.
inline constexpr std::size_t kBlockBytes = std::size_t{224} * 1024;

/// One column of sorted rows.
struct RowColumn {
  ColumnId id;
  ColumnType type;
  std::span<const std::int64_t> cells;
};

/// Events of some patients: all of the first, then all of the second, ..., each in timeline order.
struct SortedRows {
  std::span<const std::uint32_t> ordinals;  // ascending
  std::span<const std::uint32_t> counts;    // events of each
  std::vector<RowColumn> columns;           // with kDay and kCode; as many cells as the counts' sum
  const TextPool* texts = nullptr;
};

/// Takes the key and value of a finished block; keys ascend.
using BlockSink = std::function<void(ByteSpan key, ByteSpan value)>;

/// Cuts sorted rows into chunks and blocks. Columns that are null throughout a chunk cost nothing.
/// Not thread-safe.
class TimelineWriter {
 public:
  TimelineWriter(std::uint32_t shard, BlockSink sink);

  /// REQUIRES: ordinals above those of earlier calls.
  void add(const SortedRows& rows);
  void finish();

  /// Bytes of all pages written so far, by column.
  const std::map<ColumnId, std::uint64_t>& bytes_by_column() const { return bytes_; }

 private:
  void write_chunk(const SortedRows& rows, std::size_t first_patient, std::size_t patients,
                   std::size_t first_row, std::span<const std::uint32_t> counts,
                   std::uint32_t skipped);
  void add_page(ColumnId column, ColumnType type, std::span<const std::int64_t> cells,
                const TextPool* texts);
  void flush();

  std::uint32_t shard_;
  BlockSink sink_;
  BlockBuilder block_;
  std::map<ColumnId, std::uint64_t> bytes_;
  std::vector<std::int64_t> scratch_;
};

}  // namespace anam
