// SPDX-License-Identifier: Apache-2.0
// Rows in memory, column by column, while they are partitioned and sorted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "ingest/event_batch.h"
#include "storage/block.h"

namespace anam {

/// The type of any column that a load meets.
using ColumnTypes = std::function<ColumnType(ColumnId)>;

/// Columns of equal length that grow row by row. Not thread-safe.
class RowBuffer {
 public:
  struct Column {
    ColumnId id;
    ColumnType type;
    std::vector<std::int64_t> cells;  // shorter than rows(): the rest is null (see pad())
  };

  explicit RowBuffer(ColumnTypes types) : types_(std::move(types)) {}

  /// Appends the rows of `batch` with these indices.
  void append(const EventBatch& batch, std::span<const std::uint32_t> rows);
  /// Appends all rows of a frame written by write().
  void append(const Block& frame);
  /// Appends the rows of `other` with these indices.
  void append(const RowBuffer& other, std::span<const std::uint32_t> rows);

  /// Keeps these rows, in this order.
  void permute(std::span<const std::uint32_t> rows);

  /// Writes all rows as one block and forgets them.
  Bytes write(ByteSpan key);

  /// Makes room for that many rows at once.
  void reserve(std::size_t rows) { reserved_ = rows; }

  std::size_t rows() const { return rows_; }
  std::size_t bytes() const;       // of memory held
  std::size_t used_bytes() const;  // of the rows
  void clear();                    // forgets the rows and keeps the memory
  void release();                  // gives the memory back, too

  /// The column, padded with nulls to rows(); null when no row has it.
  const std::vector<std::int64_t>* find(ColumnId id);
  /// The column, made when absent, padded. Making one moves the others: what pointed to them no
  /// longer does.
  std::vector<std::int64_t>& column(ColumnId id);
  /// All columns, padded, by id.
  std::span<Column> columns();
  const TextPool& texts() const { return texts_; }

 private:
  Column& slot(ColumnId id);
  /// Appends cells of a column; the caller counts the rows.
  void take(ColumnId id, std::span<const std::int64_t> from, const TextPool& texts,
            std::span<const std::uint32_t> rows);

  ColumnTypes types_;
  std::size_t rows_ = 0;
  std::size_t reserved_ = 0;
  std::vector<Column> columns_;  // by id
  TextPool texts_;
};

}  // namespace anam
