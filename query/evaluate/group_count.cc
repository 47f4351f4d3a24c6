// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/group_count.h"

#include <limits>
#include <numeric>
#include <string_view>

#include "query/evaluate/event_filter.h"
#include "query/evaluate/shard_reader.h"
#include "storage/attributes.h"
#include "storage/decimal.h"

namespace anam::evaluation {

namespace {

using Mask = std::span<const std::uint8_t>;
using Verdicts = std::span<std::uint8_t>;

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kDaySeconds = 86400;

// From low to high, both inside.
struct Range {
  std::int64_t low = kMin;
  std::int64_t high = kMax;
  void clear() { *this = {}; }
  void raise(std::int64_t to) { low = std::max(low, to); }
  void lower(std::int64_t to) { high = std::min(high, to); }
  bool contains(std::int64_t value) const { return value >= low && value <= high; }
};

// The time that a day and perhaps a second of it stand for, in seconds.
Range time_of(Day day, std::int64_t second) {
  const std::int64_t midnight = std::int64_t{day} * kDaySeconds;
  if (second == kNull) return {midnight, midnight + kDaySeconds - 1};
  return {midnight + second, midnight + second};
}

// Where counted events must lie for one anchor.
struct Bounds {
  Range start;       // days
  Range end;         // days
  Range start_time;  // seconds
  Range end_time;    // seconds
};

void add_edge(const WindowEdge& edge, bool from, const Window& window, const CompiledCount& count,
              const Anchors& anchors, std::size_t i, Bounds& bounds) {
  const bool of_start = window.event == End::kStart;
  const bool at_start = window.anchor == End::kStart;
  Range& days = of_start ? bounds.start : bounds.end;
  if (!edge.offset) {
    if (!count.within_period) return;
    if (from) {
      days.raise(edge.opposite ? anchors.period_end[i] : anchors.period_start[i]);
    } else {
      days.lower(edge.opposite ? anchors.period_start[i] : anchors.period_end[i]);
    }
    return;
  }
  const Day anchor = at_start ? anchors.start[i] : anchors.end[i];
  if (edge.unit == WindowEdge::Unit::kDays) {
    if (from) {
      days.raise(anchor + *edge.offset);
    } else {
      days.lower(anchor + *edge.offset);
    }
    return;
  }
  // For every time of a date-only anchor: from its last second, to its first.
  const Range time = time_of(anchor, at_start ? anchors.second[i] : anchors.end_second[i]);
  Range& seconds = of_start ? bounds.start_time : bounds.end_time;
  if (from) {
    seconds.raise(time.high + *edge.offset);
  } else {
    seconds.lower(time.low + *edge.offset);
  }
}

bool satisfied(const Occurrence& occurrence, std::int64_t count) {
  switch (occurrence.kind) {
    case Occurrence::Kind::kExactly:
      return count == occurrence.count;
    case Occurrence::Kind::kAtMost:
      return count <= occurrence.count;
    default:
      return count >= occurrence.count;
  }
}

// 3.5 for 3.50, so that equal numbers are equal cells.
std::int64_t plain(std::int64_t packed) {
  std::int64_t mantissa = packed >> 5;
  std::int64_t scale = packed & 31;
  for (; scale > 0 && mantissa % 10 == 0; --scale) mantissa /= 10;
  return mantissa * 32 + scale;
}

// Counts distinct values that are not null.
class DistinctValues {
 public:
  DistinctValues(ColumnId id, const EventList& list)
      : id_(id), list_(list), column_(list.stream->find(id)) {}

  void clear() {
    cells_.clear();
    texts_.clear();
  }
  void add(std::size_t i) {
    if (id_ == column::kDay) {
      cells_.push_back(list_.start[i]);
    } else if (id_ == column::kEndDay) {
      cells_.push_back(list_.end[i]);
    } else if (id_ == Occurrence::kDuration) {
      cells_.push_back(list_.length.empty() ? list_.end[i] - list_.start[i] : list_.length[i]);
    } else {
      add_cell(list_.cell(column_, i));
    }
  }
  std::int64_t count() { return count(cells_) + count(texts_); }

 private:
  void add_cell(std::int64_t cell) {
    if (cell == kNull) return;
    if (column_->type == ColumnType::kText) {
      texts_.push_back(list_.stream->texts.at(cell));
    } else if (column_->type == ColumnType::kDecimal) {
      cells_.push_back(plain(cell));
    } else if (id_ != column::kCode) {
      cells_.push_back(cell);
    } else if (code_of(cell) != kNoCode || domain_of(cell) == Domain::kDeath) {
      cells_.push_back(code_of(cell));  // a death without a cause is one of its own, as in Circe
    }
  }
  template <typename T>
  static std::int64_t count(std::vector<T>& values) {
    std::ranges::sort(values);
    return std::unique(values.begin(), values.end()) - values.begin();
  }

  ColumnId id_;
  const EventList& list_;
  const StreamColumn* column_;
  std::vector<std::int64_t> cells_;  // reused from anchor to anchor
  std::vector<std::string_view> texts_;
};

// Counts events around anchors.
class Counter {
 public:
  Counter(const CompiledCount& count, const Anchors& anchors, const EventList& list)
      : count_(count),
        anchors_(anchors),
        list_(list),
        distinct_(count.occurrence.distinct_column, list) {
    range_decides_ = !count.in_seconds && !count.same_visit && !count.same_claim &&
                     !count.occurrence.distinct && list.sorted;
    for (const Window& window : count.windows) range_decides_ &= window.event == End::kStart;
  }

  void run(Mask todo, Verdicts met) {
    RunCursor run(list_.patient);
    std::uint32_t patient = 0;
    bool sought = false;
    for (std::size_t i = 0; i < anchors_.size(); ++i) {
      if (todo[i] == 0) {
        met[i] = 0;
        continue;
      }
      if (!sought || anchors_.patient[i] != patient) {
        patient = anchors_.patient[i];
        run.seek(patient);
        sought = true;
      }
      met[i] = satisfied(count_.occurrence, count(i, run.begin(), run.end())) ? 1 : 0;
    }
  }

  /// One anchor, with the events.
  Counted list_events(std::size_t anchor) {
    RunCursor run(list_.patient);
    run.seek(anchors_.patient[anchor]);
    Counted counted;
    range_decides_ = false;  // counts the same, one event after the other
    found_ = &counted.events;
    counted.number = count(anchor, run.begin(), run.end());
    found_ = nullptr;
    counted.met = satisfied(count_.occurrence, counted.number);
    return counted;
  }

 private:
  std::int64_t count(std::size_t anchor, std::size_t begin, std::size_t end) {
    if (begin == end || (count_.within_period && !anchors_.in_period(anchor))) return 0;
    Bounds bounds;
    if (count_.within_period) {
      bounds.start = {anchors_.period_start[anchor], anchors_.period_end[anchor]};
    }
    for (const Window& window : count_.windows) {
      add_edge(window.from, true, window, count_, anchors_, anchor, bounds);
      add_edge(window.to, false, window, count_, anchors_, anchor, bounds);
    }
    if (list_.sorted && end - begin > kShortRun) narrow(bounds.start, begin, end);
    if (range_decides_) {
      std::int64_t n = 0;
      for (std::size_t k = begin; k < end; ++k) n += bounds.start.contains(list_.start[k]) ? 1 : 0;
      return n;
    }
    return count_tested(anchor, bounds, begin, end);
  }

  void narrow(const Range& days, std::size_t& begin, std::size_t& end) const {
    const auto first = list_.start.begin();
    const auto at = [first](std::size_t i) { return first + static_cast<std::ptrdiff_t>(i); };
    begin = static_cast<std::size_t>(std::lower_bound(at(begin), at(end), days.low) - first);
    end = static_cast<std::size_t>(std::upper_bound(at(begin), at(end), days.high) - first);
  }

  std::int64_t count_tested(std::size_t anchor, const Bounds& bounds, std::size_t begin,
                            std::size_t end) {
    std::int64_t n = 0;
    distinct_.clear();
    for (std::size_t k = begin; k < end; ++k) {
      if (!bounds.start.contains(list_.start[k])) continue;
      if (!list_.end.empty() && !bounds.end.contains(list_.end[k])) continue;
      if (count_.in_seconds && !timely(bounds, k)) continue;
      if (count_.same_visit && !same(anchors_.visit[anchor], list_.cell(list_.visit, k))) continue;
      if (count_.same_claim && !same(anchors_.claim[anchor], list_.cell(list_.claim, k))) continue;
      ++n;
      if (found_ != nullptr) found_->push_back(static_cast<std::uint32_t>(k));
      if (count_.occurrence.distinct) distinct_.add(k);
    }
    return count_.occurrence.distinct ? distinct_.count() : n;
  }

  bool timely(const Bounds& bounds, std::size_t k) const {
    const auto inside = [](const Range& range, Day day, std::int64_t second) {
      if (range.low == kMin && range.high == kMax) return true;
      const Range time = time_of(day, second);
      return time.low >= range.low && time.high <= range.high;
    };
    return inside(bounds.start_time, list_.start[k], list_.cell(list_.second, k)) &&
           (list_.end.empty() ||
            inside(bounds.end_time, list_.end[k], list_.cell(list_.end_second, k)));
  }

  static bool same(std::int64_t a, std::int64_t b) { return a == b && a != kNull; }

  static constexpr std::size_t kShortRun = 24;  // up to here a plain look at all is quicker

  const CompiledCount& count_;
  const Anchors& anchors_;
  const EventList& list_;
  DistinctValues distinct_;
  bool range_decides_;  // a count is the number of starts within a range of days
  std::vector<std::uint32_t>* found_ = nullptr;  // where the counted events are listed, if at all
};

void evaluate_demographic(const std::vector<CompiledTest>& tests, const Anchors& anchors,
                          ShardReader& reader, Mask todo, Verdicts met) {
  std::vector<std::uint32_t> kept;
  for (std::uint32_t i = 0; i < anchors.size(); ++i) {
    if (todo[i] != 0) kept.push_back(i);
  }
  const TestedEvents events{anchors.patient, anchors.start, anchors.end, {}, nullptr};
  for (const CompiledTest& test : tests) filter(test, events, reader, kept);
  std::ranges::fill(met, std::uint8_t{0});
  for (const std::uint32_t i : kept) met[i] = 1;
}

// Evaluates member `at` of the group: counts, then demographics, then groups.
void evaluate_member(const CompiledGroup& group, std::size_t at, const Anchors& anchors,
                     ShardReader& reader, Mask todo, Verdicts met) {
  if (at < group.demographics.size()) {  // reads no events: first
    evaluate_demographic(group.demographics[at], anchors, reader, todo, met);
    return;
  }
  at -= group.demographics.size();
  if (at < group.counts.size()) {
    const CompiledCount& count = group.counts[at];
    Counter(count, anchors, reader.events(count.selector)).run(todo, met);
    return;
  }
  evaluate(group.groups[at - group.counts.size()], anchors, reader, todo, met);
}

bool nothing(Mask todo) {
  return std::ranges::find_if(todo, [](std::uint8_t wanted) { return wanted != 0; }) == todo.end();
}

}  // namespace

Counted counted_events(const CompiledCount& count, const Anchors& anchors, std::size_t i,
                       const EventList& list) {
  return Counter(count, anchors, list).list_events(i);
}

void evaluate(const CompiledGroup& group, const Anchors& anchors, ShardReader& reader, Mask todo,
              Verdicts met) {
  const std::size_t n = anchors.size();
  const std::size_t members = group.size();
  const bool all = group.kind == Group::Kind::kAll;
  const bool any = group.kind == Group::Kind::kAny;
  std::ranges::copy(todo, met.begin());
  if (nothing(todo) || members == 0) return;
  if (members == 1 && (all || any)) {
    evaluate_member(group, 0, anchors, reader, todo, met);
    return;
  }
  std::vector<std::uint8_t> open(todo.begin(), todo.end());  // not decided yet
  std::vector<std::uint8_t> verdict(n);
  std::vector<std::int32_t> tally(n, 0);
  for (std::size_t member = 0; member < members && !nothing(open); ++member) {
    evaluate_member(group, member, anchors, reader, open, verdict);
    for (std::size_t i = 0; i < n; ++i) {
      tally[i] += verdict[i];
      if (all) open[i] = verdict[i];
      if (any && verdict[i] != 0) open[i] = 0;
    }
  }
  const auto size = static_cast<std::int32_t>(members);
  for (std::size_t i = 0; i < n; ++i) {
    const std::int32_t count = tally[i];
    const bool holds = all                                   ? count == size
                       : any                                 ? count > 0
                       : group.kind == Group::Kind::kAtLeast ? count >= group.count
                                                             : count <= group.count;
    met[i] = todo[i] != 0 && holds ? 1 : 0;
  }
}

}  // namespace anam::evaluation
