// SPDX-License-Identifier: Apache-2.0
// Finds the reasons of index events, with the counting that evaluation does.
#pragma once

#include <span>
#include <vector>

#include "query/evaluate/event_details.h"
#include "query/evaluate/event_list.h"
#include "query/evaluate/exits.h"
#include "query/evaluate/reasons.h"
#include "query/evaluate/shard_reader.h"

namespace anam::evaluation {

/// What happened to one anchor before it could be a row.
struct Verdict {
  Fate fate = Fate::kMember;
  std::size_t rule = 0;  // kRule
};

/// Explains index events of one shard. `details` is the shard, read beside the reader.
class Explainer {
 public:
  Explainer(ShardReader& reader, ShardData& details, const ReasonOptions& options)
      : reader_(reader), details_(details), options_(options) {}

  /// The rows that `anchors` become (as rows_with_exits(), join_rows() and cut_rows() make them),
  /// some patients at a time. REQUIRES: anchors with origins, in the order of patients, which meet
  /// all rules.
  void explain_rows(const Anchors& anchors, const TakeReasons& take);

  /// All index events of one patient, with their verdicts; those that are members become rows. If
  /// there are none, events that are no index events by the conditions of those, as many as are
  /// shown of a count.
  std::vector<RowReasons> explain_events(std::uint32_t patient, const Anchors& anchors,
                                         std::span<const Verdict> verdicts);

 private:
  /// A row's index events, as positions in the anchors.
  struct Part {
    CohortRow row;
    std::vector<std::size_t> anchors;
  };
  std::vector<Part> joined(const Anchors& anchors, const std::vector<TracedExit>& exits) const;
  void cut(std::vector<Part>& parts) const;

  RowReasons row(const Part& part, const Anchors& anchors, const std::vector<TracedExit>& exits);
  RowReasons lone(const Anchors& anchors, std::size_t i, const Verdict& verdict);
  void add_others(std::uint32_t patient, std::size_t alternative, std::vector<RowReasons>& rows);
  IndexReason index_event(const Anchors& anchors, std::size_t i);
  void add_rules(const Anchors& anchors, std::size_t i, const Verdict& verdict,
                 IndexReason& reason);
  RuleReason rule(const CompiledGroup& group, bool negated, const Anchors& anchors, std::size_t i);
  ExitReason exit(const ExitCause& cause);

  /// Members of the group around anchor i; sets `met` to whether the group is.
  std::vector<MemberReason> members(const CompiledGroup& group, const Anchors& anchors,
                                    std::size_t i, bool& met);
  MemberReason count(const CompiledCount& count, const Anchors& anchors, std::size_t i);
  MemberReason person(const std::vector<CompiledTest>& tests, const Anchors& anchors,
                      std::size_t i);
  void add_facts(const std::vector<CompiledTest>& tests, const Anchors& anchors, std::size_t i,
                 std::vector<PersonFact>& facts);
  /// Event `position` of a selector's list, seen from a day.
  ShownEvent shown(std::size_t selector, std::size_t position, Day from);
  std::size_t want(std::size_t selector, std::size_t position);
  void finish(std::vector<RowReasons>& rows);

  ShardReader& reader_;
  ShardData& details_;
  const ReasonOptions options_;
  std::vector<WantedEvent> wanted_;      // of all rows at hand, one row's after the other's
  std::vector<std::size_t> wanted_end_;  // for each row, behind its last
  std::size_t row_begin_ = 0;            // of the row at hand
};

}  // namespace anam::evaluation
