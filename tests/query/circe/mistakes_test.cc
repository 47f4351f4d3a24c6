// SPDX-License-Identifier: Apache-2.0
// What is said about definitions with a mistake: the path of the value, or line and column where
// the text is no JSON.
#include <simdjson.h>

#include <catch2/catch.hpp>
#include <random>

#include "query/circe/json_mistake.h"
#include "query/circe/words.h"
#include "tests/query/circe/circe_text.h"

namespace anam::test {

namespace {

/// The message about a definition, without the file's name.
std::string message(const std::string& definition) {
  const std::string text = read(definition);
  return text.starts_with("t.json: ") ? text.substr(8) : text;
}

/// ... about one whose index event has these fields, without the path to them.
std::string criteria(std::string_view type, std::string_view fields) {
  const std::string text = message(index_with(type, fields));
  const std::string path = "$.PrimaryCriteria.CriteriaList[0]." + std::string(type);
  return text.starts_with(path) ? text.substr(path.size()) : text;
}

std::string measured(std::string_view fields) { return criteria("Measurement", fields); }

std::string group(std::string_view fields) {
  const std::string text = message(rule_with(fields));
  const std::string path = "$.InclusionRules[0].expression";
  return text.starts_with(path) ? text.substr(path.size()) : text;
}

std::string counted(std::string_view fields) {
  const std::string text = message(count_with(fields));
  const std::string path = "$.InclusionRules[0].expression.CriteriaList[0]";
  return text.starts_with(path) ? text.substr(path.size()) : text;
}

constexpr std::string_view kWindow =
    "'StartWindow': {'Start': {'Coeff': -1}, 'End': {'Coeff': 1}}, ";

std::string occurrence(std::string_view fields) {
  return counted(std::string(kWindow) + "'Occurrence': {" + std::string(fields) + "}");
}

std::string window(std::string_view fields) {
  return counted("'Occurrence': {'Type': 2, 'Count': 1}, 'StartWindow': {" + std::string(fields) +
                 "}");
}

}  // namespace

TEST_CASE("mistakes: the definition's own fields", "[circe]") {
  CHECK(message("[]") == "$: is a list, and must be an object");
  CHECK(message("7") == "$: is a number, and must be an object");
  CHECK(message("null") == "$: is null, and must be an object");
  CHECK(message("{}") == "$: has no PrimaryCriteria");
  CHECK(message(json("{'PrimaryCriteria': null}")) == "$: has no PrimaryCriteria");
  CHECK(message(json("{'PrimaryCriteria': []}")) ==
        "$.PrimaryCriteria: is a list, and must be an object");
  CHECK(message(json("{'PrimaryCriteria': {}}")) == "$.PrimaryCriteria: has no CriteriaList");
  CHECK(message(json("{'PrimaryCriteria': {'CriteriaList': {}}}")) ==
        "$.PrimaryCriteria.CriteriaList: is an object, and must be a list");
  CHECK(message(json("{'PrimaryCriteria': {'CriteriaList': []}}")) ==
        "$.PrimaryCriteria.CriteriaList: is empty: nobody enters this cohort");
  CHECK(message(json("{'PrimaryCriteria': {'CriteriaList': [{'Death': {}}], 'Limit': 1}}")) ==
        "$.PrimaryCriteria.Limit: is no field of this object");
  CHECK(message(definition_with("'title': 't'")) ==
        "$.title: is no field of this object; did you mean \"Title\"?");
  CHECK(message(definition_with("'Title': 7")) == "$.Title: is a number, and must be a text");
  CHECK(message(definition_with("'cdmVersionRange': {}")) ==
        "$.cdmVersionRange: is an object, and must be a text");
  CHECK(message(definition_with("'Title': 'a', 'Title': 'b'")) == "$.Title: stands there twice");
  CHECK(message(definition_with("'CensoringCriteria': [7]")) ==
        "$.CensoringCriteria[0]: is a number, and must be an object");
  CHECK(message(definition_with("'CensoringCriteria': [{'Death': {}}, {'Dead': {}}]")) ==
        "$.CensoringCriteria[1].Dead: there are no such criteria");
}

TEST_CASE("mistakes: limits and windows of the definition", "[circe]") {
  CHECK(message(definition_with("'QualifiedLimit': 'All'")) ==
        "$.QualifiedLimit: is a text, and must be an object");
  CHECK(message(definition_with("'QualifiedLimit': {'Type': 'Some'}")) ==
        "$.QualifiedLimit.Type: is not understood: \"Some\"; known are All, First, Last");
  CHECK(message(definition_with("'ExpressionLimit': {'Type': 1}")) ==
        "$.ExpressionLimit.Type: is a number, and must be a text");
  CHECK(message(definition_with("'ExpressionLimit': {'type': 'All'}")) ==
        "$.ExpressionLimit.type: is no field of this object; did you mean \"Type\"?");
  CHECK(message(json("{'PrimaryCriteria': {'CriteriaList': [{'Death': {}}], 'ObservationWindow': "
                     "{'PriorDays': 'a year'}}}")) ==
        "$.PrimaryCriteria.ObservationWindow.PriorDays: is a text, and must be a number");
  CHECK(message(json("{'PrimaryCriteria': {'CriteriaList': [{'Death': {}}], 'ObservationWindow': "
                     "{'PriorDay': 3}}}")) ==
        "$.PrimaryCriteria.ObservationWindow.PriorDay: is no field of this object; did you mean "
        "\"PriorDays\"?");
  CHECK(message(json("{'PrimaryCriteria': {'CriteriaList': [{'Death': {}}], 'ObservationWindow': "
                     "{'PriorDays': 5000000}}}")) ==
        "$.PrimaryCriteria.ObservationWindow.PriorDays: is too many days: 5000000; the calendar "
        "has 4000000");
  CHECK(message(definition_with("'CollapseSettings': {'CollapseType': 'NONE'}")) ==
        "$.CollapseSettings.CollapseType: is not understood: \"NONE\"; known are ERA");
  CHECK(message(definition_with("'CollapseSettings': {'EraPad': true}")) ==
        "$.CollapseSettings.EraPad: is true or false, and must be a number");
  CHECK(message(definition_with("'CensorWindow': {'StartDate': '2020-02-30'}")) ==
        "$.CensorWindow.StartDate: is no date: \"2020-02-30\"; write 2020-01-31");
  CHECK(message(definition_with("'CensorWindow': {'EndDate': 20200101}")) ==
        "$.CensorWindow.EndDate: is a number, and must be a text");
  CHECK(message(definition_with("'CensorWindow': {'From': '2020-01-01'}")) ==
        "$.CensorWindow.From: is no field of this object");
}

TEST_CASE("mistakes: concept sets", "[circe]") {
  const auto sets = [](const std::string& list) {
    return message(json("{'ConceptSets': " + list +
                        ", 'PrimaryCriteria': {'CriteriaList': [{'Death': {}}]}}"));
  };
  CHECK(sets("{}") == "$.ConceptSets: is an object, and must be a list");
  CHECK(sets("[{}]") == "$.ConceptSets[0]: has no id");
  CHECK(sets("[{'id': 'one', 'expression': {}}]") ==
        "$.ConceptSets[0].id: is a text, and must be a number");
  CHECK(sets("[{'id': 99999999999, 'expression': {}}]") ==
        "$.ConceptSets[0].id: is too large a number: 99999999999; whole numbers have 32 bits");
  CHECK(sets("[{'id': 1}]") == "$.ConceptSets[0]: has no expression");
  CHECK(sets("[{'id': 1, 'name': 3, 'expression': {}}]") ==
        "$.ConceptSets[0].name: is a number, and must be a text");
  CHECK(sets("[{'id': 1, 'expression': {'items': [{}]}}]") ==
        "$.ConceptSets[0].expression.items[0]: has no concept");
  CHECK(sets("[{'id': 1, 'expression': {'items': [{'concept': {}}]}}]") ==
        "$.ConceptSets[0].expression.items[0].concept: has no CONCEPT_ID");
  CHECK(sets("[{'id': 1, 'expression': {'items': [{'concept': {'CONCEPT_ID': 1.5}}]}}]") ==
        "$.ConceptSets[0].expression.items[0].concept.CONCEPT_ID: is no concept id: 1.5; a whole "
        "number is expected");
  CHECK(sets("[{'id': 1, 'expression': {'items': [{'concept': {'CONCEPT_ID': '7x'}}]}}]") ==
        "$.ConceptSets[0].expression.items[0].concept.CONCEPT_ID: is no concept id: \"7x\"; a "
        "whole number is expected");
  CHECK(sets("[{'id': 1, 'expression': {'items': [{'concept': {'CONCEPT_ID': 1}, "
             "'includeDescendents': true}]}}]") ==
        "$.ConceptSets[0].expression.items[0].includeDescendents: is no field of this object; did "
        "you mean \"includeDescendants\"?");
  CHECK(sets("[{'id': 1, 'expression': {'items': [{'concept': {'CONCEPT_ID': 1}, 'isExcluded': "
             "1}]}}]") ==
        "$.ConceptSets[0].expression.items[0].isExcluded: is a number, and must be true or false");
  CHECK(sets("[{'id': 1, 'expression': {'items': [], 'mode': 1}}]") ==
        "$.ConceptSets[0].expression.mode: is no field of this object");
  CHECK(sets("[{'id': 1, 'expression': {}, 'nme': 'x'}]") ==
        "$.ConceptSets[0].nme: is no field of this object; did you mean \"name\"?");
}

TEST_CASE("mistakes: criteria", "[circe]") {
  const auto primary = [](const std::string& item) {
    return message(json("{'PrimaryCriteria': {'CriteriaList': [" + item + "]}}"));
  };
  CHECK(primary("{}") == "$.PrimaryCriteria.CriteriaList[0]: has 0 fields, and must have one");
  CHECK(primary("{'Death': {}, 'Specimen': {}}") ==
        "$.PrimaryCriteria.CriteriaList[0]: has 2 fields, and must have one");
  CHECK(primary("'Death'") ==
        "$.PrimaryCriteria.CriteriaList[0]: is a text, and must be an object");
  CHECK(primary("{'DrugExpsure': {}}") ==
        "$.PrimaryCriteria.CriteriaList[0].DrugExpsure: there are no such criteria; did you mean "
        "\"DrugExposure\"?");
  CHECK(primary("{'Death': []}") ==
        "$.PrimaryCriteria.CriteriaList[0].Death: is a list, and must be an object");
  CHECK(criteria("Death", "'First': true") == ".First: is no field of this object");
  CHECK(criteria("Specimen", "'Frist': true") ==
        ".Frist: is no field of this object; did you mean \"First\"?");
  CHECK(criteria("Specimen", "'First': 'yes'") == ".First: is a text, and must be true or false");
  CHECK(criteria("Specimen", "'First': 1") == ".First: is a number, and must be true or false");
  CHECK(criteria("Specimen", "'CodesetId': {}") ==
        ".CodesetId: is an object, and must be a number");
  CHECK(criteria("Specimen", "'CodesetId': '1 '") == ".CodesetId: is a text, and must be a number");
  CHECK(criteria("Specimen", "'CodesetId': ''") == ".CodesetId: is a text, and must be a number");
  CHECK(criteria("Specimen", "'CodesetId': 1, 'CodesetId': 2") == ".CodesetId: stands there twice");
  CHECK(criteria("Measurement", "'OccurrenceEndDate': null") ==
        ".OccurrenceEndDate: is no field of this object");
  CHECK(criteria("VisitDetail", "'Gender': []") ==
        ".Gender: is no field of this object; did you mean \"GenderCS\"?");
  CHECK(criteria("VisitOccurrence", "'PlaceOfServiceLocation': 3") ==
        ".PlaceOfServiceLocation: is not supported: the store does not keep where a care site is");
  CHECK(criteria("DrugEra", "'GapDays': {'Op': 'lt', 'Value': 3}") ==
        ".GapDays: Circe cannot run GapDays without EraLength, whose range it tests");
  CHECK(criteria("DrugEra", "'GapDays': {'Op': 'lt'}, 'EraLength': {'Op': 'lt', 'Value': 3}") ==
        ".GapDays: has no Value");
  CHECK(criteria("ObservationPeriod", "'UserDefinedPeriod': {'StartDate': 'today'}") ==
        ".UserDefinedPeriod.StartDate: is no date: \"today\"; write 2020-01-31");
  CHECK(criteria("ObservationPeriod", "'UserDefinedPeriod': {'Start': '2020-01-01'}") ==
        ".UserDefinedPeriod.Start: is no field of this object");
}

TEST_CASE("mistakes: concepts and selections", "[circe]") {
  CHECK(measured("'Unit': 7") == ".Unit: is a number, and must be a list");
  CHECK(measured("'Unit': [7]") == ".Unit[0]: is a number, and must be an object");
  CHECK(measured("'Unit': [{'CONCEPT_ID': 1}, {}]") == ".Unit[1]: has no CONCEPT_ID");
  CHECK(measured("'Unit': [{'CONCEPT_ID': 1, 'Concept_Id': 1}]") ==
        ".Unit[0].Concept_Id: is no field of this object; did you mean \"CONCEPT_ID\"?");
  CHECK(measured("'Unit': [{'CONCEPT_ID': true}]") ==
        ".Unit[0].CONCEPT_ID: is no concept id: true; a whole number is expected");
  CHECK(measured("'UnitCS': []") == ".UnitCS: is a list, and must be a number");
  CHECK(measured("'UnitCS': {'CodesetID': 1}") ==
        ".UnitCS.CodesetID: is no field of this object; did you mean \"CodesetId\"?");
  CHECK(measured("'UnitCS': {'CodesetId': 1, 'IsExclusion': 'no'}") ==
        ".UnitCS.IsExclusion: is a text, and must be true or false");
  CHECK(measured("'MeasurementTypeExclude': 3") ==
        ".MeasurementTypeExclude: is a number, and must be true or false");
  CHECK(measured("'Abnormal': 'very'") == ".Abnormal: is a text, and must be true or false");
}

TEST_CASE("mistakes: ranges and texts", "[circe]") {
  CHECK(measured("'RangeLow': 5") == ".RangeLow: is a number, and must be an object");
  CHECK(measured("'RangeLow': {}") == ".RangeLow: has no Op");
  CHECK(measured("'RangeLow': {'Op': 'lt'}") == ".RangeLow: has no Value");
  CHECK(measured("'RangeLow': {'Op': 'lt', 'Value': null}") == ".RangeLow: has no Value");
  CHECK(measured("'RangeLow': {'Op': '<', 'Value': 1}") ==
        ".RangeLow.Op: is not understood: \"<\"; known are lt, lte, eq, !eq, gt, gte, bt, !bt");
  CHECK(measured("'RangeLow': {'Op': 'bt', 'Value': 1}") == ".RangeLow: has no Extent");
  CHECK(measured("'RangeLow': {'Op': '!bt', 'Value': 1, 'Extent': 'x'}") ==
        ".RangeLow.Extent: is a text, and must be a number");
  CHECK(measured("'RangeLow': {'Op': 'lt', 'Value': '1,5'}") ==
        ".RangeLow.Value: is a text, and must be a number");
  CHECK(measured("'RangeLow': {'Op': 'lt', 'Value': 'inf'}") ==
        ".RangeLow.Value: is a text, and must be a number");
  CHECK(measured("'RangeLow': {'Op': 'lt', 'Value': 1e300}") ==
        ".RangeLow.Value: is too large a number");
  CHECK(measured("'RangeLow': {'Op': 'lt', 'Value': 1, 'Unit': 2}") ==
        ".RangeLow.Unit: is no field of this object");
  CHECK(measured("'Age': {'Op': 'lt', 'Value': 2147483648}") ==
        ".Age.Value: is too large a number: 2147483648; whole numbers have 32 bits");
  CHECK(measured("'OccurrenceStartDate': {'Op': 'lt', 'Value': '2020-1'}") ==
        ".OccurrenceStartDate.Value: is no date: \"2020-1\"; write 2020-01-31");
  CHECK(measured("'OccurrenceStartDate': {'Op': 'lt', 'Value': '2020-01-01T00:00'}") ==
        ".OccurrenceStartDate.Value: is no date: \"2020-01-01T00:00\"; write 2020-01-31");
  CHECK(measured("'OccurrenceStartDate': {'Op': 'bt', 'Value': '2020-01-01'}") ==
        ".OccurrenceStartDate: has no Extent");
  CHECK(criteria("Observation", "'ValueAsString': 'a'") ==
        ".ValueAsString: is a text, and must be an object");
  CHECK(criteria("Observation", "'ValueAsString': {'Op': 'contains'}") ==
        ".ValueAsString: has no Text");
  CHECK(criteria("Observation", "'ValueAsString': {'Op': 'like', 'Text': 'a'}") ==
        ".ValueAsString.Op: is not understood: \"like\"; known are eq, contains, startsWith, "
        "endsWith, !eq, !contains, !startsWith, !endsWith");
  CHECK(criteria("Observation", "'ValueAsString': {'Op': 'eq', 'Text': 5}") ==
        ".ValueAsString.Text: is a number, and must be a text");
}

TEST_CASE("mistakes: groups and counts", "[circe]") {
  CHECK(group("{}") == ": has no Type");
  CHECK(group("{'Type': 'NONE'}") ==
        ".Type: is not understood: \"NONE\"; known are ALL, ANY, AT_LEAST, AT_MOST");
  CHECK(group("{'Type': 'AT_LEAST'}") == ": has no Count");
  CHECK(group("{'Type': 'AT_MOST', 'Count': 'two'}") == ".Count: is a text, and must be a number");
  CHECK(group("{'Type': 'ALL', 'Criteria': []}") == ".Criteria: is no field of this object");
  CHECK(group("{'Type': 'ALL', 'Groups': [{'Type': 'ALL', 'Groups': [{}]}]}") ==
        ".Groups[0].Groups[0]: has no Type");
  CHECK(group("{'Type': 'ALL', 'DemographicCriteriaList': [{'Sex': []}]}") ==
        ".DemographicCriteriaList[0].Sex: is no field of this object");
  CHECK(group("{'Type': 'ALL', 'CriteriaList': [{}]}") == ".CriteriaList[0]: has no Criteria");
  CHECK(message(definition_with("'InclusionRules': [{'name': 'r'}]")) ==
        "$.InclusionRules[0]: has no expression");
  CHECK(message(definition_with("'InclusionRules': [{'Name': 'r', 'expression': {'Type': "
                                "'ALL'}}]")) ==
        "$.InclusionRules[0].Name: is no field of this object; did you mean \"name\"?");
  CHECK(counted("'Occurrence': {'Type': 2, 'Count': 1}") == ": has no StartWindow");
  CHECK(counted("'StartWindow': {'Start': {}, 'End': {}}") == ": has no Occurrence");
  CHECK(occurrence("'Count': 1") == ".Occurrence: has no Type");
  CHECK(occurrence("'Type': 3, 'Count': 1") ==
        ".Occurrence.Type: is no kind of count: 3; 0 is exactly, 1 at most, 2 at least");
  CHECK(occurrence("'Type': 2, 'Count': 1, 'IsDistinct': true, 'CountColumn': 'REFILLS'") ==
        ".Occurrence.CountColumn: is nothing that such events have: \"REFILLS\"; see "
        "docs/circe.md for what can be counted");
  CHECK(occurrence("'Type': 2, 'Count': 1, 'CountColumn': 'ALL'") ==
        ".Occurrence.CountColumn: is nothing that such events have: \"ALL\"; see docs/circe.md "
        "for what can be counted");
  CHECK(occurrence("'Type': 2, 'Counts': 1") ==
        ".Occurrence.Counts: is no field of this object; did you mean \"Count\"?");
  CHECK(window("'Start': {'Coeff': -1}") == ".StartWindow: has no End");
  CHECK(window("'End': {'Coeff': -1}") == ".StartWindow: has no Start");
  CHECK(window("'Start': {'Days': 'all', 'Coeff': -1}, 'End': {}") ==
        ".StartWindow.Start.Days: is a text, and must be a number");
  CHECK(window("'Start': {'Days': 5000000, 'Coeff': -1}, 'End': {}") ==
        ".StartWindow.Start.Days: is too many days: 5000000; the calendar has 4000000");
  CHECK(window("'Start': {'Day': 1, 'Coeff': -1}, 'End': {}") ==
        ".StartWindow.Start.Day: is no field of this object; did you mean \"Days\"?");
  CHECK(window("'Start': {}, 'End': {}, 'UseIndexEnd': 'x'") ==
        ".StartWindow.UseIndexEnd: is a text, and must be true or false");
  CHECK(counted(std::string(kWindow) + "'Occurrence': {'Type': 2}, 'RestrictVisits': true") ==
        ".RestrictVisits: is no field of this object; did you mean \"RestrictVisit\"?");
  CHECK(criteria("Specimen", "'CorrelatedCriteria': {'Type': 'ALL', 'CriteriaList': 1}") ==
        ".CorrelatedCriteria.CriteriaList: is a number, and must be a list");
}

TEST_CASE("mistakes: the end of membership and moved dates", "[circe]") {
  const auto strategy = [](const std::string& fields) {
    return message(definition_with("'EndStrategy': {" + fields + "}"));
  };
  CHECK(strategy("") == "$.EndStrategy: has 0 fields, and must have one");
  CHECK(strategy("'Death': {}") ==
        "$.EndStrategy.Death: is no end strategy; known are DateOffset and CustomEra");
  CHECK(strategy("'DateOffset': {}") == "$.EndStrategy.DateOffset: has no DateField");
  CHECK(strategy("'DateOffset': {'DateField': 'Start'}") ==
        "$.EndStrategy.DateOffset.DateField: is not understood: \"Start\"; known are StartDate, "
        "EndDate");
  CHECK(strategy("'DateOffset': {'DateField': 'StartDate', 'Offset': 1e9}") ==
        "$.EndStrategy.DateOffset.Offset: is too many days: 1000000000.0; the calendar has "
        "4000000");
  CHECK(strategy("'CustomEra': {}") == "$.EndStrategy.CustomEra: has no DrugCodesetId");
  CHECK(strategy("'CustomEra': {'DrugCodesetId': 1, 'Gap': 3}") ==
        "$.EndStrategy.CustomEra.Gap: is no field of this object");
  CHECK(criteria("Specimen", "'DateAdjustment': {'StartWith': 'START'}") ==
        ".DateAdjustment.StartWith: is not understood: \"START\"; known are START_DATE, END_DATE");
  CHECK(criteria("Specimen", "'DateAdjustment': {'StartOffset': 'x'}") ==
        ".DateAdjustment.StartOffset: is a text, and must be a number");
  CHECK(criteria("Specimen", "'DateAdjustment': {'Start': 1}") ==
        ".DateAdjustment.Start: is no field of this object");
}

TEST_CASE("mistakes: long values are cut between characters", "[circe]") {
  std::string longer = "'";
  for (int i = 0; i < 60; ++i) longer += "\xC3\xA9";
  std::string shown = "\"";
  for (int i = 0; i < 49; ++i) shown += "\xC3\xA9";
  CHECK(criteria("Death", "'OccurrenceStartDate': {'Op': 'lt', 'Value': " + longer + "'}") ==
        ".OccurrenceStartDate.Value: is no date: " + shown + "...; write 2020-01-31");
}

TEST_CASE("mistakes: text that is no JSON is shown", "[circe]") {
  CHECK(read("{\n  \"PrimaryCriteria\": {\n    \"CriteriaList\": [{\"Death\": {}}\n  }\n}") ==
        "t.json:4:3: is no JSON: a \",\" or \"]\" is missing\n"
        "      }\n"
        "      ^");
  CHECK(read("") ==
        "t.json:1:1: is no JSON: the text ends, and a value is missing\n"
        "    \n"
        "    ^");
  CHECK(read("\xEF\xBB\xBF{]") ==
        "t.json:1:2: is no JSON: the name of a field in quotes is missing\n"
        "    {]\n"
        "     ^");
}

TEST_CASE("mistakes: every kind of broken JSON is placed", "[circe]") {
  const auto at = [](std::string_view text) {
    const auto mistake = circe::find_json_mistake(json(text), 3);
    return mistake ? std::to_string(mistake->span.begin) + ": " + mistake->problem : "none";
  };
  CHECK(at("{'a': [1, -2.5e+3, true, false, null, 'x\\n\\u00e9\\ud83d\\ude00'], 'b': {}}") ==
        "none");
  CHECK(at(" [ ] ") == "none");
  CHECK(at("{'a': 1") == "7: the text ends, and a \",\" or \"}\" is missing");
  CHECK(at("{'a' 1}") == "5: a \":\" behind the name of a field is missing");
  CHECK(at("{a: 1}") == "1: the name of a field in quotes is missing");
  CHECK(at("{'a': 1,}") == "8: the name of a field in quotes is missing");
  CHECK(at("[1,]") == "3: no value begins like this");
  CHECK(at("[1 2]") == "3: a \",\" or \"]\" is missing");
  CHECK(at("[1]]") == "3: the text goes on behind its value");
  CHECK(at("{} {}") == "3: the text goes on behind its value");
  CHECK(at("[[[[]]]]") == "2: 3 levels are too deep");
  CHECK(at("[[[], {}]]") == "none");
  CHECK(at("'abc") == "0: the closing quote is missing");
  CHECK(at("['a\nb']") == "3: a control character in a text");
  CHECK(at("['\\x']") == "2: this escape stands for no character");
  CHECK(at("['\\u12']") == "2: this escape stands for no character");
  CHECK(at("['\\ud83d']") == "2: this escape stands for no character");
  CHECK(at("['\\ude00']") == "2: this escape stands for no character");
  CHECK(at("['\\ud83d\\u0041']") == "2: this escape stands for no character");
  CHECK(at("['a\xC3']") == "3: a byte that is no UTF-8");
  CHECK(at("['a\xFF']") == "3: a byte that is no UTF-8");
  CHECK(at("True") == "0: this word is no value; texts stand in quotes");
  CHECK(at("nul") == "0: this word is no value; texts stand in quotes");
  CHECK(at("[NaN]") == "1: this word is no value; texts stand in quotes");
  CHECK(at("[01]") == "1: this is no number");
  CHECK(at("[1.]") == "1: this is no number");
  CHECK(at("[-]") == "1: this is no number");
  CHECK(at("[1e]") == "1: this is no number");
  CHECK(at("[2020-01-01]") == "1: this is no number");
  CHECK(at("[1e999]") == "1: this number is too large");
  CHECK(at("[123456789012345678901234567890]") == "1: this number is too large");
  CHECK(at("// no\n{}") == "0: no value begins like this");
}

TEST_CASE("what is no JSON is what simdjson does not read", "[circe]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const std::string whole = rule_with(
      "{'Type': 'ALL', 'Count': -1.5e3, 'a': [true, false, null, 0.25, '\\ud83d\\ude00\\n "
      "\xC3\xA9']"
      "}");
  constexpr std::string_view kSigns = "{}[],:\"\\ \n01.-+eutfn\x01\xC3\xA9";
  int broken = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string text = whole;
    for (std::size_t n = 1 + random() % 2; n > 0; --n) {
      const std::size_t at = random() % text.size();
      const char c = kSigns[random() % kSigns.size()];
      if (random() % 3 == 0) text.erase(at, 1 + random() % 3);
      if (random() % 3 == 0) text[at % text.size()] = c;
      if (random() % 3 == 0) text.insert(at % text.size(), 1, c);
    }
    simdjson::dom::parser parser;
    REQUIRE(parser.allocate(text.size(), circe::kMaxJsonDepth) == simdjson::SUCCESS);
    const bool good = parser.parse(simdjson::padded_string(text)).error() == simdjson::SUCCESS;
    broken += good ? 0 : 1;
    INFO(text);
    CHECK(circe::find_json_mistake(text, circe::kMaxJsonDepth).has_value() == !good);
  }
  CHECK(broken > 500);
}

TEST_CASE("the depth of groups is bounded", "[circe]") {
  std::string groups = "{'Type': 'ALL'}";
  for (std::size_t i = 0; i < circe::kMaxGroupDepth; ++i) {
    groups = "{'Type': 'ALL', 'Groups': [" + groups + "]}";
  }
  CHECK(group(groups).ends_with(".Groups[0]: stands in 64 groups, which is too deep"));
}

TEST_CASE("depth is bounded in the same way", "[circe]") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(message(nested(circe::kMaxJsonDepth)) == "$: is a list, and must be an object");
  CHECK(read(nested(circe::kMaxJsonDepth + 1))
            .starts_with("t.json:1:400: is no JSON: 400 levels are too deep"));
  CHECK(read(std::string(1000000, '[')).starts_with("t.json:1:400: is no JSON: 400 levels"));
}

}  // namespace anam::test
