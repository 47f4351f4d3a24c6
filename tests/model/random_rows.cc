// SPDX-License-Identifier: Apache-2.0
#include "tests/model/random_rows.h"

#include <algorithm>
#include <string>
#include <thread>

#include "index/patient_table.h"
#include "storage/attributes.h"

namespace anam::testing {
namespace {

using Random = std::mt19937_64;

bool one_in(Random& random, std::uint64_t n) { return random() % n == 0; }

/// Many of the ids look alike: 17, "017", "17 ", "-17", "P17".
std::string patient_id(std::uint64_t number) {
  std::string digits = std::to_string(number / 2);
  switch (number % 8) {
    case 1:
      return "0" + digits;
    case 3:
      return "P" + digits;
    case 5:
      return "-" + digits;
    case 7:
      return digits + "000000000000000000000";
    default:
      return digits;
  }
}

Code random_code(Random& random, std::size_t codes) {
  if (one_in(random, 60)) return {};
  const std::size_t number = std::min({random() % codes, random() % codes, random() % codes});
  constexpr std::array<const char*, 4> kVocabularies = {"ICD10CM", "NDC", "N", "LOINC"};
  std::string code = std::to_string(number / 3);
  if (number % 3 == 1) code += ".1";
  if (number % 3 == 2) code += "\xC3\xA4";
  return {kVocabularies[number % 4], code};
}

Cell random_cell(Random& random, ColumnType type) {
  Cell cell{.type = type, .text = {}, .code = {}};
  switch (type) {
    case ColumnType::kInt:
      cell.number = static_cast<std::int64_t>(random() % 40) - 5;
      break;
    case ColumnType::kMoney:
      cell.number = static_cast<std::int64_t>(random() % 100000) - 1000;
      break;
    case ColumnType::kDecimal:  // 3.5 and 3.50, too
      cell.number = static_cast<std::int64_t>(random() % 50) * (one_in(random, 2) ? 10 : 1) * 32 +
                    static_cast<std::int64_t>(random() % 3);
      break;
    case ColumnType::kText:
      cell.text = "text " + std::to_string(random() % 30);
      break;
    case ColumnType::kCode:
      cell.code = random_code(random, 20);
      if (cell.code.code.empty()) cell.code = {"UCUM", "mg"};
      break;
  }
  return cell;
}

void add_attributes(Random& random, const std::vector<ColumnShape>& columns, unsigned about,
                    Cells& cells) {
  for (const ColumnShape& column : columns) {
    if (random() % columns.size() < about) cells[column.id] = random_cell(random, column.type);
  }
}

}  // namespace

const std::vector<ColumnShape>& event_columns() {
  static const std::vector<ColumnShape> kColumns = {
      {column::kValue, ColumnType::kDecimal},
      {column::kValueText, ColumnType::kText},
      {column::kUnit, ColumnType::kCode},
      {column::kQuantity, ColumnType::kDecimal},
      {column::kDaysSupply, ColumnType::kInt},
      {column::kPosition, ColumnType::kInt},
      {column::kProvider, ColumnType::kText},
      {column::kSpecialty, ColumnType::kCode},
      {column::kPaid, ColumnType::kMoney},
      {column::kCharged, ColumnType::kMoney},
      {column::kFirstLocalColumn, ColumnType::kText},
      {column::kFirstLocalColumn + 1, ColumnType::kDecimal},
  };
  return kColumns;
}

const std::vector<ColumnShape>& person_columns() {
  static const std::vector<ColumnShape> kColumns = {
      {column::kSex, ColumnType::kCode},
      {column::kBirthYear, ColumnType::kInt},
      {column::kState, ColumnType::kText},
      {column::kFirstLocalColumn, ColumnType::kText},
  };
  return kColumns;
}

// Small ones that rows share, and any that fit.
std::int64_t sequence(Random& random) {
  if (!one_in(random, 100)) return static_cast<std::int64_t>(random() % 12) - 3;
  return static_cast<std::int64_t>(random() | 1);
}

std::vector<Row> random_rows(Random& random, const RowShape& shape) {
  const std::vector<Domain> domains(all_domains().begin(), all_domains().end());
  const bool seconds = one_in(random, 2);
  const bool numbers = one_in(random, 2);
  const bool ends = !one_in(random, 4);
  const bool sources = !one_in(random, 4);
  const std::size_t few = one_in(random, 2) ? 4 : domains.size();
  const std::size_t most_domains = shape.domains > 0 ? shape.domains : few;
  const std::string busy = patient_id(random() % shape.patients);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < shape.events; ++i) {
    Row row;
    row.patient = static_cast<double>(random() % 10000) < shape.most_events * 10000
                      ? busy
                      : patient_id(random() % shape.patients);
    row.domain = domains[random() % most_domains];
    if (one_in(random, 12)) row.domain = Domain::kVisit;
    row.code = random_code(random, shape.codes);
    row.day = static_cast<Day>(
        static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(shape.days)) - 300);
    const auto number = [](std::int64_t n) { return Cell{.number = n, .text = {}, .code = {}}; };
    if (seconds && one_in(random, 2))
      row.cells[column::kSecond] = number(static_cast<std::int64_t>(random() % 4 * 3600));
    if (ends && one_in(random, 2)) {
      row.cells[column::kEndDay] = number(*row.day + static_cast<std::int64_t>(random() % 9) - 1);
      if (seconds && one_in(random, 3))
        row.cells[column::kEndSecond] = number(static_cast<std::int64_t>(random() % 86400));
    }
    if (sources && one_in(random, 2)) {
      Code code = one_in(random, 3) ? row.code : random_code(random, shape.codes);
      if (!code.code.empty())
        row.cells[column::kSourceCode] = {.type = ColumnType::kCode, .text = {}, .code = code};
    }
    if (one_in(random, 50))
      row.cells[column::kRecord] = number(static_cast<std::int64_t>(random() % 9));
    if (numbers && !one_in(random, 8)) row.sequence = sequence(random);
    add_attributes(random, event_columns(), shape.attributes, row.cells);
    if (one_in(random, 3)) row.keys[0] = "V" + std::to_string(random() % 6);
    if (one_in(random, 6)) row.keys[1] = std::to_string(random() % 6);
    if (one_in(random, 3)) row.keys[2] = "claim-" + std::to_string(random() % 12);
    // Also visits that no event is of.
    if (one_in(random, 6))
      row.cells[column::kPrecedingVisit] = number(key_of("V" + std::to_string(random() % 8)));
    if (one_in(random, 8))
      row.cells[column::kPrecedingVisitDetail] = number(static_cast<std::int64_t>(random() % 8));
    if (one_in(random, 8))
      row.cells[column::kParentVisitDetail] = number(static_cast<std::int64_t>(random() % 8));
    if (one_in(random, 3)) row.record = std::to_string(random() % 8);
    const bool twice = one_in(random, 30);
    if (twice) rows.push_back(row);
    rows.push_back(std::move(row));
  }
  if (shape.persons) {
    for (std::uint64_t p = 0; p < shape.patients; ++p) {
      constexpr std::array<int, 8> kRowsAboutPerson = {0, 0, 1, 1, 1, 1, 2, 3};
      for (int n = kRowsAboutPerson[random() % 8]; n > 0; --n) {
        Row row;
        row.patient = patient_id(p);
        row.domain = Domain::kPerson;
        add_attributes(random, person_columns(), 3, row.cells);
        rows.push_back(std::move(row));
      }
    }
  }
  if (shape.amendments) {
    for (std::size_t i = 0; i < shape.events / 6; ++i) {
      Row row;
      row.patient = patient_id(random() % (shape.patients + 2));
      row.domain = Domain::kCost;
      row.amends = domains[random() % most_domains];
      if (!one_in(random, 20)) row.record = std::to_string(random() % 8);
      add_attributes(random, event_columns(), 4, row.cells);
      rows.push_back(std::move(row));
    }
  }
  std::ranges::shuffle(rows, random);
  return rows;
}

void add_rows(Load& load, const std::vector<Row>& rows, std::size_t batch_rows, unsigned threads) {
  for (const auto* columns : {&event_columns(), &person_columns()}) {
    for (const ColumnShape& column : *columns) {
      if (column.id < column::kFirstLocalColumn) continue;
      const ColumnId id = load.attribute("local_" + std::to_string(column.id), column.type);
      if (id != column.id) fail(ErrorCode::kUsage, "unexpected id of a local attribute");
    }
  }
  const auto work = [&](unsigned thread) {
    EventBatch batch;
    const auto flush = [&] {
      load.add(std::move(batch));
      batch = EventBatch();
    };
    for (std::size_t i = thread; i < rows.size(); i += threads) {
      const Row& row = rows[i];
      const CodeId code = load.code(row.code.vocabulary, row.code.code);
      const std::int64_t day = row.day ? std::int64_t{*row.day} : kNull;
      const PatientId id = PatientId::parse(row.patient);
      if (id.number != kNull && i % 2 == 0) {
        batch.begin(id.number, row.domain, code, day);
      } else {
        batch.begin(row.patient, row.domain, code, day);
      }
      for (const auto& [column, cell] : row.cells) {
        if (cell.type == ColumnType::kText) {
          batch.set_text(column, cell.text);
        } else if (cell.type == ColumnType::kCode) {
          batch.set(column, load.code(cell.code.vocabulary, cell.code.code));
        } else {
          batch.set(column, cell.number);
        }
      }
      batch.set_key(column::kVisitKey, row.keys[0]);
      batch.set_key(column::kVisitDetailKey, row.keys[1]);
      batch.set_key(column::kClaimKey, row.keys[2]);
      batch.set_key(column::kRecordKey, row.record);
      if (row.sequence) batch.set(column::kSequence, *row.sequence);
      if (row.amends) batch.set(column::kAmends, static_cast<std::int64_t>(*row.amends));
      if (batch.rows() >= batch_rows) flush();
    }
    if (!batch.empty()) flush();
  };
  std::vector<std::jthread> workers;
  for (unsigned t = 1; t < threads; ++t) workers.emplace_back(work, t);
  work(0);
}

}  // namespace anam::testing
