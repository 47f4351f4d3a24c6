// SPDX-License-Identifier: Apache-2.0
// When members leave, and how their rows are joined and cut.
#pragma once

#include <utility>
#include <vector>

#include "query/evaluate/cohort_row.h"
#include "query/evaluate/event_list.h"
#include "query/evaluate/shard_reader.h"

namespace anam::evaluation {

/// Joins exposures of one patient over gaps of up to `gap_days` to eras (start, last day), by
/// start. Both vectors are used up; they may be in any order, and stay parallel.
void join_eras(std::vector<Day>& starts, std::vector<Day>& ends, int gap_days,
               std::vector<std::pair<Day, Day>>& eras);

/// Rows from each anchor's start to the earliest reason to leave that is not before it, by patient
/// and start, not yet joined. An anchor that no reason ends gives none.
std::vector<CohortRow> rows_with_exits(const Anchors& anchors, ShardReader& reader);

/// What makes an anchor's row end on its day.
struct ExitCause {
  enum class Kind : std::uint8_t { kPeriodEnd, kOffset, kEra, kOwnEnd, kCensoring } kind;
  std::size_t at = 0;        // of the plan's exits, or of its censoring
  std::size_t position = 0;  // kCensoring: of the selector's list
  Day era_start = 0;
  Day era_end = 0;
};

/// The day on which one anchor's row ends, with all that falls on it. No causes: no row.
struct TracedExit {
  Day day = 0;
  std::vector<ExitCause> causes;
};

/// For each anchor, the end of the row that rows_with_exits() makes of it.
std::vector<TracedExit> trace_exits(const Anchors& anchors, ShardReader& reader);

/// Joins a patient's rows that overlap, or are closer than `pad` days. REQUIRES: by patient, start.
void join_rows(std::vector<CohortRow>& rows, int pad);

/// Cuts rows to a window; drops those outside.
void cut_rows(std::vector<CohortRow>& rows, std::optional<Day> from, std::optional<Day> to);

}  // namespace anam::evaluation
