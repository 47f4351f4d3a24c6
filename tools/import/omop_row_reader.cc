// SPDX-License-Identifier: Apache-2.0
#include "tools/import/omop_row_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "ingest/csv/field.h"
#include "ingest/csv/input_file.h"
#include "storage/calendar.h"
#include "storage/column_page.h"
#include "storage/decimal.h"

namespace anam {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(OmopRemark::kCount)> kRemarks = {
    "amount rounded to cents",
    "number rounded",
    "no date: the day of the datetime taken",
    "date and datetime name different days: the date taken, without a time",
    "measurement_time is no time of day: left out",
    "end before start: kept as it is",
    "no end date",
    "no year of birth",
    "provider not in the provider table: no specialty",
    "care site not in the care_site table: no place of service",
    "location not in the location table: no place of residence",
};

/// The reason why a field is bad.
std::string_view reason(OmopValue value) {
  switch (value) {
    case OmopValue::kInteger:
    case OmopValue::kConcept:
      return "not an integer";
    case OmopValue::kDecimal:
      return "not a number";
    case OmopValue::kMoney:
      return "not an amount of money";
    case OmopValue::kDate:
      return "not a date (YYYY-MM-DD or YYYYMMDD)";
    case OmopValue::kDateTime:
      return "not a date with a time (YYYY-MM-DD hh:mm:ss)";
    case OmopValue::kTime:
      return "not a time (hh:mm:ss)";
    case OmopValue::kYear:
      return "not a year from 1 to 9999";
    case OmopValue::kMonth:
      return "not a month from 1 to 12";
    case OmopValue::kDayOfMonth:
      return "not a day from 1 to 31";
    case OmopValue::kText:
      return "not a text";
  }
  return "not a value";
}

bool in_range(OmopValue value, std::int64_t number) {
  switch (value) {
    case OmopValue::kYear:
      return number >= 1 && number <= 9999;
    case OmopValue::kMonth:
      return number >= 1 && number <= 12;
    case OmopValue::kDayOfMonth:
      return number >= 1 && number <= 31;
    default:
      return true;
  }
}

/// Midnight is how OMOP says that no time is known.
std::int64_t known_second(std::int32_t second) { return second > 0 ? second : kNull; }

}  // namespace

void OmopRow::clear() {
  person = record = provider = care_site = location = kNull;
  day = second = end_day = end_second = kNull;
  code = kNoCode;
  entity_domain = {};
  cells.clear();
  texts.clear();
}

bool OmopRow::has(ColumnId column) const {
  return std::ranges::find(cells, column, &Cell::column) != cells.end() ||
         std::ranges::find(texts, column, &Text::column) != texts.end();
}

std::int64_t OmopRow::cell(ColumnId column) const {
  const auto found = std::ranges::find(cells, column, &Cell::column);
  return found == cells.end() ? kNull : found->cell;
}

void OmopRow::put(EventBatch& batch, Domain domain, ColumnId key_column) const {
  batch.begin(person, domain, code, day);
  batch.set(column::kSecond, second);
  batch.set(column::kEndDay, end_day);
  batch.set(column::kEndSecond, end_second);
  if (key_column != 0) batch.set(key_column, record);
  for (const Cell& cell : cells) batch.set(cell.column, cell.cell);
  for (const Text& text : texts) batch.set_text(text.column, text.text);
}

OmopRowReader::OmopRowReader(OmopRun& run, const OmopFile& file)
    : OmopRowReader(run, file, std::make_shared<CsvReader>(open_omop_table(file))) {}

OmopRowReader::OmopRowReader(OmopRun& run, const OmopFile& file, std::shared_ptr<CsvReader> csv)
    : run_(run),
      file_(file),
      csv_(std::move(csv)),
      binding_(bind_omop_columns(file, csv_->lower_names(), run.keep)),
      concepts_(run.sink) {
  std::vector<std::size_t> selected;
  for (const OmopBinding::Column& column : binding_.columns) {
    selected.push_back(column.index);
    const OmopRole role = column.what.role;
    if (role == OmopRole::kStartDate || start_column_.empty()) {
      if (role == OmopRole::kStartDate || role == OmopRole::kStartDateTime) {
        start_column_ = column.name;
      }
    }
  }
  csv_->select(std::move(selected));
  report_.file = file.path;
  report_.ignored_columns = binding_.ignored;
  row_.clear();
}

OmopRow* OmopRowReader::next() {
  for (;;) {
    while (at_ < batch_.rows()) {
      add_bad_rows(batch_.line(at_));
      const bool good = parse();
      ++at_;
      if (good) return &row_;
    }
    add_bad_rows(std::numeric_limits<std::uint64_t>::max());
    if (!next_batch()) return nullptr;
  }
}

bool OmopRowReader::next_batch() {
  at_ = 0;
  const bool more = csv_->next(batch_);
  run_.advance(batch_.file_bytes());
  bad_at_ = 0;
  report_.rows += batch_.rows() + batch_.bad_rows().size();
  fields_.clear();
  for (std::size_t i = 0; i < binding_.columns.size(); ++i) fields_.push_back(batch_.column(i));
  return more;
}

void OmopRowReader::add_bad_rows(std::uint64_t before_line) {
  for (; bad_at_ < batch_.bad_rows().size(); ++bad_at_) {
    const CsvBadRow& row = batch_.bad_rows()[bad_at_];
    if (row.line >= before_line) return;
    run_.bad_rows().add(file_.path, row.line, "", row.text,
                        describe_bad_row(row, csv_->names().size()));
    ++report_.bad;
  }
}

bool OmopRowReader::parse() {
  row_.clear();
  row_remarks_ = 0;
  when_ = {kNull, kNull, kNull, kNull, kNull, kNull, kNull, kNull, kNull};
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const std::string_view text = trim_blanks(fields_[i][at_]);
    if (text.empty()) continue;
    const OmopBinding::Column& column = binding_.columns[i];
    if (take(column.what, text) || is_omop_null(text)) continue;
    bad(column.name, text, reason(column.what.value));
    return false;
  }
  if (row_.person == kNull && table().kind == OmopKind::kRows) {
    bad("person_id", "", "no person id");
    return false;
  }
  if (table().domain == Domain::kPerson) settle_birth();
  return start_column_.empty() || settle_times();
}

void OmopRowReader::loaded() {
  ++report_.loaded;
  for (std::size_t i = 0; row_remarks_ >> i != 0; ++i) remarks_[i] += row_remarks_ >> i & 1U;
}

void OmopRowReader::bad(std::string_view column, std::string_view value, std::string_view why) {
  run_.bad_rows().add(file_.path, batch_.line(at_), column, value, why);
  ++report_.bad;
}

bool OmopRowReader::take(const OmopColumn& what, std::string_view text) {
  switch (what.value) {
    case OmopValue::kText:
      if (text == "\\N" || text == "NULL") return true;
      if (what.role == OmopRole::kEntityDomain) {
        row_.entity_domain = text;
      } else {
        row_.texts.push_back({what.column, text});
      }
      return true;
    case OmopValue::kDecimal: {
      bool rounded = false;
      const auto number = parse_decimal(text, &rounded);
      if (!number) return false;
      if (rounded) remark(OmopRemark::kRoundedNumber);
      row_.cells.push_back({what.column, *number});
      return true;
    }
    case OmopValue::kMoney: {
      bool rounded = false;
      const auto cents = parse_cents(text, &rounded);
      if (!cents) return false;
      if (rounded) remark(OmopRemark::kRoundedMoney);
      row_.cells.push_back({what.column, *cents});
      return true;
    }
    case OmopValue::kDate:
    case OmopValue::kDateTime:
    case OmopValue::kTime:
      return take_day(what, text);
    default:
      return take_integer(what, text);
  }
}

bool OmopRowReader::take_integer(const OmopColumn& what, std::string_view text) {
  const auto number = parse_omop_integer(text);
  if (!number || !in_range(what.value, *number)) return false;
  switch (what.role) {
    case OmopRole::kPerson:
      row_.person = *number;
      break;
    case OmopRole::kRecord:
      row_.record = *number;
      break;
    case OmopRole::kProvider:
      row_.provider = *number;
      break;
    case OmopRole::kCareSite:
      row_.care_site = *number;
      break;
    case OmopRole::kLocation:
      row_.location = *number;
      break;
    case OmopRole::kCode:
      row_.code = concepts_.code(*number);
      break;
    default:
      row_.cells.push_back({what.column, what.value == OmopValue::kConcept
                                             ? std::int64_t{concepts_.code(*number)}
                                             : *number});
  }
  return true;
}

bool OmopRowReader::take_day(const OmopColumn& what, std::string_view text) {
  if (what.value == OmopValue::kTime) {
    if (const auto second = parse_time(text)) {
      when_.time = *second;
    } else {
      remark(OmopRemark::kNoTime);  // superseded by the datetime, and often a copy of the date
    }
    return true;
  }
  if (what.value == OmopValue::kDate) {
    const auto day = parse_day(text);
    if (!day) return false;
    switch (what.role) {
      case OmopRole::kStartDate:
        when_.day = *day;
        break;
      case OmopRole::kEndDate:
        when_.end_day = *day;
        break;
      default:
        row_.cells.push_back({what.column, *day});
    }
    return true;
  }
  const auto time = parse_day_time(text);
  if (!time) return false;
  switch (what.role) {
    case OmopRole::kStartDateTime:
      when_.datetime_day = time->day;
      when_.datetime_second = known_second(time->second);
      break;
    case OmopRole::kEndDateTime:
      when_.end_datetime_day = time->day;
      when_.end_datetime_second = known_second(time->second);
      break;
    default:
      when_.birth_day = time->day;
      when_.birth_second = known_second(time->second);
  }
  return true;
}

bool OmopRowReader::settle_times() {
  const auto settle = [this](std::int64_t day, std::int64_t datetime_day, std::int64_t second,
                             std::int64_t& to_day, std::int64_t& to_second) {
    to_day = day;
    if (datetime_day == kNull) return;
    if (day == kNull) {
      to_day = datetime_day;
      remark(OmopRemark::kDayOfDateTime);
    }
    if (to_day == datetime_day) {
      to_second = second;
    } else {
      remark(OmopRemark::kDaysDiffer);
    }
  };
  settle(when_.day, when_.datetime_day, when_.datetime_second, row_.day, row_.second);
  settle(when_.end_day, when_.end_datetime_day, when_.end_datetime_second, row_.end_day,
         row_.end_second);
  if (row_.day == kNull) {
    bad(start_column_, "", "no start date");
    return false;
  }
  // The old column of a measurement's time counts where the datetime says nothing.
  if (row_.second == kNull && when_.time > 0) row_.second = when_.time;
  if (row_.end_day == kNull) {
    const Domain domain = table().domain;
    if (domain == Domain::kEnrollment || domain == Domain::kPayerPlan) remark(OmopRemark::kNoEnd);
  } else if (row_.end_day < row_.day) {
    remark(OmopRemark::kEndBeforeStart);
  }
  return true;
}

void OmopRowReader::settle_birth() {
  std::int64_t year = row_.cell(column::kBirthYear);
  std::int64_t month = row_.cell(column::kBirthMonth);
  std::int64_t day = row_.cell(column::kBirthDay);
  if (when_.birth_day != kNull) {
    const Civil born = civil_of(static_cast<std::int32_t>(when_.birth_day));
    const auto complete = [this](ColumnId column, std::int64_t& part, std::int32_t value) {
      if (part != kNull) return;
      part = value;
      row_.cells.push_back({column, value});
    };
    // With a year alone the rest of the datetime is a filler, so only the whole of it counts.
    if (year == kNull) {
      complete(column::kBirthYear, year, born.year);
      complete(column::kBirthMonth, month, born.month);
      complete(column::kBirthDay, day, born.day);
    }
    if (year == born.year && month == born.month && day == born.day &&
        when_.birth_second != kNull) {
      row_.cells.push_back({column::kBirthSecond, when_.birth_second});
    }
  }
  if (year == kNull) remark(OmopRemark::kNoBirthYear);
}

FileReport OmopRowReader::report() const {
  FileReport report = report_;
  for (std::size_t i = 0; i < remarks_.size(); ++i) {
    if (remarks_[i] != 0) report.noted[std::string(kRemarks[i])] = remarks_[i];
  }
  return report;
}

std::optional<std::int64_t> parse_omop_integer(std::string_view text) {
  if (const auto number = parse_int64(text)) {
    return *number != kNull ? number : std::nullopt;
  }
  const std::size_t point = text.find('.');
  if (point != std::string_view::npos) {
    if (text.find_first_not_of('0', point + 1) != std::string_view::npos) return std::nullopt;
    text = text.substr(0, point);
  }
  const auto number = parse_int64(text);
  return number && *number != kNull ? number : std::nullopt;
}

bool is_omop_null(std::string_view text) {
  if (text == "\\N") return true;
  if (text.size() > 4) return false;
  std::string lower;
  for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower == "null" || lower == "na" || lower == "nan" || lower == "none";
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string describe_bad_row(const CsvBadRow& row, std::size_t columns) {
  switch (row.reason) {
    case CsvBadRow::Reason::kTextAfterQuote:
      return "text between a closing quote and the delimiter";
    case CsvBadRow::Reason::kQuoteNotClosed:
      return "a quote is not closed";
    default:
      return "row has " + std::to_string(row.fields) + " fields, the header has " +
             std::to_string(columns);
  }
}

CsvReader open_omop_table(const OmopFile& file) {
  CsvReader reader(file.path);
  if (file.table->kind != OmopKind::kVocabulary || reader.delimiter() != '\t') return reader;
  char head[4] = {};
  InputFile input(file.path);
  const std::string_view start(head, input.read(head, sizeof head));
  if (start.find('"') != std::string_view::npos) return reader;
  CsvOptions options;
  options.delimiter = '\t';
  options.quotes = false;
  return CsvReader(file.path, options);
}

}  // namespace anam
