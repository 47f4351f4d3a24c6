// SPDX-License-Identifier: Apache-2.0
// How lines of reasons look: as a paragraph, and as records.
#include <cstring>
#include <span>

#include "storage/calendar.h"
#include "storage/decimal.h"
#include "tools/anam/reason_lines.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

using Column = ReasonColumn;

constexpr const char* kNames[] = {"index_event",
                                  "kind",
                                  "rule_sequence",
                                  "rule",
                                  "member",
                                  "met",
                                  "criterion",
                                  "found",
                                  "days",
                                  "domain",
                                  "vocabulary",
                                  "code",
                                  "name",
                                  "date",
                                  "time",
                                  "end_date",
                                  "value",
                                  "unit",
                                  "source_vocabulary",
                                  "source_code",
                                  "source",
                                  "attributes"};
static_assert(std::size(kNames) == static_cast<std::size_t>(Column::kNumberOf));

bool is_number(std::size_t column, const std::string& text) {
  switch (static_cast<Column>(column)) {
    case Column::kIndexEvent:
    case Column::kRuleSequence:
    case Column::kFound:
    case Column::kDays:
    case Column::kMet:  // true and false stand in JSON as numbers do: without quotes
      return true;
    case Column::kValue:
      return parse_decimal(text).has_value() && format_decimal(*parse_decimal(text)) == text;
    default:
      return false;
  }
}

void join(std::string& to, const std::string& text, const char* between = "  ") {
  if (text.empty()) return;
  if (!to.empty()) to += between;
  to += text;
}

std::string code_text(const ReasonLine& line) {
  if (line[Column::kCode].empty()) return {};
  return line[Column::kVocabulary] + ':' + line[Column::kCode];
}

// "2016-02-24 07:35:00  -7 days  condition ICD10CM:E11.65  Type 2 diabetes ...  9.1 %  clinic".
std::string event_line(const ReasonLine& line) {
  std::string text = line[Column::kDate];
  join(text, line[Column::kTime], " ");
  if (!line[Column::kDays].empty()) {
    const bool one = line[Column::kDays] == "1" || line[Column::kDays] == "-1";
    const bool signless = line[Column::kDays].starts_with('-') || line[Column::kDays] == "0";
    join(text, (signless ? "" : "+") + line[Column::kDays] + (one ? " day" : " days"));
  }
  join(text, line[Column::kDomain]);
  join(text, code_text(line), " ");
  if (!line[Column::kSourceCode].empty() &&
      (line[Column::kSourceCode] != line[Column::kCode] ||
       line[Column::kSourceVocabulary] != line[Column::kVocabulary])) {
    text += " (" + line[Column::kSourceVocabulary] + ':' + line[Column::kSourceCode] + ')';
  }
  join(text, one_line(line[Column::kName]));
  join(text, one_line(line[Column::kValue]));
  join(text, line[Column::kUnit], " ");
  join(text, one_line(line[Column::kAttributes]));
  if (!line[Column::kSource].empty()) join(text, "[" + line[Column::kSource] + "]");
  return text;
}

std::string person_line(const ReasonLine& line) {
  std::string text = line[Column::kCriterion] + ' ';
  if (!line[Column::kDate].empty()) return text + line[Column::kDate];
  if (line[Column::kValue].empty()) return text + "not known";
  text += one_line(line[Column::kValue]);
  join(text, one_line(line[Column::kName]));
  return text;
}

std::string text_of(const ReasonLine& line) {
  const std::string& kind = line[Column::kKind];
  const bool met = line[Column::kMet] == "true";
  const std::string mark = met ? "yes  " : "no   ";
  if (kind == "index") {
    if (met) return "index  " + event_line(line);
    return "index  " + event_line(line) + "\n    " + "stopped: " + line[Column::kCriterion];
  }
  if (kind == "event") return event_line(line);
  if (kind == "more") return "and " + line[Column::kFound] + " more";
  if (kind == "observed")
    return "observed " + line[Column::kDate] + " to " + line[Column::kEndDate];
  if (kind == "rule") {
    std::string text = met ? "passed  " : "failed  ";
    text += line[Column::kCriterion];
    if (!line[Column::kRule].empty()) text += " \"" + line[Column::kRule] + '"';
    return text;
  }
  if (kind == "count") {
    const std::string& found = line[Column::kFound];
    return mark + line[Column::kCriterion] + ": " + (found == "0" ? "none" : found) + " found";
  }
  if (kind == "group") return mark + line[Column::kCriterion];
  if (kind == "person") return mark + person_line(line);
  if (kind == "cut") return "cut    its " + line[Column::kCriterion] + " to " + line[Column::kDate];
  // The end; of an event, what it was.
  std::string text = "end    " + line[Column::kDate];
  join(text, line[Column::kCriterion]);
  if (!line[Column::kDomain].empty()) {
    join(text, code_text(line), ": ");
    join(text, one_line(line[Column::kName]));
    if (!line[Column::kSource].empty()) join(text, "[" + line[Column::kSource] + "]");
  }
  return text;
}

}  // namespace

std::vector<RecordWriter::Column> reason_columns() {
  std::vector<RecordWriter::Column> columns = {
      {"cohort_definition_id"}, {"subject_id", true}, {"cohort_start_date"}, {"cohort_end_date"}};
  for (const char* name : kNames) columns.push_back({name});
  return columns;
}

std::string reason_paragraph(std::string_view patient, const RowReasons& reasons,
                             const std::vector<ReasonLine>& lines) {
  std::string text = "patient " + one_line(patient);
  if (reasons.member) {
    text += ", " + format_day(reasons.row.start) + " to " + format_day(reasons.row.end) + '\n';
  } else {
    text += ", not a member\n";
  }
  for (const ReasonLine& line : lines) {
    text.append(line.depth * 2, ' ');
    text += text_of(line);
    text += '\n';
  }
  return text;
}

// Each text behind its length.
std::string pack(const std::vector<ReasonLine>& lines) {
  std::string packed;
  for (const ReasonLine& line : lines) {
    for (const std::string& text : line.texts) {
      const auto size = static_cast<std::uint32_t>(text.size());
      char bytes[sizeof size];
      std::memcpy(bytes, &size, sizeof size);
      packed.append(bytes, sizeof size);
      packed += text;
    }
  }
  return packed;
}

void for_each_packed(std::string_view packed, const std::function<void(std::span<const Cell>)>& f) {
  std::array<Cell, static_cast<std::size_t>(Column::kNumberOf)> cells;
  while (!packed.empty()) {
    for (std::size_t column = 0; column < cells.size(); ++column) {
      std::uint32_t size = 0;
      std::memcpy(&size, packed.data(), sizeof size);
      const std::string text(packed.substr(sizeof size, size));
      cells[column] = text.empty() ? Cell{} : Cell::of(packed.substr(sizeof size, size));
      if (is_number(column, text) && !text.empty()) cells[column].kind = Cell::Kind::kNumber;
      packed.remove_prefix(sizeof size + size);
    }
    f(cells);
  }
}

}  // namespace anam::cli
