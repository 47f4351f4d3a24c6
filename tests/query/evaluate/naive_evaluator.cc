// SPDX-License-Identifier: Apache-2.0
#include "tests/query/evaluate/naive_evaluator.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "storage/attributes.h"
#include "storage/decimal.h"

namespace anam::test {

namespace {

struct Span {
  Day start;
  Day end;
};

// An event as a definition sees it.
struct Seen {
  const TestEvent* event;
  Day start;
  Day end;
  Day sort;
  Span own;  // before a given day replaced it
  std::optional<std::int64_t> start_second;
  std::optional<std::int64_t> end_second;
};

struct IndexEvent {
  Seen seen;
  std::optional<Span> period;
  std::vector<bool> met;
};

bool compare(Comparison comparison, double x, double a, double b) {
  switch (comparison) {
    case Comparison::kLess:
      return x < a;
    case Comparison::kLessEqual:
      return x <= a;
    case Comparison::kEqual:
      return x == a;
    case Comparison::kNotEqual:
      return x != a;
    case Comparison::kGreaterEqual:
      return x >= a;
    case Comparison::kGreater:
      return x > a;
    case Comparison::kBetween:
      return x >= a && x <= b;
    default:
      return !(x >= a && x <= b);
  }
}

bool compare(const NumberTest& test, double x) {
  return compare(test.comparison, x, decimal_value(test.value), decimal_value(test.upper));
}

bool like(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') {
    return like(text, pattern.substr(1)) || (!text.empty() && like(text.substr(1), pattern));
  }
  return !text.empty() && (pattern[0] == '_' || pattern[0] == text[0]) &&
         like(text.substr(1), pattern.substr(1));
}

bool text_holds(const TextTest& test, const std::string& text) {
  using Kind = TextTest::Kind;
  if (!test.like) {
    const auto at = text.find(test.text);
    const bool met = test.kind == Kind::kEqual      ? text == test.text
                     : test.kind == Kind::kContains ? at != std::string::npos
                     : test.kind == Kind::kStartsWith
                         ? at == 0
                         : text.size() >= test.text.size() &&
                               text.substr(text.size() - test.text.size()) == test.text;
    return met != test.negated;
  }
  std::string pattern = test.text;
  if (test.kind == Kind::kContains || test.kind == Kind::kEndsWith) pattern = "%" + pattern;
  if (test.kind == Kind::kContains || test.kind == Kind::kStartsWith) pattern += "%";
  return like(text, pattern) != test.negated;
}

// Everything about one patient.
class Patient {
 public:
  Patient(const CohortDefinition& definition, const std::vector<CodeIds>& codes,
          const TestData& data, std::uint32_t ordinal)
      : definition_(definition),
        codes_(codes),
        data_(data),
        ordinal_(ordinal),
        timeline_(data.timeline(ordinal)) {
    for (const TestEvent* event : timeline_) {
      if (event->domain == Domain::kEnrollment) {
        periods_.push_back({event->start, event->end.value_or(event->start)});
      }
    }
  }

  std::vector<Seen> select(const EventQuery& query) const {
    std::vector<const TestEvent*> events;
    if (query.cohort && !query.source_codes) events = rows_of(*query.cohort->definition);
    for (const TestEvent* event : timeline_) {
      if (query.cohort) break;
      const CodeIds* ids = query.codes ? &codes_[*query.codes] : nullptr;
      if (!requested(*event, query.domain, ids, query.role)) continue;
      if (query.source_codes && !in(*query.source_codes, event->cell(column::kSourceCode)))
        continue;
      events.push_back(event);
    }
    if (query.first && events.size() > 1) {
      // Of the first day; the timeline has its events by time, then by number.
      const TestEvent* first = events.front();
      if (definition_.by_record) {
        for (const TestEvent* event : events) {
          if (event->start == first->start) first = std::min(first, event);
        }
      }
      events = {first};
    }
    std::vector<Seen> result;
    for (const TestEvent* event : events) {
      Seen seen = as_recorded(*event);
      if (query.adjustment) {
        const Seen before = seen;
        const DateAdjustment& by = *query.adjustment;
        const bool from_start = by.start_from == End::kStart;
        const bool to_start = by.end_from == End::kStart;
        seen.start = (from_start ? before.start : before.end) + by.start_offset;
        seen.end = (to_start ? before.start : before.end) + by.end_offset;
        seen.start_second = from_start ? before.start_second : before.end_second;
        seen.end_second = to_start ? before.start_second : before.end_second;
        if (seen.end < seen.start) continue;
      }
      seen.sort = seen.start;
      seen.own = {seen.start, seen.end};
      bool all = true;
      for (const EventTest& test : query.tests) all = all && holds(test, seen);
      if (!all) continue;
      const auto inside = [&](std::optional<Day> day) {
        return !day || (seen.own.start <= *day && *day <= seen.own.end);
      };
      if (!inside(query.contains_start) || !inside(query.contains_end)) continue;
      if (query.contains_start) seen.start = *query.contains_start;
      if (query.contains_end) seen.end = *query.contains_end;
      if (!query.nested.empty() && !is_empty(query.nested[0])) {
        const std::optional<Span> period = period_of(seen.start, 0, 0);
        if (definition_.index_in_period && !period) continue;
        if (!holds(query.nested[0], seen, period)) continue;
      }
      result.push_back(seen);
    }
    return result;
  }

  std::optional<Span> period_of(Day day, int before, int after) const {
    for (const Span& period : periods_) {
      if (period.start <= day && day <= period.end && period.start + before <= day &&
          day + after <= period.end) {
        return period;
      }
    }
    return std::nullopt;
  }

  bool holds(const Group& group, const Seen& index, const std::optional<Span>& period) const {
    int size = 0;
    int met = 0;
    const auto member = [&](bool holding) {
      ++size;
      met += holding ? 1 : 0;
    };
    for (const CountedQuery& counted : group.counts) member(holds(counted, index, period));
    for (const Demographic& demographic : group.demographics) member(holds(demographic, index));
    for (const Group& inner : group.groups) member(holds(inner, index, period));
    if (size == 0) return true;
    switch (group.kind) {
      case Group::Kind::kAll:
        return met == size;
      case Group::Kind::kAny:
        return met > 0;
      case Group::Kind::kAtLeast:
        return met >= group.count;
      default:
        return met <= group.count;
    }
  }

  // The events that a count counts around an index event.
  std::vector<Seen> events_of(const CountedQuery& counted, const Seen& index,
                              const std::optional<Span>& period) const {
    std::vector<Seen> events;
    for (const Seen& seen : select(counted.query)) {
      if (counted.within_period &&
          !(period && period->start <= seen.start && seen.start <= period->end)) {
        continue;
      }
      bool inside = true;
      for (const Window& window : counted.windows) {
        inside = inside && lies_in(window, counted.within_period, index, period, seen);
      }
      if (!inside) continue;
      const auto same = [&](ColumnId id) {
        const auto a = index.event->cell(id);
        return a && a == seen.event->cell(id);
      };
      if (counted.same_visit && !same(column::kVisit)) continue;
      if (counted.same_claim && !same(column::kClaim)) continue;
      events.push_back(seen);
    }
    return events;
  }

  static int number(const CountedQuery& counted, const std::vector<Seen>& events) {
    if (!counted.occurrence.distinct) return static_cast<int>(events.size());
    std::set<std::string> distinct;
    for (const Seen& seen : events) {
      const auto value = distinct_value(counted.occurrence.distinct_column, seen);
      if (value) distinct.insert(*value);
    }
    return static_cast<int>(distinct.size());
  }

  bool holds(const CountedQuery& counted, const Seen& index,
             const std::optional<Span>& period) const {
    const int count = number(counted, events_of(counted, index, period));
    switch (counted.occurrence.kind) {
      case Occurrence::Kind::kExactly:
        return count == counted.occurrence.count;
      case Occurrence::Kind::kAtMost:
        return count <= counted.occurrence.count;
      default:
        return count >= counted.occurrence.count;
    }
  }

  bool holds(const Demographic& demographic, const Seen& index) const {
    return std::ranges::all_of(demographic.tests,
                               [&](const EventTest& test) { return holds(test, index); });
  }

  // Rows of another cohort as events of no kind.
  std::vector<const TestEvent*> rows_of(const CohortDefinition& other) const;

  static bool is_empty(const Group& group) {
    return group.counts.empty() && group.demographics.empty() && group.groups.empty();
  }

 private:
  bool in(CodeSetIndex set, std::optional<std::int64_t> code) const {
    return code && std::ranges::find(codes_[set], static_cast<CodeId>(*code)) != codes_[set].end();
  }

  static Seen as_recorded(const TestEvent& event) {
    Day end = event.start + 1;
    switch (event.domain) {
      case Domain::kMeasurement:
      case Domain::kObservation:
      case Domain::kProcedure:
      case Domain::kSpecimen:
      case Domain::kDeath:
        break;
      case Domain::kLocation:
        end = event.end.value_or(47481);  // 2099-12-31
        break;
      case Domain::kDrug:
        end = event.start + static_cast<Day>(event.cell(column::kDaysSupply).value_or(1));
        [[fallthrough]];
      case Domain::kCondition:
      case Domain::kDevice:
        end = event.end.value_or(end);
        break;
      default:
        end = event.end.value_or(event.start);
    }
    return {&event,
            event.start,
            end,
            event.start,
            {event.start, end},
            event.cell(column::kSecond),
            event.cell(column::kEndSecond)};
  }

  bool holds(const EventTest& test, const Seen& seen) const {
    const TestEvent& event = *seen.event;
    const auto number = [&](ColumnId id) -> std::optional<double> {
      const auto cell = event.cell(id);
      if (!cell) return std::nullopt;
      const AttributeInfo* info = find_builtin_attribute(id);
      if (info != nullptr && info->type == ColumnType::kDecimal) return decimal_value(*cell);
      if (info != nullptr && info->type == ColumnType::kMoney) {
        return static_cast<double>(*cell) / 100;
      }
      return static_cast<double>(*cell);
    };
    if (const auto* t = std::get_if<AttributeNumber>(&test)) {
      const auto x = number(t->column);
      return x && compare(t->test, *x);
    }
    if (const auto* t = std::get_if<AttributeRatio>(&test)) {
      const auto x = number(t->numerator);
      const auto y = number(t->denominator);
      return x && y && *y != 0 && compare(t->test, *x / *y);
    }
    if (const auto* t = std::get_if<AttributeOrder>(&test)) {
      const auto x = number(t->left);
      const auto y = number(t->right);
      return x && y && compare(t->comparison, *x, *y, 0);
    }
    if (const auto* t = std::get_if<AttributeText>(&test)) {
      const auto text = event.texts.find(t->column);
      return text != event.texts.end() && text_holds(t->test, text->second);
    }
    if (const auto* t = std::get_if<AttributeCodes>(&test)) {
      const auto code = event.cell(t->column);
      return code && in(t->codes, code) != t->exclude;
    }
    if (const auto* t = std::get_if<AttributePresent>(&test)) {
      const bool person = t->column == column::kSex;
      const bool present =
          person ? data_.person(ordinal_, t->column).has_value()
                 : event.cell(t->column).has_value() || event.texts.contains(t->column);
      return present == t->present;
    }
    if (const auto* t = std::get_if<VisitCodes>(&test)) {
      const auto visit = event.cell(column::kVisit);
      for (const TestEvent* other : timeline_) {
        if (!visit || other->domain != Domain::kVisit || other->cell(column::kVisit) != visit)
          continue;
        return (!t->codes || in(*t->codes, other->code)) != t->exclude;
      }
      return false;
    }
    if (const auto* t = std::get_if<DateIs>(&test)) {
      return compare(t->test.comparison, t->of == End::kStart ? seen.start : seen.end,
                     t->test.value, t->test.upper);
    }
    if (std::holds_alternative<LengthIs>(test)) {
      return compare(std::get<LengthIs>(test).test, seen.end - seen.start);
    }
    if (const auto* t = std::get_if<AgeIs>(&test)) return age_holds(*t, seen);
    if (const auto* t = std::get_if<PersonCodes>(&test)) {
      const auto code = data_.person(ordinal_, t->column);
      return code && in(t->codes, code) != t->exclude;
    }
    if (const auto* t = std::get_if<PersonNumber>(&test)) {
      const auto value = data_.person(ordinal_, t->column);
      return value && compare(t->test, static_cast<double>(*value));
    }
    if (const auto* t = std::get_if<SourceIs>(&test)) {
      const auto source = event.cell(column::kSource);
      if (!source) return false;
      return data_.is_from(static_cast<std::size_t>(*source), *t) != t->exclude;
    }
    if (const auto* t = std::get_if<AnyOfTests>(&test)) {
      return std::ranges::any_of(t->tests, [&](const EventTest& x) { return holds(x, seen); });
    }
    if (const auto* t = std::get_if<AllOfTests>(&test)) {
      return std::ranges::all_of(t->tests, [&](const EventTest& x) { return holds(x, seen); });
    }
    return false;
  }

  bool age_holds(const AgeIs& test, const Seen& seen) const {
    const auto year = data_.person(ordinal_, column::kBirthYear);
    const auto month = data_.person(ordinal_, column::kBirthMonth);
    const auto day = data_.person(ordinal_, column::kBirthDay);
    if (!year) return false;
    const std::chrono::year_month_day date{
        std::chrono::sys_days{std::chrono::days{test.at == End::kStart ? seen.start : seen.end}}};
    std::int64_t age = int{date.year()} - *year;
    if (test.exact && month && day) {
      const bool later = std::int64_t{unsigned{date.month()}} > *month ||
                         (std::int64_t{unsigned{date.month()}} == *month &&
                          std::int64_t{unsigned{date.day()}} >= *day);
      if (!later) --age;
    }
    return compare(test.test, static_cast<double>(age));
  }

  static std::optional<std::string> distinct_value(ColumnId id, const Seen& seen) {
    if (id == column::kDay) return std::to_string(seen.start);
    if (id == column::kEndDay) return std::to_string(seen.end);
    if (id == Occurrence::kDuration) return std::to_string(seen.own.end - seen.own.start);
    if (id == column::kCode) {
      if (seen.event->code == kNoCode && seen.event->domain != Domain::kDeath) return std::nullopt;
      return std::to_string(seen.event->code);
    }
    const auto text = seen.event->texts.find(id);
    if (text != seen.event->texts.end()) return text->second;
    const auto cell = seen.event->cell(id);
    if (!cell) return std::nullopt;
    const AttributeInfo* info = find_builtin_attribute(id);
    return info != nullptr && info->type == ColumnType::kDecimal
               ? std::to_string(decimal_value(*cell))
               : std::to_string(*cell);
  }

  static bool lies_in(const Window& window, bool within, const Seen& index,
                      const std::optional<Span>& period, const Seen& seen) {
    const bool event_start = window.event == End::kStart;
    const bool index_start = window.anchor == End::kStart;
    const std::int64_t day = event_start ? seen.start : seen.end;
    const std::int64_t anchor = index_start ? index.start : index.end;
    const auto second = event_start ? seen.start_second : seen.end_second;
    const auto anchor_second = index_start ? index.start_second : index.end_second;
    const auto not_before = [&](const WindowEdge& edge, int sign) {
      // sign -1 mirrors time, so that one inequality serves both edges.
      if (!edge.offset) {
        if (!within) return true;
        const bool first = (sign > 0) != edge.opposite;
        return sign * day >= sign * std::int64_t{first ? period->start : period->end};
      }
      if (edge.unit == WindowEdge::Unit::kDays) return sign * day >= sign * (anchor + *edge.offset);
      bool all = true;  // whatever the times of day that are not known
      for (const std::int64_t a : {0, 86399}) {
        for (const std::int64_t b : {0, 86399}) {
          const std::int64_t event_time = day * 86400 + second.value_or(a);
          const std::int64_t index_time = anchor * 86400 + anchor_second.value_or(b);
          all = all && sign * event_time >= sign * (index_time + *edge.offset);
        }
      }
      return all;
    };
    return not_before(window.from, 1) && not_before(window.to, -1);
  }

  const CohortDefinition& definition_;
  const std::vector<CodeIds>& codes_;
  const TestData& data_;
  std::uint32_t ordinal_;
  std::vector<const TestEvent*> timeline_;
  mutable std::map<const CohortDefinition*, std::vector<TestEvent>> rows_;  // by definition
  std::vector<Span> periods_;
};

// Rows of other cohorts come first, as they were read; events in the order of the data.
bool stands_before(const TestEvent& a, const TestEvent& b) {
  const bool a_is_row = a.domain == Domain::kNone;
  const bool b_is_row = b.domain == Domain::kNone;
  return a_is_row || b_is_row ? a_is_row && !b_is_row : &a < &b;
}

// The only one, by `key`: the smallest or the largest, of several the one numbered first.
template <typename Key>
void limit(std::vector<IndexEvent>& events, Limit to, Key key) {
  if (to == Limit::kAll || events.empty()) return;
  IndexEvent best = events[0];
  for (const IndexEvent& event : events) {
    const auto day = key(event);
    const bool better = to == Limit::kFirst ? day < key(best) : day > key(best);
    if (better || (day == key(best) && stands_before(*event.seen.event, *best.seen.event)))
      best = event;
  }
  events = {best};
}

// Adds a span, joined with all that it touches: of two, the later begins up to `pad` days after the
// end of the earlier, as in Circe's SQL (or, where that is negative, so many days before it).
void add_joined(std::vector<Span>& spans, Span span, int pad) {
  for (std::size_t i = 0; i < spans.size();) {
    const auto [earlier, later] = std::minmax(span, spans[i], [](const Span& a, const Span& b) {
      return std::pair(a.start, a.end) < std::pair(b.start, b.end);
    });
    if (later.start > earlier.end + pad) {
      ++i;
      continue;
    }
    span = {std::min(span.start, spans[i].start), std::max(span.end, spans[i].end)};
    spans.erase(spans.begin() + static_cast<std::ptrdiff_t>(i));
    i = 0;  // it may touch more now
  }
  spans.push_back(span);
}

std::optional<Day> era_end(const Patient& patient, const ExitWhenEraEnds& exit, Day start) {
  EventQuery query;
  query.domain = Domain::kDrug;
  query.codes = exit.codes;
  std::vector<Span> eras;
  for (const Seen& seen : patient.select(query)) {
    const Day last = exit.days_supply ? seen.start + *exit.days_supply : seen.end;
    add_joined(eras, {seen.start, last + exit.offset}, exit.gap_days);
  }
  std::optional<Day> end;
  for (const Span& era : eras) {
    if (era.start <= start && start <= era.end && (!end || era.end < *end)) end = era.end;
  }
  return end;
}

std::optional<Day> exit_day(const Patient& patient, const CohortDefinition& definition,
                            const IndexEvent& event) {
  std::optional<Day> earliest;
  const auto offer = [&](Day day) {
    if (day >= event.seen.start && (!earliest || day < *earliest)) earliest = day;
  };
  std::vector<Exit> exits = definition.further_exits;
  exits.push_back(definition.exit);
  bool period_end = true;
  bool asked = false;
  for (const Exit& exit : exits) {
    if (std::holds_alternative<ExitAfter>(exit)) period_end = false;
    if (std::holds_alternative<ExitAtPeriodEnd>(exit)) asked = true;
  }
  for (const Exit& exit : exits) {
    if (const auto* after = std::get_if<ExitAfter>(&exit)) {
      Day day = (after->from == End::kStart ? event.seen.start : event.seen.end) + after->days;
      if (event.period) day = std::min(day, event.period->end);
      offer(day);
    } else if (const auto* era = std::get_if<ExitWhenEraEnds>(&exit)) {
      if (const auto day = era_end(patient, *era, event.seen.start)) offer(*day);
    }
  }
  if (event.period && (period_end || asked)) offer(event.period->end);
  if (!event.period && period_end && !earliest) offer(std::max(event.seen.start, event.seen.end));
  std::vector<EventQuery> censoring = definition.censoring;
  if (definition.exit_at_death) {
    censoring.emplace_back();
    censoring.back().domain = Domain::kDeath;
  }
  for (const EventQuery& query : censoring) {
    for (const Seen& seen : patient.select(query)) {
      if (!event.period || seen.start <= event.period->end) offer(seen.start);
    }
  }
  return earliest;
}

RuleMask mask_of(const IndexEvent& event) {
  RuleMask mask((event.met.size() + 63) / 64, 0);
  for (std::size_t rule = 0; rule < event.met.size(); ++rule) {
    if (event.met[rule]) mask[rule / 64] |= std::uint64_t{1} << (rule % 64);
  }
  return mask;
}

void count_masks(const std::vector<IndexEvent>& events, Attrition& attrition) {
  const IndexEvent* best = nullptr;
  const auto better = [](const IndexEvent& a, const IndexEvent& b) {
    const auto met = [](const IndexEvent& e) { return std::ranges::count(e.met, true); };
    const auto lowest = [](const IndexEvent& e) {
      const auto at = std::ranges::find(e.met, true);
      return at == e.met.end() ? 0 : at - e.met.begin();
    };
    if (met(a) != met(b)) return met(a) > met(b);
    if (lowest(a) != lowest(b)) return lowest(a) < lowest(b);
    return a.seen.start < b.seen.start;
  };
  for (const IndexEvent& event : events) {
    ++attrition.masks[0][mask_of(event)];
    if (best == nullptr || better(event, *best)) best = &event;
  }
  if (best != nullptr) ++attrition.masks[1][mask_of(*best)];
}

// Holds reasons against what nested loops find.
class ReasonCheck {
 public:
  ReasonCheck(const CohortDefinition& definition, const Patient& patient, const RowReasons& reasons,
              std::size_t limit)
      : definition_(definition), patient_(patient), reasons_(reasons), limit_(limit) {}

  // What is not so of the row; empty = all is.
  std::string row() const {
    CohortRow row = reasons_.row;
    if (reasons_.member) {
      row.start = INT32_MAX;
      row.end = INT32_MIN;
    }
    for (const IndexReason& index : reasons_.index) {
      std::string wrong = "no such index event";
      const EventQuery& query = definition_.index[index.alternative];
      if (index.fate == Fate::kNoIndexEvent) {
        EventQuery loose;
        loose.domain = query.domain;
        loose.codes = query.codes;
        loose.role = query.role;
        loose.cohort = query.cohort;
        for (const Seen& seen : patient_.select(loose)) {
          if (is(index.event, seen)) return {};
        }
        return "an event that the patient does not have";
      }
      // Events that look alike may differ in what is not shown: one of them must do.
      for (const Seen& seen : patient_.select(query)) {
        if (!is(index.event, seen)) continue;
        wrong = index_event(index, query, seen);
        if (wrong.empty()) break;
      }
      if (!wrong.empty()) return wrong;
      if (!reasons_.member) continue;
      row.start = std::min(row.start, index.event.start);
      row.end = std::max(row.end, index.end);
    }
    row.start = std::max(row.start, definition_.censor_from.value_or(row.start));
    row.end = std::min(row.end, definition_.censor_to.value_or(row.end));
    if (reasons_.member && row != reasons_.row) return "the row is not that of its index events";
    if (reasons_.member == (reasons_.index[0].fate != Fate::kMember)) return "the fate of a row";
    return {};
  }

 private:
  // Whether the event shown looks like this one.
  bool is(const ShownEvent& shown, const Seen& seen) const {
    const ReasonEvent& event = reasons_.events[shown.event];
    const TestEvent& other = *seen.event;
    if (event.patient != other.patient || event.domain != other.domain ||
        event.code != other.code || event.day != other.start || event.end_day != other.end ||
        event.source_code != other.cell(column::kSourceCode).value_or(kNoCode) ||
        event.second != other.cell(column::kSecond) ||
        event.end_second != other.cell(column::kEndSecond) ||
        event.source != other.cell(column::kSource).value_or(kNull) || shown.start != seen.start) {
      return false;
    }
    std::size_t texts = 0;
    for (const ReasonValue& value : event.values) {
      if (value.type == ColumnType::kText) {
        const auto text = other.texts.find(value.column);
        if (text == other.texts.end() || text->second != value.text) return false;
        ++texts;
      } else if (other.cell(value.column) != value.cell) {
        return false;
      }
    }
    for (const ColumnId id : {column::kValue, column::kUnit, column::kValueCode}) {
      const bool has =
          std::ranges::find(event.values, id, &ReasonValue::column) != event.values.end();
      if (has != other.cell(id).has_value()) return false;
    }
    return true;
  }

  std::string index_event(const IndexReason& index, const EventQuery& query,
                          const Seen& seen) const {
    if (index.event.days != 0) return "an index event is not on its own day";
    std::string wrong = around(index.event, query, seen);
    if (!wrong.empty()) return wrong;
    const auto period =
        patient_.period_of(seen.start, definition_.days_before, definition_.days_after);
    if (period.has_value() != index.period_start.has_value() ||
        (period && (period->start != *index.period_start || period->end != *index.period_end))) {
      return "the period";
    }
    const bool observed = period || !definition_.index_in_period;
    if (observed == (index.fate == Fate::kNotObserved)) return "whether it is observed";
    std::size_t failed = definition_.rules.size();
    for (const RuleReason& rule : index.rules) {
      const bool negated = rule.rule && definition_.rules[*rule.rule].negated;
      const Group& group =
          rule.rule ? definition_.rules[*rule.rule].group : *definition_.additional;
      if (patient_.holds(group, seen, period) == (rule.met == negated)) return "a rule's verdict";
      if (!rule.met && rule.rule) failed = std::min(failed, *rule.rule);
      if (!rule.met && !rule.rule && index.fate != Fate::kNotRestricted) return "restriction";
      wrong = members(rule.members, group, seen, period);
      if (!wrong.empty()) return wrong;
    }
    if ((index.fate == Fate::kRule) != (failed < definition_.rules.size()) ||
        (index.fate == Fate::kRule && failed != index.failed_rule)) {
      return "the rule that failed";
    }
    const std::size_t all = definition_.rules.size() + (definition_.additional ? 1 : 0);
    const bool asked = index.fate == Fate::kMember || index.fate == Fate::kRule;
    if (asked && index.rules.size() != all) return "not all rules are there";
    return index.fate == Fate::kMember ? exits(index, seen, period) : std::string();
  }

  // What a query's own group counts around its event.
  std::string around(const ShownEvent& shown, const EventQuery& query, const Seen& seen) const {
    if (query.nested.empty() || Patient::is_empty(query.nested[0]))
      return shown.members.empty() ? std::string() : "a group from nowhere";
    return members(shown.members, query.nested[0], seen, patient_.period_of(seen.start, 0, 0));
  }

  std::string members(const std::vector<MemberReason>& reasons, const Group& group,
                      const Seen& index, const std::optional<Span>& period) const {
    using Kind = MemberReason::Kind;
    if (reasons.size() != group.counts.size() + group.demographics.size() + group.groups.size())
      return "a group does not have all its members";
    for (const MemberReason& reason : reasons) {
      std::string wrong;
      if (reason.kind == Kind::kCount) {
        wrong = count(reason, group.counts.at(reason.at), index, period);
      } else if (reason.kind == Kind::kPerson) {
        if (patient_.holds(group.demographics.at(reason.at), index) != reason.met)
          wrong = "a test of the person";
      } else {
        const Group& inner = group.groups.at(reason.at);
        if (patient_.holds(inner, index, period) != reason.met) wrong = "a group's verdict";
        if (wrong.empty()) wrong = members(reason.members, inner, index, period);
      }
      if (!wrong.empty()) return wrong;
    }
    return {};
  }

  std::string count(const MemberReason& reason, const CountedQuery& counted, const Seen& index,
                    const std::optional<Span>& period) const {
    std::vector<Seen> events = patient_.events_of(counted, index, period);
    if (reason.events != events.size()) return "how many events were counted";
    if (reason.found != Patient::number(counted, events)) return "the number found";
    if (reason.met != patient_.holds(counted, index, period)) return "a count's verdict";
    if (reason.shown.size() != std::min(events.size(), limit_)) return "how many events are shown";
    for (const ShownEvent& shown : reason.shown) {
      if (shown.days != std::int64_t{shown.start} - index.start) return "the days from the index";
      std::string wrong = "an event that was not counted";
      for (auto seen = events.begin(); seen != events.end(); ++seen) {
        if (!is(shown, *seen)) continue;
        wrong = around(shown, counted.query, *seen);
        if (!wrong.empty()) continue;
        events.erase(seen);
        break;
      }
      if (!wrong.empty()) return wrong;
    }
    return {};
  }

  std::string exits(const IndexReason& index, const Seen& seen,
                    const std::optional<Span>& period) const {
    using Kind = ExitReason::Kind;
    if (exit_day(patient_, definition_, {seen, period, {}}) != index.end) return "the day of exit";
    if (index.exits.empty()) return "no exit";
    for (const ExitReason& reason : index.exits) {
      bool right = false;
      switch (reason.kind) {
        case Kind::kPeriodEnd:
          right = period && period->end == index.end;
          break;
        case Kind::kIndexEnd:
          right = !period && std::max(seen.start, seen.end) == index.end;
          break;
        case Kind::kOffset: {
          const auto& after = std::get<ExitAfter>(exit_at(reason.at));
          right = (after.from == End::kStart ? seen.start : seen.end) + after.days == index.end;
          break;
        }
        case Kind::kEra: {
          const auto& era = std::get<ExitWhenEraEnds>(exit_at(reason.at));
          right = era_end(patient_, era, seen.start) == index.end && reason.era_end == index.end &&
                  reason.era_start <= seen.start;
          break;
        }
        default: {
          EventQuery query;
          query.domain = Domain::kDeath;
          if (reason.kind == Kind::kCensoring) query = definition_.censoring.at(reason.at);
          for (const Seen& event : patient_.select(query)) {
            right = right ||
                    (event.start == index.end && is({*reason.event, event.start, 0, {}}, event));
          }
        }
      }
      if (!right) return "the reason to leave";
    }
    return {};
  }

  const Exit& exit_at(std::size_t at) const {
    return at == 0 ? definition_.exit : definition_.further_exits.at(at - 1);
  }

  const CohortDefinition& definition_;
  const Patient& patient_;
  const RowReasons& reasons_;
  std::size_t limit_;
};

void evaluate_patient(const CohortDefinition& definition, const std::vector<CodeIds>& codes,
                      const TestData& data, std::uint32_t ordinal, ShardResult& result) {
  const Patient patient(definition, codes, data, ordinal);
  std::vector<IndexEvent> events;
  for (const EventQuery& query : definition.index) {
    for (const Seen& seen : patient.select(query)) {
      const auto period =
          patient.period_of(seen.start, definition.days_before, definition.days_after);
      if (period || !definition.index_in_period) events.push_back({seen, period, {}});
    }
  }
  const auto start = [](const IndexEvent& event) { return event.seen.start; };
  limit(events, definition.index_limit, [](const IndexEvent& e) { return e.seen.sort; });
  if (definition.additional) {
    std::erase_if(events, [&](const IndexEvent& event) {
      return !patient.holds(*definition.additional, event.seen, event.period);
    });
    limit(events, definition.qualified_limit, start);
  }
  for (IndexEvent& event : events) {
    for (const Rule& rule : definition.rules) {
      event.met.push_back(patient.holds(rule.group, event.seen, event.period) != rule.negated);
    }
  }
  if (!definition.rules.empty()) count_masks(events, result.attrition);
  std::erase_if(events, [](const IndexEvent& event) {
    return std::ranges::find(event.met, false) != event.met.end();
  });
  limit(events, definition.included_limit, start);

  std::vector<Span> spans;
  for (const IndexEvent& event : events) {
    if (const auto end = exit_day(patient, definition, event)) {
      add_joined(spans, {event.seen.start, *end}, definition.era_pad);
    }
  }
  bool left = false;
  for (const Span& span : spans) {
    const CohortRow row{ordinal, std::max(span.start, definition.censor_from.value_or(span.start)),
                        std::min(span.end, definition.censor_to.value_or(span.end))};
    if (row.end < row.start) continue;
    result.rows.push_back(row);
    left = true;
  }
  if (!spans.empty() && !left) ++result.attrition.lost_to_censor_window;
}

std::vector<const TestEvent*> Patient::rows_of(const CohortDefinition& other) const {
  const auto [known, fresh] = rows_.try_emplace(&other);
  if (fresh) {
    ShardResult result;
    evaluate_patient(other, codes_, data_, ordinal_, result);
    std::ranges::sort(result.rows);
    for (const CohortRow& row : result.rows) {
      TestEvent& event = known->second.emplace_back();
      event.patient = ordinal_;
      event.domain = Domain::kNone;
      event.start = row.start;
      event.end = row.end;
    }
  }
  std::vector<const TestEvent*> events;
  for (const TestEvent& event : known->second) events.push_back(&event);
  return events;
}

}  // namespace

std::string check_reasons(const CohortDefinition& definition, const std::vector<CodeIds>& codes,
                          const TestData& data, const RowReasons& reasons, std::size_t limit) {
  if (reasons.index.empty()) return "a row without an index event";
  const Patient patient(definition, codes, data, reasons.row.ordinal);
  return ReasonCheck(definition, patient, reasons, limit).row();
}

std::size_t count_index_events(const CohortDefinition& definition,
                               const std::vector<CodeIds>& codes, const TestData& data,
                               std::uint32_t ordinal) {
  const Patient patient(definition, codes, data, ordinal);
  std::size_t n = 0;
  for (const EventQuery& query : definition.index) n += patient.select(query).size();
  return n;
}

ShardResult naive_evaluate(const CohortDefinition& definition, const std::vector<CodeIds>& codes,
                           const TestData& data) {
  ShardResult result;
  result.attrition.rules = definition.rules.size();
  result.attrition.censor_window = definition.censor_from || definition.censor_to;
  for (std::uint32_t ordinal = 0; ordinal < data.patients; ++ordinal) {
    evaluate_patient(definition, codes, data, ordinal, result);
  }
  std::ranges::sort(result.rows);
  return result;
}

}  // namespace anam::test
