// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/timeline_fields.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "storage/attributes.h"
#include "storage/calendar.h"
#include "storage/decimal.h"
#include "storage/error.h"
#include "tools/anam/command_line.h"

namespace anam::cli {
namespace {

using Kind = TimelineField::Kind;

TimelineField fixed(const char* name, Kind kind, ColumnId column = 0,
                    ColumnType type = ColumnType::kInt) {
  return {name, kind, column, type, ""};
}

// In the order of output.
std::vector<TimelineField> event_fields() {
  return {fixed("date", Kind::kDate),
          fixed("time", Kind::kTime, column::kSecond),
          fixed("end_date", Kind::kEndDate, column::kEndDay),
          fixed("end_time", Kind::kEndTime, column::kEndSecond),
          fixed("domain", Kind::kDomain),
          fixed("vocabulary", Kind::kVocabulary),
          fixed("code", Kind::kCode),
          fixed("source_vocabulary", Kind::kSourceVocabulary, column::kSourceCode),
          fixed("source_code", Kind::kSourceCode, column::kSourceCode),
          fixed("source", Kind::kSource, column::kSource),
          fixed("visit", Kind::kCell, column::kVisit),
          fixed("visit_detail", Kind::kCell, column::kVisitDetail),
          fixed("claim", Kind::kCell, column::kClaim)};
}

TimelineField attribute_field(const StoreReader::Attribute& attribute) {
  TimelineField field;
  field.name = attribute.name;
  field.column = attribute.id;
  field.type = attribute.type;
  if (const AttributeInfo* info = find_builtin_attribute(attribute.id))
    field.vocabulary = info->vocabulary;
  return field;
}

bool is_attribute(ColumnId column) {
  return column >= column::kFirstAttribute || column == column::kRecord;
}

}  // namespace

std::vector<TimelineField> all_fields(const StoreReader& reader) {
  std::set<ColumnId> present;
  for (std::uint32_t shard = 0; shard < reader.shards(); ++shard) {
    for (const auto& file : reader.shard_files(shard)) {
      for (const auto& [column, bytes] : file.header.column_bytes) present.insert(column);
    }
  }
  std::vector<TimelineField> fields = event_fields();
  std::erase_if(fields, [&](const TimelineField& field) {
    return field.column == column::kVisitDetail && !present.contains(field.column);
  });
  std::vector<TimelineField> attributes;
  for (const ColumnId column : present) {
    if (!is_attribute(column)) continue;
    if (const auto attribute = reader.find_attribute(column))
      attributes.push_back(attribute_field(*attribute));
  }
  std::ranges::sort(attributes, {}, &TimelineField::name);
  fields.insert(fields.end(), attributes.begin(), attributes.end());
  return fields;
}

std::vector<TimelineField> choose_fields(const StoreReader& reader, const std::string& names) {
  std::vector<TimelineField> known = event_fields();
  known.push_back(fixed("name", Kind::kName));
  std::vector<TimelineField> fields;
  std::size_t begin = 0;
  while (begin <= names.size()) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    const std::string name = names.substr(begin, end - begin);
    begin = end + 1;
    if (name.empty()) fail(ErrorCode::kUsage, "--columns has an empty name", names);
    if (std::ranges::find(fields, name, &TimelineField::name) != fields.end())
      fail(ErrorCode::kUsage, "--columns names a column twice", name);
    const auto at = std::ranges::find(known, name, &TimelineField::name);
    if (at != known.end()) {
      fields.push_back(*at);
    } else if (const auto attribute = reader.find_attribute(name)) {
      fields.push_back(attribute_field(*attribute));
    } else {
      std::vector<std::string> candidates;
      const auto add = std::back_inserter(candidates);
      std::ranges::transform(known, add, &TimelineField::name);
      std::ranges::transform(builtin_attributes(), add,
                             [](const AttributeInfo& info) { return std::string(info.name); });
      std::ranges::transform(reader.store().catalog().attributes, add, &LocalAttribute::name);
      const std::string best = nearest(name, candidates);
      std::string detail = name;
      if (!best.empty()) detail.append("; did you mean ").append(best).append("?");
      fail(ErrorCode::kUsage, "--columns names a column that the store does not know", detail);
    }
  }
  return fields;
}

bool is_number(const TimelineField& field) {
  if (field.kind != Kind::kCell || field.column == column::kVerbatimEnd) return false;
  return field.type == ColumnType::kInt || field.type == ColumnType::kMoney ||
         field.type == ColumnType::kDecimal;
}

TimelineText::TimelineText(const StoreReader& reader)
    : reader_(reader), codes_(std::size_t{reader.codes().size()} + 1) {}

const TimelineText::Code& TimelineText::code(CodeId id) {
  if (id >= codes_.size())
    fail(ErrorCode::kCorrupt, "an event has a code that the store does not have",
         std::to_string(id));
  std::unique_ptr<Code>& known = codes_[id];
  if (known == nullptr) {
    known = std::make_unique<Code>();
    if (id != kNoCode) {
      CodeRecord record = reader_.codes().record(id);
      if (!record.alias_code.empty()) {
        known->unit = record.alias_code;
      } else if (record.vocabulary == "UCUM") {
        known->unit = record.code;
      } else {
        known->unit = record.name.empty() ? record.vocabulary + ":" + record.code : record.name;
      }
      known->vocabulary = std::move(record.vocabulary);
      known->code = std::move(record.code);
      known->name = std::move(record.name);
    }
  }
  return *known;
}

void TimelineText::append_source(std::int64_t id, std::string& text) const {
  for (const Source& source : reader_.store().catalog().sources) {
    if (source.id == id) {
      text = source.name;
      return;
    }
  }
  fail(ErrorCode::kCorrupt, "an event has a source that the store does not have",
       std::to_string(id));
}

void TimelineText::cell_text(const TimelineField& field, const TimelineBatch& batch,
                             std::int64_t cell, std::string& text) {
  switch (field.type) {
    case ColumnType::kInt:
      text = field.column == column::kVerbatimEnd ? format_day(static_cast<Day>(cell))
                                                  : std::to_string(cell);
      return;
    case ColumnType::kMoney:
      text = format_cents(cell);
      return;
    case ColumnType::kDecimal:
      text = format_decimal(cell);
      return;
    case ColumnType::kText:
      text = batch.texts.at(cell);
      return;
    case ColumnType::kCode: {
      const Code& known = code(static_cast<CodeId>(cell));
      // A code that looks as if it had a vocabulary shows its own.
      if (known.vocabulary == field.vocabulary && known.code.find(':') == std::string::npos) {
        text = known.code;
      } else {
        text = known.vocabulary;
        text += ':';
        text += known.code;
      }
      return;
    }
  }
}

bool TimelineText::get(const TimelineField& field, const TimelineBatch& batch, std::size_t event,
                       const StreamColumn* column, std::string& text) {
  const auto code_id = [&] { return code_of(batch.domain_code[event]); };
  switch (field.kind) {
    case Kind::kDate:
      text = format_day(batch.day[event]);
      return true;
    case Kind::kDomain:
      text = domain_name(domain_of(batch.domain_code[event]));
      return true;
    case Kind::kVocabulary:
      text = code(code_id()).vocabulary;
      return code_id() != kNoCode;
    case Kind::kCode:
      text = code(code_id()).code;
      return code_id() != kNoCode;
    case Kind::kName:
      text = code(code_id()).name;
      return !text.empty();
    default:
      break;
  }
  if (column == nullptr || column->cells[event] == kNull) return false;
  const std::int64_t cell = column->cells[event];
  switch (field.kind) {
    case Kind::kTime:
    case Kind::kEndTime:
      text = format_second(static_cast<std::int32_t>(cell));
      return true;
    case Kind::kEndDate:
      text = format_day(static_cast<Day>(cell));
      return true;
    case Kind::kSourceVocabulary:
      text = code(static_cast<CodeId>(cell)).vocabulary;
      return true;
    case Kind::kSourceCode:
      text = code(static_cast<CodeId>(cell)).code;
      return true;
    case Kind::kSource:
      append_source(cell, text);
      return true;
    default:
      cell_text(field, batch, cell, text);
      return true;
  }
}

}  // namespace anam::cli
