// SPDX-License-Identifier: Apache-2.0
#include "tools/import/input_table.h"

#include <algorithm>
#include <utility>

#include "storage/error.h"

namespace anam {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string reason_of(const CsvBadRow& row, std::size_t header_fields) {
  switch (row.reason) {
    case CsvBadRow::Reason::kTooFewFields:
    case CsvBadRow::Reason::kTooManyFields:
      return "it has " + std::to_string(row.fields) + " fields, the header has " +
             std::to_string(header_fields);
    case CsvBadRow::Reason::kTextAfterQuote:
      return "text follows a closing quote";
    case CsvBadRow::Reason::kQuoteNotClosed:
      break;
  }
  return "a quote is not closed";
}

}  // namespace

InputTable::InputTable(ImportRun& run, const std::filesystem::path& file, BadRowsAre bad_rows)
    : InputTable(run, std::make_shared<CsvReader>(file.string()), bad_rows) {}

InputTable::InputTable(ImportRun& run, std::shared_ptr<CsvReader> csv, BadRowsAre bad_rows)
    : run_(run), csv_(std::move(csv)), bad_rows_(bad_rows) {
  report_.file = csv_->path();
}

std::optional<std::size_t> InputTable::want(std::string_view lower_name) {
  const std::optional<std::size_t> place = csv_->find(lower_name);
  if (!place) return std::nullopt;
  return want_at(*place);
}

std::size_t InputTable::want_at(std::size_t header_index) {
  const auto found = std::find(wanted_.begin(), wanted_.end(), header_index);
  if (found != wanted_.end()) return static_cast<std::size_t>(found - wanted_.begin());
  wanted_.push_back(header_index);
  return wanted_.size() - 1;
}

std::size_t InputTable::need(std::string_view lower_name) {
  const std::optional<std::size_t> column = want(lower_name);
  if (!column) {
    fail(ErrorCode::kInput, "the file lacks the column " + std::string(lower_name), report_.file);
  }
  return *column;
}

void InputTable::report_ignored_columns() {
  for (std::size_t i = 0; i < names().size(); ++i) {
    if (std::find(wanted_.begin(), wanted_.end(), i) == wanted_.end()) {
      report_.ignored_columns.push_back(names()[i]);
    }
  }
}

bool InputTable::next() {
  if (!selected_) csv_->select(wanted_);
  selected_ = true;
  const bool more = csv_->next(batch_);
  run_.advance(batch_.file_bytes());
  report_.rows += batch_.rows() + batch_.bad_rows().size();
  if (bad_rows_ == BadRowsAre::kLeftOut) return more;
  for (const CsvBadRow& row : batch_.bad_rows()) {
    ++report_.bad;
    run_.bad_rows().add(report_.file, row.line, {}, row.text, reason_of(row, names().size()));
  }
  return more;
}

std::string_view InputTable::cell(std::size_t column, std::size_t row) const {
  return trim(batch_.column(column)[row]);
}

void InputTable::reject(std::size_t row, std::size_t column, std::string_view reason) {
  ++report_.bad;
  run_.bad_rows().add(report_.file, batch_.line(row), names()[wanted_[column]], cell(column, row),
                      reason);
}

}  // namespace anam
