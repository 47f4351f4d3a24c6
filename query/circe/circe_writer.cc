// SPDX-License-Identifier: Apache-2.0
#include "query/circe/circe_writer.h"

#include "query/circe/criteria_writer.h"
#include "query/circe/test_writer.h"
#include "query/circe/words.h"
#include "storage/calendar.h"
#include "storage/error.h"

namespace anam {

namespace {

using circe::JsonText;
using circe::refuse_circe;
using circe::word_of;
using circe::Writing;

class StoreConcepts final : public CirceConcepts {
 public:
  explicit StoreConcepts(const StoreReader& store) : store_(store) {}

  CodeIds resolve(const CodeSet& set) const override { return store_.resolve(set); }
  CodeRecord record(CodeId id) const override { return store_.codes().record(id); }
  std::string attribute_name(ColumnId column) const override {
    const auto attribute = store_.find_attribute(column);
    return attribute ? attribute->name : std::string();
  }

 private:
  const StoreReader& store_;
};

JsonText limit_json(Limit limit) {
  return JsonText::object().add("Type", JsonText::text(word_of(circe::kLimitWords, limit)));
}

std::string rule_place(const CohortDefinition& definition, std::size_t number) {
  const Rule& rule = definition.rules[number];
  std::string place = "rule " + std::to_string(number + 1);
  if (!rule.name.empty()) place += " \"" + rule.name + '"';
  return place;
}

JsonText primary_json(const CohortDefinition& definition, const Writing& writing) {
  if (definition.index.empty()) refuse_circe("a cohort without index events", "add one", "index");
  if (!definition.index_in_period) {
    refuse_circe("index events outside of all periods of observation",
                 "write \"with observation\" behind the index events", "index");
  }
  JsonText list = JsonText::array();
  for (const EventQuery& query : definition.index) {
    list.add(circe::criteria_json(query, writing, "index"));
  }
  return JsonText::object()
      .add("CriteriaList", std::move(list))
      .add("ObservationWindow", JsonText::object()
                                    .add("PriorDays", JsonText::number(definition.days_before))
                                    .add("PostDays", JsonText::number(definition.days_after)))
      .add("PrimaryCriteriaLimit", limit_json(definition.index_limit));
}

JsonText rule_json(const CohortDefinition& definition, std::size_t number, const Writing& writing) {
  const Rule& rule = definition.rules[number];
  JsonText group = circe::group_json(rule.group, rule.negated ? writing.deeper() : writing,
                                     rule_place(definition, number));
  if (rule.negated) {
    JsonText only = JsonText::array();
    only.add(std::move(group));
    JsonText none = JsonText::object();
    none.add("Type", JsonText::text(word_of(circe::kGroupWords, Group::Kind::kAtMost)))
        .add("Count", JsonText::number(0))
        .add("CriteriaList", JsonText::array())
        .add("DemographicCriteriaList", JsonText::array())
        .add("Groups", std::move(only));
    group = std::move(none);
  }
  JsonText json = JsonText::object();
  json.add("name", JsonText::text(rule.name));
  if (!rule.description.empty()) json.add("description", JsonText::text(rule.description));
  return json.add("expression", std::move(group));
}

// The one strategy. The end of the period is one more beside eras; beside an offset it adds
// nothing, since that is cut to the period, unless the offset may lead before the start and then
// not count.
const Exit* only_exit(const CohortDefinition& definition) {
  const Exit* only = nullptr;
  bool at_period_end = false;
  const auto add = [&](const Exit& exit) {
    at_period_end |= std::holds_alternative<ExitAtPeriodEnd>(exit);
    if (std::holds_alternative<ExitAtPeriodEnd>(exit)) return;
    if (only != nullptr) {
      refuse_circe("two reasons to leave besides the end of observation and censoring events",
                   "leave one out", "exit");
    }
    only = &exit;
  };
  add(definition.exit);
  for (const Exit& exit : definition.further_exits) add(exit);
  const auto* after = only == nullptr ? nullptr : std::get_if<ExitAfter>(only);
  if (at_period_end && after != nullptr && after->days < 0) {
    refuse_circe("the end of observation beside days before the index", "leave one out", "exit");
  }
  return only;
}

JsonText exit_json(const Exit& exit, circe::ConceptWriter& concepts) {
  if (const auto* after = std::get_if<ExitAfter>(&exit)) {
    return JsonText::object().add(
        "DateOffset",
        JsonText::object()
            .add("DateField", JsonText::text(word_of(circe::kDateFieldWords, after->from)))
            .add("Offset", JsonText::number(after->days)));
  }
  const auto& era = std::get<ExitWhenEraEnds>(exit);
  const std::string& why = concepts.refusal(era.codes);
  if (!why.empty()) fail(ErrorCode::kInput, "Circe cannot say it, since " + why, "exit");
  JsonText fields = JsonText::object();
  fields.add("DrugCodesetId", concepts.id(era.codes))
      .add("GapDays", JsonText::number(era.gap_days))
      .add("Offset", JsonText::number(era.offset));
  if (era.days_supply) fields.add("DaysSupplyOverride", JsonText::number(*era.days_supply));
  return JsonText::object().add("CustomEra", std::move(fields));
}

JsonText censoring_json(const CohortDefinition& definition, const Writing& writing) {
  JsonText list = JsonText::array();
  for (const EventQuery& query : definition.censoring) {
    list.add(circe::criteria_json(query, writing, "exit"));
  }
  if (definition.exit_at_death) {
    EventQuery death;
    death.domain = Domain::kDeath;
    list.add(circe::criteria_json(death, writing, "exit"));
  }
  return list;
}

}  // namespace

std::string write_circe(const CohortDefinition& definition, const CirceConcepts& concepts) {
  circe::ConceptWriter sets(definition.code_sets, concepts);
  const Writing writing{sets, definition.by_record};
  JsonText json = JsonText::object();
  json.add("cdmVersionRange", JsonText::text(">=5.0.0"));
  if (!definition.title.empty()) json.add("Title", JsonText::text(definition.title));
  json.add("PrimaryCriteria", primary_json(definition, writing));
  if (definition.additional) {
    json.add("AdditionalCriteria",
             circe::group_json(*definition.additional, writing, "restriction"));
  }
  JsonText rules = JsonText::array();
  for (std::size_t i = 0; i < definition.rules.size(); ++i) {
    rules.add(rule_json(definition, i, writing));
  }
  const Exit* exit = only_exit(definition);
  std::optional<JsonText> strategy;
  if (exit != nullptr) strategy = exit_json(*exit, sets);
  JsonText censoring = censoring_json(definition, writing);

  json.add("ConceptSets", sets.concept_sets())
      .add("QualifiedLimit", limit_json(definition.qualified_limit))
      .add("ExpressionLimit", limit_json(definition.included_limit))
      .add("InclusionRules", std::move(rules));
  if (strategy) json.add("EndStrategy", *std::move(strategy));
  json.add("CensoringCriteria", std::move(censoring))
      .add("CollapseSettings", JsonText::object()
                                   .add("CollapseType", JsonText::text("ERA"))
                                   .add("EraPad", JsonText::number(definition.era_pad)));
  JsonText window = JsonText::object();
  if (definition.censor_from) {
    window.add("StartDate", JsonText::text(format_day(*definition.censor_from)));
  }
  if (definition.censor_to) {
    window.add("EndDate", JsonText::text(format_day(*definition.censor_to)));
  }
  json.add("CensorWindow", std::move(window));
  return json.print();
}

std::string write_circe(const CohortDefinition& definition, const StoreReader& store) {
  return write_circe(definition, StoreConcepts(store));
}

}  // namespace anam
