// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/record_writer.h"

#include <algorithm>

#include "index/patient_table.h"
#include "tools/anam/json_writer.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

constexpr std::size_t kRowsForWidths = 2000;

// ".5" and "-.5" are numbers everywhere but in JSON.
void append_json_number(std::string& out, std::string_view number) {
  if (number.starts_with('-')) {
    out += '-';
    number.remove_prefix(1);
  }
  if (number.starts_with('.')) out += '0';
  out += number;
}

}  // namespace

void append_csv(std::string& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

Cell patient_cell(std::string_view id) {
  return PatientId::parse(id).number != kNull ? Cell::number(id) : Cell::of(id);
}

RecordWriter::RecordWriter(Output& output, Format format, std::vector<Column> columns)
    : output_(output), format_(format), columns_(std::move(columns)) {
  if (format_ == Format::kCsv) {
    for (const Column& column : columns_) {
      if (!line_.empty()) line_ += ',';
      append_csv(line_, column.name);
    }
    output_.write(line_ + "\n");
  }
  for (const Column& column : columns_) {
    std::string& key = json_keys_.emplace_back();
    append_json_string(key, column.name);
    key += ':';
  }
}

void RecordWriter::add(std::span<const Cell> cells) {
  line_.clear();
  switch (format_) {
    case Format::kTable: {
      std::vector<std::string>& row = held_.emplace_back();
      for (const Cell& cell : cells) row.push_back(one_line(cell.text));
      if (!widths_.empty() || held_.size() >= kRowsForWidths) flush_table();
      return;
    }
    case Format::kCsv:
      for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) line_ += ',';
        append_csv(line_, cells[i].text);
      }
      break;
    case Format::kNdjson:
      line_ += '{';
      for (std::size_t i = 0; i < cells.size(); ++i) {
        if (cells[i].kind == Cell::Kind::kNull) continue;
        if (line_.size() > 1) line_ += ',';
        line_ += json_keys_[i];
        if (cells[i].kind == Cell::Kind::kNumber) {
          append_json_number(line_, cells[i].text);
        } else {
          append_json_string(line_, cells[i].text);
        }
      }
      line_ += '}';
      break;
  }
  line_ += '\n';
  output_.write(line_);
}

void RecordWriter::add_line(const std::vector<std::string>& cells) {
  line_.clear();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t width = width_of(cells[i]);
    const std::string blanks(width < widths_[i] ? widths_[i] - width : 0, ' ');
    if (i > 0) line_ += "  ";
    line_ += columns_[i].right ? blanks + cells[i] : cells[i] + blanks;
  }
  line_.erase(line_.find_last_not_of(' ') + 1);
  line_ += '\n';
  output_.write(line_);
}

void RecordWriter::flush_table() {
  if (widths_.empty()) {
    std::vector<std::string> names;
    for (const Column& column : columns_) {
      names.push_back(column.name);
      widths_.push_back(width_of(column.name));
    }
    for (const auto& row : held_) {
      for (std::size_t i = 0; i < row.size(); ++i)
        widths_[i] = std::max(widths_[i], width_of(row[i]));
    }
    add_line(names);
  }
  for (const auto& row : held_) add_line(row);
  held_.clear();
}

void RecordWriter::finish() {
  if (format_ == Format::kTable) flush_table();
}

RecordWriter::Format format_of(const Arguments& arguments) {
  const std::string name = arguments.choice("format", {"table", "csv", "ndjson"});
  if (name == "csv") return RecordWriter::Format::kCsv;
  return name == "ndjson" ? RecordWriter::Format::kNdjson : RecordWriter::Format::kTable;
}

Option format_option() {
  return {"format", "FORMAT", "table (default), csv, or ndjson (a JSON object a line)"};
}

Option output_option() {
  return {"output", "FILE", "writes there instead of to standard output; - is standard output"};
}

}  // namespace anam::cli
