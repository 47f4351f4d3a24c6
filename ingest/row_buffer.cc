// SPDX-License-Identifier: Apache-2.0
#include "ingest/row_buffer.h"

#include <algorithm>

namespace anam {

RowBuffer::Column& RowBuffer::slot(ColumnId id) {
  auto at = std::ranges::lower_bound(columns_, id, {}, &Column::id);
  if (at == columns_.end() || at->id != id) {
    at = columns_.insert(at, Column{id, types_(id), {}});
    at->cells.reserve(reserved_);
  }
  return *at;
}

void RowBuffer::take(ColumnId id, std::span<const std::int64_t> from, const TextPool& texts,
                     std::span<const std::uint32_t> rows) {
  Column& to = slot(id);
  to.cells.resize(rows_, kNull);
  to.cells.resize(rows_ + rows.size());
  std::int64_t* const cells = to.cells.data() + rows_;
  for (std::size_t i = 0; i < rows.size(); ++i)
    cells[i] = rows[i] < from.size() ? from[rows[i]] : kNull;
  if (to.type != ColumnType::kText) return;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (cells[i] != kNull) cells[i] = texts_.add(texts.at(cells[i]));
  }
}

void RowBuffer::append(const EventBatch& batch, std::span<const std::uint32_t> rows) {
  take(column::kPatient, batch.patients(), batch.texts(), rows);
  take(column::kDay, batch.days(), batch.texts(), rows);
  take(column::kCode, batch.domain_codes(), batch.texts(), rows);
  for (const EventBatch::Column& column : batch.columns())
    take(column.id, column.cells, batch.texts(), rows);
  rows_ += rows.size();
}

void RowBuffer::append(const RowBuffer& other, std::span<const std::uint32_t> rows) {
  for (const Column& from : other.columns_) take(from.id, from.cells, other.texts_, rows);
  rows_ += rows.size();
}

void RowBuffer::append(const Block& frame) {
  std::vector<std::int64_t> cells;
  for (const ChunkHead& head : frame.chunks()) {
    for (const PageHead& page : frame.pages(head)) {
      if (page.cells != head.rows)
        fail(ErrorCode::kCorrupt, "column of a spill frame has the wrong length");
      Column& to = slot(page.column);
      to.cells.resize(rows_, kNull);
      frame.read(page, cells, &texts_);
      to.cells.insert(to.cells.end(), cells.begin(), cells.end());
    }
    rows_ += head.rows;
  }
}

void RowBuffer::permute(std::span<const std::uint32_t> rows) {
  std::vector<std::int64_t> moved;
  for (Column& column : columns()) {
    moved.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) moved[i] = column.cells[rows[i]];
    column.cells.swap(moved);
  }
  rows_ = rows.size();
}

Bytes RowBuffer::write(ByteSpan key) {
  BlockBuilder block(PageOptions{.zstd = false, .thorough = false});
  block.begin_chunk({.rows = static_cast<std::uint32_t>(rows_)});
  for (const Column& column : columns()) {
    if (std::ranges::all_of(column.cells, [](std::int64_t cell) { return cell == kNull; }))
      continue;
    block.add(column.id, column.type, column.cells, &texts_);
  }
  clear();
  return block.finish(key);
}

std::size_t RowBuffer::bytes() const {
  std::size_t bytes = texts_.bytes();
  for (const Column& column : columns_) bytes += column.cells.capacity() * sizeof(std::int64_t);
  return bytes;
}

std::size_t RowBuffer::used_bytes() const {
  std::size_t bytes = texts_.bytes();
  for (const Column& column : columns_) bytes += column.cells.size() * sizeof(std::int64_t);
  return bytes;
}

void RowBuffer::release() {
  columns_.clear();
  texts_ = TextPool();
  rows_ = 0;
}

void RowBuffer::clear() {
  for (Column& column : columns_) column.cells.clear();
  texts_.clear();
  rows_ = 0;
}

const std::vector<std::int64_t>* RowBuffer::find(ColumnId id) {
  const auto at = std::ranges::lower_bound(columns_, id, {}, &Column::id);
  if (at == columns_.end() || at->id != id || at->cells.empty()) return nullptr;
  at->cells.resize(rows_, kNull);
  return &at->cells;
}

std::vector<std::int64_t>& RowBuffer::column(ColumnId id) {
  Column& column = slot(id);
  column.cells.resize(rows_, kNull);
  return column.cells;
}

std::span<RowBuffer::Column> RowBuffer::columns() {
  for (Column& column : columns_) column.cells.resize(rows_, kNull);
  return columns_;
}

}  // namespace anam
