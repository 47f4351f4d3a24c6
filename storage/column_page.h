// SPDX-License-Identifier: Apache-2.0
// One encoded column of a chunk, of a page of postings, or of a spill block.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "storage/bytes.h"
#include "storage/stream.h"
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

/// How the streams of a column's page before were written: nulls, values or parts of them.
using PageMemory = std::array<StreamMemory, 4>;

/// Appends the page of `cells` to `out`. kNull cells are kept apart (a bit each, themselves
/// encoded); a page of a text column holds each distinct text once, sorted. `texts` is read for
/// kText only and may otherwise be null. With `memory`, of this column and type alone, the page is
/// written like the one before it (storage/stream.h).
void encode_column(ColumnType type, std::span<const std::int64_t> cells, const TextPool* texts,
                   const PageOptions& options, Bytes& out, PageMemory* memory = nullptr);

/// Decodes a page of exactly cells.size() cells from exactly `page`. Texts are appended to `texts`
/// (each distinct text of the page once) and the cells are their indices. Throws Error(kCorrupt)
/// for bytes that are no such page.
void decode_column(ColumnType type, ByteSpan page, std::span<std::int64_t> cells, TextPool* texts);

}  // namespace anam
