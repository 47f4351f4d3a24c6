// SPDX-License-Identifier: Apache-2.0
// What an importer says, kept as readable text.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "storage/attributes.h"
#include "storage/calendar.h"
#include "storage/decimal.h"
#include "tools/import/import_sink.h"

namespace anam::test {

/// A row: its cells by name, as text. "patient", "domain", "code" and "day" are among them.
using RecordedRow = std::map<std::string, std::string>;

class RecordingSink final : public ImportSink {
 public:
  explicit RecordingSink(std::filesystem::path directory) : directory_(std::move(directory)) {}

  CodeId code(std::string_view vocabulary, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    const std::string name = std::string(vocabulary) + ":" + std::string(text);
    const auto [at, fresh] = codes_.emplace(name, static_cast<CodeId>(names_.size()));
    if (fresh) names_.push_back(name);
    return at->second;
  }
  ColumnId attribute(std::string_view name, ColumnType type) override {
    if (const AttributeInfo* known = find_builtin_attribute(name)) return known->id;
    const auto id = static_cast<ColumnId>(column::kFirstLocalColumn + local_.size());
    local_.push_back({std::string(name), type});
    return id;
  }
  void define(CodeId code, const CodeDefinition& definition) override {
    definitions[name_of(code)] = definition;
  }
  void add_descendant(CodeId ancestor, CodeId descendant) override {
    hierarchy.push_back(name_of(ancestor) + ">" + name_of(descendant));
  }
  void add_mapping(CodeId source, CodeId standard) override {
    hierarchy.push_back(name_of(source) + "=" + name_of(standard));
  }
  void replace_hierarchy() override { hierarchy.assign(1, "replaced"); }
  void add(EventBatch&& batch) override {
    const std::lock_guard lock(mutex_);
    for (std::size_t row = 0; row < batch.rows(); ++row) rows.push_back(text_of(batch, row));
  }
  std::filesystem::path scratch() const override { return directory_; }

  /// Rows of one domain (of "person" and "amendment" too), in an order of their own.
  std::vector<RecordedRow> of(const std::string& domain) const {
    std::vector<RecordedRow> found;
    for (const RecordedRow& row : rows) {
      if (row.at("domain") == domain) found.push_back(row);
    }
    std::ranges::sort(found);
    return found;
  }

  std::vector<RecordedRow> rows;
  std::map<std::string, CodeDefinition> definitions;
  std::vector<std::string> hierarchy;

 private:
  std::string name_of(CodeId code) const { return names_[code]; }

  RecordedRow text_of(const EventBatch& batch, std::size_t row) const {
    RecordedRow result;
    const std::int64_t code = batch.domain_codes()[row];
    result["patient"] = std::to_string(batch.patients()[row]);
    result["domain"] = domain_name(domain_of(code));
    result["code"] = name_of(code_of(code));
    const std::int64_t day = batch.days()[row];
    if (day != kNull) result["day"] = format_day(static_cast<std::int32_t>(day));
    for (const EventBatch::Column& column : batch.columns()) {
      if (row >= column.cells.size() || column.cells[row] == kNull) continue;
      const auto [name, text] = text_of(column.id, column.cells[row], batch.texts());
      result[name] = text;
    }
    if (result.contains("amends")) result["domain"] = "amendment";
    return result;
  }

  std::pair<std::string, std::string> text_of(ColumnId id, std::int64_t cell,
                                              const TextPool& texts) const {
    const auto day = [&] { return format_day(static_cast<std::int32_t>(cell)); };
    switch (id) {
      case column::kSecond:
        return {"second", format_second(static_cast<std::int32_t>(cell))};
      case column::kEndDay:
        return {"end_day", day()};
      case column::kEndSecond:
        return {"end_second", format_second(static_cast<std::int32_t>(cell))};
      case column::kVerbatimEnd:
        return {"verbatim_end", day()};
      case column::kVisitKey:
        return {"visit_key", std::to_string(cell)};
      case column::kSequence:
        return {"sequence", std::to_string(cell)};
      case column::kVisitDetailKey:
        return {"visit_detail_key", std::to_string(cell)};
      case column::kRecordKey:
        return {"record_key", std::to_string(cell)};
      case column::kAmends:
        return {"amends", std::string(domain_name(static_cast<Domain>(cell)))};
      default:
        break;
    }
    std::string name;
    ColumnType type;
    if (id >= column::kFirstLocalColumn) {
      name = local_.at(id - column::kFirstLocalColumn).first;
      type = local_.at(id - column::kFirstLocalColumn).second;
    } else {
      const AttributeInfo* known = find_builtin_attribute(id);
      if (known == nullptr) return {"column " + std::to_string(id), std::to_string(cell)};
      name = known->name;
      type = known->type;
    }
    switch (type) {
      case ColumnType::kInt:
        return {name, std::to_string(cell)};
      case ColumnType::kMoney:
        return {name, format_cents(cell)};
      case ColumnType::kDecimal:
        return {name, format_decimal(cell)};
      case ColumnType::kCode:
        return {name, name_of(static_cast<CodeId>(cell))};
      case ColumnType::kText:
        return {name, std::string(texts.at(cell))};
    }
    return {name, "?"};
  }

  std::filesystem::path directory_;
  std::mutex mutex_;
  std::map<std::string, CodeId> codes_;
  std::vector<std::string> names_ = {"-"};
  std::vector<std::pair<std::string, ColumnType>> local_;
};

}  // namespace anam::test
