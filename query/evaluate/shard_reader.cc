// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/shard_reader.h"

#include <numeric>
#include <tuple>

#include "query/evaluate/event_end.h"
#include "query/evaluate/event_filter.h"
#include "query/evaluate/event_places.h"
#include "query/evaluate/group_count.h"
#include "storage/attributes.h"

namespace anam::evaluation {

namespace {

// Ends by the rule of the events' domain.
void fill_ends(const Selector& selector, const EventStream& stream, const EventList& list,
               std::vector<Day>& ends) {
  const std::size_t n = list.size();
  ends.resize(n);
  if (selector.days_supply) {
    for (std::size_t i = 0; i < n; ++i) ends[i] = list.start[i] + *selector.days_supply;
    return;
  }
  const StreamColumn* supply = stream.find(column::kDaysSupply);
  const StreamColumn* codes =
      selector.domain == Domain::kNone ? stream.find(column::kCode) : nullptr;
  const EndRule common = end_rule(selector.domain);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t row = list.row(i);
    const EndRule rule = codes == nullptr ? common : end_rule(domain_of(codes->cells[row]));
    const Day recorded = stream.end.empty() ? EventStream::kNoEnd : stream.end[row];
    ends[i] =
        event_end(rule, list.start[i], recorded, supply == nullptr ? kNull : supply->cells[row]);
  }
}

template <typename T>
void gather(std::vector<T>& column, const std::vector<std::uint32_t>& from) {
  if (column.empty()) return;
  for (std::size_t i = 0; i < from.size(); ++i) column[i] = column[from[i]];
  column.resize(from.size());
}

// Keeps the events at the ascending positions `kept`.
void keep_positions(EventList& list, const std::vector<std::uint32_t>& kept) {
  if (kept.size() == list.size()) return;
  const auto owned = [&kept](auto& view, auto& own) {
    if (view.empty()) return;
    if (own.empty()) {
      own.resize(kept.size());
      for (std::size_t i = 0; i < kept.size(); ++i) own[i] = view[kept[i]];
    } else {
      gather(own, kept);
    }
    view = own;
  };
  if (list.rows.empty()) {
    list.own_rows = kept;
    list.rows = list.own_rows;
  } else {
    owned(list.rows, list.own_rows);
  }
  owned(list.start, list.own_start);
  owned(list.end, list.own_end);
  gather(list.sort_day, kept);
  gather(list.length, kept);
  owned(list.patient, list.own_patient);
}

void adjust(const DateAdjustment& by, EventList& list) {
  const std::size_t n = list.size();
  std::vector<Day> starts(n);
  std::vector<Day> ends(n);
  for (std::size_t i = 0; i < n; ++i) {
    starts[i] = (by.start_from == End::kStart ? list.start[i] : list.end[i]) + by.start_offset;
    ends[i] = (by.end_from == End::kStart ? list.start[i] : list.end[i]) + by.end_offset;
  }
  list.own_start = std::move(starts);
  list.own_end = std::move(ends);
  list.start = list.own_start;
  list.end = list.own_end;
  list.sorted = by.start_from == End::kStart;
  std::vector<std::uint32_t> kept;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (list.end[i] >= list.start[i]) kept.push_back(i);
  }
  keep_positions(list, kept);
}

// Periods that contain given days, which replace their own.
void replace_days(const Selector& selector, EventList& list) {
  std::vector<std::uint32_t> kept;
  const auto n = static_cast<std::uint32_t>(list.size());
  const auto inside = [&list](std::size_t i, const std::optional<Day>& day) {
    return !day || (list.start[i] <= *day && list.end[i] >= *day);
  };
  for (std::uint32_t i = 0; i < n; ++i) {
    if (inside(i, selector.contains_start) && inside(i, selector.contains_end)) kept.push_back(i);
  }
  keep_positions(list, kept);
  list.sort_day.assign(list.start.begin(), list.start.end());
  list.length.resize(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) list.length[i] = list.end[i] - list.start[i];
  if (selector.contains_start) {
    list.own_start.assign(list.size(), *selector.contains_start);
    list.start = list.own_start;
  }
  if (selector.contains_end) {
    list.own_end.assign(list.size(), *selector.contains_end);
    list.end = list.own_end;
  }
}

}  // namespace

VisitIndex::VisitIndex(const EventStream& visits) {
  const StreamColumn* numbers = visits.find(column::kVisit);
  const StreamColumn* codes = visits.find(column::kCode);
  if (numbers == nullptr || codes == nullptr) return;
  visits_.reserve(visits.size());
  for (std::size_t i = 0; i < visits.size(); ++i) {
    if (numbers->cells[i] == kNull) continue;
    visits_.push_back({visits.patient[i], numbers->cells[i], code_of(codes->cells[i])});
  }
  std::ranges::stable_sort(visits_, [](const Visit& a, const Visit& b) {
    return std::tie(a.patient, a.number) < std::tie(b.patient, b.number);
  });
}

const CodeId* VisitIndex::find(std::uint32_t patient, std::int64_t number) const {
  const auto at = std::ranges::lower_bound(
      visits_, std::pair(patient, number), {},
      [](const Visit& visit) { return std::pair(visit.patient, visit.number); });
  return at != visits_.end() && at->patient == patient && at->number == number ? &at->code
                                                                               : nullptr;
}

ShardReader::ShardReader(const Plan& plan, ShardData& shard)
    : ShardReader(plan, shard, StreamPatients(plan.streams.size())) {}

ShardReader::ShardReader(const Plan& plan, ShardData& shard, StreamPatients known)
    : plan_(plan),
      shard_(shard),
      candidates_(shard.patients(), true),
      streams_(plan.streams.size()),
      with_(std::move(known)),
      lists_(plan.selectors.size()) {}

void ShardReader::narrow(PatientSet candidates) {
  candidates_ = std::move(candidates);
  all_ = false;
}

const PatientSet& ShardReader::patients_with(std::size_t stream) {
  if (!with_[stream] && plan_.streams[stream].cohort != nullptr) {
    with_[stream] = PatientSet(shard_.patients());
    for (const std::uint32_t patient : this->stream(stream)->patient) with_[stream]->add(patient);
  }
  if (!with_[stream]) {
    StreamRequest request = plan_.streams[stream];
    request.columns.clear();
    const bool none = request.codes != nullptr && request.codes->empty();
    with_[stream] = none ? PatientSet(shard_.patients()) : shard_.patients_with(request);
  }
  return *with_[stream];
}

std::uint64_t ShardReader::cost(const CompiledGroup& group) {
  std::uint64_t sum = 0;
  for (const CompiledCount& count : group.counts) {
    const Selector& selector = plan_.selectors[count.selector];
    if (streams_[selector.stream] == nullptr) {
      if (plan_.streams[selector.stream].cohort != nullptr) {
        // To know its patients takes an evaluation, of those only who are left when it is time.
        sum += candidates_.count() + 1;
        continue;
      }
      PatientSet both = patients_with(selector.stream);
      both.intersect(candidates_);
      sum += both.count();
    }
    if (selector.nested) sum += cost(*selector.nested);
  }
  for (const CompiledGroup& inner : group.groups) sum += cost(inner);
  return sum;
}

std::shared_ptr<const EventStream> ShardReader::stream(std::size_t index) {
  if (streams_[index] == nullptr) {
    const StreamRequest& request = plan_.streams[index];
    const PatientSet* among = all_ ? nullptr : &candidates_;
    const bool none = request.codes != nullptr && request.codes->empty();
    streams_[index] = request.cohort != nullptr ? shard_.rows(*request.cohort, among)
                      : none                    ? std::make_shared<const EventStream>()
                                                : shard_.events(request, among);
  }
  return streams_[index];
}

const EventList& ShardReader::events(std::size_t selector) {
  if (lists_[selector] == nullptr) {
    auto list = std::make_unique<EventList>();
    read(selector, *list);
    lists_[selector] = std::move(list);
  }
  return *lists_[selector];
}

// Rows that are left when only each patient's first counts, or a further code is asked for.
std::optional<std::vector<std::uint32_t>> ShardReader::select_rows(std::size_t index) {
  const Selector& selector = plan_.selectors[index];
  if (!selector.first && selector.source_codes == nullptr) return std::nullopt;
  const EventStream& events = *stream(selector.stream);
  std::vector<std::uint32_t> rows;
  if (selector.source_codes != nullptr) {
    const StreamColumn* source = events.find(column::kSourceCode);
    for (std::uint32_t i = 0; source != nullptr && i < events.size(); ++i) {
      if (contains(*selector.source_codes, source->cells[i])) rows.push_back(i);
    }
  } else {
    rows.resize(events.size());
    std::iota(rows.begin(), rows.end(), 0U);
  }
  if (selector.first) keep_first(index, rows);
  return rows;
}

// Of several events at the same time, the one that the source numbered first.
void ShardReader::keep_first(std::size_t index, std::vector<std::uint32_t>& rows) {
  const EventStream& events = *stream(plan_.selectors[index].stream);
  const std::vector<ColumnId>& columns = plan_.streams[plan_.selectors[index].stream].columns;
  const StreamColumn* seconds = plan_.by_record ? nullptr : events.find(column::kSecond);
  std::vector<std::uint32_t> tied;  // rows of patients whose first event is one of several
  std::size_t to = 0;
  for (std::size_t i = 0; i < rows.size();) {
    const std::uint32_t first = rows[i];
    const std::size_t begin = tied.size();
    bool differ = false;
    for (; i < rows.size() && events.patient[rows[i]] == events.patient[first]; ++i) {
      const std::uint32_t row = rows[i];
      if (events.start[row] != events.start[first]) continue;
      if (seconds != nullptr && seconds->cells[row] != seconds->cells[first]) continue;
      tied.push_back(row);
      differ = differ || !same_event(events, row, events, first, columns);
    }
    if (!differ) tied.resize(begin);
    rows[to++] = first;
  }
  rows.resize(to);
  if (tied.empty()) return;
  const std::vector<std::int64_t> found = places(index, tied);
  std::size_t at = 0;
  for (std::uint32_t& row : rows) {
    if (at == tied.size()) break;
    if (events.patient[row] != events.patient[tied[at]]) continue;
    std::size_t least = at;
    for (; at < tied.size() && events.patient[tied[at]] == events.patient[row]; ++at) {
      if (found[at] < found[least]) least = at;
    }
    row = tied[least];
  }
}

std::vector<std::int64_t> ShardReader::places(std::size_t selector,
                                              std::span<const std::uint32_t> rows) {
  const std::size_t index = plan_.selectors[selector].stream;
  // Rows of a cohort have no number, and come first, in the order in which they were read.
  if (plan_.streams[index].cohort != nullptr) return std::vector(rows.size(), kNull);
  const EventStream& known = *stream(index);
  PatientSet patients(shard_.patients());
  for (const std::uint32_t row : rows) patients.add(known.patient[row]);
  StreamRequest request = plan_.streams[index];
  request.columns.push_back(column::kPlace);
  const std::shared_ptr<const EventStream> placed = shard_.events(request, &patients);
  return find_places(known, rows, *placed, plan_.streams[index].columns);
}

void ShardReader::read(std::size_t index, EventList& list) {
  const Selector& selector = plan_.selectors[index];
  list.stream = stream(selector.stream);
  const EventStream& stream = *list.stream;
  list.patient = stream.patient;
  list.start = stream.start;
  if (const auto rows = select_rows(index)) keep_positions(list, *rows);
  if (selector.needs.end) {
    fill_ends(selector, stream, list, list.own_end);
    list.end = list.own_end;
  }
  bool start_is_end = false;
  bool end_is_start = false;
  if (selector.adjustment) {
    adjust(*selector.adjustment, list);
    start_is_end = selector.adjustment->start_from == End::kEnd;
    end_is_start = selector.adjustment->end_from == End::kStart;
  }
  if (selector.needs.second) {
    list.second = stream.find(start_is_end ? column::kEndSecond : column::kSecond);
  }
  if (selector.needs.end_second) {
    list.end_second = stream.find(end_is_start ? column::kSecond : column::kEndSecond);
  }
  if (selector.needs.visit) list.visit = stream.find(column::kVisit);
  if (selector.needs.claim) list.claim = stream.find(column::kClaim);

  if (!selector.tests.empty()) {
    std::vector<std::uint32_t> kept(list.size());
    std::iota(kept.begin(), kept.end(), 0U);
    const TestedEvents events{list.patient, list.start, list.end, list.rows, list.stream.get()};
    for (const CompiledTest& test : selector.tests) filter(test, events, *this, kept);
    keep_positions(list, kept);
  }
  if (selector.contains_start || selector.contains_end) replace_days(selector, list);
  if (selector.nested) keep_nested(selector, list);
}

void ShardReader::keep_nested(const Selector& selector, EventList& list) {
  const CompiledGroup& group = *selector.nested;
  Anchors anchors;
  const auto fill = [&list](std::vector<std::int64_t>& to, bool needed,
                            const StreamColumn* column) {
    if (!needed) return;
    to.resize(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) to[i] = list.cell(column, i);
  };
  anchors.patient.assign(list.patient.begin(), list.patient.end());
  anchors.start.assign(list.start.begin(), list.start.end());
  if (group.anchor.end) anchors.end.assign(list.end.begin(), list.end.end());
  fill(anchors.second, group.anchor.second, list.second);
  fill(anchors.end_second, group.anchor.end_second, list.end_second);
  fill(anchors.visit, group.anchor.visit, list.visit);
  fill(anchors.claim, group.anchor.claim, list.claim);
  find_periods(anchors, 0, 0);

  std::vector<std::uint8_t> todo(list.size(), 1);
  if (plan_.index_in_period) {
    for (std::size_t i = 0; i < todo.size(); ++i) todo[i] = anchors.in_period(i) ? 1 : 0;
  }
  std::vector<std::uint8_t> met(list.size());
  evaluate(group, anchors, *this, todo, met);
  std::vector<std::uint32_t> kept;
  for (std::uint32_t i = 0; i < met.size(); ++i) {
    if (met[i] != 0) kept.push_back(i);
  }
  keep_positions(list, kept);
}

const EventList& ShardReader::periods() {
  if (periods_ == nullptr) {
    periods_ = std::make_unique<EventList>();
    periods_->stream = stream(Plan::kPeriods);
    periods_->patient = periods_->stream->patient;
    periods_->start = periods_->stream->start;
    Selector selector;
    selector.domain = Domain::kEnrollment;
    fill_ends(selector, *periods_->stream, *periods_, periods_->own_end);
    periods_->end = periods_->own_end;
  }
  return *periods_;
}

const PersonColumn& ShardReader::person(ColumnId column) {
  const auto [at, added] = persons_.try_emplace(column);
  if (added) at->second.cells = shard_.person_column(column, &at->second.texts);
  return at->second;
}

const VisitIndex& ShardReader::visits() {
  if (visits_ == nullptr) visits_ = std::make_unique<VisitIndex>(*stream(Plan::kVisits));
  return *visits_;
}

void ShardReader::find_periods(Anchors& anchors, int before, int after) {
  const EventList& all = periods();
  const std::size_t n = anchors.size();
  anchors.period_start.assign(n, Anchors::kNoPeriod);
  anchors.period_end.assign(n, Anchors::kNoPeriod);
  RunCursor run(all.patient);
  for (std::size_t i = 0; i < n; ++i) {
    if (i == 0 || anchors.patient[i] != anchors.patient[i - 1]) run.seek(anchors.patient[i]);
    const std::int64_t day = anchors.start[i];
    for (std::size_t k = run.begin(); k < run.end(); ++k) {
      if (all.start[k] > day || all.end[k] < day) continue;
      if (all.start[k] + std::int64_t{before} > day || day + after > all.end[k]) continue;
      anchors.period_start[i] = all.start[k];
      anchors.period_end[i] = all.end[k];
      break;
    }
  }
}

}  // namespace anam::evaluation
