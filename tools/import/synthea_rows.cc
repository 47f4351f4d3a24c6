// SPDX-License-Identifier: Apache-2.0
#include "tools/import/synthea_rows.h"

#include <algorithm>
#include <string>

#include "ingest/csv/field.h"
#include "storage/decimal.h"
#include "storage/error.h"
#include "tools/import/packed_fields.h"

namespace anam {
SyntheaRows::SyntheaRows(SyntheaImport& import, const SyntheaFile& file)
    : import_(import), kind_(file.table), table_(import.run, file.path) {
  choose_attributes(file);
  report_columns(file);
}

SyntheaRows::Column SyntheaRows::column(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const SyntheaColumn* known = find_synthea_column(kind_, name);
    if (known == nullptr || !is_read(known->what)) {
      fail(ErrorCode::kUsage, "a column is read that the table's list does not let through",
           std::string(synthea_table(kind_).name) + ": " + std::string(name));
    }
    if (const Column found = table_.want(name)) return found;
  }
  return std::nullopt;
}

SyntheaRows::Column SyntheaRows::needed(std::initializer_list<std::string_view> names) {
  const Column found = column(names);
  if (!found) table_.need(*names.begin());  // says what is missing
  return found;
}

void SyntheaRows::choose_attributes(const SyntheaFile& file) {
  std::vector<std::string_view> filled;  // by a column of an earlier name
  for (const SyntheaColumn& known : synthea_table(file.table).columns) {
    if (known.attribute.empty() || !table_.has(known.name)) continue;
    if (known.what == SyntheaClass::kName) {
      const SyntheaColumn* code = find_synthea_column(file.table, known.attribute);
      if (!code->attribute.empty()) {
        named_.push_back({column({code->name}), column({known.name}), code->vocabulary});
      }
      continue;
    }
    if (std::ranges::find(filled, known.attribute) != filled.end()) continue;
    filled.push_back(known.attribute);
    if (known.what == SyntheaClass::kPayer) {
      payers_.push_back(
          {column({known.name}), import_.sink.attribute(known.attribute, ColumnType::kCode)});
      continue;
    }
    const ColumnType type = attribute_type(known).value();
    attributes_.emplace_back(*column({known.name}), import_.sink.attribute(known.attribute, type),
                             type, known.vocabulary, import_.sink);
  }
  for (const KeptColumn& kept : import_.keep) {
    const Column input = table_.want(kept.name);
    kept_.push_back(input);
    if (!input) continue;
    attributes_.emplace_back(*input, import_.sink.attribute(kept.name, kept.type), kept.type,
                             kept.name, import_.sink);
  }
}

void SyntheaRows::report_columns(const SyntheaFile& file) {
  std::string unknown;
  for (std::size_t i = 0; i < table_.names().size(); ++i) {
    const std::string& name = table_.lower_names()[i];
    const bool kept =
        std::ranges::find(import_.keep, name, &KeptColumn::name) != import_.keep.end();
    const SyntheaColumn* known = find_synthea_column(kind_, name);
    if (kept || (known != nullptr && is_read(known->what))) continue;
    if (can_be_kept(name)) report().ignored_columns.push_back(table_.names()[i]);
    if (known == nullptr) unknown += (unknown.empty() ? "" : ", ") + table_.names()[i];
  }
  if (!unknown.empty()) {
    import_.notes.add(std::string(synthea_table(kind_).name) +
                      ": columns that are not known and were not read: " + unknown + " (" +
                      file.path.filename().string() + ")");
  }
}

bool SyntheaRows::next() {
  reason_ = nullptr;
  if (begun_ && ++row_ < table_.rows()) return true;
  begun_ = true;
  row_ = 0;
  while (table_.next()) {
    if (table_.rows() > 0) return true;
  }
  return false;
}

void SyntheaRows::wrong(Column column, const char* reason) {
  if (reason_ != nullptr) return;
  wrong_ = column;
  reason_ = reason;
}

std::string_view SyntheaRows::needed_text(Column column, const char* missing) {
  const std::string_view cell = text(column);
  if (cell.empty()) wrong(column, missing);
  return cell;
}

std::optional<DayTime> SyntheaRows::moment(Column column) {
  const std::string_view cell = text(column);
  if (cell.empty()) return std::nullopt;
  const std::optional<DayTime> moment = parse_day_time(cell);
  if (!moment) wrong(column, "not a date (YYYY-MM-DD, or with Thh:mm:ssZ)");
  return moment;
}

std::optional<DayTime> SyntheaRows::needed_moment(Column column) {
  if (text(column).empty()) wrong(column, "the date is missing");
  return moment(column);
}

std::int64_t SyntheaRows::cents(Column column) {
  const std::string_view cell = text(column);
  if (cell.empty()) return kNull;
  bool rounded = false;
  const std::optional<std::int64_t> cents = parse_cents(cell, &rounded);
  if (rounded) ++report().noted["rounded to cents"];
  if (!cents) wrong(column, "not an amount of money");
  return cents.value_or(kNull);
}

std::int64_t SyntheaRows::integer(Column column) {
  const std::string_view cell = text(column);
  if (cell.empty()) return kNull;
  const std::optional<std::int64_t> number = parse_int64(cell);
  if (!number) wrong(column, "not an integer");
  return number.value_or(kNull);
}

std::int64_t SyntheaRows::decimal(Column column) {
  const std::string_view cell = text(column);
  if (cell.empty()) return kNull;
  const std::optional<PackedDecimal> number = parse_decimal(cell);
  if (!number) wrong(column, "not a number");
  return number.value_or(kNull);
}

bool SyntheaRows::good() {
  for (AttributeColumn& attribute : attributes_) {
    const char* reason = attribute.parse(text(attribute.input()), report());
    if (reason != nullptr) wrong(attribute.input(), reason);
  }
  if (reason_ == nullptr) return true;
  table_.reject(row_, wrong_.value_or(0), reason_);
  return false;
}

void SyntheaRows::fill(EventBatch& batch) {
  for (const AttributeColumn& attribute : attributes_) attribute.set(batch);
  for (const PayerColumn& payer : payers_) {
    const std::string_view id = text(payer.input);
    if (id.empty()) continue;
    if (const SyntheaPayers::Payer* known = import_.payers.find(id)) {
      batch.set(payer.id, known->code);
    } else {
      ++report().noted["payer that the payers table does not have"];
    }
  }
  for (const NamedColumn& column : named_) {
    name(column.vocabulary, text(column.code), text(column.name));
  }
}

void SyntheaRows::pack_kept(std::string& record) const {
  for (const Column column : kept_) pack_field(record, text(column));
}

FileReport SyntheaRows::finish() {
  import_.names.merge(names_);
  return table_.report();
}

}  // namespace anam
