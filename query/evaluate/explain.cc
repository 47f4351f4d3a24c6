// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/explain.h"

#include <algorithm>
#include <iterator>

#include "query/evaluate/event_filter.h"
#include "query/evaluate/group_count.h"
#include "storage/attributes.h"
#include "storage/error.h"

namespace anam::evaluation {

namespace {

// Index events that are explained at a time: their reasons stand in memory together.
constexpr std::size_t kBatch = 4096;

bool holds(const CompiledGroup& group, std::size_t met) {
  const auto count = static_cast<std::int64_t>(met);
  if (group.size() == 0) return true;
  switch (group.kind) {
    case Group::Kind::kAll:
      return met == group.size();
    case Group::Kind::kAny:
      return met > 0;
    case Group::Kind::kAtLeast:
      return count >= group.count;
    default:
      return count <= group.count;
  }
}

template <typename T>
std::vector<T> slice(const std::vector<T>& column, std::size_t begin, std::size_t end) {
  if (column.empty()) return {};
  return {column.begin() + static_cast<std::ptrdiff_t>(begin),
          column.begin() + static_cast<std::ptrdiff_t>(end)};
}

Anchors slice(const Anchors& all, std::size_t begin, std::size_t end) {
  Anchors part;
  part.patient = slice(all.patient, begin, end);
  part.start = slice(all.start, begin, end);
  part.period_start = slice(all.period_start, begin, end);
  part.period_end = slice(all.period_end, begin, end);
  part.end = slice(all.end, begin, end);
  part.sort_day = slice(all.sort_day, begin, end);
  part.second = slice(all.second, begin, end);
  part.end_second = slice(all.end_second, begin, end);
  part.visit = slice(all.visit, begin, end);
  part.claim = slice(all.claim, begin, end);
  part.origin = slice(all.origin, begin, end);
  return part;
}

// One event of a list, to count around it.
Anchors anchor_of(const EventList& list, std::size_t i, const Needs& needs, ShardReader& reader) {
  Anchors anchor;
  anchor.patient = {list.patient[i]};
  anchor.start = {list.start[i]};
  if (needs.end) anchor.end = {list.end[i]};
  if (needs.second) anchor.second = {list.cell(list.second, i)};
  if (needs.end_second) anchor.end_second = {list.cell(list.end_second, i)};
  if (needs.visit) anchor.visit = {list.cell(list.visit, i)};
  if (needs.claim) anchor.claim = {list.cell(list.claim, i)};
  reader.find_periods(anchor, 0, 0);
  return anchor;
}

}  // namespace

std::size_t Explainer::want(std::size_t selector, std::size_t position) {
  const EventList& list = reader_.events(selector);
  wanted_.push_back({selector, list.stream.get(), list.row(position)});
  return wanted_.size() - 1 - row_begin_;
}

ShownEvent Explainer::shown(std::size_t selector, std::size_t position, Day from) {
  const EventList& list = reader_.events(selector);
  ShownEvent event;
  event.event = want(selector, position);
  event.start = list.start[position];
  event.days = std::int64_t{event.start} - from;
  if (const auto& nested = reader_.plan().selectors[selector].nested) {
    const Anchors anchor = anchor_of(list, position, nested->anchor, reader_);
    bool met = false;
    event.members = members(*nested, anchor, 0, met);
  }
  return event;
}

MemberReason Explainer::count(const CompiledCount& count, const Anchors& anchors, std::size_t i) {
  const Counted counted = counted_events(count, anchors, i, reader_.events(count.selector));
  MemberReason reason;
  reason.kind = MemberReason::Kind::kCount;
  reason.met = counted.met;
  reason.found = counted.number;
  reason.events = counted.events.size();
  const std::size_t most = std::min(counted.events.size(), options_.events);
  for (std::size_t k = 0; k < most; ++k)
    reason.shown.push_back(shown(count.selector, counted.events[k], anchors.start[i]));
  return reason;
}

void Explainer::add_facts(const std::vector<CompiledTest>& tests, const Anchors& anchors,
                          std::size_t i, std::vector<PersonFact>& facts) {
  using Kind = CompiledTest::Kind;
  const auto add = [&facts](PersonFact::Kind kind, ColumnId id, ColumnType type,
                            std::int64_t cell) -> PersonFact& {
    PersonFact& fact = facts.emplace_back();
    fact.kind = kind;
    fact.value = {.column = id, .type = type, .cell = cell, .text = {}};
    return fact;
  };
  for (const CompiledTest& test : tests) {
    switch (test.kind) {
      case Kind::kAge: {
        const Day day = test.end == End::kStart ? anchors.start[i] : anchors.end[i];
        add(PersonFact::Kind::kAge, 0, ColumnType::kInt,
            age_on(test, reader_, anchors.patient[i], day));
        break;
      }
      case Kind::kDate:
        if (test.end == End::kStart) {
          add(PersonFact::Kind::kStart, 0, ColumnType::kInt, anchors.start[i]);
        } else {
          add(PersonFact::Kind::kEnd, 0, ColumnType::kInt, anchors.end[i]);
        }
        break;
      case Kind::kPersonNumber:
      case Kind::kPersonCodes:
      case Kind::kPersonText:
      case Kind::kPersonPresent: {
        const PersonColumn& column = reader_.person(test.column);
        const AttributeInfo* info = find_builtin_attribute(test.column);
        PersonFact& fact =
            add(PersonFact::Kind::kColumn, test.column,
                info != nullptr ? info->type : ColumnType::kInt, column.at(anchors.patient[i]));
        if (fact.value.type == ColumnType::kText && fact.value.cell != kNull)
          fact.value.text = column.texts.at(fact.value.cell);
        break;
      }
      default:
        add_facts(test.parts, anchors, i, facts);
    }
  }
}

MemberReason Explainer::person(const std::vector<CompiledTest>& tests, const Anchors& anchors,
                               std::size_t i) {
  MemberReason reason;
  reason.kind = MemberReason::Kind::kPerson;
  std::vector<std::uint32_t> kept = {0};
  const auto one = [i](const auto& column) {
    return std::span(column).subspan(column.empty() ? 0 : i, column.empty() ? 0 : 1);
  };
  const TestedEvents events{
      one(anchors.patient), one(anchors.start), one(anchors.end), {}, nullptr};
  for (const CompiledTest& test : tests) filter(test, events, reader_, kept);
  reason.met = !kept.empty();
  add_facts(tests, anchors, i, reason.facts);
  return reason;
}

std::vector<MemberReason> Explainer::members(const CompiledGroup& group, const Anchors& anchors,
                                             std::size_t i, bool& met) {
  std::vector<MemberReason> reasons;
  const auto add = [&reasons](std::size_t at, MemberReason&& reason) {
    reasons.push_back(std::move(reason));
    reasons.back().at = at;
  };
  for (std::size_t at = 0; at < group.counts.size(); ++at)
    add(at, count(group.counts[at], anchors, i));
  for (std::size_t at = 0; at < group.demographics.size(); ++at)
    add(at, person(group.demographics[at], anchors, i));
  for (std::size_t at = 0; at < group.groups.size(); ++at) {
    MemberReason inner;
    inner.kind = MemberReason::Kind::kGroup;
    inner.members = members(group.groups[at], anchors, i, inner.met);
    add(at, std::move(inner));
  }
  met =
      holds(group, static_cast<std::size_t>(std::ranges::count(reasons, true, &MemberReason::met)));
  return reasons;
}

RuleReason Explainer::rule(const CompiledGroup& group, bool negated, const Anchors& anchors,
                           std::size_t i) {
  RuleReason reason;
  reason.members = members(group, anchors, i, reason.met);
  reason.met = reason.met != negated;
  return reason;
}

IndexReason Explainer::index_event(const Anchors& anchors, std::size_t i) {
  IndexReason reason;
  reason.alternative = Anchors::alternative_of(anchors.origin[i]);
  const auto position = Anchors::position_of(anchors.origin[i]);
  reason.event = shown(reader_.plan().index[reason.alternative], position, anchors.start[i]);
  if (anchors.in_period(i)) {
    reason.period_start = anchors.period_start[i];
    reason.period_end = anchors.period_end[i];
  }
  return reason;
}

// Those that the evaluation comes to; of rules, all.
void Explainer::add_rules(const Anchors& anchors, std::size_t i, const Verdict& verdict,
                          IndexReason& reason) {
  const Plan& plan = reader_.plan();
  if (verdict.fate == Fate::kNotObserved || verdict.fate == Fate::kNotChosen) return;
  if (plan.additional) reason.rules.push_back(rule(*plan.additional, false, anchors, i));
  if (verdict.fate == Fate::kNotRestricted || verdict.fate == Fate::kNotQualified) return;
  for (std::size_t r = 0; r < plan.rules.size(); ++r) {
    reason.rules.push_back(rule(plan.rules[r].group, plan.rules[r].negated, anchors, i));
    reason.rules.back().rule = r;
  }
}

ExitReason Explainer::exit(const ExitCause& cause) {
  ExitReason reason;
  reason.at = cause.at;
  switch (cause.kind) {
    case ExitCause::Kind::kPeriodEnd:
      reason.kind = ExitReason::Kind::kPeriodEnd;
      break;
    case ExitCause::Kind::kOffset:
      reason.kind = ExitReason::Kind::kOffset;
      break;
    case ExitCause::Kind::kEra:
      reason.kind = ExitReason::Kind::kEra;
      reason.era_start = cause.era_start;
      reason.era_end = cause.era_end;
      break;
    case ExitCause::Kind::kOwnEnd:
      reason.kind = ExitReason::Kind::kIndexEnd;
      break;
    case ExitCause::Kind::kCensoring: {
      const Plan& plan = reader_.plan();
      const bool death = plan.death_censors && cause.at + 1 == plan.censoring.size();
      reason.kind = death ? ExitReason::Kind::kDeath : ExitReason::Kind::kCensoring;
      reason.event = want(plan.censoring[cause.at], cause.position);
      break;
    }
  }
  return reason;
}

std::vector<Explainer::Part> Explainer::joined(const Anchors& anchors,
                                               const std::vector<TracedExit>& exits) const {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    if (exits[i].causes.empty()) continue;
    parts.push_back({{anchors.patient[i], anchors.start[i], exits[i].day}, {i}});
  }
  std::ranges::stable_sort(parts, {}, &Part::row);
  std::size_t to = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const CohortRow row = parts[i].row;
    if (to > 0 && parts[to - 1].row.ordinal == row.ordinal &&
        row.start <= std::int64_t{parts[to - 1].row.end} + reader_.plan().era_pad) {
      parts[to - 1].row.end = std::max(parts[to - 1].row.end, row.end);
      parts[to - 1].anchors.push_back(parts[i].anchors.front());
    } else {
      if (to != i) parts[to] = std::move(parts[i]);
      ++to;
    }
  }
  parts.resize(to);
  return parts;
}

void Explainer::cut(std::vector<Part>& parts) const {
  const Plan& plan = reader_.plan();
  for (Part& part : parts) {
    if (plan.censor_from) part.row.start = std::max(part.row.start, *plan.censor_from);
    if (plan.censor_to) part.row.end = std::min(part.row.end, *plan.censor_to);
  }
}

RowReasons Explainer::row(const Part& part, const Anchors& anchors,
                          const std::vector<TracedExit>& exits) {
  row_begin_ = wanted_.size();
  RowReasons reasons;
  reasons.row = part.row;
  for (const std::size_t i : part.anchors) {
    IndexReason& index = reasons.index.emplace_back(index_event(anchors, i));
    add_rules(anchors, i, {}, index);
    for (const RuleReason& rule : index.rules) {
      if (rule.met) continue;
      fail(ErrorCode::kCorrupt, "a row does not meet a rule when it is looked at by itself",
           rule.rule ? reader_.plan().rules[*rule.rule].name : "the restriction");
    }
    index.end = exits[i].day;
    for (const ExitCause& cause : exits[i].causes) index.exits.push_back(exit(cause));
  }
  wanted_end_.push_back(wanted_.size());
  return reasons;
}

RowReasons Explainer::lone(const Anchors& anchors, std::size_t i, const Verdict& verdict) {
  row_begin_ = wanted_.size();
  RowReasons reasons;
  reasons.member = false;
  reasons.row = {anchors.patient[i], anchors.start[i], anchors.start[i]};
  IndexReason& index = reasons.index.emplace_back(index_event(anchors, i));
  index.fate = verdict.fate;
  index.failed_rule = verdict.rule;
  add_rules(anchors, i, verdict, index);
  wanted_end_.push_back(wanted_.size());
  return reasons;
}

// Events that the alternative's stream has, and its list has not.
void Explainer::add_others(std::uint32_t patient, std::size_t alternative,
                           std::vector<RowReasons>& rows) {
  const std::size_t selector = reader_.plan().index[alternative];
  const EventList& list = reader_.events(selector);
  RunCursor selected(list.patient);
  selected.seek(patient);
  std::vector<std::size_t> taken;
  for (std::size_t i = selected.begin(); i < selected.end(); ++i) taken.push_back(list.row(i));
  RunCursor all(list.stream->patient);
  all.seek(patient);
  const std::size_t first = rows.size();
  std::uint64_t n = 0;
  for (std::size_t row = all.begin(); row < all.end(); ++row) {
    if (std::ranges::binary_search(taken, row) || ++n > options_.events) continue;
    row_begin_ = wanted_.size();
    wanted_.push_back({selector, list.stream.get(), row});
    wanted_end_.push_back(wanted_.size());
    const Day day = list.stream->start[row];
    RowReasons& reasons = rows.emplace_back();
    reasons.member = false;
    reasons.row = {patient, day, day};
    IndexReason& index = reasons.index.emplace_back();
    index.event.start = day;
    index.alternative = alternative;
    index.fate = Fate::kNoIndexEvent;
  }
  if (rows.size() > first) rows.back().index.front().alike = n - (rows.size() - first);
}

// Reads the events of the rows at hand.
void Explainer::finish(std::vector<RowReasons>& rows) {
  std::vector<ReasonEvent> events = read_details(reader_.plan(), details_, wanted_);
  std::size_t begin = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto at = [&events](std::size_t i) {
      return std::make_move_iterator(events.begin() + static_cast<std::ptrdiff_t>(i));
    };
    rows[r].events.assign(at(begin), at(wanted_end_[r]));
    begin = wanted_end_[r];
  }
  wanted_.clear();
  wanted_end_.clear();
}

void Explainer::explain_rows(const Anchors& anchors, const TakeReasons& take) {
  for (std::size_t begin = 0; begin < anchors.size();) {
    std::size_t end = std::min(begin + kBatch, anchors.size());
    while (end < anchors.size() && anchors.patient[end] == anchors.patient[end - 1]) ++end;
    const Anchors batch = slice(anchors, begin, end);
    const std::vector<TracedExit> exits = trace_exits(batch, reader_);
    std::vector<Part> parts = joined(batch, exits);
    cut(parts);
    std::vector<RowReasons> rows;
    for (const Part& part : parts) {
      if (part.row.start <= part.row.end) rows.push_back(row(part, batch, exits));
    }
    finish(rows);
    take(std::move(rows));
    begin = end;
  }
}

std::vector<RowReasons> Explainer::explain_events(std::uint32_t patient, const Anchors& anchors,
                                                  std::span<const Verdict> verdicts) {
  Anchors members = anchors;
  std::vector<std::uint8_t> kept(anchors.size());
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = verdicts[i].fate == Fate::kMember ? 1 : 0;
  members.keep(kept);
  const std::vector<TracedExit> exits = trace_exits(members, reader_);
  std::vector<Part> parts = joined(members, exits);
  cut(parts);
  std::vector<RowReasons> rows;
  for (const Part& part : parts) {
    if (part.row.start <= part.row.end) {
      rows.push_back(row(part, members, exits));
      continue;
    }
    for (const std::size_t i : part.anchors) rows.push_back(lone(members, i, {Fate::kCut}));
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (exits[i].causes.empty()) rows.push_back(lone(members, i, {Fate::kNoEnd}));
  }
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    if (kept[i] == 0) rows.push_back(lone(anchors, i, verdicts[i]));
  }
  const std::size_t others = anchors.size() == 0 ? reader_.plan().index.size() : 0;
  for (std::size_t alternative = 0; alternative < others; ++alternative)
    add_others(patient, alternative, rows);
  finish(rows);
  std::ranges::stable_sort(rows, {},
                           [](const RowReasons& r) { return r.index.front().event.start; });
  return rows;
}

}  // namespace anam::evaluation
