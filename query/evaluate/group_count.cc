// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/group_count.h"

#include <limits>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "query/evaluate/distinct_ranges.h"
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

  /// The values of events one by one, as numbers that are equal where the values are; kNull where
  /// there is none.
  std::vector<std::int64_t> numbers(std::size_t begin, std::size_t end) {
    std::vector<std::int64_t> all;
    all.reserve(end - begin);
    std::unordered_map<std::string_view, std::int64_t> number_of;
    for (std::size_t i = begin; i < end; ++i) {
      clear();
      add(i);
      if (!texts_.empty()) {
        const auto next = static_cast<std::int64_t>(number_of.size());
        all.push_back(number_of.try_emplace(texts_.front(), next).first->second);
      } else {
        all.push_back(cells_.empty() ? kNull : cells_.front());
      }
    }
    clear();
    return all;
  }

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

// Counts events around anchors. Looks at the events of most patients one by one. Of patients with
// many it finds ranges of events by search, so that time does not grow with their square, but where
// tests of single events (of ends, times of day, or visit and claim both) leave no range to find.
class Counter {
 public:
  Counter(const CompiledCount& count, const Anchors& anchors, const EventList& list)
      : count_(count),
        anchors_(anchors),
        list_(list),
        distinct_(count.occurrence.distinct_column, list) {
    bool by_start = !count.in_seconds && list.sorted;
    for (const Window& window : count.windows) by_start &= window.event == End::kStart;
    const bool keyed = count.same_visit || count.same_claim;
    range_decides_ = by_start && !count.occurrence.distinct && !keyed;
    key_decides_ =
        by_start && !count.occurrence.distinct && !(count.same_visit && count.same_claim);
    distinct_decides_ = by_start && count.occurrence.distinct && !keyed;
    const auto least = std::int64_t{count.occurrence.count};
    if (!count.occurrence.distinct)
      enough_ = count.occurrence.kind == Occurrence::Kind::kAtLeast ? least : least + 1;
  }

  void run(Mask todo, Verdicts met) {
    RunCursor run(list_.patient);
    for (std::size_t i = 0; i < anchors_.size();) {
      const std::size_t first = i;
      const std::uint32_t patient = anchors_.patient[i];
      bool any = false;
      for (; i < anchors_.size() && anchors_.patient[i] == patient; ++i) {
        any |= todo[i] != 0;
        met[i] = 0;
      }
      if (!any) continue;
      run.seek(patient);
      const bool many = run.end() - run.begin() > kLongRun;
      if (many && distinct_decides_) {
        count_distinct_of(first, i, run.begin(), run.end(), todo, met);
        continue;
      }
      find_keys(many, run.begin(), run.end());
      for (std::size_t k = first; k < i; ++k) {
        if (todo[k] != 0) met[k] = verdict(count(k, run.begin(), run.end()));
      }
    }
  }

  /// One anchor, with the events.
  Counted list_events(std::size_t anchor) {
    RunCursor run(list_.patient);
    run.seek(anchors_.patient[anchor]);
    Counted counted;
    range_decides_ = false;  // counts the same, one event after the other
    enough_ = kMax;
    found_ = &counted.events;
    counted.number = count(anchor, run.begin(), run.end());
    found_ = nullptr;
    counted.met = satisfied(count_.occurrence, counted.number);
    return counted;
  }

 private:
  std::uint8_t verdict(std::int64_t count) const {
    return satisfied(count_.occurrence, count) ? 1 : 0;
  }

  // What is counted must lie there; false: nothing can.
  bool find_bounds(std::size_t anchor, Bounds& bounds) const {
    if (count_.within_period && !anchors_.in_period(anchor)) return false;
    if (count_.within_period) {
      bounds.start = {anchors_.period_start[anchor], anchors_.period_end[anchor]};
    }
    for (const Window& window : count_.windows) {
      add_edge(window.from, true, window, count_, anchors_, anchor, bounds);
      add_edge(window.to, false, window, count_, anchors_, anchor, bounds);
    }
    return true;
  }

  std::int64_t count(std::size_t anchor, std::size_t begin, std::size_t end) {
    Bounds bounds;
    if (begin == end || !find_bounds(anchor, bounds)) return 0;
    if (!keys_.empty()) return count_keyed(anchor, bounds);
    const bool narrowed = list_.sorted && end - begin > kShortRun;
    if (narrowed) narrow(bounds.start, begin, end);
    if (range_decides_) {
      if (narrowed) return static_cast<std::int64_t>(end - begin);
      std::int64_t n = 0;
      for (std::size_t k = begin; k < end; ++k) n += bounds.start.contains(list_.start[k]) ? 1 : 0;
      return n;
    }
    return count_tested(anchor, bounds, end - begin, [begin](std::size_t i) { return begin + i; });
  }

  void narrow(const Range& days, std::size_t& begin, std::size_t& end) const {
    const auto first = list_.start.begin();
    const auto at = [first](std::size_t i) { return first + static_cast<std::ptrdiff_t>(i); };
    begin = static_cast<std::size_t>(std::lower_bound(at(begin), at(end), days.low) - first);
    end = static_cast<std::size_t>(std::upper_bound(at(begin), at(end), days.high) - first);
  }

  /// Event at(i) for each i below n.
  template <typename At>
  std::int64_t count_tested(std::size_t anchor, const Bounds& bounds, std::size_t events, At at) {
    std::int64_t n = 0;
    distinct_.clear();
    for (std::size_t i = 0; i < events && n < enough_; ++i) {
      const std::size_t k = at(i);
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

  // ------------------------------------------------------------ of patients with many events

  // Their events by visit (or claim), and within it as they stand.
  void find_keys(bool many, std::size_t begin, std::size_t end) {
    keys_.clear();
    if (!many || !(count_.same_visit || count_.same_claim)) return;
    const StreamColumn* column = count_.same_visit ? list_.visit : list_.claim;
    for (std::size_t k = begin; k < end; ++k)
      keys_.emplace_back(list_.cell(column, k), static_cast<std::uint32_t>(k));
    std::ranges::sort(keys_);
  }

  std::int64_t count_keyed(std::size_t anchor, const Bounds& bounds) {
    const std::int64_t key = count_.same_visit ? anchors_.visit[anchor] : anchors_.claim[anchor];
    if (key == kNull) return 0;
    // By iterators: clang 14 cannot compile libstdc++'s views.
    std::span<const Key> events(std::ranges::lower_bound(keys_, key, {}, &Key::first),
                                std::ranges::upper_bound(keys_, key, {}, &Key::first));
    if (list_.sorted) {
      const auto start = [this](const Key& event) {
        return std::int64_t{list_.start[event.second]};
      };
      const auto low = std::ranges::lower_bound(events, bounds.start.low, {}, start);
      const auto high = std::ranges::upper_bound(events, bounds.start.high, {}, start);
      events = low < high ? std::span<const Key>(low, high) : std::span<const Key>();
    }
    if (key_decides_) return static_cast<std::int64_t>(events.size());
    return count_tested(anchor, bounds, events.size(),
                        [events](std::size_t i) { return events[i].second; });
  }

  // All anchors of a patient, from `first` to `last`.
  void count_distinct_of(std::size_t first, std::size_t last, std::size_t begin, std::size_t end,
                         Mask todo, Verdicts met) {
    std::vector<PositionRange> ranges;
    for (std::size_t i = first; i < last; ++i) {
      Bounds bounds;
      PositionRange& range = ranges.emplace_back();
      if (todo[i] == 0 || !find_bounds(i, bounds)) continue;
      range = {begin, end};
      narrow(bounds.start, range.begin, range.end);
      range = {range.begin - begin, range.end - begin};
    }
    const std::vector<std::int64_t> counts = count_distinct(distinct_.numbers(begin, end), ranges);
    for (std::size_t i = first; i < last; ++i)
      met[i] = todo[i] != 0 ? verdict(counts[i - first]) : std::uint8_t{0};
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

  using Key = std::pair<std::int64_t, std::uint32_t>;  // visit or claim, event

  static constexpr std::size_t kShortRun = 24;  // up to here a plain look at all is quicker
  static constexpr std::size_t kLongRun = 256;  // beyond it, what sorts the events first

  const CompiledCount& count_;
  const Anchors& anchors_;
  const EventList& list_;
  DistinctValues distinct_;
  bool range_decides_;     // a count is the number of starts within a range of days
  bool key_decides_;       // ... of the events of the same visit (or claim)
  bool distinct_decides_;  // a count is that of distinct values of events within a range of days
  std::int64_t enough_ = kMax;                   // a greater count says the same
  std::vector<Key> keys_;                        // ascending; empty: all events are looked at
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
