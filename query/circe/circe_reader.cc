// SPDX-License-Identifier: Apache-2.0
#include "query/circe/circe_reader.h"

#include <string>

#include "query/circe/code_sets.h"
#include "query/circe/criteria.h"
#include "query/circe/groups.h"
#include "query/circe/json_mistake.h"
#include "query/circe/json_value.h"
#include "query/circe/ranges.h"
#include "query/circe/words.h"
#include "storage/error.h"

namespace anam {

namespace {

using circe::CodeSets;
using circe::JsonObject;
using circe::JsonValue;
using circe::word;

Limit read_limit(const std::optional<JsonValue>& value) {
  if (!value) return Limit::kAll;
  JsonObject fields = value->object();
  Limit limit = Limit::kAll;
  if (const auto type = fields.find("Type")) limit = word<Limit>(*type, circe::kLimitWords);
  fields.finish();
  return limit;
}

void read_primary(const JsonValue& value, CodeSets& sets, CohortDefinition& definition) {
  JsonObject fields = value.object();
  const JsonValue list = fields.need("CriteriaList");
  for (const JsonValue& item : list.array()) {
    definition.index.push_back(circe::read_criteria(item, sets));
  }
  if (definition.index.empty()) list.refuse("is empty: nobody enters this cohort");
  if (const auto window = fields.find("ObservationWindow")) {
    JsonObject days = window->object();
    definition.days_before = days.days("PriorDays");
    definition.days_after = days.days("PostDays");
    days.finish();
  }
  definition.index_limit = read_limit(fields.find("PrimaryCriteriaLimit"));
  fields.finish();
}

Rule read_rule(const JsonValue& value, CodeSets& sets) {
  JsonObject fields = value.object();
  Rule rule;
  rule.name = fields.text("name");
  rule.description = fields.text("description");
  rule.group = circe::read_group(fields.need("expression"), sets);
  fields.finish();
  return rule;
}

Exit read_date_offset(const JsonValue& value) {
  JsonObject fields = value.object();
  ExitAfter exit;
  exit.from = word<End>(fields.need("DateField"), circe::kDateFieldWords);
  exit.days = fields.days("Offset");
  fields.finish();
  return exit;
}

Exit read_custom_era(const JsonValue& value, CodeSets& sets) {
  JsonObject fields = value.object();
  ExitWhenEraEnds exit;
  exit.codes = sets.named(fields.need("DrugCodesetId"));
  exit.gap_days = fields.days("GapDays");
  exit.offset = fields.days("Offset");
  if (const auto days = fields.find("DaysSupplyOverride")) exit.days_supply = days->days();
  fields.finish();
  return exit;
}

Exit read_exit(const JsonValue& value, CodeSets& sets) {
  const JsonObject::Field strategy = value.object().only();
  if (strategy.key == "DateOffset") return read_date_offset(strategy.value);
  if (strategy.key == "CustomEra") return read_custom_era(strategy.value, sets);
  strategy.value.refuse("is no end strategy; known are DateOffset and CustomEra");
}

void read_definition(const JsonValue& root, CohortDefinition& definition) {
  JsonObject fields = root.object();
  CodeSets sets(definition.code_sets);
  definition.title = fields.text("Title");
  definition.by_record = true;
  fields.text("cdmVersionRange");  // which versions of the CDM it is meant for
  if (const auto concept_sets = fields.find("ConceptSets")) sets.read(*concept_sets);
  read_primary(fields.need("PrimaryCriteria"), sets, definition);
  if (const auto group = fields.find("AdditionalCriteria")) {
    definition.additional = circe::read_group(*group, sets);
  }
  definition.qualified_limit = read_limit(fields.find("QualifiedLimit"));
  definition.included_limit = read_limit(fields.find("ExpressionLimit"));
  if (const auto rules = fields.find("InclusionRules")) {
    for (const JsonValue& rule : rules->array()) definition.rules.push_back(read_rule(rule, sets));
  }
  if (const auto strategy = fields.find("EndStrategy")) {
    definition.exit = read_exit(*strategy, sets);
  }
  if (const auto list = fields.find("CensoringCriteria")) {
    for (const JsonValue& item : list->array()) {
      definition.censoring.push_back(circe::read_criteria(item, sets));
    }
  }
  if (const auto collapse = fields.find("CollapseSettings")) {
    constexpr std::pair<std::string_view, int> kTypes[] = {{"ERA", 0}};
    JsonObject settings = collapse->object();
    if (const auto type = settings.find("CollapseType")) word<int>(*type, kTypes);
    definition.era_pad = settings.days("EraPad");
    settings.finish();
  }
  if (const auto window = fields.find("CensorWindow")) {
    JsonObject dates = window->object();
    if (const auto from = dates.find("StartDate")) definition.censor_from = circe::date(*from);
    if (const auto to = dates.find("EndDate")) definition.censor_to = circe::date(*to);
    dates.finish();
  }
  fields.finish();
}

// simdjson says what is wrong, but not where.
[[noreturn]] void refuse_json(std::string_view text, std::string_view name,
                              simdjson::error_code error) {
  std::string problem = "is no JSON: ";
  const auto mistake = circe::find_json_mistake(text, circe::kMaxJsonDepth);
  if (!mistake) fail(ErrorCode::kInput, std::string(name) + ": " + problem + error_message(error));
  problem += mistake->problem;
  fail(ErrorCode::kInput, render_error(text, name, mistake->span, problem, {}));
}

}  // namespace

CohortDefinition parse_circe(std::string_view text, std::string_view name) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::error_code broken = parser.allocate(text.size(), circe::kMaxJsonDepth);
  if (!broken) broken = parser.parse(simdjson::padded_string(text)).get(root);
  if (broken) refuse_json(text, name, broken);
  CohortDefinition definition;
  try {
    read_definition(JsonValue(root, "$"), definition);
  } catch (const Error& error) {
    throw Error(error.code(), std::string(name) + ": " + error.what());
  }
  return definition;
}

}  // namespace anam
