// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/tools/import/omop_fixture.h"

namespace anam::test {
namespace {

using Row = RecordedRow;

TEST_CASE("a condition keeps all that its row says", "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons().write(
      "condition_occurrence.csv",
      "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,"
      "condition_start_datetime,condition_end_date,condition_end_datetime,"
      "condition_type_concept_id,condition_status_concept_id,stop_reason,provider_id,"
      "visit_occurrence_id,visit_detail_id,condition_source_value,condition_source_concept_id,"
      "condition_status_source_value\n"
      "13,1,4278672,1958-03-11,1958-03-11 09:00:00,1958-06-09,1958-06-09 00:00:00,32810,32902,"
      "\"adverse, event\",36,2,7,65966004,2000010079,final\n");
  const OmopRecording recording(omop.path);
  CHECK(recording.sink.of("condition") == std::vector<Row>{{{"patient", "1"},
                                                            {"domain", "condition"},
                                                            {"code", "OMOP:4278672"},
                                                            {"day", "1958-03-11"},
                                                            {"second", "09:00:00"},
                                                            {"end_day", "1958-06-09"},
                                                            {"sequence", "13"},
                                                            {"type", "OMOP:32810"},
                                                            {"status", "OMOP:32902"},
                                                            {"stop_reason", "adverse, event"},
                                                            {"provider", "36"},
                                                            {"visit_key", "2"},
                                                            {"visit_detail_key", "7"},
                                                            {"source_value", "65966004"},
                                                            {"source_code", "OMOP:2000010079"},
                                                            {"status_source", "final"}}});
  const FileReport& file = recording.file("condition_occurrence.csv");
  CHECK(file.rows == 1);
  CHECK(file.loaded == 1);
  CHECK(file.ignored_columns.empty());
  CHECK(file.noted.empty());
}

TEST_CASE("concept 0, no concept and an absent column are different", "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons().write("drug_exposure.csv",
                             "person_id,drug_concept_id,drug_exposure_start_date,route_concept_id\n"
                             "1,0,2001-01-01,0\n"
                             "1,,2001-01-02,\n");
  const OmopRecording recording(omop.path);
  CHECK(
      recording.sink.of("drug") ==
      std::vector<Row>{{{"patient", "1"}, {"domain", "drug"}, {"code", "-"}, {"day", "2001-01-02"}},
                       {{"patient", "1"},
                        {"domain", "drug"},
                        {"code", "OMOP:0"},
                        {"day", "2001-01-01"},
                        {"route", "OMOP:0"}}});
}

TEST_CASE("headers and names in upper case, tabs, another order, compact dates", "[tools][omop]") {
  OmopDirectory omop;
  omop.write("PERSON.CSV", "YEAR_OF_BIRTH\tPERSON_ID\tGENDER_CONCEPT_ID\n1950\t-7\t8507\n")
      .write("Measurement.tsv",
             "MEASUREMENT_DATE\tVALUE_AS_NUMBER\tMEASUREMENT_CONCEPT_ID\tPERSON_ID\n"
             "20010203\t6.50\t3004410\t9007199254740993\n");
  const OmopRecording recording(omop.path);
  CHECK(recording.sink.of("person") == std::vector<Row>{{{"patient", "-7"},
                                                         {"domain", "person"},
                                                         {"code", "-"},
                                                         {"birth_year", "1950"},
                                                         {"sex", "OMOP:8507"}}});
  CHECK(recording.sink.of("measurement") == std::vector<Row>{{{"patient", "9007199254740993"},
                                                              {"domain", "measurement"},
                                                              {"code", "OMOP:3004410"},
                                                              {"day", "2001-02-03"},
                                                              {"value", "6.50"}}});
}

TEST_CASE("times of day: midnight is none, the date wins, measurement_time is a last resort",
          "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons().write(
      "measurement.csv",
      "person_id,measurement_concept_id,measurement_date,measurement_datetime,measurement_time\n"
      "1,1,2001-01-01,2001-01-01 00:00:00,00:00:00\n"
      "1,2,2001-01-01,2001-01-01 10:30:00,11:00:00\n"
      "1,3,2001-01-01,2001-01-02 10:30:00,\n"
      "1,4,2001-01-01,,08:15\n"
      "1,5,,2001-01-05T07:00:01Z,2001-01-05\n");
  const OmopRecording recording(omop.path);
  const auto row = [](std::string code, std::string day, std::string second) {
    Row result{{"patient", "1"}, {"domain", "measurement"}, {"code", std::move(code)}};
    result["day"] = std::move(day);
    if (!second.empty()) result["second"] = std::move(second);
    return result;
  };
  CHECK(recording.sink.of("measurement") == std::vector<Row>{
                                                row("OMOP:1", "2001-01-01", ""),
                                                row("OMOP:2", "2001-01-01", "10:30:00"),
                                                row("OMOP:3", "2001-01-01", ""),
                                                row("OMOP:4", "2001-01-01", "08:15:00"),
                                                row("OMOP:5", "2001-01-05", "07:00:01"),
                                            });
  CHECK(recording.file("measurement.csv").noted ==
        std::map<std::string, std::uint64_t>{
            {"date and datetime name different days: the date taken, without a time", 1},
            {"no date: the day of the datetime taken", 1},
            {"measurement_time is no time of day: left out", 1}});
}

TEST_CASE("persons: birth, location, codes and texts", "[tools][omop]") {
  OmopDirectory omop;
  omop.write("person.csv",
             "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,birth_datetime,"
             "race_concept_id,location_id,gender_source_value,person_source_value\n"
             "1,8507,1950,4,12,1950-04-12 10:00:00,8527,5,M,secret\n"
             "2,8532,1950,,,1950-01-01 10:00:00,0,6,F,\n"
             "3,,,,,1949-12-31 00:00:00,,,,\n")
      .write("location.csv",
             "location_id,city,state,zip,county,country_concept_id,region_concept_id\n"
             "5,Bolton,TX,18932,Norfolk,42046186,77\n")
      .write("death.csv", "person_id,death_date,cause_concept_id\n2,2001-01-01,\n");
  const OmopRecording recording(omop.path);
  CHECK(recording.sink.of("person") == std::vector<Row>{{{"patient", "1"},
                                                         {"domain", "person"},
                                                         {"code", "-"},
                                                         {"sex", "OMOP:8507"},
                                                         {"race", "OMOP:8527"},
                                                         {"birth_year", "1950"},
                                                         {"birth_month", "4"},
                                                         {"birth_day", "12"},
                                                         {"birth_second", "36000"},
                                                         {"sex_source", "M"},
                                                         {"state", "TX"},
                                                         {"zip", "18932"},
                                                         {"county", "Norfolk"},
                                                         {"country", "OMOP:42046186"},
                                                         {"region", "OMOP:77"}},
                                                        {{"patient", "3"},
                                                         {"domain", "person"},
                                                         {"code", "-"},
                                                         {"birth_year", "1949"},
                                                         {"birth_month", "12"},
                                                         {"birth_day", "31"}},
                                                        {{"patient", "2"},
                                                         {"domain", "person"},
                                                         {"code", "-"},
                                                         {"sex", "OMOP:8532"},
                                                         {"race", "OMOP:0"},
                                                         {"birth_year", "1950"},
                                                         {"sex_source", "F"}}});
  CHECK(recording.file("person.csv").noted ==
        std::map<std::string, std::uint64_t>{
            {"location not in the location table: no place of residence", 1}});
  CHECK(recording.sink.of("death").at(0).at("code") == "-");
}

TEST_CASE("visits carry their own key, their place and their provider's specialty",
          "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons()
      .write("visit_occurrence.csv",
             "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_end_date,"
             "provider_id,care_site_id,admitting_source_concept_id,discharge_to_source_value\n"
             "-5,1,9201,2001-01-01,2001-01-03,8,3,8536,home\n"
             "6,2,9202,2001-01-01,,9,4,,\n")
      .write("visit_detail.csv",
             "visit_detail_id,person_id,visit_detail_concept_id,visit_detail_start_date,"
             "visit_occurrence_id\n70,1,9203,2001-01-01,-5\n")
      .write("provider.csv",
             "provider_id,specialty_concept_id,specialty_source_value,npi\n8,38004447,GP,123\n")
      .write("care_site.csv", "care_site_id,place_of_service_concept_id\n3,8717\n");
  const OmopRecording recording(omop.path);
  CHECK(recording.sink.of("visit") == std::vector<Row>{{{"patient", "1"},
                                                        {"domain", "visit"},
                                                        {"code", "OMOP:9201"},
                                                        {"day", "2001-01-01"},
                                                        {"end_day", "2001-01-03"},
                                                        {"visit_key", "-5"},
                                                        {"sequence", "-5"},
                                                        {"provider", "8"},
                                                        {"specialty", "OMOP:38004447"},
                                                        {"specialty_source", "GP"},
                                                        {"care_site", "3"},
                                                        {"place_of_service", "OMOP:8717"},
                                                        {"admitted_from", "OMOP:8536"},
                                                        {"discharged_to_source", "home"}},
                                                       {{"patient", "2"},
                                                        {"domain", "visit"},
                                                        {"code", "OMOP:9202"},
                                                        {"day", "2001-01-01"},
                                                        {"visit_key", "6"},
                                                        {"sequence", "6"},
                                                        {"provider", "9"},
                                                        {"care_site", "4"}}});
  CHECK(recording.sink.of("visit_detail") == std::vector<Row>{{{"patient", "1"},
                                                               {"domain", "visit_detail"},
                                                               {"code", "OMOP:9203"},
                                                               {"day", "2001-01-01"},
                                                               {"visit_key", "-5"},
                                                               {"visit_detail_key", "70"},
                                                               {"sequence", "70"}}});
  CHECK(recording.file("visit_occurrence.csv").noted.size() == 2);
}

TEST_CASE("histories of location are events of persons, not of care sites", "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons()
      .write("location.csv", "location_id,state,region_concept_id\n1,TX,77\n2,CA,\n")
      .write("location_history.csv",
             "location_id,domain_id,entity_id,start_date,end_date,relationship_type_concept_id\n"
             "1,PERSON,1,2001-01-01,2001-12-31,44\n"
             "2,1147314,1,2002-01-01,,\n"
             "1,CARE_SITE,3,1900-01-01,,\n");
  const OmopRecording recording(omop.path);
  CHECK(recording.sink.of("location") == std::vector<Row>{{{"patient", "1"},
                                                           {"domain", "location"},
                                                           {"code", "-"},
                                                           {"day", "2002-01-01"},
                                                           {"state", "CA"}},
                                                          {{"patient", "1"},
                                                           {"domain", "location"},
                                                           {"code", "OMOP:77"},
                                                           {"day", "2001-01-01"},
                                                           {"end_day", "2001-12-31"},
                                                           {"region", "OMOP:77"},
                                                           {"state", "TX"},
                                                           {"type", "OMOP:44"}}});
  const FileReport& file = recording.file("location_history.csv");
  CHECK(file.rows == 3);
  CHECK(file.loaded == 2);
  CHECK(file.skipped ==
        std::map<std::string, std::uint64_t>{{"location of something other than a person", 1}});
}

TEST_CASE("columns beyond the standard are reported, or kept", "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons()
      .write("drug_exposure.csv",
             "person_id,drug_concept_id,drug_exposure_start_date,Unit_Price,ward\n"
             "1,5,2001-01-01,12.505,A\n")
      .write("provider.csv", "provider_id,npi\n1,2\n");
  const OmopRecording plain(omop.path);
  CHECK(plain.file("drug_exposure.csv").ignored_columns ==
        std::vector<std::string>{"unit_price", "ward"});
  CHECK(plain.file("provider.csv").ignored_columns.empty());

  const OmopRecording kept(omop.path, {.keep = {"unit_price:money", "WARD"}});
  CHECK(kept.sink.of("drug").at(0).at("unit_price") == "12.51");
  CHECK(kept.sink.of("drug").at(0).at("ward") == "A");
  CHECK(kept.file("drug_exposure.csv").ignored_columns.empty());
  CHECK(kept.file("drug_exposure.csv").noted.at("amount rounded to cents") == 1);

  CHECK(error_of([&] { OmopRecording(omop.path, {.keep = {"warp"}}); }) ==
        "no OMOP table here has the column to keep: warp");
  CHECK(error_of([&] {
          OmopRecording(omop.path, {.keep = {"ward:float"}});
        }).find("int, decimal, money, code and text") != std::string::npos);
}

TEST_CASE("what a kept column of a reference table says is copied to events", "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons()
      .write("procedure_occurrence.csv",
             "person_id,procedure_concept_id,procedure_date,provider_id\n1,5,2001-01-01,8\n")
      .write("provider.csv", "provider_id,npi\n8,0123\n8,9999\n");
  const OmopRecording recording(omop.path, {.keep = {"npi"}});
  CHECK(recording.sink.of("procedure").at(0).at("npi") == "0123");
  CHECK(recording.file("provider.csv").skipped.at("repeated id: the first row counts") == 1);
}

TEST_CASE("bad rows are refused with their place, or tolerated and written", "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons().write("drug_exposure.csv",
                             "person_id,drug_concept_id,drug_exposure_start_date,days_supply\n"
                             "1,5,2001-01-01,30\n"
                             "1,5,2001-02-30,30\n"
                             "1,5,2001-01-03,3O\n"
                             ",5,2001-01-04,30\n"
                             "1,5,,30\n"
                             "1,5,2001-01-06\n"
                             "1,5,2001-01-07,30.0\n"
                             "1,5,2001-01-08,NULL\n"
                             "1,aspirin,2001-01-09,1\n");
  const std::string message = error_of([&] { OmopRecording recording(omop.path); });
  CHECK(message.find("not a date") != std::string::npos);
  CHECK(message.find("line 3, column drug_exposure_start_date, value '2001-02-30'") !=
        std::string::npos);

  const auto bad_file = omop.path / "bad_rows.log";
  const OmopRecording recording(omop.path, {.max_bad_rows = 6, .bad_rows_file = bad_file});
  const FileReport& file = recording.file("drug_exposure.csv");
  CHECK(file.rows == 9);
  CHECK(file.loaded == 3);
  CHECK(file.bad == 6);
  CHECK(recording.sink.of("drug").size() == 3);
  std::ifstream bad(bad_file);
  std::string text((std::istreambuf_iterator<char>(bad)), {});
  for (const char* part :
       {"3,drug_exposure_start_date,2001-02-30,not a date", "4,days_supply,3O,not an integer",
        "5,person_id,,no person id", "6,drug_exposure_start_date,,no start date",
        "row has 3 fields, the header has 4", "10,drug_concept_id,aspirin,not an integer"}) {
    INFO(part << " in " << text);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(error_of([&] {
          OmopRecording(omop.path, {.max_bad_rows = 5, .bad_rows_file = bad_file});
        }).find("--max-bad-rows") != std::string::npos);
}

TEST_CASE("errors of the directory say what is expected", "[tools][omop]") {
  OmopDirectory omop;
  CHECK(error_of([&] { OmopRecording(omop.path / "none"); }).find("no such file") == 0);
  omop.write("readme.txt", "hello\n");
  CHECK(error_of([&] { const OmopRecording again(omop.path); }).find("no OMOP tables") == 0);
  omop.write("death.csv", "person_id,death_date\n1,2001-01-01\n");
  CHECK(error_of([&] { const OmopRecording again(omop.path); }).find("no person table") == 0);
  omop.write_persons();
  CHECK(error_of([&] { const OmopRecording again(omop.path); }).empty());
  omop.write("death.csv", "person_id,cause\n1,2\n");
  const std::string message = error_of([&] { const OmopRecording again(omop.path); });
  CHECK(message.find("lacks death_date or death_datetime") != std::string::npos);
  CHECK(message.find("its columns are person_id, cause") != std::string::npos);
  std::filesystem::remove(omop.path / "death.csv");
  CHECK(error_of([&] { const OmopRecording again(omop.path); }).find("no table of events") == 0);
}

TEST_CASE("split tables are read together, doubled ones refused, others named", "[tools][omop]") {
  OmopDirectory omop;
  const std::string header = "person_id,drug_concept_id,drug_exposure_start_date\n";
  omop.write_persons()
      .write("drug_exposure_01.csv", header + "1,5,2001-01-01\n")
      .write("drug_exposure.part-2.csv", header + "1,6,2001-01-01\n")
      .write("drug_exposure/x7.csv", header + "1,7,2001-01-01\n")
      .write("achilles_results.csv", "analysis_id\n1\n")
      .write(".hidden", "");
  const OmopRecording recording(omop.path, {.threads = 4});
  CHECK(recording.sink.of("drug").size() == 3);
  REQUIRE(recording.report.notes.size() == 1);
  CHECK(recording.report.notes.at(0).find("achilles_results.csv") != std::string::npos);
  omop.write("drug_exposure_01.csv.gz", "");
  CHECK(error_of([&] {
          const OmopRecording again(omop.path);
        }).find("two files are the same table") == 0);
}

TEST_CASE("a load that is cancelled stops", "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons().write("death.csv", "person_id,death_date\n1,2001-01-01\n");
  const std::atomic<bool> cancel = true;
  try {
    OmopRecording(omop.path, {.cancel = &cancel});
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kCancelled);
  }
}

TEST_CASE("progress ends with the whole input", "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons().write("death.csv", "person_id,death_date\n1,2001-01-01\n");
  std::uint64_t last = 0;
  std::uint64_t total = 1;
  ImportOptions options;
  options.progress = [&](std::uint64_t done, std::uint64_t of) {
    CHECK(done >= last);
    last = done;
    total = of;
  };
  OmopRecording recording(omop.path, std::move(options));
  CHECK(last == total);
}

TEST_CASE("a table that several threads read gives the rows and accounts of one", "[tools][omop]") {
  OmopDirectory omop;
  std::string text =
      "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,"
      "condition_source_value\n";
  for (int i = 0; i < 3000; ++i) {
    text += std::to_string(i) + "," + (i % 251 == 5 ? "nobody" : "1") + ",4278672,2001-01-0" +
            std::to_string(1 + i % 9) + ",\"a\nb\"\n";
  }
  omop.write_persons().write("condition_occurrence.csv", text);
  ImportOptions options;
  options.max_bad_rows = 100;
  const OmopRecording one(omop.path, options);
  options.threads = 4;
  options.lane_bytes = 1000;
  const OmopRecording several(omop.path, options);
  CHECK(several.sink.of("condition") == one.sink.of("condition"));
  const FileReport& expected = one.file("condition_occurrence.csv");
  const FileReport& report = several.file("condition_occurrence.csv");
  CHECK(expected.bad == 12);
  CHECK(report.bad == expected.bad);
  CHECK(report.rows == 3000);
  CHECK(report.loaded == expected.loaded);
}

}  // namespace
}  // namespace anam::test
