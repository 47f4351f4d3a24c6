// SPDX-License-Identifier: Apache-2.0
#include "tools/import/attribute_cell.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ingest/csv/field.h"
#include "storage/decimal.h"
#include "storage/error.h"

namespace anam {
namespace {

constexpr std::array<std::pair<std::string_view, ColumnType>, 5> kTypes = {{
    {"int", ColumnType::kInt},
    {"decimal", ColumnType::kDecimal},
    {"money", ColumnType::kMoney},
    {"code", ColumnType::kCode},
    {"text", ColumnType::kText},
}};

}  // namespace

std::vector<KeptColumn> parse_kept_columns(const std::vector<std::string>& keep) {
  std::vector<KeptColumn> columns;
  for (const std::string& text : keep) {
    KeptColumn column;
    const std::size_t colon = text.rfind(':');
    column.name = text.substr(0, colon);
    for (char& c : column.name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (colon != std::string::npos) {
      const std::string_view type = std::string_view(text).substr(colon + 1);
      const auto* found =
          std::ranges::find(kTypes, type, &std::pair<std::string_view, ColumnType>::first);
      if (found == kTypes.end()) {
        fail(ErrorCode::kUsage, "--keep knows the types int, decimal, money, code and text", text);
      }
      column.type = found->second;
    }
    if (column.name.empty()) fail(ErrorCode::kUsage, "--keep lacks a column's name", text);
    if (std::ranges::find(columns, column.name, &KeptColumn::name) != columns.end()) {
      fail(ErrorCode::kUsage, "--keep names a column twice", column.name);
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

AttributeColumn::AttributeColumn(std::size_t input, ColumnId id, ColumnType type,
                                 std::string_view vocabulary, ImportSink& sink, bool day)
    : input_(input), id_(id), type_(type), day_(day), codes_(sink, std::string(vocabulary)) {}

const char* AttributeColumn::parse(std::string_view text, FileReport& report) {
  cell_ = kNull;
  text_ = {};
  if (text.empty()) return nullptr;
  bool rounded = false;
  switch (type_) {
    case ColumnType::kInt:
      if (day_) {
        const std::optional<std::int32_t> day = parse_day(text);
        if (!day) return "not a date (YYYY-MM-DD)";
        cell_ = *day;
      } else {
        const std::optional<std::int64_t> number = parse_int64(text);
        if (!number) return "not an integer";
        cell_ = *number;
      }
      return nullptr;
    case ColumnType::kMoney: {
      const std::optional<std::int64_t> cents = parse_cents(text, &rounded);
      if (!cents) return "not an amount of money";
      if (rounded) ++report.noted["rounded to cents"];
      cell_ = *cents;
      return nullptr;
    }
    case ColumnType::kDecimal: {
      const std::optional<PackedDecimal> number = parse_decimal(text, &rounded);
      if (!number) return "not a number";
      if (rounded) ++report.noted["rounded to 17 digits"];
      cell_ = *number;
      return nullptr;
    }
    case ColumnType::kCode: {
      const CodeId code = codes_.id_of_reference(text);
      if (code == kNoCode) return "not a code; write VOCABULARY:CODE";
      cell_ = code;
      return nullptr;
    }
    case ColumnType::kText:
      text_ = text;
      return nullptr;
  }
  return nullptr;
}

void AttributeColumn::set(EventBatch& batch) const {
  if (type_ == ColumnType::kText) {
    batch.set_text(id_, text_);
  } else {
    batch.set(id_, cell_);
  }
}

}  // namespace anam
