// SPDX-License-Identifier: Apache-2.0
// Columns of events, and walking them patient by patient.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "query/event_stream.h"

namespace anam::evaluation {

/// The events that a Selector selects in one shard, by patient. Columns that nobody needs are
/// empty; where nothing was filtered they are the stream's own.
struct EventList {
  std::span<const std::uint32_t> patient;
  std::span<const Day> start;
  std::span<const Day> end;
  std::span<const std::uint32_t> rows;  // of the stream; empty = row i is event i
  std::vector<Day> sort_day;            // what limits order by; empty = the start
  std::vector<Day> length;              // end - start; empty = that of `start` and `end`
  bool sorted = true;                   // starts ascend within a patient
  // Of the stream; null when absent or not needed.
  const StreamColumn* second = nullptr;
  const StreamColumn* end_second = nullptr;
  const StreamColumn* visit = nullptr;
  const StreamColumn* claim = nullptr;

  std::shared_ptr<const EventStream> stream;
  std::vector<std::uint32_t> own_patient;
  std::vector<Day> own_start;
  std::vector<Day> own_end;
  std::vector<std::uint32_t> own_rows;

  std::size_t size() const { return patient.size(); }
  std::size_t row(std::size_t i) const { return rows.empty() ? i : rows[i]; }
  std::int64_t cell(const StreamColumn* column, std::size_t i) const {
    return column == nullptr ? kNull : column->cells[row(i)];
  }
};

/// Finds patients' runs in a column of ascending patients, asked for in ascending order.
class RunCursor {
 public:
  explicit RunCursor(std::span<const std::uint32_t> patients) : patients_(patients) {}

  /// Moves to the run of `patient`, which may be empty. REQUIRES: no smaller than the one before.
  void seek(std::uint32_t patient) {
    begin_ = first_not_below(end_, patient);
    end_ = begin_;
    while (end_ < patients_.size() && patients_[end_] == patient) ++end_;
  }
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }

 private:
  // Steps while near, gallops when far.
  std::size_t first_not_below(std::size_t at, std::uint32_t patient) const {
    const std::size_t near = std::min(patients_.size(), at + 8);
    while (at < near && patients_[at] < patient) ++at;
    if (at < near || at == patients_.size()) return at;
    std::size_t step = 8;
    std::size_t low = at;
    while (low + step < patients_.size() && patients_[low + step] < patient) {
      low += step;
      step *= 2;
    }
    const auto first = patients_.begin();
    const std::size_t high = std::min(patients_.size(), low + step + 1);
    return static_cast<std::size_t>(std::lower_bound(first + static_cast<std::ptrdiff_t>(low),
                                                     first + static_cast<std::ptrdiff_t>(high),
                                                     patient) -
                                    first);
  }

  std::span<const std::uint32_t> patients_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// Events that groups are counted around, by patient (in no order within one). Columns beyond
/// the period's may be empty: not needed.
struct Anchors {
  std::vector<std::uint32_t> patient;
  std::vector<Day> start;
  std::vector<Day> period_start;  // kNoPeriod: in none
  std::vector<Day> period_end;
  std::vector<Day> end;
  std::vector<Day> sort_day;
  std::vector<std::int64_t> second;
  std::vector<std::int64_t> end_second;
  std::vector<std::int64_t> visit;
  std::vector<std::int64_t> claim;
  std::vector<std::uint64_t> origin;  // of index events, where that is asked: see origin_of()
  static constexpr Day kNoPeriod = EventStream::kNoEnd;

  /// Event `position` of the list of the definition's `alternative`th index query.
  static std::uint64_t origin_of(std::size_t alternative, std::size_t position) {
    return std::uint64_t{alternative} << 32 | position;
  }
  static std::size_t alternative_of(std::uint64_t origin) { return origin >> 32; }
  static std::size_t position_of(std::uint64_t origin) { return origin & 0xFFFFFFFF; }

  std::size_t size() const { return patient.size(); }
  bool in_period(std::size_t i) const { return period_start[i] != kNoPeriod; }

  /// Removes the events whose `kept` is 0. REQUIRES: kept.size() == size().
  void keep(std::span<const std::uint8_t> kept) {
    const auto compact = [kept](auto& column) {
      if (column.empty()) return;
      std::size_t to = 0;
      for (std::size_t i = 0; i < kept.size(); ++i) {
        column[to] = column[i];
        to += kept[i] != 0 ? 1 : 0;
      }
      column.resize(to);
    };
    compact(start);
    compact(period_start);
    compact(period_end);
    compact(end);
    compact(sort_day);
    compact(second);
    compact(end_second);
    compact(visit);
    compact(claim);
    compact(origin);
    compact(patient);
  }
};

}  // namespace anam::evaluation
