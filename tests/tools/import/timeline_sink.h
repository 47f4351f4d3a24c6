// SPDX-License-Identifier: Apache-2.0
// A sink that keeps what an importer gives it, as readable rows.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "storage/attributes.h"
#include "storage/calendar.h"
#include "storage/decimal.h"
#include "tools/import/row_writer.h"

namespace anam {

/// A directory that is removed with everything in it.
class TestDirectory {
 public:
  TestDirectory() {
    static std::atomic<int> count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("anam_import_test_" + std::to_string(::getpid()) + "_" + std::to_string(++count));
    std::filesystem::create_directories(path_);
  }
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// "condition ICD9CM:250.00 2008-01-31 position=1": a row without its patient.
struct TimelineRow {
  std::string patient;
  Domain domain = Domain::kNone;
  std::string code;                          // "VOCABULARY:CODE", or empty
  std::string day;                           // or empty
  std::map<std::string, std::string> cells;  // by attribute name; keys as their 64-bit numbers

  bool operator<(const TimelineRow& other) const {
    return std::tie(patient, day, domain, code, cells) <
           std::tie(other.patient, other.day, other.domain, other.code, other.cells);
  }
  std::string text() const {
    std::string text(domain_name(domain));
    if (!code.empty()) text += " " + code;
    if (!day.empty()) text += " " + day;
    for (const auto& [name, value] : cells) text += " " + name + "=" + value;
    return text;
  }
};

class TimelineSink final : public ImportSink {
 public:
  /// `only_sums`: for large inputs, rows are counted and added up but not kept.
  explicit TimelineSink(bool only_sums = false) : only_sums_(only_sums) {}

  CodeId code(std::string_view vocabulary, std::string_view code) override {
    const std::lock_guard lock(mutex_);
    const std::string text = std::string(vocabulary) + ":" + std::string(code);
    const auto [found, added] = ids_.try_emplace(text, static_cast<CodeId>(codes_.size() + 1));
    if (added) codes_.push_back(text);
    return found->second;
  }
  ColumnId attribute(std::string_view name, ColumnType type) override {
    if (const AttributeInfo* info = find_builtin_attribute(name)) return info->id;
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < local_.size(); ++i) {
      if (local_[i].first == name) return static_cast<ColumnId>(column::kFirstLocalColumn + i);
    }
    local_.emplace_back(name, type);
    return static_cast<ColumnId>(column::kFirstLocalColumn + local_.size() - 1);
  }
  void define(CodeId code, const CodeDefinition& definition) override {
    definitions[codes_[code - 1]] = definition;
  }
  void add_descendant(CodeId ancestor, CodeId descendant) override {
    descendants.emplace(codes_[ancestor - 1], codes_[descendant - 1]);
  }
  void add_mapping(CodeId source, CodeId standard) override {
    mappings.emplace(codes_[source - 1], codes_[standard - 1]);
  }
  void replace_hierarchy() override { descendants.clear(); }
  std::filesystem::path scratch() const override { return directory_.path(); }

  void add(EventBatch&& batch) override {
    const std::lock_guard lock(mutex_);
    for (const std::int64_t packed : batch.domain_codes()) ++counts[domain_of(packed)];
    for (const EventBatch::Column& column : batch.columns()) {
      if (column.id != column::kPaid) continue;
      for (const std::int64_t cents : column.cells) paid += cents == kNull ? 0 : cents;
    }
    if (only_sums_) return;
    for (std::size_t i = 0; i < batch.rows(); ++i) {
      TimelineRow row;
      const std::int64_t packed = batch.domain_codes()[i];
      row.domain = domain_of(packed);
      if (code_of(packed) != kNoCode) row.code = codes_[code_of(packed) - 1];
      if (batch.days()[i] != kNull) row.day = format_day(static_cast<Day>(batch.days()[i]));
      if (batch.patients()[i] != kNull) row.patient = std::to_string(batch.patients()[i]);
      for (const EventBatch::Column& column : batch.columns()) {
        const std::int64_t cell = i < column.cells.size() ? column.cells[i] : kNull;
        if (cell == kNull) continue;
        if (column.id == column::kPatientText) {
          row.patient = batch.texts().at(cell);
        } else {
          row.cells[name_of(column.id)] = text_of(column.id, cell, batch);
        }
      }
      rows.push_back(std::move(row));
    }
  }

  /// Rows of one patient as texts, sorted by day, domain, code, cells.
  std::vector<std::string> timeline(const std::string& patient) {
    std::sort(rows.begin(), rows.end());
    std::vector<std::string> texts;
    for (const TimelineRow& row : rows) {
      if (row.patient == patient) texts.push_back(row.text());
    }
    return texts;
  }

  std::vector<TimelineRow> rows;
  std::map<std::string, CodeDefinition> definitions;
  std::set<std::pair<std::string, std::string>> descendants;
  std::set<std::pair<std::string, std::string>> mappings;
  std::map<Domain, std::uint64_t> counts;
  std::int64_t paid = 0;  // cents

 private:
  static const AttributeInfo* info_of(ColumnId id) { return find_builtin_attribute(id); }

  std::string name_of(ColumnId id) const {
    switch (id) {
      case column::kSecond:
        return "second";
      case column::kEndDay:
        return "end";
      case column::kEndSecond:
        return "end_second";
      case column::kVisitKey:
        return "visit_key";
      case column::kVisitDetailKey:
        return "visit_detail_key";
      case column::kClaimKey:
        return "claim_key";
      case column::kRecordKey:
        return "record_key";
      default:
        break;
    }
    if (id >= column::kFirstLocalColumn) return local_[id - column::kFirstLocalColumn].first;
    const AttributeInfo* info = info_of(id);
    return info != nullptr ? std::string(info->name) : std::to_string(id);
  }

  std::string text_of(ColumnId id, std::int64_t cell, const EventBatch& batch) const {
    if (id == column::kEndDay) return format_day(static_cast<Day>(cell));
    ColumnType type = ColumnType::kInt;
    if (id >= column::kFirstLocalColumn) {
      type = local_[id - column::kFirstLocalColumn].second;
    } else if (const AttributeInfo* info = info_of(id)) {
      type = info->type;
    }
    switch (type) {
      case ColumnType::kInt:
        break;
      case ColumnType::kMoney:
        return format_cents(cell);
      case ColumnType::kDecimal:
        return format_decimal(cell);
      case ColumnType::kCode:
        return codes_[static_cast<std::size_t>(cell) - 1];
      case ColumnType::kText:
        return std::string(batch.texts().at(cell));
    }
    return std::to_string(cell);
  }

  const bool only_sums_;
  std::mutex mutex_;
  TestDirectory directory_;
  std::map<std::string, CodeId> ids_;
  std::vector<std::string> codes_;
  std::vector<std::pair<std::string, ColumnType>> local_;
};

}  // namespace anam
