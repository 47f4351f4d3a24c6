// SPDX-License-Identifier: Apache-2.0
// Definitions written as text: how they read, and that they are read back as they were.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "query/language/definition_writer.h"
#include "query/language/parser.h"
#include "storage/error.h"
#include "tests/query/language/describe.h"

namespace {

using anam::CohortDefinition;
using anam::parse_cohort;
using anam::to_text;

std::string file(const std::string& path) {
  std::ifstream in(std::string(ANAM_SOURCE_DIR) + '/' + path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Without comments, with one blank for each run of blanks.
std::string words(const std::string& text) {
  std::string out;
  bool comment = false;
  for (const char c : text) {
    if (c == '#') comment = true;
    if (c == '\n') comment = false;
    if (comment) continue;
    const bool blank = c == ' ' || c == '\n';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

/// What is printed for a condition on the index event, without the statement's first word.
std::string condition(const std::string& text) {
  const std::string head = "codes a = X:1\ncodes b = Y:2*\n\nindex    any drug a\n";
  const std::string printed = to_text(parse_cohort(head + "require " + text, "t"));
  REQUIRE(printed.starts_with(head + "require  "));
  return printed.substr(head.size() + 9, printed.size() - head.size() - 10);
}

/// A sentence is printed as it stands.
void stays(const std::string& text) { CHECK(condition(text) == text); }

void round_trips(const std::string& text) {
  INFO(text);
  const std::string printed = to_text(parse_cohort(text, "text"));
  INFO(printed);
  const CohortDefinition back = parse_cohort(printed, "printed");
  CHECK(to_text(back) == printed);
}

}  // namespace

TEST_CASE("a definition is printed as a person wrote it", "[language]") {
  const std::string guide = file("docs/language.md");
  const std::size_t begin = guide.find("```cohort\n") + 10;
  const std::string example = guide.substr(begin, guide.find("```", begin) - begin);
  REQUIRE(example.starts_with("cohort \"New users of metformin"));
  CHECK(to_text(parse_cohort(example, "example")) == example);
  const std::string sample = file("samples/metformin.cohort");
  CHECK(words(to_text(parse_cohort(sample, "sample"))) == words(sample));
}

TEST_CASE("the guide's examples are printed and read back", "[language]") {
  const std::string guide = file("docs/language.md");
  int examples = 0;
  for (std::size_t at = guide.find("```cohort\n"); at != std::string::npos;
       at = guide.find("```cohort\n", at + 1)) {
    const std::string example = guide.substr(at + 10, guide.find("```", at + 10) - at - 10);
    round_trips(example);
    // Nothing but names of rules and of sets written in place changes.
    const CohortDefinition before = parse_cohort(example, "example");
    const CohortDefinition after = parse_cohort(to_text(before), "printed");
    CHECK(after.rules.size() == before.rules.size());
    CHECK(after.index.size() == before.index.size());
    CHECK(after.code_sets.size() == before.code_sets.size());
    ++examples;
  }
  CHECK(examples >= 10);
}

TEST_CASE("sentences are printed in the language's own words", "[language]") {
  stays("at least 1 drug a before index");
  stays("at least 2 drug a within 30 days before index or on index");
  stays("no drug a on or after index");
  stays("exactly 2 distinct end days of drug a within 7 days of index");
  stays("first source drug a after 2015-01-01");
  stays("at least 1 event with paid >= 12.50");
  stays("at least 1 drug a between 30 and 90 days before index end");
  stays("at least 1 drug a during index");
  stays("at least 1 visit starting within 14 days after index end and ending before index");
  stays("at least 1 visit ending at any time within the same observation period");
  stays("no drug a from end of observation to index within the same observation period");
  stays("at least 1 drug a up to start of observation within the same observation period");
  stays("at least 1 drug a from 2 days before index to 30 minutes after index");
  stays("at least 1 drug a from index to 3 days after index end");
  stays("at least 1 drug a at least 2 years before index");
  stays("at least 1 drug a within 4 hours after index or on index in the same visit");
  stays("at least 1 drug a with visit in any");
  stays("at least 1 measurement with value >= 6.5 \"%\" and unit is not \"mg/dL\" before index");
  stays("at least 1 measurement with (value > 2 or in 2015 or lasting 3 days)");
  stays("at least 1 drug a with stop_reason = \"x\" or \"y\" from source mayo or \"big payer\"");
  stays("at least 1 drug a from claims");
  stays("at least 1 drug a not from claims or clinical or source mayo");
  stays("at least 1 drug a with route is present and age < 18 at end not from source b");
  stays("at least 1 drug a ending not on 2015-01-01 recorded as Y:2 or Y:3");
  stays("at least 1 visit overlapping index dated from 7 days before start to end");
  stays("at least 1 drug a that has no drug b on it");
  stays("at least 1 drug a that has any of (any drug b on it, age by year < 18 at it end)");
  stays("age 18 to 75 at index and sex female and race is not black and birth_year >= 1950");
  stays("race \"Black or African American\"");
  stays("at least 1 measurement with value > range_high and value / range_high > 2");
  stays("first cohort file \"common/t \\\"2\\\".cohort\" lasting 3 days before index");
  stays("no cohort diabetics as of release 3 during index that has at least 1 drug b on it");
  stays("at least 1 drug with code is present and code not in b");
  stays("index on or after 2015-01-01 and index lasting at least 3 days");
  stays("none of (any drug a before index, never, at most 1 of (any visit, always))");
  stays("always");
  // Other words for the same.
  CHECK(condition("drug a on at least 2 distinct days through index") ==
        "\"drug a on at least 2 distinct days through index\"\n"
        "         at least 2 distinct days of drug a on or before index");
}

TEST_CASE("long sentences are broken where a person would break them", "[language]") {
  const std::string text =
      "codes a = X:1\n"
      "codes b = Y:2*\n"
      "\n"
      "order    events of a day by record\n"
      "count    within the same observation period\n"
      "index    earliest of first condition a that has (at least 1 measurement b within 30 days of "
      "it)\n"
      "      or first drug b\n"
      "         with or without 365 days of observation before and 0 days after\n"
      "restrict to any of (age >= 18 at index, sex female) keeping latest\n"
      "require  \"treated\" \"by drug, or\\nmeasured \\\"often\\\"\"\n"
      "         at least 2 of (\n"
      "           any drug b with days_supply >= 30 and quantity > 60 within 90 days after index\n"
      "             in any observation period,\n"
      "           at least 3 distinct days of measurement b within 1 day after index,\n"
      "           all of (\n"
      "             any visit OMOP:9201 within 90 days after index that has all of (\n"
      "               any drug b during it in the same visit,\n"
      "               no condition a within 7 days after it end\n"
      "             ),\n"
      "             sex female\n"
      "           )\n"
      "         )\n"
      "keep     earliest\n"
      "exit     when drug a or b stops, allowing gaps of 30 days, adding 7 days,\n"
      "         assuming 30 days of supply, or at death, or at end of observation,\n"
      "         or 3 days before index end, or at first condition Z:3 with position = 1\n"
      "join     rows up to 30 days apart\n"
      "cut      rows before 2016-01-01 and after 2015-01-01\n";
  const CohortDefinition parsed = parse_cohort(text, "long");
  const std::string printed = to_text(parsed);
  INFO(printed);
  CHECK(to_text(parse_cohort(printed, "printed")) == printed);
  std::istringstream lines(printed);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
  CHECK(printed == text);
}

TEST_CASE("codes are printed with their names", "[language]") {
  const CohortDefinition parsed = parse_cohort(
      "codes t2d = ICD10CM:E11* or ICD9CM:250.?0 with descendants except ICD10CM:E11.9\n"
      "concepts m = OMOP:1 with descendants, *:2\n"
      "codes none_yet = none\n"
      "index drug m require at least 1 visit OMOP:9201 before index\n"
      "require at least 1 drug OMOP:1 if defined\n"
      "require at least 1 drug t2d",
      "t");
  anam::TextOptions options;
  options.code_name = [](std::string_view vocabulary, std::string_view code) {
    return code == "2" ? "" : std::string(vocabulary) + "'s " + std::string(code);
  };
  const std::string printed = to_text(parsed, options);
  CHECK(printed ==
        "codes t2d      = ICD10CM:E11*   # ICD10CM's E11*\n"
        "              or ICD9CM:250.?0 with descendants   # ICD9CM's 250.?0\n"
        "          except ICD10CM:E11.9   # ICD10CM's E11.9\n"
        "concepts m     = OMOP:1 with descendants   # OMOP's 1\n"
        "              or *:2\n"
        "codes none_yet = none\n"
        "\n"
        "index    any drug m\n"
        "require  at least 1 visit OMOP:9201 before index   # OMOP's 9201\n"
        "require  at least 1 drug OMOP:1 if defined   # OMOP's 1\n"
        "require  at least 1 drug t2d\n");
  CHECK(to_text(parse_cohort(printed, "printed"), options) == printed);
}

TEST_CASE("what has no name in the store's catalog cannot be printed", "[language]") {
  CohortDefinition cohort;
  cohort.index.emplace_back();
  cohort.index.back().tests.emplace_back(
      anam::AttributeNumber{.column = 600, .test = {.value = 32}});
  CHECK_THROWS_AS(to_text(cohort), anam::Error);
  anam::TextOptions options;
  options.attribute_name = [](anam::ColumnId) { return std::string("my score"); };
  CHECK(to_text(cohort, options) ==
        "index    any event with \"my score\" = 1\n         with observation\n");
  cohort.index.back().codes = 3;
  CHECK_THROWS_AS(to_text(cohort, options), anam::Error);
}

TEST_CASE("numbers are printed digit by digit", "[language]") {
  for (const std::string number : {"0", "-0.50", "6.5000", "0.00000000000000001",
                                   "288230376151711743", "-12345678901.23456", "1000000"}) {
    stays("at least 1 measurement with value = " + number);
  }
  // Bounds in the wrong order say what they said.
  CohortDefinition cohort;
  cohort.index.emplace_back();
  const anam::NumberTest between{anam::Comparison::kBetween, 5 * 32, 3 * 32};
  const anam::NumberTest outside{anam::Comparison::kNotBetween, 5 * 32, 3 * 32};
  cohort.index.back().tests = {anam::AttributeNumber{anam::column::kValue, between},
                               anam::AttributeNumber{anam::column::kValue, outside}};
  CHECK(to_text(cohort) ==
        "index    any event with value >= 5 and value <= 3 and (value < 5 or value > 3)\n"
        "         with observation\n");
}
