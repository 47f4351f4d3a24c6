// SPDX-License-Identifier: Apache-2.0
// The tables of the medical record: one row, one event.
#include <algorithm>
#include <optional>

#include "ingest/csv/field.h"
#include "storage/attributes.h"
#include "storage/decimal.h"
#include "tools/import/row_writer.h"
#include "tools/import/synthea_rows.h"

namespace anam {
namespace {

using Table = SyntheaTable;

struct RecordTable {
  Domain domain;                // observations: of those that measure nothing
  std::string_view vocabulary;  // of codes; empty: what the code is decides
};

RecordTable record_table(Table table) {
  switch (table) {
    case Table::kEncounters:
      return {Domain::kVisit, "SNOMED"};
    case Table::kConditions:
      return {Domain::kCondition, "SNOMED"};
    case Table::kMedications:
      return {Domain::kDrug, "RxNorm"};
    case Table::kProcedures:
      return {Domain::kProcedure, "SNOMED"};
    case Table::kImmunizations:
      return {Domain::kDrug, "CVX"};
    case Table::kDevices:
    case Table::kSupplies:
      return {Domain::kDevice, "SNOMED"};
    case Table::kCareplans:
      return {Domain::kObservation, "SNOMED"};
    default:
      return {Domain::kObservation, {}};
  }
}

/// "8302-2": digits, a hyphen, a digit.
bool is_loinc(std::string_view code) {
  return code.size() >= 3 && code[code.size() - 2] == '-' &&
         std::ranges::all_of(code, [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
}

/// "LA6576-8": an answer of a LOINC list.
bool is_loinc_answer(std::string_view text) {
  return text.starts_with("LA") && is_loinc(text.substr(2));
}

class RecordReader {
 public:
  RecordReader(SyntheaImport& import, const SyntheaFile& file)
      : import_(import),
        table_(file.table),
        is_(record_table(file.table)),
        rows_(import, file),
        codes_(import.sink),
        out_(import.sink),
        patient_(rows_.needed({"patient"})),
        code_(rows_.needed({"code"})),
        description_(rows_.column({"description"})) {
    const bool spans = find_synthea_column(table_, "start") != nullptr;
    const bool dated = find_synthea_column(table_, "date") != nullptr;
    start_ =
        spans && dated ? rows_.needed({"start", "date"}) : rows_.needed({spans ? "start" : "date"});
    if (spans) stop_ = rows_.column({"stop"});
    if (find_synthea_column(table_, "system") != nullptr) system_ = rows_.column({"system"});
    if (table_ == Table::kEncounters) {
      visit_ = rows_.needed({"id"});
      class_ = rows_.column({"encounterclass"});
      provider_ = rows_.column({"provider"});
    } else {
      visit_ = rows_.column({"encounter"});
    }
    if (table_ == Table::kMedications) dispenses_ = rows_.column({"dispenses"});
    if (table_ == Table::kObservations) {
      value_ = rows_.column({"value"});
      value_type_ = rows_.column({"type"});
      category_ = rows_.column({"category"});
    }
  }

  FileReport read() {
    while (rows_.next()) {
      if (read_row()) ++rows_.report().loaded;
    }
    out_.finish();
    return rows_.finish();
  }

 private:
  bool read_row() {
    const std::string_view patient = rows_.needed_text(patient_, "the patient is missing");
    const std::string_view code = rows_.needed_text(code_, "the code is missing");
    const std::optional<DayTime> start = rows_.needed_moment(start_);
    const std::optional<DayTime> stop = rows_.moment(stop_);
    if (table_ == Table::kEncounters) rows_.needed_text(visit_, "the encounter's id is missing");
    const std::int64_t dispenses = rows_.integer(dispenses_);
    const Value value = read_value(code);
    if (!rows_.good()) return false;

    const std::string_view vocabulary = vocabulary_of(code);
    const CodeId id = codes_.id(vocabulary, code);
    EventBatch& batch = out_.next();
    if (table_ == Table::kEncounters) {
      begin_visit(batch, patient, id, *start);
    } else {
      batch.begin(patient, is_measurement(code, value) ? Domain::kMeasurement : is_.domain, id,
                  start->day);
    }
    if (start->second >= 0) batch.set(column::kSecond, start->second);
    if (stop) {
      batch.set(column::kEndDay, stop->day);
      if (stop->second >= 0) batch.set(column::kEndSecond, stop->second);
      if (stop->day < start->day) ++rows_.report().noted["end before start"];
    }
    batch.set_key(column::kVisitKey, rows_.text(visit_));
    if (table_ == Table::kMedications) set_supply(batch, *start, stop, dispenses);
    set_value(batch, value);
    rows_.fill(batch);
    rows_.name(vocabulary, code, rows_.text(description_));
    return true;
  }

  std::string_view vocabulary_of(std::string_view code) const {
    if (const std::string_view said = vocabulary_of_system(rows_.text(system_)); !said.empty()) {
      return said;
    }
    if (!is_.vocabulary.empty()) return is_.vocabulary;
    if (table_ == Table::kObservations) return is_loinc(code) ? "LOINC" : "Synthea";
    return is_snomed_concept(code) ? "SNOMED" : "RxNorm";  // what somebody is allergic to
  }

  /// A visit's code is the class of the encounter, its source code the reason to come.
  void begin_visit(EventBatch& batch, std::string_view patient, CodeId source,
                   const DayTime& start) {
    const std::string_view known = visit_code(rows_.text(class_));
    if (known.empty()) ++rows_.report().noted["class of encounter that is not known: no code"];
    batch.begin(patient, Domain::kVisit, codes_.id_of(known), start.day);
    batch.set(column::kSourceCode, source);
    batch.set_text(column::kSpecialtySource, import_.providers.specialty(rows_.text(provider_)));
  }

  /// A course of some dispensings: each lasts its part of the days, where the course has ended.
  static void set_supply(EventBatch& batch, const DayTime& start,
                         const std::optional<DayTime>& stop, std::int64_t dispenses) {
    if (dispenses == kNull || dispenses < 1) return;
    batch.set(column::kRefills, dispenses - 1);
    if (!stop || stop->day <= start.day) return;
    const std::int64_t days = std::int64_t{stop->day} - start.day;
    batch.set(column::kDaysSupply, std::max<std::int64_t>(days / dispenses, 1));
  }

  struct Value {
    std::int64_t number = kNull;
    std::string_view text, answer;  // one of them at most
    bool hidden = false;            // it is an identifier: not even this is kept
  };

  Value read_value(std::string_view code) {
    Value value;
    const std::string_view cell = rows_.text(value_);
    if (cell.empty()) return value;
    if (asks_for_identifier(code)) {
      value.hidden = true;
      return value;
    }
    const std::string_view type = rows_.text(value_type_);
    if (type == "numeric") {
      value.number = rows_.decimal(value_);
    } else if (const auto number = parse_decimal(cell); number && type.empty()) {
      value.number = *number;  // older releases do not say
    } else if (is_loinc_answer(cell) && is_loinc(code)) {
      value.answer = cell;
    } else {
      value.text = cell;
    }
    return value;
  }

  void set_value(EventBatch& batch, const Value& value) {
    if (value.hidden) ++rows_.report().noted["value that is an identifier was left out"];
    batch.set(column::kValue, value.number);
    batch.set_text(column::kValueText, value.text);
    if (!value.answer.empty()) batch.set(column::kValueCode, codes_.id("LOINC", value.answer));
  }

  /// Laboratory results and vital signs, and other numbers that LOINC knows.
  bool is_measurement(std::string_view code, const Value& value) const {
    if (table_ != Table::kObservations) return false;
    const std::string_view category = rows_.text(category_);
    return category == "laboratory" || category == "vital-signs" ||
           (value.number != kNull && is_loinc(code));
  }

  SyntheaImport& import_;
  Table table_;
  RecordTable is_;
  SyntheaRows rows_;
  VocabularyCodes codes_;
  RowWriter out_;
  SyntheaRows::Column patient_, code_, description_, start_, stop_, system_, visit_;
  SyntheaRows::Column class_, provider_;               // encounters
  SyntheaRows::Column dispenses_;                      // medications
  SyntheaRows::Column value_, value_type_, category_;  // observations
};

}  // namespace

FileReport read_synthea_record(SyntheaImport& import, const SyntheaFile& file) {
  return RecordReader(import, file).read();
}

}  // namespace anam
