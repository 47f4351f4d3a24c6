// SPDX-License-Identifier: Apache-2.0
#include "tests/query/evaluate/random_definition.h"

#include <cstdlib>
#include <sstream>

#include "storage/attributes.h"
#include "storage/decimal.h"

namespace anam::test {

namespace {

constexpr Day kEpoch = 18290;  // 2020-01-29: years and a leap day are near
constexpr int kDays = 40;
constexpr int kCodes = 5;

class Generator {
 public:
  explicit Generator(std::mt19937_64& random) : random_(random) {}

  RandomCase make() {
    RandomCase made;
    made.codes = {{1}, {2}, {1, 2}, {3, 4}, {}, {1, 2, 3, 4, 5}};
    for (const CodeIds& codes : made.codes) {
      made.definition.code_sets.push_back({std::to_string(codes.size()), {}, {}});
    }
    make_data(made.data);
    for (int n = one_in(4) ? between(1, 2) : 0; n > 0; --n) {
      auto other = std::make_shared<CohortDefinition>();
      make_definition(*other);
      cohorts_.push_back({.name = "",
                          .release = {},
                          .file = "other" + std::to_string(n) + ".cohort",
                          .definition = std::move(other)});
    }
    make_definition(made.definition);
    return made;
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  int between(int low, int high) { return low + below(high - low + 1); }
  bool one_in(int n) { return below(n) == 0; }
  Day day() { return kEpoch + below(kDays); }
  End end() { return one_in(3) ? End::kEnd : End::kStart; }
  template <typename T>
  T pick(std::initializer_list<T> of) {
    return of.begin()[below(static_cast<int>(of.size()))];
  }

  void make_data(TestData& data) {
    data.patients = static_cast<std::uint32_t>(between(1, 8));
    data.sources = {"claims", "hospital"};
    data.source_kinds = {"claims", "clinical"};
    for (std::uint32_t patient = 0; patient < data.patients; ++patient) {
      auto& person = data.persons.emplace_back();
      if (!one_in(6)) person[column::kBirthYear] = 1980 + below(3);
      if (!one_in(3)) {
        person[column::kBirthMonth] = between(1, 4);
        person[column::kBirthDay] = between(1, 28);
      }
      if (!one_in(4)) person[column::kSex] = between(1, kCodes);
      Day from = kEpoch - below(10);
      for (int period = between(one_in(6) ? 0 : 1, 2); period > 0; --period) {
        const Day to = from + between(10, 60);
        add(data, patient, Domain::kEnrollment, from).end = to;
        from = to + between(1, 12);
      }
      for (int visit = 1; visit <= 3; ++visit) {
        if (one_in(3)) continue;
        TestEvent& event = add(data, patient, Domain::kVisit, day());
        event.cells[column::kVisit] = visit;
        event.end = event.start + below(6);
      }
      for (int n = one_in(12) ? 80 : between(2, 24); n > 0; --n) make_event(data, patient);
      if (one_in(3)) add(data, patient, Domain::kDeath, day());
    }
  }

  TestEvent& add(TestData& data, std::uint32_t patient, Domain domain, Day start) {
    TestEvent& event = data.events.emplace_back();
    event.patient = patient;
    event.domain = domain;
    event.start = start;
    event.code = static_cast<CodeId>(between(one_in(5) ? 0 : 1, kCodes));
    if (!one_in(3)) event.cells[column::kSourceCode] = between(1, kCodes);
    return event;
  }

  void make_event(TestData& data, std::uint32_t patient) {
    const Domain domain =
        pick({Domain::kCondition, Domain::kDrug, Domain::kDrug, Domain::kMeasurement});
    TestEvent& event = add(data, patient, domain, day());
    if (one_in(2)) event.end = event.start + between(domain == Domain::kDrug ? 0 : -2, 12);
    if (one_in(2)) event.cells[column::kDaysSupply] = below(15);
    if (one_in(2)) event.cells[column::kVisit] = between(1, 3);
    if (one_in(2)) event.cells[column::kClaim] = between(1, 3);
    if (one_in(2)) event.cells[column::kSecond] = below(24) * 3600;
    if (one_in(2)) event.cells[column::kEndSecond] = below(24) * 3600;
    if (!one_in(3)) event.cells[column::kSource] = below(2);
    if (!one_in(3)) event.cells[column::kUnit] = between(1, kCodes);
    if (!one_in(3)) event.cells[column::kValue] = decimal();
    if (!one_in(3)) event.cells[column::kRangeLow] = decimal();
    if (!one_in(3)) event.cells[column::kCharged] = below(500);
    if (!one_in(3)) event.texts[column::kStopReason] = pick<const char*>({"abc", "ab", "", "bca"});
  }

  std::int64_t decimal() {
    const int scale = below(3);
    return std::int64_t{between(-3, 6) * 5 * (scale == 2 ? 10 : 1)} * 32 + scale;
  }

  Comparison comparison() { return static_cast<Comparison>(below(8)); }
  NumberTest number(int low, int high) {
    return {comparison(), std::int64_t{between(low, high)} * 32,
            std::int64_t{between(low, high)} * 32};
  }
  CodeSetIndex set() {
    return static_cast<CodeSetIndex>(one_in(15) ? 4 : pick({0, 1, 2, 2, 3, 5, 5}));
  }

  TextTest text() {
    TextTest test;
    test.kind = static_cast<TextTest::Kind>(below(4));
    test.negated = one_in(2);
    test.like = !one_in(3);
    test.text = pick<const char*>({"a", "b_", "%c", "ab", "", "_"});
    return test;
  }

  EventTest person_test() {
    switch (below(7)) {
      case 5:
        return LengthIs{number(0, 10)};
      case 6: {
        AnyOfTests any;
        for (int n = below(4); n > 0; --n) any.tests.push_back(person_test());
        return one_in(2) ? EventTest(any) : EventTest(AllOfTests{any.tests});
      }
      case 0:
        return PersonCodes{column::kSex, set(), one_in(2)};
      case 1:
        return PersonNumber{column::kBirthYear, number(1979, 1983)};
      case 2:
        return AttributePresent{column::kSex, one_in(2)};
      case 3:
        return DateIs{end(), {comparison(), day(), day()}};
      default:
        return AgeIs{end(), number(36, 42), one_in(2)};
    }
  }

  SourceIs sources() {
    SourceIs made;
    for (int n = one_in(3) ? below(3) : 1; n > 0; --n)
      made.sources.emplace_back(pick<const char*>({"claims", "hospital", "none"}));
    for (int n = one_in(3) ? 1 + below(2) : 0; n > 0; --n)
      made.kinds.emplace_back(pick<const char*>({"claims", "clinical", "registry"}));
    made.exclude = one_in(2);
    return made;
  }

  std::vector<EventTest> tests(int depth) {
    std::vector<EventTest> made;
    for (int n = one_in(3) ? below(4) : 2; n > 0; --n) made.push_back(test(depth));
    return made;
  }

  EventTest test(int depth) {
    switch (below(depth > 0 ? 12 : 10)) {
      case 0: {
        NumberTest t{comparison(), decimal(), decimal()};
        return AttributeNumber{one_in(2) ? column::kValue : column::kCharged, t};
      }
      case 1:
        return AttributeRatio{
            column::kValue, column::kRangeLow,
            NumberTest{pick({Comparison::kLess, Comparison::kGreaterEqual}), decimal(), 0}};
      case 2:
        if (one_in(2)) {
          return AttributeOrder{
              column::kValue,
              pick({Comparison::kLess, Comparison::kNotEqual, Comparison::kGreaterEqual}),
              column::kRangeLow};
        }
        return AttributeText{column::kStopReason, text()};
      case 3:
        return AttributeCodes{pick({column::kUnit, column::kSourceCode}), set(), one_in(2)};
      case 4:
        return AttributePresent{pick({column::kUnit, column::kValue}), one_in(2)};
      case 5: {
        VisitCodes t;
        if (!one_in(4)) t.codes = set();
        t.exclude = one_in(3);
        return t;
      }
      case 6:
        return DateIs{end(), {comparison(), day(), day()}};
      case 7:
        return LengthIs{number(0, 10)};
      case 8:
        return sources();
      case 10:
        return AnyOfTests{tests(depth - 1)};
      case 11:
        return AllOfTests{tests(depth - 1)};
      default:
        return person_test();
    }
  }

  EventQuery query(int depth) {
    EventQuery made;
    made.domain = pick({Domain::kCondition, Domain::kDrug, Domain::kMeasurement, Domain::kVisit,
                        Domain::kCondition, Domain::kDrug, Domain::kCondition, Domain::kDrug,
                        Domain::kMeasurement, one_in(2) ? Domain::kEnrollment : Domain::kDeath});
    if (one_in(12)) made.domain = Domain::kNone;
    if (!one_in(4)) made.codes = set();
    if (one_in(3)) made.role = static_cast<Role>(below(3));
    if (one_in(12)) made.source_codes = set();
    made.first = one_in(4);
    if (!cohorts_.empty() && one_in(5))
      made.cohort = cohorts_[static_cast<std::size_t>(below(static_cast<int>(cohorts_.size())))];
    for (int n = one_in(5) ? between(1, 2) : 0; n > 0; --n) made.tests.push_back(test(2));
    if (one_in(5)) made.adjustment = DateAdjustment{end(), between(-5, 5), end(), between(-3, 8)};
    if (made.domain == Domain::kEnrollment && one_in(3)) {
      if (one_in(2)) made.contains_start = day();
      if (one_in(2)) made.contains_end = day();
    }
    if (depth > 0 && one_in(5)) made.nested.push_back(group(depth - 1));
    return made;
  }

  WindowEdge edge(bool from) {
    WindowEdge made;
    if (one_in(4)) {
      made.opposite = one_in(4);
      return made;
    }
    const int day = from ? between(-25, 3) : between(-3, 25);
    const bool seconds = one_in(5);
    made.unit = seconds ? WindowEdge::Unit::kSeconds : WindowEdge::Unit::kDays;
    made.offset = seconds ? day * 3600 * pick({1, 6, 24}) : day;
    return made;
  }

  CountedQuery counted(int depth) {
    CountedQuery made;
    made.query = query(depth);
    for (int n = below(3); n > 0; --n)
      made.windows.push_back({edge(true), edge(false), end(), end()});
    made.same_visit = one_in(12);
    made.same_claim = one_in(12);
    made.within_period = one_in(2);
    made.occurrence.kind = pick({Occurrence::Kind::kAtLeast, Occurrence::Kind::kAtLeast,
                                 Occurrence::Kind::kAtMost, Occurrence::Kind::kExactly});
    made.occurrence.count = pick({0, 1, 1, 1, 2});
    made.occurrence.distinct = one_in(5);
    made.occurrence.distinct_column =
        pick({column::kCode, column::kDay, column::kEndDay, column::kVisit, column::kValue,
              column::kStopReason, Occurrence::kDuration});
    return made;
  }

  Group group(int depth) {
    Group made;
    made.kind = static_cast<Group::Kind>(below(4));
    made.count = pick({0, 1, 1, 2});
    for (int n = between(0, 2); n > 0; --n) made.counts.push_back(counted(depth));
    if (one_in(3)) {
      Demographic demographic;
      for (int n = one_in(9) ? 0 : between(1, 2); n > 0; --n)
        demographic.tests.push_back(person_test());
      made.demographics.push_back(demographic);
    }
    if (depth > 0 && one_in(3)) made.groups.push_back(group(depth - 1));
    return made;
  }

  Exit exit() {
    switch (below(3)) {
      case 0:
        return ExitAtPeriodEnd{};
      case 1:
        return ExitAfter{end(), between(-3, 30)};
      default: {
        ExitWhenEraEnds era;
        era.codes = set();
        era.gap_days = below(10);
        era.offset = below(6);
        if (one_in(3)) era.days_supply = below(8);
        return era;
      }
    }
  }

  Limit limit() { return pick({Limit::kAll, Limit::kAll, Limit::kFirst, Limit::kLast}); }

  void make_definition(CohortDefinition& made) {
    for (int n = one_in(3) ? 2 : 1; n > 0; --n) made.index.push_back(query(one_in(3) ? 2 : 0));
    made.index_in_period = !one_in(4);
    if (one_in(3)) made.days_before = below(10);
    if (one_in(3)) made.days_after = below(10);
    made.index_limit = limit();
    if (one_in(4)) made.additional = group(2);
    made.qualified_limit = limit();
    const int rules = one_in(40) ? 70 : pick({0, 1, 1, 1, 2, 3});
    for (int n = 0; n < rules; ++n) {
      made.rules.push_back({"rule", "", group(rules > 3 ? 0 : 2), one_in(3)});
    }
    made.included_limit = limit();
    made.exit = exit();
    if (one_in(4)) made.further_exits.push_back(exit());
    made.exit_at_death = one_in(5);
    if (one_in(4)) made.censoring.push_back(query(1));
    if (one_in(3)) made.era_pad = below(15);
    if (one_in(8)) made.censor_from = day();
    if (one_in(8)) made.censor_to = day();
  }

  std::mt19937_64& random_;
  std::vector<CohortReference> cohorts_;  // that may be referred to
};

class Printer {
 public:
  std::string take() { return out_.str(); }

  void definition(const CohortDefinition& d) {
    line("in_period=", d.index_in_period, " before=", d.days_before, " after=", d.days_after,
         " limits=", int(d.index_limit), int(d.qualified_limit), int(d.included_limit),
         " exit_at_death=", d.exit_at_death, " pad=", d.era_pad, " censor=", maybe(d.censor_from),
         "..", maybe(d.censor_to));
    for (const EventQuery& q : d.index) query("index", q);
    if (d.additional) group("additional", *d.additional);
    for (const Rule& r : d.rules) group(r.negated ? "exclude" : "require", r.group);
    exit(d.exit);
    for (const Exit& e : d.further_exits) exit(e);
    for (const EventQuery& q : d.censoring) query("censoring", q);
  }

  void data(const TestData& d) {
    for (std::size_t p = 0; p < d.persons.size(); ++p) {
      out_ << "person " << p << ':';
      for (const auto& [id, cell] : d.persons[p]) out_ << ' ' << name(id) << '=' << cell;
      out_ << '\n';
    }
    for (const TestEvent& e : d.events) {
      out_ << "event patient=" << e.patient << ' ' << domain_name(e.domain) << " code=" << e.code
           << ' ' << e.start - kEpoch << ".." << maybe(e.end);
      for (const auto& [id, cell] : e.cells) out_ << ' ' << name(id) << '=' << cell;
      for (const auto& [id, text] : e.texts) out_ << ' ' << name(id) << "='" << text << '\'';
      out_ << '\n';
    }
  }

 private:
  template <typename... T>
  void line(const T&... parts) {
    out_ << std::string(indent_, ' ');
    (out_ << ... << parts) << '\n';
  }
  static std::string maybe(const std::optional<Day>& day) {
    return day ? std::to_string(*day - kEpoch) : "-";
  }
  static std::string name(ColumnId id) {
    const AttributeInfo* info = find_builtin_attribute(id);
    return info != nullptr ? std::string(info->name) : "column" + std::to_string(id);
  }
  static std::string number(const NumberTest& t) {
    return " comparison " + std::to_string(int(t.comparison)) + ' ' +
           std::to_string(decimal_value(t.value)) + ' ' + std::to_string(decimal_value(t.upper));
  }

  void test(const EventTest& t) {
    std::string more;
    if (const auto* n = std::get_if<AttributeNumber>(&t)) more = name(n->column) + number(n->test);
    if (const auto* n = std::get_if<LengthIs>(&t)) more = number(n->test);
    if (const auto* n = std::get_if<AgeIs>(&t)) {
      more = number(n->test) + (n->exact ? " exact" : "") + (n->at == End::kEnd ? " end" : "");
    }
    if (const auto* n = std::get_if<DateIs>(&t)) {
      more = " comparison " + std::to_string(int(n->test.comparison)) + ' ' + maybe(n->test.value) +
             ' ' + maybe(n->test.upper) + (n->of == End::kEnd ? " end" : "");
    }
    if (const auto* n = std::get_if<AttributeCodes>(&t)) {
      more = name(n->column) + " set " + std::to_string(n->codes) + (n->exclude ? " not" : "");
    }
    if (const auto* n = std::get_if<AttributeText>(&t)) {
      more = n->test.text + " kind " + std::to_string(int(n->test.kind)) +
             (n->test.negated ? " not" : "");
    }
    line("test of kind ", t.index(), ' ', more);
    indent_ += 2;
    if (const auto* any = std::get_if<AnyOfTests>(&t)) tests(any->tests);
    if (const auto* every = std::get_if<AllOfTests>(&t)) tests(every->tests);
    indent_ -= 2;
  }
  void tests(const std::vector<EventTest>& all) {
    for (const EventTest& t : all) test(t);
  }

  void query(const char* what, const EventQuery& q) {
    line(what, ' ', domain_name(q.domain), " set=", q.codes ? int(*q.codes) : -1,
         " role=", int(q.role), q.first ? " first" : "",
         " source=", q.source_codes ? int(*q.source_codes) : -1,
         " contains=", maybe(q.contains_start), ',', maybe(q.contains_end));
    indent_ += 2;
    if (q.cohort) {
      line("in place of these, rows of ", q.cohort->file);
      definition(*q.cohort->definition);
    }
    if (q.adjustment) {
      line("adjust start=", int(q.adjustment->start_from), '+', q.adjustment->start_offset,
           " end=", int(q.adjustment->end_from), '+', q.adjustment->end_offset);
    }
    tests(q.tests);
    for (const Group& nested : q.nested) group("nested", nested);
    indent_ -= 2;
  }

  static std::string edge(const WindowEdge& e) {
    if (!e.offset) return e.opposite ? "opposite" : "open";
    return std::to_string(*e.offset) + (e.unit == WindowEdge::Unit::kSeconds ? "s" : "d");
  }

  void group(const char* what, const Group& g) {
    line(what, " group kind=", int(g.kind), " count=", g.count);
    indent_ += 2;
    for (const CountedQuery& c : g.counts) {
      line("count kind=", int(c.occurrence.kind), " n=", c.occurrence.count,
           c.occurrence.distinct ? " distinct " + name(c.occurrence.distinct_column) : "",
           c.same_visit ? " same_visit" : "", c.same_claim ? " same_claim" : "",
           c.within_period ? " within_period" : "");
      indent_ += 2;
      for (const Window& w : c.windows) {
        line("window ", edge(w.from), " to ", edge(w.to), " of index ",
             w.anchor == End::kEnd ? "end" : "start", ", event ",
             w.event == End::kEnd ? "end" : "start");
      }
      query("of", c.query);
      indent_ -= 2;
    }
    for (const Demographic& d : g.demographics) {
      line("demographic");
      indent_ += 2;
      tests(d.tests);
      indent_ -= 2;
    }
    for (const Group& inner : g.groups) group("inner", inner);
    indent_ -= 2;
  }

  void exit(const Exit& e) {
    if (const auto* after = std::get_if<ExitAfter>(&e)) {
      line("exit after ", after->days, after->from == End::kEnd ? " end" : " start");
    } else if (const auto* era = std::get_if<ExitWhenEraEnds>(&e)) {
      line("exit when era of set ", era->codes, " gap=", era->gap_days, " offset=", era->offset,
           " supply=", era->days_supply ? *era->days_supply : -1);
    } else {
      line("exit at period's end");
    }
  }

  std::ostringstream out_;
  std::size_t indent_ = 0;
};

}  // namespace

RandomCase random_case(std::mt19937_64& random) { return Generator(random).make(); }

RandomRun random_run() {
  const char* seed = std::getenv("ANAM_TEST_SEED");
  const char* cases = std::getenv("ANAM_TEST_CASES");
  return {seed != nullptr ? std::stoull(seed) : std::random_device()(),
          cases != nullptr ? std::stoi(cases) : 2000};
}

std::string describe(const RandomCase& of) {
  Printer printer;
  printer.definition(of.definition);
  printer.data(of.data);
  return printer.take();
}

}  // namespace anam::test
