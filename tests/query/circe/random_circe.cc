// SPDX-License-Identifier: Apache-2.0
#include "tests/query/circe/random_circe.h"

#include <algorithm>
#include <functional>
#include <set>

#include "query/circe/criteria_types.h"
#include "storage/attributes.h"
#include "storage/error.h"

namespace anam::test {

namespace {

using circe::CriteriaType;
using circe::Field;
using circe::Form;

bool can_say(const CohortDefinition& definition) {
  try {
    write_circe(definition, MemoryConcepts::five());
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInput) throw;
    return false;
  }
}

class Maker {
 public:
  explicit Maker(std::mt19937_64& random) : random_(random) {}

  RandomCase make() {
    RandomCase made = random_case(random_);
    CohortDefinition& definition = made.definition;
    for (CodeSet& set : definition.code_sets) set = code_set();
    for (std::size_t i = 0; i < made.codes.size(); ++i) {
      made.codes[i] = MemoryConcepts::five().resolve(definition.code_sets[i]);
    }
    sets_ = definition.code_sets;
    definition.by_record = true;
    definition.index_in_period = true;
    for (EventQuery& query : definition.index) fix(query, true);
    for (EventQuery& query : definition.censoring) fix(query, false);
    if (definition.additional) fix(*definition.additional);
    for (Rule& rule : definition.rules) fix(rule.group);
    drop_exits(definition);
    fill(made.data);
    return made;
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  bool one_in(int n) { return below(n) == 0; }
  CodeSetIndex set() { return static_cast<CodeSetIndex>(below(static_cast<int>(sets_.size()))); }

  CodeSetItem item() {
    CodeSetItem made;
    made.vocabulary = "OMOP";
    made.pattern = std::to_string(1001 + below(one_in(4) ? 6 : 4));  // no one knows 1006
    made.literal = true;
    return made;
  }

  CodeSet code_set() {
    CodeSet made;
    const int kind = below(12);
    made.name = one_in(3) ? "" : "set " + std::to_string(kind);
    if (kind == 0) return made;
    for (int n = 1 + below(3); n > 0; --n) {
      CodeSetItem one = item();
      if (kind < 7) {
        one.defined_only = true;
        one.descendants = one_in(3);
        one.mapped = one_in(4);
      } else if (kind < 9) {
        one.pattern = one_in(3) ? "*" : one_in(2) ? "100*" : one.pattern;
        one.literal = false;
        one.descendants = one_in(3);
        one.mapped = one_in(4);
        one.defined_only = one_in(3);
        if (one_in(4)) one.vocabulary = "SNOMED";
        if (one_in(6)) one.nested.push_back(code_set());
      }
      (kind != 9 && one_in(4) ? made.exclude : made.include).push_back(std::move(one));
    }
    return made;
  }

  NumberTest number(bool whole) {
    const auto value = [&] {
      const std::int64_t n = below(24) - 4;
      return whole ? n * 32 : one_in(4) ? (n * 1250) * 32 + 4 : n * 5 * 32 + 1;
    };
    return {static_cast<Comparison>(below(8)), value(), value()};
  }

  Day day() { return 18290 + below(40); }

  EventTest codes(ColumnId id, bool exclude) {
    if (one_in(5)) {
      columns_.insert(id);
      return AttributePresent{id, one_in(2)};
    }
    if (is_person_column(id)) return PersonCodes{id, set(), exclude};
    columns_.insert(id);
    return AttributeCodes{id, set(), exclude};
  }

  // A test as the field makes it.
  void add_tests(const Field& field, std::vector<EventTest>& tests) {
    const DayTest days{static_cast<Comparison>(below(8)), day(), day()};
    switch (field.form) {
      case Form::kStartDate:
        tests.emplace_back(DateIs{End::kStart, days});
        break;
      case Form::kEndDate:
        tests.emplace_back(DateIs{End::kEnd, days});
        break;
      case Form::kLength:
        tests.emplace_back(LengthIs{number(true)});
        break;
      case Form::kAgeAtStart:
      case Form::kAgeAtEnd: {
        NumberTest age = number(true);
        age.value += 36 * 32;
        age.upper += 40 * 32;
        tests.emplace_back(
            AgeIs{field.form == Form::kAgeAtStart ? End::kStart : End::kEnd, age, false});
        break;
      }
      case Form::kSex:
      case Form::kSexSelection:
        tests.push_back(codes(column::kSex, one_in(3)));
        break;
      case Form::kSexByConcepts:
      case Form::kConcepts:
      case Form::kTypes:
      case Form::kSelection:
      case Form::kCodesOf:
        tests.push_back(codes(field.column, one_in(3)));
        break;
      case Form::kCareSite:
      case Form::kCareSiteSelection:
        tests.push_back(codes(field.column, one_in(3)));
        if (one_in(2)) tests.emplace_back(AttributePresent{column::kCareSite, true});
        columns_.insert(column::kCareSite);
        break;
      case Form::kWholeNumber:
      case Form::kDecimal:
        tests.emplace_back(AttributeNumber{field.column, number(field.form == Form::kWholeNumber)});
        columns_.insert(field.column);
        break;
      case Form::kGapDays:
        tests.emplace_back(LengthIs{number(true)});
        tests.emplace_back(AttributeNumber{field.column, std::get<LengthIs>(tests.back()).test});
        columns_.insert(field.column);
        break;
      case Form::kRatio:
        tests.emplace_back(AttributeRatio{column::kValue, field.column, number(false)});
        columns_.insert({column::kValue, field.column});
        break;
      case Form::kText: {
        TextTest text{static_cast<TextTest::Kind>(below(4)), one_in(3), one_in(2),
                      one_in(2) ? "a" : "b_"};
        tests.emplace_back(AttributeText{field.column, text});
        columns_.insert(field.column);
        break;
      }
      case Form::kVisit:
        tests.emplace_back(VisitCodes{one_in(5) ? std::nullopt : std::optional(set()), one_in(3)});
        break;
      default:
        break;
    }
  }

  bool says(const EventQuery& query) const {
    CohortDefinition alone;
    alone.by_record = true;
    alone.code_sets = sets_;
    alone.index.push_back(query);
    return can_say(alone);
  }

  // Leaves out what Circe cannot say, part by part.
  void fix(EventQuery& query, bool often) {
    const auto types = circe::criteria_types();
    if (query.domain == Domain::kNone || one_in(6)) {
      query.domain = types[static_cast<std::size_t>(below(static_cast<int>(types.size())))].domain;
    }
    query.cohort.reset();
    domains_.insert(query.domain);
    std::vector<EventTest> wanted;
    std::swap(wanted, query.tests);
    std::vector<Group> nested;
    std::swap(nested, query.nested);
    const auto type = std::ranges::find(types, query.domain, &CriteriaType::domain);
    if (one_in(often ? 4 : 2)) {
      add_tests(type->fields[random_() % type->fields.size()], wanted);
    }
    const auto without = [&](const std::function<void(EventQuery&)>& drop) {
      if (!says(query)) drop(query);
    };
    // In this order a query without any of them can be said.
    const auto first = query.first;
    const auto adjustment = query.adjustment;
    query.first = false;
    query.adjustment.reset();
    without([](EventQuery& q) { q.contains_start = q.contains_end = std::nullopt; });
    without([](EventQuery& q) { q.source_codes.reset(); });
    without([this](EventQuery& q) { q.role = one_in(4) ? Role::kSource : Role::kStandard; });
    without([](EventQuery& q) { q.role = Role::kStandard; });
    without([](EventQuery& q) { q.codes.reset(); });
    without([](EventQuery& q) { q.source_codes.reset(); });
    query.first = first;
    without([](EventQuery& q) { q.first = false; });
    query.adjustment = adjustment;
    without([](EventQuery& q) { q.adjustment.reset(); });
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const std::vector<EventTest> before = query.tests;
      query.tests.push_back(wanted[i]);
      // A test of the gap days or of a place of service can come in two.
      if (!says(query) && i + 1 < wanted.size()) query.tests.push_back(wanted[++i]);
      if (!says(query)) query.tests = before;
    }
    for (Group& group : nested) fix(group);
    query.nested = std::move(nested);
  }

  void fix(Group& group) {
    for (CountedQuery& counted : group.counts) {
      fix(counted.query, false);
      counted.same_claim = false;
      for (Window& window : counted.windows) {
        for (WindowEdge* edge : {&window.from, &window.to}) {
          if (edge->unit == WindowEdge::Unit::kDays || !edge->offset) continue;
          edge->offset = *edge->offset / 3600 / 6;
          edge->unit = WindowEdge::Unit::kDays;
        }
      }
      Group alone;
      alone.counts.push_back(counted);
      alone.counts[0].query.nested.clear();
      CohortDefinition with;
      with.by_record = true;
      with.code_sets = sets_;
      with.index.emplace_back().domain = Domain::kVisit;
      with.additional = alone;
      if (!can_say(with)) counted.occurrence.distinct = false;
    }
    for (Demographic& demographic : group.demographics) {
      if (one_in(3)) {
        const auto fields = circe::demographic_fields();
        add_tests(fields[random_() % fields.size()], demographic.tests);
      }
      std::erase_if(demographic.tests, [this](const EventTest& test) {
        CohortDefinition with;
        with.code_sets = sets_;
        with.index.emplace_back().domain = Domain::kVisit;
        with.additional.emplace().demographics.push_back({{test}});
        return !can_say(with);
      });
    }
    for (Group& inner : group.groups) fix(inner);
  }

  void drop_exits(CohortDefinition& definition) const {
    const auto says_exits = [&] {
      CohortDefinition alone;
      alone.code_sets = sets_;
      alone.index.emplace_back().domain = Domain::kVisit;
      alone.exit = definition.exit;
      alone.further_exits = definition.further_exits;
      return can_say(alone);
    };
    if (!says_exits()) definition.further_exits.clear();
    if (!says_exits()) definition.exit = ExitAtPeriodEnd{};
  }

  // Gives the data the kinds of events and the attributes that the definition asks for.
  void fill(TestData& data) {
    const std::vector<Domain> asked(domains_.begin(), domains_.end());
    for (TestEvent& event : data.events) {
      if (event.domain == Domain::kEnrollment || event.domain == Domain::kVisit) continue;
      if (!asked.empty() && one_in(2)) event.domain = asked[random_() % asked.size()];
      if (event.domain == Domain::kEnrollment) event.domain = Domain::kCondition;
      // Circe's walk over exposures that end before they start has a test of its own.
      if (event.domain == Domain::kDrug && event.end) event.end = std::max(*event.end, event.start);
      for (const ColumnId id : columns_) {
        const AttributeInfo* info = find_builtin_attribute(id);
        if (info == nullptr || is_person_column(id) || one_in(3)) continue;
        if (id == column::kVisit || id == column::kCode) continue;
        if (info->type == ColumnType::kText) {
          event.texts[id] = one_in(2) ? "abc" : "ba";
        } else if (info->type == ColumnType::kDecimal) {
          event.cells[id] = (std::int64_t{below(24)} - 4) * 5 * 32 + 1;
        } else {
          event.cells[id] = info->type == ColumnType::kCode ? 1 + below(5) : below(20);
        }
      }
    }
  }

  std::mt19937_64& random_;
  std::vector<CodeSet> sets_;
  std::set<ColumnId> columns_;
  std::set<Domain> domains_;
};

}  // namespace

RandomCase random_circe_case(std::mt19937_64& random) { return Maker(random).make(); }

}  // namespace anam::test
