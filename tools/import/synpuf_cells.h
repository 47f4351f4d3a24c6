// SPDX-License-Identifier: Apache-2.0
// Rows of claims as cells in a fixed order, whatever the order of a file's columns, and their
// values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/column_page.h"
#include "storage/event.h"
#include "tools/import/attribute_cell.h"
#include "tools/import/input_table.h"

namespace anam {

/// A named column or a run of numbered ones ("hcpcs_cd_1", "hcpcs_cd_2", ...).
struct CellRun {
  std::string_view name;  // lower case; of a run without its number
  std::size_t first = 0;  // cell
  std::size_t count = 1;
};

/// Picks the cells of a file's rows. Columns that the file lacks give empty cells.
class CellPicker {
 public:
  /// Chooses the columns from the file; `keep` follow behind those of `runs`.
  CellPicker(InputTable& table, std::span<const CellRun> runs, std::span<const KeptColumn> keep);

  /// Replaces `cells`. Valid until the table's next().
  void pick(std::size_t row, std::vector<std::string_view>& cells) const;
  /// Rejects a row because of one cell.
  void reject(std::size_t row, std::size_t cell, std::string_view reason);

 private:
  InputTable& table_;
  std::vector<std::optional<std::size_t>> inputs_;
};

/// Reads the values of one row's cells; the first one that is wrong stays known.
class CellReader {
 public:
  explicit CellReader(std::span<const std::string_view> cells) : cells_(cells) {}

  std::string_view text(std::size_t cell) const { return cells_[cell]; }
  std::string_view needed_text(std::size_t cell, const char* missing);
  /// kNull for an empty cell (and a wrong one).
  std::int64_t day(std::size_t cell);
  std::int64_t cents(std::size_t cell);
  std::int64_t integer(std::size_t cell);
  std::int64_t decimal(std::size_t cell);

  bool good() const { return reason_ == nullptr; }
  std::size_t wrong_cell() const { return wrong_; }
  const char* reason() const { return reason_; }

 private:
  std::int64_t wrong(std::size_t cell, const char* reason);

  std::span<const std::string_view> cells_;
  std::size_t wrong_ = 0;
  const char* reason_ = nullptr;
};

/// a + b, where kNull is nothing.
std::int64_t add_amounts(std::int64_t a, std::int64_t b);

/// The later of two days, and the earlier; kNull is none.
std::int64_t later_day(std::int64_t a, std::int64_t b);
std::int64_t earlier_day(std::int64_t a, std::int64_t b);

}  // namespace anam
