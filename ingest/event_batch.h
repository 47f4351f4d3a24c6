// SPDX-License-Identifier: Apache-2.0
// Rows on their way from an importer into a load: columns of 64-bit cells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "storage/event.h"
#include "storage/text_pool.h"

namespace anam {

/// Collects rows: events, rows about persons (Domain::kPerson), and amendments of events
/// (column::kAmends).
///
/// Every row begins with its patient, domain, code and day; set() adds the cells that it has. A
/// batch is filled by one thread and then moved into Load::add(). A good size is kFull rows.
///
///   batch.begin(patient_id, Domain::kDrug, load.code("NDC", "00093104801"), day);
///   batch.set(column::kDaysSupply, 30);
///   if (batch.rows() >= EventBatch::kFull) load.add(std::move(batch)), batch = EventBatch();
class EventBatch {
 public:
  static constexpr std::size_t kFull = 32768;

  /// Starts a row. A patient is named by a plain integer or by text; text that reads as one ("17",
  /// "-3"; not "017" or "+5") is the same patient as the integer. `day` is kNull for rows about
  /// persons and for amendments.
  void begin(std::int64_t patient, Domain domain, CodeId code, std::int64_t day);
  void begin(std::string_view patient, Domain domain, CodeId code, std::int64_t day);

  /// Sets a cell of the current row; kNull does nothing. The cell's meaning is the column's type
  /// (column_page.h).
  void set(ColumnId column, std::int64_t cell);
  /// Sets a cell of a text column; empty text does nothing.
  void set_text(ColumnId column, std::string_view text);
  /// Sets a key column (visit, claim) from an outside id that may be any text; empty text does
  /// nothing.
  void set_key(ColumnId column, std::string_view id);

  std::size_t rows() const { return patient_.size(); }
  bool empty() const { return patient_.empty(); }

  /// One column that has at least one cell. `cells` may be shorter than rows(): the rest is null.
  struct Column {
    ColumnId id;
    std::vector<std::int64_t> cells;
  };

  std::span<const std::int64_t> patients() const { return patient_; }  // kNull: see kPatientText
  std::span<const std::int64_t> days() const { return day_; }
  std::span<const std::int64_t> domain_codes() const { return domain_code_; }  // as column::kCode
  std::span<const Column> columns() const { return columns_; }  // the rest, in no order
  const TextPool& texts() const { return texts_; }

 private:
  Column& find(ColumnId column);

  std::vector<std::int64_t> patient_;
  std::vector<std::int64_t> day_;
  std::vector<std::int64_t> domain_code_;
  std::vector<Column> columns_;
  std::vector<std::int16_t> slot_;  // column id -> index into columns_, -1 = none
  TextPool texts_;
};

/// The 64-bit key of an outside id: the integer itself where it reads as one, else a hash of the
/// text.
std::int64_t key_of(std::string_view id);

}  // namespace anam
