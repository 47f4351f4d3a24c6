// SPDX-License-Identifier: Apache-2.0
// Reads the timelines of one shard in one file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "storage/block.h"
#include "storage/sealed_file.h"

namespace anam {

/// A chunk of events, its columns decoded as they are asked for. Valid until its cursor moves.
class TimelineChunk {
 public:
  TimelineChunk(const Block& block, const ChunkHead& head);

  const ChunkHead& head() const { return head_; }
  std::span<const std::uint32_t> ordinals() const {
    return ordinals_;
  }  // of the chunk's patients, ascending
  std::span<const std::uint32_t> offsets() const {
    return offsets_;
  }  // rows of patient i: offsets[i] .. offsets[i + 1]

  /// Ids and types of the columns of this chunk.
  std::span<const PageHead> pages() const { return block_.pages(head_); }

  /// Decodes a column of head().rows cells into `cells`; false when every cell is null. Days and
  /// end days are absolute. Texts go to `texts`.
  bool read(ColumnId column, std::vector<std::int64_t>& cells, TextPool* texts = nullptr) const;

 private:
  const Block& block_;
  ChunkHead head_;
  std::vector<std::uint32_t> ordinals_;
  std::vector<std::uint32_t> offsets_;
};

/// Walks over the chunks of a shard in the order of ordinals. Used by one thread at a time.
class TimelineCursor {
 public:
  TimelineCursor(std::shared_ptr<const SealedFile> file, std::uint32_t shard);

  /// Goes to the first chunk whose last patient is at or after `ordinal`; false when there is none.
  /// Cheap when it is near.
  bool seek(std::uint32_t ordinal);
  /// Goes to the next chunk; false at the end.
  bool next();

  const ChunkHead& head() const { return block_->chunks()[chunk_]; }
  TimelineChunk chunk() const { return TimelineChunk(*block_, head()); }

 private:
  bool load();  // the block at the cursor; false when it belongs to something else

  std::shared_ptr<const SealedFile> file_;
  Bytes prefix_;
  std::uint32_t shard_;
  SealedFile::Cursor cursor_;
  std::optional<Block> block_;
  std::size_t chunk_ = 0;
};

}  // namespace anam
