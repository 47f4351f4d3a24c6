// SPDX-License-Identifier: Apache-2.0
#include "storage/timeline_reader.h"

#include "storage/domain_codes.h"
#include "storage/shard_key.h"

namespace anam {

TimelineChunk::TimelineChunk(const Block& block, const ChunkHead& head)
    : block_(block), head_(head) {
  std::vector<std::int64_t> cells;
  const auto expect = [&](std::size_t size) {
    if (cells.size() != size) fail(ErrorCode::kCorrupt, "column of a chunk has the wrong length");
  };
  ordinals_.resize(head.patients);
  if (block.read(head, column::kOrdinal, cells)) {
    expect(head.patients);
    std::int64_t ordinal = head.first;
    for (std::size_t i = 0; i < cells.size(); ++i)
      ordinals_[i] = static_cast<std::uint32_t>(ordinal += cells[i]);
  } else {
    for (std::uint32_t i = 0; i < head.patients; ++i) ordinals_[i] = head.first + i;
  }
  if (!block.read(head, column::kCounts, cells))
    fail(ErrorCode::kCorrupt, "chunk lacks its counts");
  expect(head.patients);
  offsets_.resize(head.patients + std::size_t{1});
  std::uint64_t row = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    row += static_cast<std::uint64_t>(cells[i]);
    if (cells[i] < 0 || row > head.rows)
      fail(ErrorCode::kCorrupt, "counts of a chunk exceed its rows");
    offsets_[i + 1] = static_cast<std::uint32_t>(row);
  }
  if (row != head.rows) fail(ErrorCode::kCorrupt, "counts of a chunk do not make up its rows");
}

bool TimelineChunk::read(ColumnId column, std::vector<std::int64_t>& cells, TextPool* texts) const {
  if (!block_.read(head_, column, cells, texts)) return false;
  if (cells.size() != head_.rows)
    fail(ErrorCode::kCorrupt, "column of a chunk has the wrong length");
  if (column == column::kDay) {
    for (std::size_t p = 0; p < head_.patients; ++p) {
      for (std::size_t row = offsets_[p] + std::size_t{1}; row < offsets_[p + 1]; ++row)
        cells[row] += cells[row - 1];
    }
  } else if (column == column::kCode) {
    std::vector<std::int64_t> domains;
    const bool by_row = block_.read(head_, column::kRowDomains, domains);
    if (!by_row && !block_.read(head_, column::kDomains, domains)) {
      fail(ErrorCode::kCorrupt, "chunk lacks its domains");
    }
    join_domain_codes(cells, domains, by_row);
  } else if (column == column::kEndDay) {
    std::vector<std::int64_t> days;
    if (!read(column::kDay, days)) fail(ErrorCode::kCorrupt, "chunk lacks its days");
    for (std::size_t row = 0; row < cells.size(); ++row) {
      if (cells[row] != kNull) cells[row] += days[row];
    }
  }
  return true;
}

TimelineCursor::TimelineCursor(std::shared_ptr<const SealedFile> file, std::uint32_t shard)
    : file_(std::move(file)),
      prefix_(shard_part_key(shard, ShardPart::kTimeline)),
      shard_(shard),
      cursor_(file_->cursor()) {}

bool TimelineCursor::load() {
  if (!has_prefix(cursor_.key(), prefix_)) {
    block_.reset();
    return false;
  }
  block_.emplace(cursor_.key(), cursor_.value(), file_->path().native());
  if (block_->chunks().empty())
    fail(ErrorCode::kCorrupt, "block without chunks", file_->path().native());
  chunk_ = 0;
  return true;
}

bool TimelineCursor::seek(std::uint32_t ordinal) {
  // Where it stands already, when the chunk lies at or after the present one in the same block.
  if (!block_ || head().first > ordinal || (head().first == ordinal && head().skipped > 0) ||
      block_->chunks().back().last < ordinal) {
    const Bytes key = timeline_key(shard_, ordinal, 0);
    if (!cursor_.seek_le(key) || !has_prefix(cursor_.key(), prefix_)) {
      if (!cursor_.seek_ge(key)) {
        block_.reset();
        return false;
      }
    }
    if (!load()) return false;
  }
  while (head().last < ordinal) {
    if (!next()) return false;
  }
  return true;
}

bool TimelineCursor::next() {
  if (!block_) return false;
  if (chunk_ + 1 < block_->chunks().size()) {
    ++chunk_;
    return true;
  }
  if (!cursor_.next()) {
    block_.reset();
    return false;
  }
  return load();
}

}  // namespace anam
