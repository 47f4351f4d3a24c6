// SPDX-License-Identifier: Apache-2.0
// A store in memory, as plainly as it can be written: what the real one is compared with.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/event.h"

namespace anam::testing {

/// (vocabulary, code); both empty: no code.
struct Code {
  std::string vocabulary;
  std::string code;
  auto operator<=>(const Code&) const = default;
};

/// The value of a column: a number, a text, or a code.
struct Cell {
  ColumnType type = ColumnType::kInt;
  std::int64_t number = 0;
  std::string text;
  Code code;

  std::string print() const;
};
/// As on a timeline: <0, 0, >0.
int compare(const Cell& a, const Cell& b);

using Cells = std::map<ColumnId, Cell>;

/// A row as an importer gives it.
struct Row {
  std::string patient;
  Domain domain = Domain::kNone;
  Code code;
  std::optional<Day> day;           // none: about the person, or an amendment
  std::optional<Domain> amends;     // an amendment of an event of this domain
  Cells cells;                      // of attributes that name visits: the key, as key_of() gives it
  std::array<std::string, 3> keys;  // of visit, detail of visit, claim; empty: none
  std::optional<std::int64_t> sequence;  // the source's number of the row
  std::string record;                    // key that amendments name; empty: none
};

struct Event {
  Row row;  // with numbers of visits and claims, and the source, among its cells
  std::uint32_t release = 0;

  /// Everything that is stored, as one line.
  std::string print() const;
  const Cell* find(ColumnId id) const;
};

struct Patient {
  bool person = false;  // a row about the person was loaded
  Cells cells;          // of rows about the person
  std::array<std::int64_t, 3> used{};
  std::vector<Event> events;  // release by release, each as it stores them
};

struct ModelOptions {
  std::uint32_t source = 1;
  bool require_persons = false;
  bool require_visits = false;
};

struct ModelStore {
  std::uint32_t releases = 0;
  std::map<std::string, Patient> patients;
  std::uint64_t orphans = 0;  // of the last load, as is the following
  std::uint64_t dangling = 0;
  std::uint64_t unmatched = 0;
  std::uint64_t amendments = 0;

  void load(const std::vector<Row>& rows, const ModelOptions& options);
  std::uint64_t events() const;
};

}  // namespace anam::testing
