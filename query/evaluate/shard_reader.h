// SPDX-License-Identifier: Apache-2.0
// Reads what a plan needs of one shard, each thing once and late, for the patients still in
// question.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "query/evaluate/event_list.h"
#include "query/evaluate/plan.h"

namespace anam::evaluation {

/// A column about persons.
struct PersonColumn {
  std::vector<std::int64_t> cells;  // by ordinal
  TextPool texts;
  std::int64_t at(std::uint32_t ordinal) const {
    return ordinal < cells.size() ? cells[ordinal] : kNull;
  }
};

/// The standard codes of visits by their number within the patient.
class VisitIndex {
 public:
  explicit VisitIndex(const EventStream& visits);
  /// Null when the patient has no such visit.
  const CodeId* find(std::uint32_t patient, std::int64_t number) const;

 private:
  struct Visit {
    std::uint32_t patient;
    std::int64_t number;
    CodeId code;
  };
  std::vector<Visit> visits_;
};

/// Patients with events of each stream of a plan, as far as they are known.
using StreamPatients = std::vector<std::optional<PatientSet>>;

/// Caches streams and lists of one shard. Lists hold at least the events of the candidates at the
/// time of their first use; candidates only become fewer. Used by one thread.
class ShardReader {
 public:
  ShardReader(const Plan& plan, ShardData& shard);
  /// Knows already what another reader of the plan and the shard found out.
  ShardReader(const Plan& plan, ShardData& shard, StreamPatients known);
  ShardReader(const ShardReader&) = delete;
  ShardReader& operator=(const ShardReader&) = delete;

  const Plan& plan() const { return plan_; }
  ShardData& shard() { return shard_; }
  const PatientSet& candidates() const { return candidates_; }

  /// REQUIRES: a subset of the candidates.
  void narrow(PatientSet candidates);

  /// Patients with events of a stream of the plan; cached.
  const PatientSet& patients_with(std::size_t stream);
  const StreamPatients& known_patients() const { return with_; }

  /// Patients whose events would have to be read for `group` now: an estimate of its cost.
  std::uint64_t cost(const CompiledGroup& group);

  // References stay valid as long as the reader.
  const EventList& events(std::size_t selector);
  const EventList& periods();
  const PersonColumn& person(ColumnId column);
  const VisitIndex& visits();

  /// Where rows of a selector's stream stand among all events of their patient, by day and number
  /// in the source. Reads timelines of these rows' patients.
  std::vector<std::int64_t> places(std::size_t selector, std::span<const std::uint32_t> rows);

  /// Fills periods of anchors: the first that begins `before` days or more before the event's start
  /// and ends `after` days or more after it.
  void find_periods(Anchors& anchors, int before, int after);

 private:
  std::shared_ptr<const EventStream> stream(std::size_t index);
  void read(std::size_t index, EventList& list);
  std::optional<std::vector<std::uint32_t>> select_rows(std::size_t index);
  void keep_first(std::size_t index, std::vector<std::uint32_t>& rows);
  void keep_nested(const Selector& selector, EventList& list);

  const Plan& plan_;
  ShardData& shard_;
  PatientSet candidates_;
  bool all_ = true;  // nobody was excluded yet
  std::vector<std::shared_ptr<const EventStream>> streams_;
  StreamPatients with_;
  std::vector<std::unique_ptr<EventList>> lists_;
  std::unique_ptr<EventList> periods_;
  std::unique_ptr<VisitIndex> visits_;
  std::map<ColumnId, PersonColumn> persons_;
};

}  // namespace anam::evaluation
