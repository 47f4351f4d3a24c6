// SPDX-License-Identifier: Apache-2.0
// One encoded column of a chunk, of a page of postings, or of a spill block.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "storage/bytes.h"
#include "storage/text_pool.h"

namespace anam {

/// A cell without a value, in every column.
inline constexpr std::int64_t kNull = std::numeric_limits<std::int64_t>::min();

/// What the 64-bit cells of a column mean. On-disk ids: never renumber.
enum class ColumnType : std::uint8_t {
  kInt = 1,      // a number, a day, a count
  kMoney = 2,    // cents
  kDecimal = 3,  // a packed decimal, see storage/decimal.h
  kCode = 4,     // a code id
  kText = 5,     // an index into a TextPool
};

/// How hard to try. Spill blocks are written for speed, stored pages for size.
struct PageOptions {
  bool zstd =
      true;  // compress with zstd where it gains at least 1/32: costs about five times the encoding
  int zstd_level = 1;
  bool thorough =
      true;  // try differences, dictionaries and run lengths; without it, no zstd either
};

/// Appends the page of `cells` to `out`. kNull cells are kept apart (a bit each, themselves
/// encoded); a page of a text column holds each distinct text once, sorted. `texts` is read for
/// kText only and may otherwise be null.
void encode_column(ColumnType type, std::span<const std::int64_t> cells, const TextPool* texts,
                   const PageOptions& options, Bytes& out);

/// Decodes a page of exactly cells.size() cells from exactly `page`. Texts are appended to `texts`
/// (each distinct text of the page once) and the cells are their indices. Throws Error(kCorrupt)
/// for bytes that are no such page.
void decode_column(ColumnType type, ByteSpan page, std::span<std::int64_t> cells, TextPool* texts);

}  // namespace anam
