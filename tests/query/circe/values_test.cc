// SPDX-License-Identifier: Apache-2.0
// Operators, numbers, dates, texts and the old spellings of Circe JSON.
#include <catch2/catch.hpp>

#include "tests/query/circe/circe_text.h"

namespace anam::test {

namespace {

/// What the reader makes of a value, as a test of a measurement's number, ....
std::string number(const std::string& range) {
  return read_line(index_with("Measurement", "'ValueAsNumber': {" + range + "}"),
                   "index standard measurement");
}
std::string whole(const std::string& range) {
  return read_line(index_with("DrugExposure", "'Refills': {" + range + "}"), "index standard drug");
}
std::string date(const std::string& range) {
  return read_line(index_with("Death", "'OccurrenceStartDate': {" + range + "}"),
                   "index standard death");
}
std::string text(const std::string& filter) {
  return read_line(index_with("Observation", "'ValueAsString': {" + filter + "}"),
                   "index standard observation");
}

}  // namespace

TEST_CASE("operators of numbers", "[circe]") {
  CHECK(number("'Op': 'lt', 'Value': 6.5") == "value<6.5");
  CHECK(number("'Op': 'lte', 'Value': 6.5") == "value<=6.5");
  CHECK(number("'Op': 'eq', 'Value': 6.5") == "value=6.5");
  CHECK(number("'Op': '!eq', 'Value': 6.5") == "value!=6.5");
  CHECK(number("'Op': 'gt', 'Value': 6.5") == "value>6.5");
  CHECK(number("'Op': 'gte', 'Value': 6.5") == "value>=6.5");
  CHECK(number("'Op': 'bt', 'Value': 6.5, 'Extent': 7") == "value in 6.5..7");
  CHECK(number("'Op': '!bt', 'Value': 6.5, 'Extent': 7") == "value out 6.5..7");
  CHECK(whole("'Op': 'bt', 'Value': 1, 'Extent': 7") == "refills in 1..7");
  CHECK(number("'Op': 'BT', 'Value': 9, 'Extent': 7") == "value in 9..7");
  CHECK(number("'Op': 'Gte', 'Value': 1") == "value>=1");
}

TEST_CASE("operators of dates", "[circe]") {
  CHECK(date("'Op': 'lt', 'Value': '2020-02-29'") == "start<2020-02-29");
  CHECK(date("'Op': 'lte', 'Value': '2020-02-29'") == "start<=2020-02-29");
  CHECK(date("'Op': 'eq', 'Value': '2020-02-29'") == "start=2020-02-29");
  CHECK(date("'Op': '!eq', 'Value': '2020-02-29'") == "start!=2020-02-29");
  CHECK(date("'Op': 'gt', 'Value': '2020-02-29'") == "start>2020-02-29");
  CHECK(date("'Op': 'gte', 'Value': '2020-2-9'") == "start>=2020-02-09");
  CHECK(date("'Op': 'bt', 'Value': '2020-01-01', 'Extent': '2020-02-01'") ==
        "start in 2020-01-01..2020-02-01");
  CHECK(date("'Op': '!bt', 'Value': '2020-01-01', 'Extent': '2020-02-01'") ==
        "start out 2020-01-01..2020-02-01");
}

TEST_CASE("operators of texts", "[circe]") {
  CHECK(text("'Op': 'eq', 'Text': 'a'") == "value_text=~'a'");
  CHECK(text("'Op': '!eq', 'Text': 'a'") == "value_text not=~'a'");
  CHECK(text("'Op': 'contains', 'Text': 'a'") == "value_text contains ~'a'");
  CHECK(text("'Op': '!contains', 'Text': 'a'") == "value_text not contains ~'a'");
  CHECK(text("'Op': 'startsWith', 'Text': 'a'") == "value_text starts ~'a'");
  CHECK(text("'Op': '!startsWith', 'Text': 'a'") == "value_text not starts ~'a'");
  CHECK(text("'Op': 'endsWith', 'Text': 'a_'") == "value_text ends ~'a_'");
  CHECK(text("'Op': '!endsWith', 'Text': ''") == "value_text not ends ~''");
  CHECK(text("'Op': 'STARTSWITH', 'Text': '\\u00e9'") == "value_text starts ~'\xC3\xA9'");
  CHECK(text(R"('Op': 'eq', 'Text': 'it\\\u0027s \\ a')") == R"(value_text=~'it's \ a')");
}

TEST_CASE("whole numbers cut off fractions, decimals are rounded", "[circe]") {
  CHECK(whole("'Op': 'eq', 'Value': 40.9") == "refills=40");
  CHECK(whole("'Op': 'eq', 'Value': -40.9") == "refills=-40");
  CHECK(whole("'Op': 'eq', 'Value': '7'") == "refills=7");
  CHECK(whole("'Op': 'eq', 'Value': '7.5'") == "refills=7");
  CHECK(whole("'Op': 'eq', 'Value': 2147483647") == "refills=2147483647");
  CHECK(whole("'Op': 'eq', 'Value': -2147483648") == "refills=-2147483648");
  CHECK(number("'Op': 'eq', 'Value': 0.12344") == "value=0.1234");
  CHECK(number("'Op': 'eq', 'Value': 0.12345") == "value=0.1235");
  CHECK(number("'Op': 'eq', 'Value': -0.12345") == "value=-0.1235");
  CHECK(number("'Op': 'eq', 'Value': 0.99995") == "value=1.0000");
  CHECK(number("'Op': 'eq', 'Value': '6.50'") == "value=6.5");
  CHECK(number("'Op': 'eq', 'Value': 1e-7") == "value=0.0000");
  CHECK(number("'Op': 'eq', 'Value': 1e15") == "value=1000000000000000");
  CHECK(number("'Op': 'eq', 'Value': -0.0") == "value=0");
}

TEST_CASE("what Atlas leaves in a range is passed over", "[circe]") {
  CHECK(number("'Op': 'lt', 'Value': 6.5, 'Extent': 3") == "value<6.5");
  CHECK(number("'Op': 'lt', 'Value': 6.5, 'Extent': null") == "value<6.5");
  CHECK(number("'Op': 'lt', 'Value': 6.5, 'Extent': ''") == "value<6.5");
}

TEST_CASE("concepts are their ids", "[circe]") {
  const auto unit = [](const std::string& concepts) {
    return read_line(index_with("Measurement", "'Unit': [" + concepts + "]"),
                     "index standard measurement");
  };
  CHECK(unit("{'CONCEPT_ID': 7}") == "unit in {OMOP:'7'}");
  CHECK(unit("{'CONCEPT_ID': '7'}") == "unit in {OMOP:'7'}");
  CHECK(unit("{'CONCEPT_ID': 0}") == "unit in {OMOP:'0'}");
  CHECK(unit("{'CONCEPT_ID': 2000000001}, {'CONCEPT_ID': 7}, {'CONCEPT_ID': 7}") ==
        "unit in {OMOP:'7' | OMOP:'2000000001'}");
  CHECK(unit("{'CONCEPT_ID': 7, 'CONCEPT_NAME': 'n', 'STANDARD_CONCEPT': 'S', "
             "'STANDARD_CONCEPT_CAPTION': 'Standard', 'INVALID_REASON': 'V', "
             "'INVALID_REASON_CAPTION': 'Valid', 'CONCEPT_CODE': 'c', 'DOMAIN_ID': 'd', "
             "'VOCABULARY_ID': 'v', 'CONCEPT_CLASS_ID': 'k', 'VALID_START_DATE': 1, "
             "'VALID_END_DATE': 2}") == "unit in {OMOP:'7'}");
  CHECK(unit("").empty());
}

TEST_CASE("truth values and numbers may stand in quotes", "[circe]") {
  CHECK(read_line(index_with("Specimen", "'First': 'true', 'CodesetId': '1'"), "index") ==
        "first standard specimen {one}");
  CHECK(read_line(index_with("Specimen", "'First': 'false', 'CodesetId': 2.0"), "index") ==
        "standard specimen {two}");
}

TEST_CASE("a concept set that is not there has no codes", "[circe]") {
  CHECK(read_line(index_with("Specimen", "'CodesetId': 9"), "index") ==
        "standard specimen {concept set 9}");
}

}  // namespace anam::test
