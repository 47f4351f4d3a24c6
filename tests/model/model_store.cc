// SPDX-License-Identifier: Apache-2.0
#include "tests/model/model_store.h"

#include <algorithm>
#include <set>

#include "ingest/event_batch.h"
#include "storage/attributes.h"
#include "storage/decimal.h"

namespace anam::testing {
namespace {

template <typename T>
int three_way(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int compare_optional(const Cells& a, const Cells& b, ColumnId id) {
  const auto x = a.find(id);
  const auto y = b.find(id);
  if (x == a.end() || y == b.end()) return (x != a.end() ? 1 : 0) - (y != b.end() ? 1 : 0);
  return compare(x->second, y->second);
}

int compare_keys(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return (a.empty() ? 0 : 1) - (b.empty() ? 0 : 1);
  return three_way(key_of(a), key_of(b));
}

/// The order in which a release stores a patient's events, as docs/format.md states it.
bool before(const Row& a, const Row& b) {
  if (a.day != b.day) return a.day < b.day;
  if (a.sequence != b.sequence) return a.sequence < b.sequence;  // none first
  if (const int order = compare_optional(a.cells, b.cells, column::kSecond); order != 0)
    return order < 0;
  if (a.domain != b.domain) return a.domain < b.domain;
  if (a.code != b.code) return a.code < b.code;
  if (const int order = compare_optional(a.cells, b.cells, column::kRecord); order != 0)
    return order < 0;
  std::set<ColumnId> ids;
  for (const auto& [id, cell] : a.cells) ids.insert(id);
  for (const auto& [id, cell] : b.cells) ids.insert(id);
  for (const ColumnId id : ids) {
    if (const int order = compare_optional(a.cells, b.cells, id); order != 0) return order < 0;
  }
  for (std::size_t kind = 0; kind < a.keys.size(); ++kind) {
    if (const int order = compare_keys(a.keys[kind], b.keys[kind]); order != 0) return order < 0;
  }
  if (const int order = compare_keys(a.record, b.record); order != 0) return order < 0;
  return a.amends < b.amends;
}

void amend(Cells& to, const Cells& from) {
  for (const auto& [id, cell] : from) {
    if (id < column::kFirstAttribute) continue;
    const auto [at, is_new] = to.emplace(id, cell);
    if (is_new) continue;
    if (cell.type == ColumnType::kMoney) {
      at->second.number += cell.number;
    } else if (cell.type == ColumnType::kDecimal) {
      if (compare_decimals(cell.number, at->second.number) < 0) at->second = cell;
    } else if (compare(cell, at->second) < 0) {
      at->second = cell;
    }
  }
}

}  // namespace

std::string Cell::print() const {
  if (type == ColumnType::kText) return text;
  if (type == ColumnType::kCode) return code.vocabulary + ":" + code.code;
  return std::to_string(number);
}

int compare(const Cell& a, const Cell& b) {
  if (a.type == ColumnType::kText) return three_way(a.text, b.text);
  if (a.type == ColumnType::kCode) return three_way(a.code, b.code);
  if (a.type == ColumnType::kDecimal) {
    const int order = compare_decimals(a.number, b.number);
    if (order != 0) return order;
  }
  return three_way(a.number, b.number);
}

std::string Event::print() const {
  std::string line = std::to_string(*row.day) + " " + std::string(domain_name(row.domain)) + " " +
                     row.code.vocabulary + ":" + row.code.code;
  for (const auto& [id, cell] : row.cells) line += " " + std::to_string(id) + "=" + cell.print();
  return line;
}

const Cell* Event::find(ColumnId id) const {
  const auto found = row.cells.find(id);
  return found == row.cells.end() ? nullptr : &found->second;
}

void ModelStore::load(const std::vector<Row>& rows, const ModelOptions& options) {
  ++releases;
  orphans = dangling = unmatched = amendments = 0;
  std::map<std::string, std::vector<const Row*>> by_patient;
  for (const Row& row : rows) by_patient[row.patient].push_back(&row);

  for (const auto& [id, mine] : by_patient) {
    std::vector<Row> persons, changes, events;
    for (const Row* row : mine) {
      (row->domain == Domain::kPerson ? persons : row->amends ? changes : events).push_back(*row);
    }
    const auto known = patients.find(id);
    const bool person = !persons.empty() || (known != patients.end() && known->second.person);
    if (options.require_persons && !person) {
      orphans += mine.size();
      continue;
    }
    if (persons.empty() && events.empty() && known == patients.end()) {
      unmatched += mine.size();
      continue;
    }
    Patient& patient = patients[id];
    patient.person = person;
    for (auto* sorted : {&persons, &changes, &events}) std::ranges::sort(*sorted, before);
    for (const Row& row : persons) {
      for (const auto& [column, cell] : row.cells) {
        if (column >= column::kFirstAttribute) patient.cells[column] = cell;
      }
    }
    for (const Row& change : changes) {
      const auto target = std::ranges::find_if(events, [&](const Row& event) {
        return !change.record.empty() && event.domain == *change.amends && !event.record.empty() &&
               key_of(event.record) == key_of(change.record);
      });
      if (target == events.end()) {
        ++unmatched;
      } else {
        ++amendments;
        amend(target->cells, change.cells);
      }
    }
    constexpr std::array<ColumnId, 3> kNumbers = {column::kVisit, column::kVisitDetail,
                                                  column::kClaim};
    const std::array<std::vector<ColumnId>, 3> references = {
        {{column::kPrecedingVisit},
         {column::kPrecedingVisitDetail, column::kParentVisitDetail},
         {}}};
    constexpr std::array<Domain, 3> kDefines = {Domain::kVisit, Domain::kVisitDetail,
                                                Domain::kNone};
    for (std::size_t kind = 0; kind < kNumbers.size(); ++kind) {
      std::map<std::int64_t, std::int64_t> numbers;
      const bool need = options.require_visits && kDefines[kind] != Domain::kNone;
      std::set<std::int64_t> defined;
      for (const Row& event : events) {
        if (event.keys[kind].empty()) continue;
        if (event.domain == kDefines[kind]) defined.insert(key_of(event.keys[kind]));
        const auto [at, is_new] = numbers.emplace(key_of(event.keys[kind]), 0);
        if (is_new) at->second = ++patient.used[kind];
      }
      for (Row& event : events) {
        if (event.keys[kind].empty()) continue;
        const std::int64_t key = key_of(event.keys[kind]);
        if (need && !defined.contains(key)) ++dangling;
        event.cells[kNumbers[kind]] = {.number = numbers.at(key), .text = {}, .code = {}};
      }
      // What is only referred to is numbered last.
      for (Row& event : events) {
        for (const ColumnId reference : references[kind]) {
          const auto cell = event.cells.find(reference);
          if (cell == event.cells.end()) continue;
          const std::int64_t key = cell->second.number;
          const auto [at, is_new] = numbers.emplace(key, 0);
          if (is_new) at->second = ++patient.used[kind];
          if (need && !defined.contains(key)) ++dangling;
          cell->second.number = at->second;
        }
      }
    }
    for (Row& event : events) {
      event.cells[column::kSource] = {.number = options.source, .text = {}, .code = {}};
      patient.events.push_back({std::move(event), releases});
    }
  }
}

std::uint64_t ModelStore::events() const {
  std::uint64_t n = 0;
  for (const auto& [id, patient] : patients) n += patient.events.size();
  return n;
}

}  // namespace anam::testing
