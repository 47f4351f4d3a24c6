// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/plan.h"

#include <algorithm>
#include <map>

#include "query/evaluate/event_end.h"
#include "storage/attributes.h"
#include "storage/error.h"

namespace anam::evaluation {

namespace {

using Kind = CompiledTest::Kind;

template <typename... T>
struct Overloaded : T... {
  using T::operator()...;
};
template <typename... T>
Overloaded(T...) -> Overloaded<T...>;

class Compiler {
 public:
  Compiler(Plan& plan, const std::vector<CodeIds>& codes, const CohortLookup& cohorts)
      : plan_(plan), cohorts_(cohorts) {
    // Equal sets become one, so that what reads them is seen to be equal too.
    std::map<CodeIds, std::size_t> seen;
    for (const CodeIds& ids : codes) {
      const auto [at, added] = seen.try_emplace(ids, seen.size());
      set_of_.push_back(at->second);
    }
    plan_.code_sets.resize(seen.size());
    for (const auto& [ids, at] : seen) plan_.code_sets[at] = ids;
    stream(Domain::kEnrollment, nullptr, Role::kEither);
    stream(Domain::kVisit, nullptr, Role::kEither);
    plan_.streams[Plan::kVisits].columns = {column::kCode, column::kVisit};
  }

  const CodeIds* codes(CodeSetIndex index) const {
    if (index >= set_of_.size()) {
      fail(ErrorCode::kInput, "the definition names a code set that it does not have",
           std::to_string(index));
    }
    return &plan_.code_sets[set_of_[index]];
  }

  CompiledGroup group(const Group& from) {
    CompiledGroup to;
    to.kind = from.kind;
    to.count = from.count;
    for (const CountedQuery& counted : from.counts) to.counts.push_back(count(counted, to.anchor));
    for (const Demographic& demographic : from.demographics) {
      to.demographics.push_back(tests(demographic.tests));
      for (const CompiledTest& test : to.demographics.back()) to.anchor.end |= reads_end(test);
    }
    for (const Group& inner : from.groups) {
      to.groups.push_back(group(inner));
      to.anchor.add(to.groups.back().anchor);
    }
    return to;
  }

  // Further needs are added to the selector when it is there already.
  std::size_t selector(const EventQuery& query, const Needs& needs,
                       std::optional<int> days_supply = {}) {
    Selector made;
    if (query.cohort) {
      made.stream = rows(*query.cohort);
    } else {
      made.stream = stream(query.domain, query.codes ? codes(*query.codes) : nullptr, query.role);
      made.domain = query.domain;
    }
    made.first = query.first;
    if (query.source_codes) made.source_codes = codes(*query.source_codes);
    made.tests = tests(query.tests);
    made.adjustment = query.adjustment;
    made.contains_start = query.contains_start;
    made.contains_end = query.contains_end;
    made.days_supply = days_supply;
    // An empty group restricts nothing, and asks for no period either.
    for (const Group& nested : query.nested) {
      if (nested.counts.empty() && nested.demographics.empty() && nested.groups.empty()) continue;
      made.nested = group(nested);
    }
    const std::string key = describe(made);
    const auto [at, added] = selector_of_.try_emplace(key, plan_.selectors.size());
    if (added) plan_.selectors.push_back(std::move(made));
    require(at->second, needs);
    return at->second;
  }

  void require(std::size_t index, const Needs& needs) {
    Selector& selector = plan_.selectors[index];
    selector.needs.add(needs);
    if (selector.nested) selector.needs.add(selector.nested->anchor);
    Needs& all = selector.needs;
    all.end |= selector.adjustment.has_value() || selector.contains_end.has_value() ||
               selector.contains_start.has_value();
    for (const CompiledTest& test : selector.tests) all.end |= reads_end(test);
    if (plan_.streams[selector.stream].cohort != nullptr) return;  // rows have no more columns
    if (all.end && !selector.days_supply &&
        (selector.domain == Domain::kNone || end_rule(selector.domain) == EndRule::kDrug)) {
      add_column(selector.stream, column::kDaysSupply);
    }
    if (all.end && selector.domain == Domain::kNone) add_column(selector.stream, column::kCode);
    if (selector.first && !plan_.by_record) add_column(selector.stream, column::kSecond);
    if (all.second || all.end_second) {
      // An adjustment may take either from the other.
      if (all.second || selector.adjustment) add_column(selector.stream, column::kSecond);
      if (all.end_second || selector.adjustment) add_column(selector.stream, column::kEndSecond);
    }
    if (all.visit) add_column(selector.stream, column::kVisit);
    if (all.claim) add_column(selector.stream, column::kClaim);
    if (selector.source_codes) add_column(selector.stream, column::kSourceCode);
    for (const CompiledTest& test : selector.tests) add_columns(selector.stream, test);
  }

 private:
  std::size_t rows(const CohortReference& reference) {
    std::shared_ptr<const CohortSource> cohort = cohorts_ ? cohorts_(reference) : nullptr;
    if (cohort == nullptr) {
      fail(ErrorCode::kInput, "the definition refers to a cohort that cannot be had here",
           reference.name.empty() ? reference.file : reference.name);
    }
    for (std::size_t i = 0; i < plan_.streams.size(); ++i) {
      if (plan_.streams[i].cohort == cohort.get()) return i;
    }
    plan_.streams.push_back({.columns = {}, .cohort = cohort.get()});
    plan_.cohorts.push_back(std::move(cohort));
    return plan_.streams.size() - 1;
  }

  std::size_t stream(Domain domain, const CodeIds* ids, Role role) {
    if (ids == nullptr) role = Role::kEither;
    for (std::size_t i = 0; i < plan_.streams.size(); ++i) {
      const StreamRequest& other = plan_.streams[i];
      if (other.cohort == nullptr && other.domain == domain && other.codes == ids &&
          other.role == role) {
        return i;
      }
    }
    plan_.streams.push_back({.domain = domain, .codes = ids, .role = role, .columns = {}});
    return plan_.streams.size() - 1;
  }

  void add_column(std::size_t stream, ColumnId id) {
    std::vector<ColumnId>& columns = plan_.streams[stream].columns;
    const auto at = std::ranges::lower_bound(columns, id);
    if (at == columns.end() || *at != id) columns.insert(at, id);
  }

  void add_columns(std::size_t stream, const CompiledTest& test) {
    switch (test.kind) {
      case Kind::kRatio:
      case Kind::kOrder:
        add_column(stream, test.other);
        [[fallthrough]];
      case Kind::kNumber:
      case Kind::kText:
      case Kind::kCodes:
      case Kind::kPresent:
        add_column(stream, test.column);
        break;
      case Kind::kVisit:
        add_column(stream, column::kVisit);
        break;
      case Kind::kSource:
        add_column(stream, column::kSource);
        break;
      default:
        for (const CompiledTest& part : test.parts) add_columns(stream, part);
    }
  }

  static bool reads_end(const CompiledTest& test) {
    if (test.kind == Kind::kLength) return true;
    if (test.kind == Kind::kDate || test.kind == Kind::kAge) return test.end == End::kEnd;
    return std::ranges::any_of(test.parts, reads_end);
  }

  CompiledCount count(const CountedQuery& from, Needs& anchor) {
    CompiledCount to;
    to.windows = from.windows;
    to.same_visit = from.same_visit;
    to.same_claim = from.same_claim;
    to.within_period = from.within_period;
    to.occurrence = from.occurrence;
    Needs events;
    events.visit = from.same_visit;
    events.claim = from.same_claim;
    anchor.visit |= from.same_visit;
    anchor.claim |= from.same_claim;
    for (const Window& window : from.windows) {
      const auto timed = [](const WindowEdge& edge) {
        return edge.offset && edge.unit == WindowEdge::Unit::kSeconds;
      };
      const bool seconds = timed(window.from) || timed(window.to);
      to.in_seconds |= seconds;
      if (window.anchor == End::kEnd) anchor.end = true;
      (window.anchor == End::kEnd ? anchor.end_second : anchor.second) |= seconds;
      if (window.event == End::kEnd) events.end = true;
      (window.event == End::kEnd ? events.end_second : events.second) |= seconds;
    }
    const ColumnId distinct = from.occurrence.distinct_column;
    if (from.occurrence.distinct) {
      events.end |= distinct == column::kEndDay || distinct == Occurrence::kDuration;
    }
    to.selector = selector(from.query, events);
    if (from.occurrence.distinct && distinct != column::kDay && distinct != column::kEndDay &&
        distinct != Occurrence::kDuration) {
      add_column(plan_.selectors[to.selector].stream, distinct);
    }
    return to;
  }

  std::vector<CompiledTest> tests(const std::vector<EventTest>& from) const {
    std::vector<CompiledTest> to;
    to.reserve(from.size());
    for (const EventTest& test : from) to.push_back(compile(test));
    return to;
  }

  CompiledTest compile(const EventTest& from) const {
    CompiledTest to;
    std::visit(Overloaded{[&](const AttributeNumber& test) {
                            to.kind = Kind::kNumber;
                            to.column = test.column;
                            to.number = NumberCheck(test.test);
                          },
                          [&](const AttributeRatio& test) {
                            to.kind = Kind::kRatio;
                            to.column = test.numerator;
                            to.other = test.denominator;
                            to.number = NumberCheck(test.test);
                          },
                          [&](const AttributeOrder& test) {
                            to.kind = Kind::kOrder;
                            to.column = test.left;
                            to.other = test.right;
                            to.number = NumberCheck(NumberTest{test.comparison, 0, 0});
                          },
                          [&](const AttributeText& test) {
                            to.kind = Kind::kText;
                            to.column = test.column;
                            to.text = test.test;
                          },
                          [&](const AttributeCodes& test) {
                            to.kind = Kind::kCodes;
                            to.column = test.column;
                            to.codes = codes(test.codes);
                            to.exclude = test.exclude;
                          },
                          [&](const AttributePresent& test) {
                            to.kind = is_person_column(test.column) ? Kind::kPersonPresent
                                                                    : Kind::kPresent;
                            to.column = test.column;
                            to.exclude = !test.present;
                          },
                          [&](const VisitCodes& test) {
                            to.kind = Kind::kVisit;
                            to.codes = test.codes ? codes(*test.codes) : nullptr;
                            to.exclude = test.exclude;
                          },
                          [&](const DateIs& test) {
                            to.kind = Kind::kDate;
                            to.end = test.of;
                            to.number = NumberCheck(test.test);
                          },
                          [&](const LengthIs& test) {
                            to.kind = Kind::kLength;
                            to.number = NumberCheck(test.test);
                          },
                          [&](const AgeIs& test) {
                            to.kind = Kind::kAge;
                            to.end = test.at;
                            to.exact_age = test.exact;
                            to.number = NumberCheck(test.test);
                          },
                          [&](const PersonCodes& test) {
                            to.kind = Kind::kPersonCodes;
                            to.column = test.column;
                            to.codes = codes(test.codes);
                            to.exclude = test.exclude;
                          },
                          [&](const PersonText& test) {
                            to.kind = Kind::kPersonText;
                            to.column = test.column;
                            to.text = test.test;
                          },
                          [&](const PersonNumber& test) {
                            to.kind = Kind::kPersonNumber;
                            to.column = test.column;
                            to.number = NumberCheck(test.test);
                          },
                          [&](const SourceIs& test) {
                            to.kind = Kind::kSource;
                            to.source = test;
                            to.exclude = test.exclude;
                          },
                          [&](const AnyOfTests& test) {
                            to.kind = Kind::kAny;
                            to.parts = tests(test.tests);
                          },
                          [&](const AllOfTests& test) {
                            to.kind = Kind::kAll;
                            to.parts = tests(test.tests);
                          }},
               from);
    return to;
  }

  // Text that is equal for selectors that select the same events.
  static std::string describe(const Selector& selector);

  Plan& plan_;
  const CohortLookup& cohorts_;
  std::vector<std::size_t> set_of_;  // code set of the definition -> of the plan
  std::map<std::string, std::size_t> selector_of_;
};

// Writes plain values one after the other, each with what it needs to be told from its neighbour.
class Description {
 public:
  void number(std::int64_t value) { text_ += std::to_string(value) + ' '; }
  void pointer(const void* value) {
    number(static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(value)));
  }
  void text(const std::string& value) {
    number(static_cast<std::int64_t>(value.size()));
    text_ += value;
  }
  template <typename T>
  void maybe(const std::optional<T>& value) {
    number(value.has_value());
    if (value) number(static_cast<std::int64_t>(*value));
  }
  void check(const NumberCheck& check) {
    number(static_cast<std::int64_t>(check.test().comparison));
    number(check.test().value);
    number(check.test().upper);
    number(check.negated());
  }
  void tests(const std::vector<CompiledTest>& all) {
    number(static_cast<std::int64_t>(all.size()));
    for (const CompiledTest& test : all) {
      number(static_cast<std::int64_t>(test.kind));
      number(test.column);
      number(test.other);
      number(static_cast<std::int64_t>(test.end));
      number(test.exclude);
      number(test.exact_age);
      check(test.number);
      number(static_cast<std::int64_t>(test.text.kind));
      number(test.text.negated);
      number(test.text.like);
      text(test.text.text);
      pointer(test.codes);
      for (const auto* words : {&test.source.sources, &test.source.kinds}) {
        number(static_cast<std::int64_t>(words->size()));
        for (const std::string& word : *words) text(word);
      }
      tests(test.parts);
    }
  }
  void group(const CompiledGroup& all) {
    number(static_cast<std::int64_t>(all.kind));
    number(all.count);
    number(static_cast<std::int64_t>(all.counts.size()));
    for (const CompiledCount& count : all.counts) {
      number(static_cast<std::int64_t>(count.selector));
      number(static_cast<std::int64_t>(count.windows.size()));
      for (const Window& window : count.windows) {
        for (const WindowEdge& edge : {window.from, window.to}) {
          number(static_cast<std::int64_t>(edge.unit));
          maybe(edge.offset);
          number(edge.opposite);
        }
        number(static_cast<std::int64_t>(window.anchor));
        number(static_cast<std::int64_t>(window.event));
      }
      number(count.same_visit);
      number(count.same_claim);
      number(count.within_period);
      number(static_cast<std::int64_t>(count.occurrence.kind));
      number(count.occurrence.count);
      number(count.occurrence.distinct);
      number(count.occurrence.distinct_column);
    }
    number(static_cast<std::int64_t>(all.demographics.size()));
    for (const auto& demographic : all.demographics) tests(demographic);
    number(static_cast<std::int64_t>(all.groups.size()));
    for (const CompiledGroup& inner : all.groups) group(inner);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string Compiler::describe(const Selector& selector) {
  Description to;
  to.number(static_cast<std::int64_t>(selector.stream));
  to.number(selector.first);
  to.pointer(selector.source_codes);
  to.tests(selector.tests);
  to.number(selector.adjustment.has_value());
  if (selector.adjustment) {
    to.number(static_cast<std::int64_t>(selector.adjustment->start_from));
    to.number(selector.adjustment->start_offset);
    to.number(static_cast<std::int64_t>(selector.adjustment->end_from));
    to.number(selector.adjustment->end_offset);
  }
  to.maybe(selector.contains_start);
  to.maybe(selector.contains_end);
  to.maybe(selector.days_supply);
  to.number(selector.nested.has_value());
  if (selector.nested) to.group(*selector.nested);
  return to.take();
}

CompiledExit compile(const Exit& exit, Compiler& compiler) {
  CompiledExit to;
  if (const auto* after = std::get_if<ExitAfter>(&exit)) {
    to.kind = CompiledExit::Kind::kAfter;
    to.after = *after;
  } else if (const auto* era = std::get_if<ExitWhenEraEnds>(&exit)) {
    to.kind = CompiledExit::Kind::kEra;
    to.era = *era;
    EventQuery exposures;
    exposures.domain = Domain::kDrug;
    exposures.codes = era->codes;
    to.selector = compiler.selector(exposures, Needs{.end = true}, era->days_supply);
  }
  return to;
}

}  // namespace

Plan::Plan(const CohortDefinition& definition, const std::vector<CodeIds>& codes,
           const CohortLookup& lookup)
    : by_record(definition.by_record),
      index_in_period(definition.index_in_period),
      days_before(definition.days_before),
      days_after(definition.days_after),
      index_limit(definition.index_limit),
      included_limit(definition.included_limit),
      era_pad(definition.era_pad),
      censor_from(definition.censor_from),
      censor_to(definition.censor_to) {
  Compiler compiler(*this, codes, lookup);
  if (definition.additional) {
    additional = compiler.group(*definition.additional);
    index_needs.add(additional->anchor);
    qualified_limit = definition.qualified_limit;
  }
  for (const Rule& rule : definition.rules) {
    rules.push_back(
        {.name = rule.name, .group = compiler.group(rule.group), .negated = rule.negated});
    index_needs.add(rules.back().group.anchor);
  }
  exits.push_back(compile(definition.exit, compiler));
  for (const Exit& exit : definition.further_exits) exits.push_back(compile(exit, compiler));
  for (const CompiledExit& exit : exits) {
    const bool after = exit.kind == CompiledExit::Kind::kAfter;
    if (after) exit_at_period_end = false;
    index_needs.end |= after && exit.after.from == End::kEnd;
  }
  index_needs.end |= !index_in_period;
  for (const EventQuery& query : definition.censoring) {
    censoring.push_back(compiler.selector(query, {}));
  }
  if (definition.exit_at_death) {
    EventQuery death;
    death.domain = Domain::kDeath;
    censoring.push_back(compiler.selector(death, {}));
    death_censors = true;
  }
  for (const EventQuery& query : definition.index) {
    index.push_back(compiler.selector(query, index_needs));
  }
}

}  // namespace anam::evaluation
