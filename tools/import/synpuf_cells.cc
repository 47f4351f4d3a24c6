// SPDX-License-Identifier: Apache-2.0
#include "tools/import/synpuf_cells.h"

#include <algorithm>

#include "ingest/csv/field.h"
#include "storage/decimal.h"

namespace anam {

CellPicker::CellPicker(InputTable& table, std::span<const CellRun> runs,
                       std::span<const KeptColumn> keep)
    : table_(table) {
  for (const CellRun& run : runs) {
    if (run.count == 1) {
      inputs_.push_back(table.want(run.name));
      continue;
    }
    for (std::size_t i = 1; i <= run.count; ++i) {
      inputs_.push_back(table.want(std::string(run.name) + "_" + std::to_string(i)));
    }
  }
  for (const KeptColumn& column : keep) inputs_.push_back(table.want(column.name));
}

void CellPicker::pick(std::size_t row, std::vector<std::string_view>& cells) const {
  cells.resize(inputs_.size());
  for (std::size_t i = 0; i < inputs_.size(); ++i) cells[i] = table_.cell(inputs_[i], row);
}

void CellPicker::reject(std::size_t row, std::size_t cell, std::string_view reason) {
  table_.reject(row, inputs_[cell].value_or(0), reason);
}

std::int64_t CellReader::wrong(std::size_t cell, const char* reason) {
  if (reason_ == nullptr) {
    wrong_ = cell;
    reason_ = reason;
  }
  return kNull;
}

std::string_view CellReader::needed_text(std::size_t cell, const char* missing) {
  if (cells_[cell].empty()) wrong(cell, missing);
  return cells_[cell];
}

std::int64_t CellReader::day(std::size_t cell) {
  if (cells_[cell].empty()) return kNull;
  const std::optional<std::int32_t> day = parse_day(cells_[cell]);
  return day ? *day : wrong(cell, "not a date (YYYYMMDD)");
}

std::int64_t CellReader::cents(std::size_t cell) {
  if (cells_[cell].empty()) return kNull;
  const std::optional<std::int64_t> cents = parse_cents(cells_[cell]);
  return cents ? *cents : wrong(cell, "not an amount of money");
}

std::int64_t CellReader::integer(std::size_t cell) {
  if (cells_[cell].empty()) return kNull;
  const std::optional<std::int64_t> number = parse_int64(cells_[cell]);
  return number ? *number : wrong(cell, "not an integer");
}

std::int64_t CellReader::decimal(std::size_t cell) {
  if (cells_[cell].empty()) return kNull;
  const std::optional<PackedDecimal> number = parse_decimal(cells_[cell]);
  return number ? *number : wrong(cell, "not a number");
}

std::int64_t add_amounts(std::int64_t a, std::int64_t b) {
  if (a == kNull) return b;
  if (b == kNull) return a;
  return a + b;
}

std::int64_t later_day(std::int64_t a, std::int64_t b) { return std::max(a, b); }

std::int64_t earlier_day(std::int64_t a, std::int64_t b) {
  if (a == kNull) return b;
  if (b == kNull) return a;
  return std::min(a, b);
}

}  // namespace anam
