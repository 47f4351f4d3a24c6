// SPDX-License-Identifier: Apache-2.0
#include "query/definition_walk.h"

#include <variant>

namespace anam {
namespace {

struct Walk {
  const OnCodeSet* on_code_set = nullptr;
  const OnCounted* on_counted = nullptr;

  void definition(const CohortDefinition& definition) const {
    for (const EventQuery& each : definition.index) query(each);
    if (definition.additional) group(*definition.additional);
    for (const Rule& rule : definition.rules) group(rule.group);
    exit(definition.exit);
    for (const Exit& each : definition.further_exits) exit(each);
    for (const EventQuery& each : definition.censoring) query(each);
  }

 private:
  void code_set(std::optional<CodeSetIndex> set, std::optional<ColumnId> column = {}) const {
    if (set && on_code_set) (*on_code_set)(*set, column);
  }

  void exit(const Exit& exit) const {
    if (const auto* era = std::get_if<ExitWhenEraEnds>(&exit)) code_set(era->codes);
  }

  void query(const EventQuery& query) const {
    code_set(query.codes);
    code_set(query.source_codes);
    for (const EventTest& each : query.tests) test(each);
    for (const Group& nested : query.nested) group(nested);
  }

  void group(const Group& group) const {
    for (const CountedQuery& each : group.counts) {
      if (on_counted) (*on_counted)(each);
      query(each.query);
    }
    for (const Demographic& each : group.demographics) {
      for (const EventTest& one : each.tests) test(one);
    }
    for (const Group& each : group.groups) this->group(each);
  }

  void test(const EventTest& test) const {
    if (const auto* codes = std::get_if<AttributeCodes>(&test)) {
      code_set(codes->codes, codes->column);
    } else if (const auto* person = std::get_if<PersonCodes>(&test)) {
      code_set(person->codes, person->column);
    } else if (const auto* visit = std::get_if<VisitCodes>(&test)) {
      code_set(visit->codes);
    } else if (const auto* any = std::get_if<AnyOfTests>(&test)) {
      for (const EventTest& each : any->tests) this->test(each);
    } else if (const auto* all = std::get_if<AllOfTests>(&test)) {
      for (const EventTest& each : all->tests) this->test(each);
    }
  }
};

}  // namespace

void for_each_code_set(const CohortDefinition& definition, const OnCodeSet& use) {
  Walk{.on_code_set = &use}.definition(definition);
}

void for_each_counted(const CohortDefinition& definition, const OnCounted& use) {
  Walk{.on_counted = &use}.definition(definition);
}

}  // namespace anam
