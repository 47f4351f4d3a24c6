// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/exits.h"

#include <algorithm>
#include <limits>

namespace anam::evaluation {

namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// The earliest days that count, one for each anchor; kNever where there is none yet.
class Ends {
 public:
  /// `causes` may be null, or has the anchors' size.
  Ends(const Anchors& anchors, std::vector<TracedExit>* causes)
      : anchors_(anchors), ends_(anchors.size(), kNever), causes_(causes) {}

  void offer(std::size_t i, std::int64_t day, const ExitCause& cause) {
    if (day < anchors_.start[i]) return;
    if (causes_ != nullptr) trace(i, day, cause);
    ends_[i] = std::min(ends_[i], day);
  }
  std::int64_t operator[](std::size_t i) const { return ends_[i]; }

 private:
  void trace(std::size_t i, std::int64_t day, const ExitCause& cause) {
    if (day > ends_[i]) return;
    std::vector<ExitCause>& causes = (*causes_)[i].causes;
    if (day < ends_[i]) causes.clear();
    causes.push_back(cause);
    (*causes_)[i].day = static_cast<Day>(day);
  }

  const Anchors& anchors_;
  std::vector<std::int64_t> ends_;
  std::vector<TracedExit>* causes_;
};

void offer_offset(const ExitAfter& exit, std::size_t at, const Anchors& anchors, Ends& ends) {
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    std::int64_t day = exit.from == End::kStart ? anchors.start[i] : anchors.end[i];
    day += exit.days;
    ExitCause cause{.kind = ExitCause::Kind::kOffset, .at = at};
    if (anchors.in_period(i) && day > anchors.period_end[i]) {
      day = anchors.period_end[i];
      cause.kind = ExitCause::Kind::kPeriodEnd;
    }
    ends.offer(i, day, cause);
  }
}

void offer_eras(const ExitWhenEraEnds& exit, std::size_t at, const EventList& exposures,
                const Anchors& anchors, Ends& ends) {
  RunCursor run(exposures.patient);
  std::vector<Day> starts;
  std::vector<Day> stops;
  std::vector<std::pair<Day, Day>> eras;
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    if (i == 0 || anchors.patient[i] != anchors.patient[i - 1]) {
      run.seek(anchors.patient[i]);
      const auto slice = [&run](std::span<const Day> days) {
        return days.subspan(run.begin(), run.end() - run.begin());
      };
      const auto from = slice(exposures.start);
      const auto to = slice(exposures.end);
      starts.assign(from.begin(), from.end());
      stops.assign(to.begin(), to.end());
      for (Day& day : stops) day += exit.offset;
      join_eras(starts, stops, exit.gap_days, eras);
    }
    const std::int64_t start = anchors.start[i];
    for (const auto& [first, last] : eras) {
      if (first > start || start > last) continue;
      ends.offer(i, last,
                 {.kind = ExitCause::Kind::kEra, .at = at, .era_start = first, .era_end = last});
    }
  }
}

// The first event on the start or after it, within the period. Of several on the day all are
// causes.
void offer_censoring(const EventList& events, std::size_t at, const Anchors& anchors, Ends& ends) {
  RunCursor run(events.patient);
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    if (i == 0 || anchors.patient[i] != anchors.patient[i - 1]) run.seek(anchors.patient[i]);
    std::size_t k = run.begin();
    if (events.sorted) {
      const auto first = events.start.begin();
      k = static_cast<std::size_t>(std::lower_bound(first + static_cast<std::ptrdiff_t>(k),
                                                    first + static_cast<std::ptrdiff_t>(run.end()),
                                                    anchors.start[i]) -
                                   first);
    }
    for (const std::size_t begin = k; k < run.end(); ++k) {
      if (events.sorted && events.start[k] > events.start[begin]) break;
      if (anchors.in_period(i) && events.start[k] > anchors.period_end[i]) continue;
      ends.offer(i, events.start[k],
                 {.kind = ExitCause::Kind::kCensoring, .at = at, .position = k});
    }
  }
}

Ends find_ends(const Anchors& anchors, ShardReader& reader, std::vector<TracedExit>* causes) {
  using Kind = ExitCause::Kind;
  const Plan& plan = reader.plan();
  Ends ends(anchors, causes);
  bool at_period_end = plan.exit_at_period_end;
  for (std::size_t at = 0; at < plan.exits.size(); ++at) {
    const CompiledExit& exit = plan.exits[at];
    if (exit.kind == CompiledExit::Kind::kAfter) {
      offer_offset(exit.after, at, anchors, ends);
    } else if (exit.kind == CompiledExit::Kind::kEra) {
      offer_eras(exit.era, at, reader.events(exit.selector), anchors, ends);
    } else {
      at_period_end = true;
    }
  }
  if (at_period_end) {
    for (std::size_t i = 0; i < anchors.size(); ++i) {
      if (anchors.in_period(i)) {
        ends.offer(i, anchors.period_end[i], {.kind = Kind::kPeriodEnd});
      } else if (plan.exit_at_period_end && ends[i] == kNever) {
        ends.offer(i, std::max(anchors.start[i], anchors.end[i]), {.kind = Kind::kOwnEnd});
      }
    }
  }
  for (std::size_t at = 0; at < plan.censoring.size(); ++at) {
    offer_censoring(reader.events(plan.censoring[at]), at, anchors, ends);
  }
  return ends;
}

}  // namespace

void join_eras(std::vector<Day>& starts, std::vector<Day>& ends, int gap_days,
               std::vector<std::pair<Day, Day>>& eras) {
  // A walk over starts and (ends + gap), starts first on a day: an era ends where as many have
  // ended as have started. Written so that exposures that end before they start count as in
  // Circe's walk too.
  std::ranges::sort(starts);
  std::ranges::sort(ends);
  eras.clear();
  std::size_t s = 0;
  std::size_t e = 0;
  std::size_t open = 0;  // first start without an era
  while (s < starts.size() || e < ends.size()) {
    const bool start =
        s < starts.size() && (e == ends.size() || starts[s] <= std::int64_t{ends[e]} + gap_days);
    const std::int64_t day = start ? std::int64_t{starts[s]} - gap_days : ends[e];
    ++(start ? s : e);
    if (s != e) continue;
    // All starts up to this last day belong to the era.
    const std::size_t first = open;
    while (open < starts.size() && starts[open] <= day) ++open;
    if (open > first) eras.emplace_back(starts[first], static_cast<Day>(day));
  }
}

std::vector<CohortRow> rows_with_exits(const Anchors& anchors, ShardReader& reader) {
  const Ends ends = find_ends(anchors, reader, nullptr);
  std::vector<CohortRow> rows;
  rows.reserve(anchors.size());
  bool sorted = true;
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    if (ends[i] == kNever) continue;
    const CohortRow row{anchors.patient[i], anchors.start[i], static_cast<Day>(ends[i])};
    sorted = sorted && (rows.empty() || rows.back() <= row);
    rows.push_back(row);
  }
  if (!sorted) std::ranges::sort(rows);
  return rows;
}

std::vector<TracedExit> trace_exits(const Anchors& anchors, ShardReader& reader) {
  std::vector<TracedExit> exits(anchors.size());
  find_ends(anchors, reader, &exits);
  return exits;
}

void join_rows(std::vector<CohortRow>& rows, int pad) {
  std::size_t to = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const CohortRow row = rows[i];
    if (to > 0 && rows[to - 1].ordinal == row.ordinal &&
        row.start <= std::int64_t{rows[to - 1].end} + pad) {
      rows[to - 1].end = std::max(rows[to - 1].end, row.end);
    } else {
      rows[to++] = row;
    }
  }
  rows.resize(to);
}

void cut_rows(std::vector<CohortRow>& rows, std::optional<Day> from, std::optional<Day> to) {
  for (CohortRow& row : rows) {
    if (from) row.start = std::max(row.start, *from);
    if (to) row.end = std::min(row.end, *to);
  }
  std::erase_if(rows, [](const CohortRow& row) { return row.end < row.start; });
}

}  // namespace anam::evaluation
