// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "query/language/parser.h"
#include "storage/error.h"
#include "tests/query/language/describe.h"

using anam::is_code_expression;
using anam::parse_code_set;
using anam::parse_cohort;
using anam::test::describe;

namespace {

std::string codes(std::string_view expression) { return describe(parse_code_set(expression)); }

}  // namespace

TEST_CASE("codes, patterns and quoted codes", "[language]") {
  CHECK(codes("ICD10CM:E11.9") == "ICD10CM:E11.9");
  CHECK(codes("ICD9CM:250.?0 or ICD10CM:E11*") == "ICD9CM:250.?0 | ICD10CM:E11*");
  CHECK(codes("\"CMS Place of Service\":21, OMOP:9201") == "CMS Place of Service:21 | OMOP:9201");
  CHECK(codes("UCUM:\"10*3/uL\"") == "UCUM:'10*3/uL'");
  CHECK(codes("X:\"a \\\"b\\\" \\\\c\"") == "X:'a \"b\" \\c'");
  CHECK(codes("*:E11.9") == "*:E11.9");
  CHECK(codes("UCUM:mg/dL or UCUM:{score} or CPT4:0001-9") ==
        "UCUM:mg/dL | UCUM:{score} | CPT4:0001-9");
  CHECK(codes("X:1 # a comment\n or X:2") == "X:1 | X:2");
  CHECK(parse_code_set("X:1\n  or\tX:2").name == "X:1 or X:2");
}

TEST_CASE("descendants, mapped codes and exclusions", "[language]") {
  CHECK(codes("ATC:A10A with descendants except RXNORM:1 with descendants or RXNORM:2") ==
        "ATC:A10A+ - RXNORM:1+ | RXNORM:2");
  CHECK(codes("SNOMED:1 including mapped") == "SNOMED:1~");
  CHECK(codes("SNOMED:1 with descendants including mapped") == "SNOMED:1+~");
  CHECK(codes("(X:1 except X:2) or X:3") == "(X:1 - X:2) | X:3");
  CHECK(codes("(X:1 or X:2) except X:3") == "X:1 | X:2 - X:3");
  CHECK(codes("(X:1 or X:2) with descendants") == "(X:1 | X:2)+");
  CHECK(codes("((X:1 except X:2) except X:3)") == "((X:1 - X:2) - X:3)");
}

TEST_CASE("a repeated code is kept once", "[language]") {
  CHECK(codes("X:1 or X:1 or X:1 with descendants") == "X:1 | X:1+");
}

TEST_CASE("sets refer to sets", "[language]") {
  const auto sets = [](const std::string& text) {
    return describe(parse_cohort(text + " index drug", "test.cohort"));
  };
  CHECK(sets("codes a = X:1 codes b = a or X:2") == "set a = X:1\nset b = X:1 | X:2\nindex drug\n");
  CHECK(sets("codes a = X:1 except X:2 codes b = a or X:2") ==
        "set a = X:1 - X:2\nset b = (X:1 - X:2) | X:2\nindex drug\n");
  CHECK(sets("codes a = X:1 codes b = a with descendants except a") ==
        "set a = X:1\nset b = (X:1)+ - X:1\nindex drug\n");
  CHECK(sets("codes \"index\" = X:1 codes b-2 = \"index\"") ==
        "set index = X:1\nset b-2 = X:1\nindex drug\n");
}

TEST_CASE("the same codes in place are one set", "[language]") {
  const auto cohort = parse_cohort("index drug X:1 require any drug X:1 after index", "t");
  CHECK(cohort.code_sets.size() == 1);
}

TEST_CASE("a doubling set is refused before it fills the memory", "[language]") {
  std::string text = "codes a0 = X:1 except X:2\n";
  for (int i = 1; i < 40; ++i) {
    const std::string last = "a" + std::to_string(i - 1);
    text += "codes a" + std::to_string(i) + " = (" + last + " except Y:1) or (" + last +
            " except Y:2)\n";
  }
  CHECK_THROWS_WITH(parse_cohort(text + "index drug", "t"),
                    Catch::Contains("this code set is too large"));
}

TEST_CASE("expressions are told from texts to search for", "[language]") {
  CHECK(is_code_expression("ICD10CM:E11*"));
  CHECK(is_code_expression(" ( \"CMS Place of Service\":21 or X:1)"));
  CHECK(is_code_expression("*:E11*"));
  CHECK(is_code_expression("X:1 or \""));
  CHECK_FALSE(is_code_expression("diabetes"));
  CHECK_FALSE(is_code_expression("heart failure"));
  CHECK_FALSE(is_code_expression("\"heart failure\""));
  CHECK_FALSE(is_code_expression("note: this"));
  CHECK_FALSE(is_code_expression("X:"));
  CHECK_FALSE(is_code_expression(":1"));
  CHECK_FALSE(is_code_expression(""));
  CHECK_FALSE(is_code_expression("\""));
}
