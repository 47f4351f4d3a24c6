// SPDX-License-Identifier: Apache-2.0
// Cells of input that become attributes: kept columns, numbers, money, codes, texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/event_batch.h"
#include "storage/column_page.h"
#include "storage/event.h"
#include "tools/import/code_cache.h"
#include "tools/import/input_table.h"

namespace anam {

/// A column that the user wants kept as an attribute: --keep NAME[:int|decimal|money|code|text].
struct KeptColumn {
  std::string name;  // lower case: of the column and of the attribute
  ColumnType type = ColumnType::kText;
};

/// Reads ImportOptions::keep. Throws Error(kUsage) for an unknown type, an empty or repeated name.
std::vector<KeptColumn> parse_kept_columns(const std::vector<std::string>& keep);

/// One column of a file that fills one attribute. Reading is split in two, so that a row is begun
/// only when all its cells are good.
class AttributeColumn {
 public:
  /// `day`: the column holds dates and is stored as days since 1970-01-01. `vocabulary` is that of
  /// bare codes; `sink` must outlive it.
  AttributeColumn(std::size_t input, ColumnId id, ColumnType type, std::string_view vocabulary,
                  ImportSink& sink, bool day = false);

  std::size_t input() const { return input_; }

  /// Reads a cell, kept until the next parse(). Returns why it cannot be read, or null. Remarks
  /// (such as "rounded to cents") are counted in `report`.
  const char* parse(std::string_view text, FileReport& report);
  /// Adds the cell read last to the row begun last; nothing where it was empty.
  void set(EventBatch& batch) const;

 private:
  std::size_t input_;
  ColumnId id_;
  ColumnType type_;
  bool day_;
  CodeCache codes_;
  std::int64_t cell_ = kNull;
  std::string_view text_;
};

}  // namespace anam
