// SPDX-License-Identifier: Apache-2.0
#include "storage/timeline_writer.h"

#include <algorithm>
#include <numeric>

#include "storage/domain_codes.h"
#include "storage/shard_key.h"

namespace anam {

TimelineWriter::TimelineWriter(std::uint32_t shard, BlockSink sink)
    : shard_(shard), sink_(std::move(sink)) {}

void TimelineWriter::add(const SortedRows& rows) {
  const std::size_t patients = rows.ordinals.size();
  std::size_t row = 0;
  for (std::size_t begin = 0; begin < patients;) {
    // As many whole patients as fit; one that does not fit alone is cut.
    std::uint32_t events = rows.counts[begin];
    std::size_t end = begin + 1;
    while (end < patients && events + rows.counts[end] <= kChunkEvents)
      events += rows.counts[end++];
    if (end == begin + 1 && events > kChunkEvents) {
      for (std::uint32_t skipped = 0; skipped < events; skipped += kChunkEvents) {
        const std::uint32_t part = std::min(kChunkEvents, events - skipped);
        write_chunk(rows, begin, 1, row + skipped, std::span(&part, 1), skipped);
      }
    } else {
      write_chunk(rows, begin, end - begin, row, rows.counts.subspan(begin, end - begin), 0);
    }
    row += events;
    begin = end;
  }
}

void TimelineWriter::write_chunk(const SortedRows& rows, std::size_t first_patient,
                                 std::size_t patients, std::size_t first_row,
                                 std::span<const std::uint32_t> counts, std::uint32_t skipped) {
  const auto ordinals = rows.ordinals.subspan(first_patient, patients);
  const auto events = std::accumulate(counts.begin(), counts.end(), std::uint32_t{0});
  block_.begin_chunk({.first = ordinals.front(),
                      .last = ordinals.back(),
                      .patients = static_cast<std::uint32_t>(patients),
                      .rows = events,
                      .skipped = skipped});
  if (ordinals.back() - ordinals.front() + 1 != patients) {
    scratch_.assign(patients, 0);
    for (std::size_t i = 1; i < patients; ++i) scratch_[i] = ordinals[i] - ordinals[i - 1];
    add_page(column::kOrdinal, ColumnType::kInt, scratch_, nullptr);
  }
  scratch_.assign(counts.begin(), counts.end());
  add_page(column::kCounts, ColumnType::kInt, scratch_, nullptr);

  const auto is_day = [](const RowColumn& c) { return c.id == column::kDay; };
  const auto days = std::ranges::find_if(rows.columns, is_day)->cells.subspan(first_row, events);
  for (const RowColumn& column : rows.columns) {
    const auto cells = column.cells.subspan(first_row, events);
    if (column.id == column::kDay) {
      // The first event of each patient by its day, the others by the days since the one before.
      scratch_.resize(events);
      std::size_t row = 0;
      for (const std::uint32_t count : counts) {
        for (std::uint32_t i = 0; i < count; ++i, ++row)
          scratch_[row] = i == 0 ? cells[row] : cells[row] - cells[row - 1];
      }
      add_page(column.id, column.type, scratch_, nullptr);
      continue;
    }
    if (column.id == column::kCode) {
      const DomainCodes split = split_domain_codes(cells);
      add_page(column.id, ColumnType::kCode, split.codes, nullptr);
      add_page(split.by_row ? column::kRowDomains : column::kDomains, ColumnType::kInt,
               split.domains, nullptr);
      continue;
    }
    if (std::ranges::all_of(cells, [](std::int64_t cell) { return cell == kNull; })) continue;
    if (column.id == column::kEndDay) {
      scratch_.resize(events);
      for (std::size_t i = 0; i < events; ++i)
        scratch_[i] = cells[i] == kNull ? kNull : cells[i] - days[i];
      add_page(column.id, column.type, scratch_, nullptr);
    } else {
      add_page(column.id, column.type, cells, rows.texts);
    }
  }
  if (block_.bytes() >= kBlockBytes) flush();
}

void TimelineWriter::add_page(ColumnId column, ColumnType type, std::span<const std::int64_t> cells,
                              const TextPool* texts) {
  bytes_[column] += block_.add(column, type, cells, texts);
}

void TimelineWriter::finish() {
  if (!block_.empty()) flush();
}

void TimelineWriter::flush() {
  const ChunkHead& head = block_.chunks().front();
  const Bytes key = timeline_key(shard_, head.first, head.skipped);
  const Bytes value = block_.finish(key);
  sink_(key, value);
}

}  // namespace anam
