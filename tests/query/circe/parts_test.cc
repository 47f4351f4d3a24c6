// SPDX-License-Identifier: Apache-2.0
// The parts of a Circe definition around its criteria, and what is so where they are absent.
#include <catch2/catch.hpp>

#include "query/circe/circe_reader.h"
#include "tests/query/circe/circe_text.h"
#include "tests/query/language/describe.h"

namespace anam::test {

namespace {

std::string rule(const std::string& group) { return read_line(rule_with(group), "rule 'r':"); }

constexpr std::string_view kWindow = "'StartWindow': {'Start': {'Coeff': -1}, 'End': {'Coeff': 1}}";
constexpr std::string_view kOnce = "'Occurrence': {'Type': 2, 'Count': 1}";

std::string counted(std::string_view window, std::string_view more = kOnce) {
  return rule_with("{'Type': 'ALL', 'CriteriaList': [{'Criteria': {'Death': {}}, " +
                   std::string(window) + ", " + std::string(more) + "}]}");
}
/// What stands in the parentheses of the one count.
std::string count(std::string_view window, std::string_view more = kOnce) {
  std::string text = read_line(counted(window, more), "rule 'r': all");
  return text.starts_with('(') ? text.substr(1, text.size() - 2) : text;
}
std::string occurrence(std::string_view fields, std::string_view type = "DrugExposure") {
  const std::string text =
      rule("{'Type': 'ALL', 'CriteriaList': [{'Criteria': {'" + std::string(type) + "': {}}, " +
           std::string(kWindow) + ", 'Occurrence': {" + std::string(fields) + "}}]}");
  const std::size_t end = text.find(" standard ");
  return end == std::string::npos ? text : text.substr(5, end - 5);
}
std::string start(std::string_view window) {
  return count("'StartWindow': {" + std::string(window) + "}");
}

}  // namespace

TEST_CASE("the least definition has Circe's defaults", "[circe]") {
  CHECK(read(json("{'PrimaryCriteria': {'CriteriaList': [{'Death': {}}]}}")) ==
        "by record\nindex standard death\nobserved 0 0\n");
  CHECK(read(json("{'Title': null, 'cdmVersionRange': null, 'ConceptSets': null, "
                  "'PrimaryCriteria': {'CriteriaList': [{'Death': {}}], 'ObservationWindow': null, "
                  "'PrimaryCriteriaLimit': null}, 'AdditionalCriteria': null, 'QualifiedLimit': "
                  "null, 'ExpressionLimit': null, 'InclusionRules': null, 'EndStrategy': null, "
                  "'CensoringCriteria': null, 'CollapseSettings': null, 'CensorWindow': null}")) ==
        "by record\nindex standard death\nobserved 0 0\n");
  CHECK(read(json("{'PrimaryCriteria': {'CriteriaList': [{'Death': {}}], 'ObservationWindow': {}, "
                  "'PrimaryCriteriaLimit': {}}, 'QualifiedLimit': {}, 'ExpressionLimit': {}, "
                  "'InclusionRules': [], 'CensoringCriteria': [], 'CollapseSettings': {}, "
                  "'CensorWindow': {}}")) == "by record\nindex standard death\nobserved 0 0\n");
}

TEST_CASE("a byte order mark before the text is passed over", "[circe]") {
  CHECK(read("\xEF\xBB\xBF" + json("{'PrimaryCriteria': {'CriteriaList': [{'Death': {}}]}}")) ==
        "by record\nindex standard death\nobserved 0 0\n");
}

TEST_CASE("the primary events and what they need", "[circe]") {
  CHECK(read(json("{'Title': 't', 'cdmVersionRange': '>=5.0', 'PrimaryCriteria': {'CriteriaList': "
                  "[{'Death': {}}, {'Specimen': {}}], 'ObservationWindow': {'PriorDays': 365, "
                  "'PostDays': '30'}, 'PrimaryCriteriaLimit': {'Type': 'First'}}}")) ==
        "title t\nby record\nindex standard death\nindex standard specimen\nobserved 365 30\n"
        "index_limit first\n");
}

TEST_CASE("limits", "[circe]") {
  CHECK(read_line(definition_with("'QualifiedLimit': {'Type': 'Last'}"), "qualified_limit") ==
        "last");
  CHECK(read_line(definition_with("'QualifiedLimit': {'Type': 'FIRST'}"), "qualified_limit") ==
        "first");
  CHECK(read_line(definition_with("'ExpressionLimit': {'Type': 'first'}"), "keep") == "first");
  CHECK(read(definition_with("'ExpressionLimit': {'Type': 'All'}")) == read(definition_with("")));
}

TEST_CASE("concept sets", "[circe]") {
  const auto sets = [](const std::string& list) {
    const CohortDefinition definition =
        parse_circe(json("{'ConceptSets': [" + list +
                         "], 'PrimaryCriteria': {'CriteriaList': [{'Death': {'CodesetId': 3}}]}}"),
                    "t.json");
    return describe(definition.code_sets.at(*definition.index[0].codes));
  };
  const auto items = [&](const std::string& list) {
    return sets("{'id': 3, 'name': 's', 'expression': {'items': [" + list + "]}}");
  };
  CHECK(items("{'concept': {'CONCEPT_ID': 7}}") == "OMOP:'7'!");
  CHECK(items("{'concept': {'CONCEPT_ID': 7}, 'includeDescendants': true}") == "OMOP:'7'+!");
  CHECK(items("{'concept': {'CONCEPT_ID': 7}, 'includeMapped': true}") == "OMOP:'7'~!");
  CHECK(items("{'concept': {'CONCEPT_ID': 7}}, {'concept': {'CONCEPT_ID': 8}, 'isExcluded': true, "
              "'includeDescendants': true, 'includeMapped': true}") == "OMOP:'7'! - OMOP:'8'+~!");
  CHECK(items("{'concept': {'CONCEPT_ID': 7}, 'isExcluded': false, 'includeDescendants': null}") ==
        "OMOP:'7'!");
  CHECK(items("").empty());
  CHECK(sets("{'id': 3, 'expression': {}}").empty());
  // Sets of one id are united, each without what it excludes itself.
  CHECK(sets("{'id': 3, 'expression': {'items': [{'concept': {'CONCEPT_ID': 7}}]}}, {'id': 3, "
             "'expression': {'items': [{'concept': {'CONCEPT_ID': 8}}]}}") ==
        "(OMOP:'7'!) | (OMOP:'8'!)");
}

TEST_CASE("groups", "[circe]") {
  CHECK(rule("{'Type': 'ALL'}") == "all");
  CHECK(rule("{'Type': 'any'}") == "any");
  CHECK(rule("{'Type': 'AT_LEAST', 'Count': 2}") == ">=2");
  CHECK(rule("{'Type': 'AT_MOST', 'Count': 0}") == "<=0");
  CHECK(rule("{'Type': 'AT_LEAST', 'Count': -3}") == ">=1");
  CHECK(rule("{'Type': 'ALL', 'Count': 2}") == "all");
  CHECK(rule("{'Type': 'ALL', 'CriteriaList': [], 'DemographicCriteriaList': [], 'Groups': []}") ==
        "all");
  CHECK(rule("{'Type': 'ALL', 'CriteriaList': null, 'DemographicCriteriaList': null, 'Groups': "
             "null}") == "all");
  CHECK(rule("{'Type': 'ANY', 'Groups': [{'Type': 'ALL', 'Groups': [{'Type': 'ANY'}]}, {'Type': "
             "'AT_MOST', 'Count': 1}]}") == "any (all (any)) (<=1)");
  CHECK(read_line(definition_with("'AdditionalCriteria': {'Type': 'ANY'}"), "restrict") == "any");
}

TEST_CASE("rules have a name and a description", "[circe]") {
  CHECK(read_line(definition_with("'InclusionRules': [{'name': 'n', 'description': 'd', "
                                  "'expression': {'Type': 'ALL'}}]"),
                  "rule") == "'n' (d): all");
  CHECK(read_line(definition_with("'InclusionRules': [{'expression': {'Type': 'ALL'}}]"), "rule") ==
        "'': all");
}

TEST_CASE("demographic criteria", "[circe]") {
  const auto person = [](const std::string& fields) {
    return rule("{'Type': 'ALL', 'DemographicCriteriaList': [{" + fields + "}]}");
  };
  CHECK(person("") == "all (person)");
  CHECK(person("'Age': {'Op': 'gte', 'Value': 18.9}") == "all (person year_age@start>=18)");
  CHECK(person("'Gender': [{'CONCEPT_ID': 8507}]") == "all (person person.sex in {OMOP:'8507'})");
  CHECK(person("'Gender': []") == "all (person)");
  CHECK(person("'GenderCS': {'CodesetId': 1, 'IsExclusion': true}") ==
        "all (person person.sex not in {one})");
  CHECK(person("'Race': [{'CONCEPT_ID': 7}]") == "all (person person.race in {OMOP:'7'})");
  CHECK(person("'Ethnicity': [{'CONCEPT_ID': 7}]") ==
        "all (person person.ethnicity in {OMOP:'7'})");
  // As in Circe's SQL.
  CHECK(person("'RaceCS': {'CodesetId': 1}") == "all (person person.sex in {one})");
  CHECK(person("'EthnicityCS': {'CodesetId': 1}") == "all (person person.sex in {one})");
  CHECK(person("'EthnicityCS': {'IsExclusion': true}") == "all (person sex absent)");
  CHECK(person("'OccurrenceStartDate': {'Op': 'gt', 'Value': '2020-01-01'}, 'OccurrenceEndDate': "
               "{'Op': 'lt', 'Value': '2020-12-31'}") ==
        "all (person start>2020-01-01 end<2020-12-31)");
}

TEST_CASE("windows", "[circe]") {
  CHECK(start("'Start': {'Days': 30, 'Coeff': -1}, 'End': {'Days': 0, 'Coeff': 1}") ==
        ">=1 standard death [-30d..+0d] same_period");
  CHECK(start("'Start': {'Days': 0, 'Coeff': -1}, 'End': {'Days': 5, 'Coeff': '1'}") ==
        ">=1 standard death [+0d..+5d] same_period");
  CHECK(start("'Start': {'Coeff': -1}, 'End': {'Days': null, 'Coeff': 1}") ==
        ">=1 standard death [*..*] same_period");
  CHECK(start("'Start': {'Coeff': 1}, 'End': {'Coeff': -1}") ==
        ">=1 standard death [opposite..opposite] same_period");
  // Circe tells -1 from all other signs; without one there are no days.
  CHECK(start("'Start': {}, 'End': {}") == ">=1 standard death [opposite..*] same_period");
  CHECK(start("'Start': {'Days': 7}, 'End': {'Days': 7, 'Coeff': 2}") ==
        ">=1 standard death [+0d..+14d] same_period");
  CHECK(start("'Start': {'Coeff': -1}, 'End': {'Coeff': 1}, 'UseIndexEnd': true, 'UseEventEnd': "
              "true") == ">=1 standard death [*..* of end ending] same_period");
  CHECK(start("'Start': {'Coeff': -1}, 'End': {'Coeff': 1}, 'UseIndexEnd': false, 'UseEventEnd': "
              "false") == ">=1 standard death [*..*] same_period");
}

TEST_CASE("an end window is about the end unless it says otherwise", "[circe]") {
  const auto end = [](const std::string& more) {
    return count(kWindow, std::string(kOnce) +
                              ", 'EndWindow': {'Start': {'Days': 1, 'Coeff': -1}, 'End': {'Days': "
                              "2, 'Coeff': 1}" +
                              more + "}");
  };
  CHECK(end("") == ">=1 standard death [*..*] [-1d..+2d ending] same_period");
  CHECK(end(", 'UseEventEnd': null") == ">=1 standard death [*..*] [-1d..+2d ending] same_period");
  CHECK(end(", 'UseEventEnd': true") == ">=1 standard death [*..*] [-1d..+2d ending] same_period");
  CHECK(end(", 'UseEventEnd': false, 'UseIndexEnd': true") ==
        ">=1 standard death [*..*] [-1d..+2d of end] same_period");
}

TEST_CASE("outside of the period, open edges bound nothing", "[circe]") {
  CHECK(count(kWindow, std::string(kOnce) + ", 'IgnoreObservationPeriod': true") ==
        ">=1 standard death");
  CHECK(count("'StartWindow': {'Start': {'Coeff': 1}, 'End': {'Days': 3, 'Coeff': 1}}",
              std::string(kOnce) + ", 'IgnoreObservationPeriod': true") ==
        ">=1 standard death [*..+3d]");
  CHECK(count(kWindow, std::string(kOnce) + ", 'IgnoreObservationPeriod': false, 'RestrictVisit': "
                                            "true") ==
        ">=1 standard death [*..*] same_visit same_period");
}

TEST_CASE("occurrences", "[circe]") {
  CHECK(occurrence("'Type': 0, 'Count': 2") == "=2");
  CHECK(occurrence("'Type': 1, 'Count': 2") == "<=2");
  CHECK(occurrence("'Type': 2, 'Count': 2") == ">=2");
  CHECK(occurrence("'Type': '2', 'Count': '3'") == ">=3");
  CHECK(occurrence("'Type': 0") == "=0");
  CHECK(occurrence("'Type': 2, 'Count': -1") == ">=1");
  CHECK(occurrence("'Type': 1, 'Count': -1") == "<=-1");
  CHECK(occurrence("'Type': 2, 'Count': 1, 'IsDistinct': false, 'CountColumn': 'REFILLS'") ==
        ">=1");
}

TEST_CASE("what is counted distinct", "[circe]") {
  const auto distinct = [](std::string_view column, std::string_view type) {
    return occurrence(
        "'Type': 2, 'Count': 1, 'IsDistinct': true, 'CountColumn': '" + std::string(column) + "'",
        type);
  };
  CHECK(occurrence("'Type': 2, 'Count': 1, 'IsDistinct': true") == ">=1 distinct code");
  CHECK(occurrence("'Type': 2, 'Count': 1, 'IsDistinct': true, 'CountColumn': null") ==
        ">=1 distinct code");
  CHECK(distinct("DAYS_SUPPLY", "DrugExposure") == ">=1 distinct days_supply");
  CHECK(distinct("days_supply", "DrugExposure") == ">=1 distinct days_supply");
  CHECK(distinct("DOMAIN_CONCEPT", "Death") == ">=1 distinct code");
  CHECK(distinct("domain_concept_id", "Death") == ">=1 distinct code");
  CHECK(distinct("DOMAIN_SOURCE_CONCEPT", "Death") == ">=1 distinct source_code");
  CHECK(distinct("domain_source_concept_id", "Death") == ">=1 distinct source_code");
  CHECK(distinct("DURATION", "VisitOccurrence") == ">=1 distinct length");
  CHECK(distinct("END_DATE", "Specimen") == ">=1 distinct end_day");
  CHECK(distinct("end_date", "Specimen") == ">=1 distinct end_day");
  CHECK(distinct("ERA_OCCURRENCES", "DrugEra") == ">=1 distinct occurrences");
  CHECK(distinct("occurrence_count", "ConditionEra") == ">=1 distinct occurrences");
  CHECK(distinct("GAP_DAYS", "DrugEra") == ">=1 distinct gap_days");
  CHECK(distinct("QUANTITY", "DrugExposure") == ">=1 distinct quantity");
  CHECK(distinct("QUANTITY", "DeviceExposure") == ">=1 distinct quantity");
  CHECK(distinct("QUANTITY", "ProcedureOccurrence") == ">=1 distinct quantity");
  CHECK(distinct("RANGE_HIGH", "Measurement") == ">=1 distinct range_high");
  CHECK(distinct("RANGE_LOW", "Measurement") == ">=1 distinct range_low");
  CHECK(distinct("REFILLS", "DrugExposure") == ">=1 distinct refills");
  CHECK(distinct("START_DATE", "Observation") == ">=1 distinct day");
  CHECK(distinct("UNIT", "Measurement") == ">=1 distinct unit");
  CHECK(distinct("UNIT", "DoseEra") == ">=1 distinct dose_unit");
  CHECK(distinct("unit_concept_id", "Observation") == ">=1 distinct unit");
  CHECK(distinct("VALUE_AS_NUMBER", "Measurement") == ">=1 distinct value");
  CHECK(distinct("VALUE_AS_NUMBER", "DoseEra") == ">=1 distinct dose");
  CHECK(distinct("VISIT_ID", "ConditionOccurrence") == ">=1 distinct visit");
  CHECK(distinct("visit_occurrence_id", "ConditionOccurrence") == ">=1 distinct visit");
  CHECK(distinct("VISIT_DETAIL_ID", "ConditionOccurrence") == ">=1 distinct visit_detail");
}

TEST_CASE("criteria around events, and moved dates", "[circe]") {
  CHECK(read_line(index_with("Specimen", "'CorrelatedCriteria': {'Type': 'ANY'}"), "index") ==
        "standard specimen has{any}");
  const std::string moved =
      "'DateAdjustment': {'StartWith': 'END_DATE', 'StartOffset': -3, 'EndWith': 'start_date', "
      "'EndOffset': '7'}";
  CHECK(read_line(index_with("DrugExposure", moved), "index") ==
        "standard drug dated[end-3..start+7]");
  CHECK(read_line(index_with("DrugExposure", "'DateAdjustment': {}"), "index") ==
        "standard drug dated[start+0..end+0]");
  // As in Circe's SQL.
  CHECK(read_line(index_with("Death", moved), "index") == "standard death dated[start-3..start+7]");
  CHECK(read_line(index_with("Specimen", moved), "index") == "standard specimen");
}

TEST_CASE("the end of membership", "[circe]") {
  const auto strategy = [](const std::string& fields) {
    return read_line(definition_with("'EndStrategy': {" + fields + "}"), "exit");
  };
  CHECK(strategy("'DateOffset': {'DateField': 'StartDate', 'Offset': 30}") == "start+30");
  CHECK(strategy("'DateOffset': {'DateField': 'enddate', 'Offset': -1}") == "end-1");
  CHECK(strategy("'DateOffset': {'DateField': 'EndDate'}") == "end+0");
  CHECK(strategy("'CustomEra': {'DrugCodesetId': 2, 'GapDays': 30, 'Offset': 5}") ==
        "era {two} gap=30 offset=5");
  CHECK(strategy("'CustomEra': {'DrugCodesetId': 2, 'DaysSupplyOverride': 7}") ==
        "era {two} gap=0 offset=0 supply=7");
  CHECK(read_line(definition_with("'CensoringCriteria': [{'Death': {'CodesetId': 1}}]"),
                  "censor") == "standard death {one}");
  CHECK(read_line(definition_with("'CollapseSettings': {'CollapseType': 'ERA', 'EraPad': 30}"),
                  "join") == "30");
  const std::string window =
      definition_with("'CensorWindow': {'StartDate': '2020-01-01', 'EndDate': '2020-12-31'}");
  CHECK(read_line(window, "cut from") == "2020-01-01");
  CHECK(read_line(window, "cut to") == "2020-12-31");
}

}  // namespace anam::test
