// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/shared_shard.h"

#include <algorithm>

namespace anam {
namespace {

std::size_t bytes_of(const EventStream& stream) {
  std::size_t bytes = stream.patient.size() * sizeof(stream.patient[0]) +
                      stream.start.size() * sizeof(Day) + stream.end.size() * sizeof(Day) +
                      stream.texts.bytes();
  for (const StreamColumn& column : stream.columns)
    bytes += column.cells.size() * sizeof(std::int64_t);
  return bytes;
}

bool covers(const std::optional<PatientSet>& have, const PatientSet* want) {
  if (!have) return true;
  if (want == nullptr) return false;
  const auto a = want->words();
  const auto b = have->words();
  for (std::size_t i = 0; i < a.size(); ++i) {
    if ((a[i] & ~b[i]) != 0) return false;
  }
  return true;
}

std::optional<PatientSet> copy_of(const PatientSet* set) {
  return set == nullptr ? std::nullopt : std::optional(*set);
}

bool includes(const std::vector<ColumnId>& have, const std::vector<ColumnId>& want) {
  return std::ranges::all_of(
      want, [&](ColumnId id) { return std::ranges::find(have, id) != have.end(); });
}

}  // namespace

SharedShard::SharedShard(ShardData& shard, std::size_t cache_bytes, std::function<void()> check)
    : shard_(shard), cache_bytes_(cache_bytes), check_(std::move(check)) {}

SharedShard::Entry& SharedShard::entry(const StreamRequest& request) {
  const auto same = [&request](const Entry& e) {
    if (e.cohort != request.cohort || e.domain != request.domain || e.role != request.role)
      return false;
    if (request.codes == nullptr) return !e.codes;
    return e.codes && *e.codes == *request.codes;
  };
  const auto found = std::ranges::find_if(entries_, same);
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
  } else {
    Entry& fresh = entries_.emplace_front();
    fresh.domain = request.domain;
    fresh.role = request.role;
    fresh.cohort = request.cohort;
    if (request.codes != nullptr) fresh.codes = *request.codes;
    account(fresh);
  }
  return entries_.front();
}

// Sets the entry's size anew, and drops others until all fit.
void SharedShard::account(Entry& changed) {
  bytes_ -= changed.bytes;
  changed.bytes = sizeof(Entry);
  if (changed.codes) changed.bytes += changed.codes->size() * sizeof(CodeId);
  if (changed.with) changed.bytes += changed.with->words().size_bytes();
  if (changed.among) changed.bytes += changed.among->words().size_bytes();
  if (changed.stream) changed.bytes += bytes_of(*changed.stream);
  bytes_ += changed.bytes;
  while (bytes_ > cache_bytes_ && &entries_.back() != &changed) {
    bytes_ -= entries_.back().bytes;
    entries_.pop_back();
  }
}

// Whether the entry's stream would be kept if it were read for these patients.
bool SharedShard::has_room(const Entry& entry, const std::optional<PatientSet>& among) const {
  const auto patients = [this](const std::optional<PatientSet>& set) {
    return static_cast<double>(set ? set->count() : shard_.patients());
  };
  const double times = patients(among) / std::max(1.0, patients(entry.among));
  return static_cast<double>(bytes_of(*entry.stream)) * times <= static_cast<double>(cache_bytes_);
}

PatientSet SharedShard::patients_with(const StreamRequest& request) {
  if (check_) check_();
  Entry& known = entry(request);
  if (!known.with) {
    known.with = shard_.patients_with(request);
    account(known);
  }
  return *known.with;
}

std::shared_ptr<const EventStream> SharedShard::events(const StreamRequest& request,
                                                       const PatientSet* among) {
  if (check_) check_();
  // Asked for few patients at a time, from timelines: nothing to make all streams carry.
  if (includes(request.columns, {column::kPlace})) return shard_.events(request, among);
  Entry& known = entry(request);
  if (known.stream != nullptr && includes(known.columns, request.columns) &&
      covers(known.among, among)) {
    return known.stream;
  }
  // Read so that it serves those who asked before, too: they may be asked again. Not where that
  // would not be kept: whoever asks for some patients at a time has no memory for all of them.
  StreamRequest wider = request;
  std::optional<PatientSet> all = united(known, among);
  // Asked for again and for others, so that everybody's events are worth having: postings give them
  // for little more than anybody's, where patients, starts and ends are all that is asked for.
  if (known.stream != nullptr && known.columns.empty() && request.columns.empty() &&
      has_room(known, std::nullopt)) {
    all.reset();
  }
  if (known.stream != nullptr && has_room(known, all)) {
    for (const ColumnId id : known.columns) {
      if (std::ranges::find(wider.columns, id) == wider.columns.end()) wider.columns.push_back(id);
    }
  } else {
    all = copy_of(among);
  }
  known.stream.reset();  // before reading, so that memory holds one of them
  account(known);
  known.stream = shard_.events(wider, all ? &*all : nullptr);
  known.columns = std::move(wider.columns);
  known.among = std::move(all);
  account(known);
  return known.stream;
}

std::uint64_t SharedShard::most_events(const StreamRequest& request) {
  if (check_) check_();
  if (request.cohort != nullptr) return request.cohort->most_rows(*this);
  Entry& known = entry(request);
  if (!known.most) known.most = shard_.most_events(request);
  return *known.most;
}

// The patients of the entry's stream and these.
std::optional<PatientSet> SharedShard::united(const Entry& entry, const PatientSet* among) {
  std::optional<PatientSet> all = copy_of(among);
  if (entry.stream == nullptr || !all) return all;
  if (!entry.among) return std::nullopt;
  all->unite(*entry.among);
  return all;
}

std::shared_ptr<const EventStream> SharedShard::rows(const CohortSource& cohort,
                                                     const PatientSet* among) {
  if (check_) check_();
  const StreamRequest request{.columns = {}, .cohort = &cohort};
  std::optional<PatientSet> all;
  {
    const Entry& known = entry(request);
    if (known.stream != nullptr && covers(known.among, among)) return known.stream;
    all = united(known, among);
    if (known.stream == nullptr || !has_room(known, all)) all = copy_of(among);
  }
  // Evaluating it may ask for other things of this shard, which may drop the entry.
  std::shared_ptr<const EventStream> found = cohort.rows(*this, all ? &*all : nullptr);
  Entry& known = entry(request);
  known.stream = std::move(found);
  known.among = std::move(all);
  account(known);
  return known.stream;
}

std::vector<std::int64_t> SharedShard::person_column(ColumnId column, TextPool* texts) {
  if (check_) check_();
  auto known = std::ranges::find(persons_, column, &Person::column);
  if (known == persons_.end()) {
    known = persons_.emplace(persons_.end());
    known->column = column;
    known->cells = shard_.person_column(column, &known->texts);
  }
  std::vector<std::int64_t> cells = known->cells;
  if (texts != nullptr && known->texts.size() > 0) {
    const auto base = static_cast<std::int64_t>(texts->size());
    for (std::size_t i = 0; i < known->texts.size(); ++i)
      texts->add(known->texts.at(static_cast<std::int64_t>(i)));
    for (std::int64_t& cell : cells) {
      if (cell != kNull) cell += base;
    }
  }
  return cells;
}

}  // namespace anam
