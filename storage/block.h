// SPDX-License-Identifier: Apache-2.0
// Blocks: the values of shard files, and the frames of spill files. A block holds chunks of rows, a
// chunk one page a column; each page can be checked and decoded without the others. docs/format.md
// has the bytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/bytes.h"
#include "storage/column_page.h"
#include "storage/event.h"

namespace anam {

/// What a chunk holds.
struct ChunkHead {
  std::uint32_t first = 0;  // ordinal of the first patient
  std::uint32_t last = 0;   // ordinal of the last patient
  std::uint32_t patients = 0;
  std::uint32_t rows = 0;
  std::uint32_t skipped = 0;  // rows of the first patient that lie in earlier chunks
  std::uint32_t first_page = 0;
  std::uint32_t pages = 0;
};

/// Where a page lies and what it holds.
struct PageHead {
  std::uint64_t checksum = 0;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t cells = 0;
  ColumnId column = 0;
  ColumnType type = ColumnType::kInt;
};

/// Largest number of cells of a page, and of bytes of a block, that any reader accepts.
inline constexpr std::uint32_t kMaxPageCells = 1u << 24;
inline constexpr std::size_t kMaxBlockBytes = std::size_t{1} << 31;

/// Collects chunks and makes the value of one block. Pages of a column are written like the ones
/// before them, of earlier blocks, too. Not thread-safe; reusable after finish().
class BlockBuilder {
 public:
  explicit BlockBuilder(PageOptions options = {}) : options_(options) {}

  /// Begins a chunk; its `first_page` and `pages` are filled in here.
  void begin_chunk(ChunkHead head);

  /// Adds a page to the chunk begun last. Returns its size in bytes.
  std::size_t add(ColumnId column, ColumnType type, std::span<const std::int64_t> cells,
                  const TextPool* texts = nullptr);

  bool empty() const { return chunks_.empty(); }
  std::size_t bytes() const { return body_.size(); }  // of pages so far
  std::span<const ChunkHead> chunks() const { return chunks_; }

  /// The block's value for `key`; the builder is empty afterwards.
  Bytes finish(ByteSpan key);

 private:
  PageOptions options_;
  std::vector<ChunkHead> chunks_;
  std::vector<PageHead> pages_;
  Bytes body_;
  std::map<std::pair<ColumnId, ColumnType>, PageMemory> memory_;
};

/// A block's value, its header checked. A view: the value must outlive it. Thread-safe.
class Block {
 public:
  /// Throws Error(kCorrupt) naming `file` and the key when the header is not what was written under
  /// this key.
  Block(ByteSpan key, ByteSpan value, std::string_view file);

  std::span<const ChunkHead> chunks() const { return chunks_; }
  std::span<const PageHead> pages(const ChunkHead& chunk) const {
    return std::span(pages_).subspan(chunk.first_page, chunk.pages);
  }
  /// Null when the chunk has no such column.
  const PageHead* find(const ChunkHead& chunk, ColumnId column) const;

  /// Decodes a page into `cells` (resized); texts are appended to `texts`. Throws Error(kCorrupt)
  /// naming file, key and column.
  void read(const PageHead& page, std::vector<std::int64_t>& cells,
            TextPool* texts = nullptr) const;

  /// read() of a column that may be absent: false, and `cells` untouched, when it is.
  bool read(const ChunkHead& chunk, ColumnId column, std::vector<std::int64_t>& cells,
            TextPool* texts = nullptr) const;

 private:
  [[noreturn]] void corrupt(std::string_view what) const;

  std::string file_;
  ByteSpan key_;
  ByteSpan body_;
  std::vector<ChunkHead> chunks_;
  std::vector<PageHead> pages_;
};

}  // namespace anam
