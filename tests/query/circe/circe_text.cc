// SPDX-License-Identifier: Apache-2.0
#include "tests/query/circe/circe_text.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "query/circe/circe_reader.h"
#include "storage/error.h"
#include "tests/query/language/describe.h"

namespace anam::test {

namespace {

constexpr std::string_view kSets =
    "'ConceptSets': ["
    "{'id': 1, 'name': 'one', 'expression': {'items': [{'concept': {'CONCEPT_ID': 1001}}]}},"
    "{'id': 2, 'name': 'two', 'expression': {'items': ["
    "{'concept': {'CONCEPT_ID': 1002}, 'includeDescendants': true}]}}]";

std::string whole(std::string_view criteria, std::string_view more) {
  std::string text = "{" + std::string(kSets);
  text += ", 'PrimaryCriteria': {'CriteriaList': [" + std::string(criteria) + "]}";
  if (!more.empty()) text += ", " + std::string(more);
  return json(text + "}");
}

}  // namespace

std::string json(std::string_view piece) {
  std::string text(piece);
  std::ranges::replace(text, '\'', '"');
  return text;
}

std::string definition_with(std::string_view more) {
  return whole("{'VisitOccurrence': {}}", more);
}

std::string index_with(std::string_view type, std::string_view fields) {
  return whole("{'" + std::string(type) + "': {" + std::string(fields) + "}}", {});
}

std::string rule_with(std::string_view group) {
  return definition_with("'InclusionRules': [{'name': 'r', 'expression': " + std::string(group) +
                         "}]");
}

std::string count_with(std::string_view fields) {
  return rule_with(
      "{'Type': 'ALL', 'CriteriaList': [{'Criteria': {'ConditionOccurrence': "
      "{'CodesetId': 1}}, " +
      std::string(fields) + "}]}");
}

std::string read(const std::string& definition) {
  CohortDefinition read;
  try {
    read = parse_circe(definition, "t.json");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInput);
    return error.what();
  }
  for (CodeSet& set : read.code_sets) {
    if (set.name.empty()) set.name = describe(set);
  }
  std::istringstream lines(describe(read));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("set ")) text += line + '\n';
  }
  return text;
}

std::string read_line(const std::string& definition, std::string_view word) {
  std::istringstream lines(read(definition));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(word)) return line.substr(std::min(line.size(), word.size() + 1));
  }
  return lines.str();
}

}  // namespace anam::test
