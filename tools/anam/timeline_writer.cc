// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/timeline_writer.h"

#include <algorithm>

#include "storage/attributes.h"
#include "storage/calendar.h"

namespace anam::cli {
namespace {

using Kind = TimelineField::Kind;
using Format = RecordWriter::Format;

constexpr std::size_t kNameWidth = 48;

const StreamColumn* find_column(const TimelineBatch& batch, ColumnId id) {
  const auto at = std::ranges::find(batch.columns, id, &StreamColumn::id);
  return at == batch.columns.end() ? nullptr : &*at;
}

void shorten(std::string& text, std::size_t width) {
  if (text.size() <= width) return;
  std::size_t end = width - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  text += "...";
}

}  // namespace

TimelineWriter::TimelineWriter(const StoreReader& reader, Output& output, Format format,
                               const std::optional<std::vector<TimelineField>>& fields, bool cohort)
    : reader_(reader),
      cohort_(cohort),
      for_people_(format == Format::kTable && !fields),
      text_(reader) {
  if (for_people_) {
    make_table_fields();
  } else {
    fields_ = fields ? *fields : all_fields(reader);
  }
  if (fields) {
    columns_.emplace();
    for (const TimelineField& field : *fields) {
      if (field.column != 0) columns_->push_back(field.column);
    }
  }
  std::vector<RecordWriter::Column> columns;
  if (!for_people_ || cohort_) columns.push_back({"patient_id", true});
  if (cohort_) {
    columns.push_back({"cohort_start"});
    columns.push_back({"days_from_index", true});
  }
  for (const TimelineField& field : fields_) columns.push_back({field.name, is_number(field)});
  if (for_people_) columns.push_back({"attributes"});
  records_.emplace(output, format, std::move(columns));
}

void TimelineWriter::make_table_fields() {
  const auto field = [](const char* name, Kind kind, ColumnId column) {
    return TimelineField{name, kind, column, ColumnType::kInt, ""};
  };
  fields_ = {field("date", Kind::kDate, 0),     field("time", Kind::kTime, column::kSecond),
             field("domain", Kind::kDomain, 0), field("code", Kind::kCode, 0),
             field("name", Kind::kName, 0),     field("end", Kind::kEndDate, column::kEndDay)};
  for (TimelineField& attribute : all_fields(reader_)) {
    if (attribute.kind == Kind::kCell || attribute.kind == Kind::kSourceCode ||
        attribute.kind == Kind::kEndTime || attribute.kind == Kind::kSource)
      attributes_.push_back(std::move(attribute));
  }
}

void TimelineWriter::find_columns(const TimelineBatch& batch) {
  const auto find_all = [&batch](const std::vector<TimelineField>& fields,
                                 std::vector<const StreamColumn*>& found) {
    found.clear();
    for (const TimelineField& field : fields)
      found.push_back(field.column == 0 ? nullptr : find_column(batch, field.column));
  };
  find_all(fields_, found_);
  find_all(attributes_, found_attributes_);
  batch_ = &batch;
}

// Source codes that are the event's own, and OMOP's "no matching concept".
bool TimelineWriter::says_nothing(const TimelineField& field, std::int64_t cell,
                                  std::size_t event) {
  if (field.kind == Kind::kSourceCode &&
      static_cast<CodeId>(cell) == code_of(batch_->domain_code[event]))
    return true;
  if (field.kind != Kind::kSourceCode && field.type != ColumnType::kCode) return false;
  const TimelineText::Code& code = text_.code(static_cast<CodeId>(cell));
  return code.vocabulary == "OMOP" && code.code == "0";
}

// name=value, with the value's unit, and what codes mean.
std::string TimelineWriter::attributes_text(std::size_t event) {
  std::string all;
  std::string value;
  const bool several_sources = reader_.store().catalog().sources.size() > 1;
  const auto cell_of = [&](ColumnId id) {
    const StreamColumn* column = find_column(*batch_, id);
    return column == nullptr ? kNull : column->cells[event];
  };
  for (std::size_t i = 0; i < attributes_.size(); ++i) {
    const TimelineField& field = attributes_[i];
    if (field.kind == Kind::kSource && !several_sources) continue;
    if (field.column == column::kUnit && cell_of(column::kValue) != kNull) continue;
    if (field.column == column::kDoseUnit && cell_of(column::kDose) != kNull) continue;
    if (!text_.get(field, *batch_, event, found_attributes_[i], value)) continue;
    const std::int64_t cell = found_attributes_[i]->cells[event];
    if (says_nothing(field, cell, event)) continue;
    if (field.kind == Kind::kSourceCode) {
      const TimelineText::Code& code = text_.code(static_cast<CodeId>(cell));
      value = code.vocabulary + ":" + code.code;
    } else if (field.type == ColumnType::kCode) {
      const std::string& name = text_.code(static_cast<CodeId>(cell)).name;
      if (!name.empty()) value += " (" + name + ")";
    } else if (field.column == column::kValue || field.column == column::kDose) {
      const std::int64_t unit =
          cell_of(field.column == column::kValue ? column::kUnit : column::kDoseUnit);
      if (unit != kNull) value += " " + text_.code(static_cast<CodeId>(unit)).unit;
    }
    if (!all.empty()) all += ", ";
    all += field.name + "=" + value;
  }
  return all;
}

void TimelineWriter::add(const TimelineBatch& batch, std::size_t index, std::string_view patient_id,
                         std::optional<Day> start) {
  find_columns(batch);
  const std::size_t lead = (!for_people_ || cohort_ ? 1U : 0U) + (cohort_ ? 2U : 0U);
  const std::size_t width = lead + fields_.size() + (for_people_ ? 1U : 0U);
  texts_.resize(width);
  cells_.resize(width);
  if (lead > 0) cells_[0] = patient_cell(patient_id);
  if (cohort_) {
    texts_[1] = format_day(*start);
    cells_[1] = Cell::of(texts_[1]);
  }
  for (std::size_t event = batch.offsets[index]; event < batch.offsets[index + 1]; ++event) {
    if (cohort_) {
      texts_[2] = std::to_string(std::int64_t{batch.day[event]} - *start);
      cells_[2] = Cell::number(texts_[2]);
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      std::string& text = texts_[lead + i];
      text.clear();
      if (!text_.get(fields_[i], batch, event, found_[i], text)) {
        cells_[lead + i] = {};
        continue;
      }
      if (for_people_ && fields_[i].kind == Kind::kCode)
        text.insert(0, text_.code(code_of(batch.domain_code[event])).vocabulary + ":");
      if (for_people_ && fields_[i].kind == Kind::kName) shorten(text, kNameWidth);
      cells_[lead + i] = is_number(fields_[i]) ? Cell::number(text) : Cell::of(text);
    }
    if (for_people_) {
      texts_.back() = attributes_text(event);
      cells_.back() = Cell::of(texts_.back());
    }
    records_->add(cells_);
    ++events_;
  }
}

}  // namespace anam::cli
