// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "storage/error.h"
#include "tests/tools/import/timeline_sink.h"
#include "tools/import/events_files.h"

namespace anam {
namespace {

using Strings = std::vector<std::string>;

ImportReport import_events(const TestDirectory& directory, TimelineSink& sink,
                           ImportOptions options = {}) {
  options.paths = {directory.path()};
  const std::vector<std::filesystem::path> files =
      list_input_files(options.paths, {".csv", ".csv.gz", ".tsv", ".tsv.gz"});
  std::vector<EventsFileKind> kinds;
  for (const std::filesystem::path& file : files) kinds.push_back(kind_of_events_file(file));
  ImportRun run(options, 0);
  return read_events_files(run, files, kinds, parse_kept_columns(options.keep), sink);
}

std::string error_of(const TestDirectory& directory, ImportOptions options = {}) {
  TimelineSink sink;
  try {
    import_events(directory, sink, std::move(options));
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("an event takes its fields and attributes from columns by name", "[tools]") {
  const TestDirectory directory;
  directory.write("events.csv",
                  "patient_id,start,end,domain,code,source_code,value,unit,paid,visit,claim,"
                  "position,days_supply,record,verbatim_end\n"
                  "7,2020-03-01,,measurement,LOINC:4548-4,,6.50,%,,v1,,,,,\n"
                  "7,2020-03-01 10:30:05,2020-03-02T11:00:00,condition,ICD10CM:E11.9,ICD9CM:250.00,"
                  ",,,v1,c1,1,,,\n"
                  "p-1,20200401,20200430,drug,NDC:00093104801,,,,12.5,,44,,30,99,2020-05-01\n"
                  "p-1,2019-01-01,2020-12-31,enrollment,,,,,,,,,,,\n");
  TimelineSink sink;
  const ImportReport report = import_events(directory, sink);
  CHECK(sink.timeline("7") ==
        Strings{"condition ICD10CM:E11.9 2020-03-01 claim_key=" + std::to_string(key_of("c1")) +
                    " end=2020-03-02 end_second=39600 position=1 second=37805 "
                    "source_code=ICD9CM:250.00 visit_key=" +
                    std::to_string(key_of("v1")),
                "measurement LOINC:4548-4 2020-03-01 unit=UCUM:% value=6.50 visit_key=" +
                    std::to_string(key_of("v1"))});
  CHECK(sink.timeline("p-1") ==
        Strings{"enrollment 2019-01-01 end=2020-12-31",
                "drug NDC:00093104801 2020-04-01 claim_key=44 days_supply=30 end=2020-04-30 "
                "paid=12.50 record_key=99 verbatim_end=18383"});
  REQUIRE(report.files.size() == 1);
  CHECK(report.files[0].rows == 4);
  CHECK(report.files[0].loaded == 4);
  CHECK(report.files[0].ignored_columns.empty());
}

TEST_CASE("a vocabulary's column gives bare codes their vocabulary", "[tools]") {
  const TestDirectory directory;
  directory.write("events.tsv",
                  "patient_id\tstart\tdomain\tvocabulary\tcode\n"
                  "1\t2020-01-01\tcondition\tICD10CM\tE11.9\n"
                  "1\t2020-01-02\tcondition\t\tICD9CM:250.00\n");
  TimelineSink sink;
  import_events(directory, sink);
  CHECK(sink.timeline("1") ==
        Strings{"condition ICD10CM:E11.9 2020-01-01", "condition ICD9CM:250.00 2020-01-02"});
}

TEST_CASE("patients have sexes, races and birth dates", "[tools]") {
  const TestDirectory directory;
  directory.write("patients.csv",
                  "patient_id,sex,birth_date,race,ethnicity,state,zip,shoe_size\n"
                  "1,female,1950-06-07,5,Hispanic,MA,02139,38\n"
                  "2,M,,OMOP:8527,,,,\n"
                  "3,unknown,1960-01-01,,,,,\n");
  directory.write("more_patients.csv", "patient_id,sex,birth_year,birth_month\n4,Male,1980,2\n");
  TimelineSink sink;
  ImportOptions options;
  options.keep = {"Shoe_Size:int"};
  const ImportReport report = import_events(directory, sink, options);
  CHECK(sink.timeline("1") ==
        Strings{"person birth_day=7 birth_month=6 birth_year=1950 ethnicity=Ethnicity:Hispanic "
                "race=Race:5 sex=Gender:F shoe_size=38 state=MA zip=02139"});
  CHECK(sink.timeline("2") == Strings{"person race=OMOP:8527 sex=Gender:M"});
  CHECK(sink.timeline("3") ==
        Strings{"person birth_day=1 birth_month=1 birth_year=1960 sex=Gender:unknown"});
  CHECK(sink.timeline("4") == Strings{"person birth_month=2 birth_year=1980 sex=Gender:M"});
  CHECK(sink.definitions.at("Gender:F").name == "FEMALE");
  CHECK(report.files.at(1).ignored_columns.empty());
}

TEST_CASE("columns that nobody asked for are reported, kept ones are attributes", "[tools]") {
  const TestDirectory directory;
  directory.write("events.csv",
                  "patient_id,start,domain,code,Ward,score,arm\n"
                  "1,2020-01-01,condition,X:1,east,1.50,A\n");
  TimelineSink sink;
  ImportOptions options;
  options.keep = {"score:decimal", "arm:code"};
  const ImportReport report = import_events(directory, sink, options);
  CHECK(sink.timeline("1") == Strings{"condition X:1 2020-01-01 arm=arm:A score=1.50"});
  CHECK(report.files[0].ignored_columns == Strings{"Ward"});
  CHECK_THROWS_AS(parse_kept_columns({"score:float"}), Error);
  CHECK_THROWS_AS(parse_kept_columns({":int"}), Error);
  CHECK_THROWS_AS(parse_kept_columns({"a", "A:int"}), Error);
}

TEST_CASE("codes, hierarchies and mappings are passed on", "[tools]") {
  const TestDirectory directory;
  directory.write("codes.csv",
                  "vocabulary,code,name,synonyms,standard,class\n"
                  "RXNORM,6809,metformin,Glucophage|dimethylbiguanide,S,Ingredient\n"
                  ",ATC:A10,\"Drugs used in diabetes\",,0,\n");
  directory.write("hierarchy.csv", "ancestor,descendant\nATC:A10,RXNORM:6809\n");
  directory.write("tree.csv", "parent,child\nA:1,A:2\nA:2,A:3\nA:2,A:4\nA:1,A:4\n");
  directory.write("mappings.csv", "source,standard\nNDC:1,RXNORM:6809\n");
  TimelineSink sink;
  import_events(directory, sink);
  const CodeDefinition& metformin = sink.definitions.at("RXNORM:6809");
  CHECK(metformin.name == "metformin");
  CHECK(metformin.synonyms == "Glucophage\ndimethylbiguanide");
  CHECK(metformin.standard);
  CHECK(metformin.concept_class == "Ingredient");
  CHECK_FALSE(sink.definitions.at("ATC:A10").standard);
  CHECK(sink.descendants ==
        std::set<std::pair<std::string, std::string>>{{"ATC:A10", "RXNORM:6809"},
                                                      {"A:1", "A:2"},
                                                      {"A:1", "A:3"},
                                                      {"A:1", "A:4"},
                                                      {"A:2", "A:3"},
                                                      {"A:2", "A:4"}});
  CHECK(sink.mappings == std::set<std::pair<std::string, std::string>>{{"NDC:1", "RXNORM:6809"}});
}

TEST_CASE("a hierarchy that goes in a circle is refused", "[tools]") {
  const TestDirectory directory;
  directory.write("tree.csv", "parent,child\nA:1,A:2\nA:2,A:3\nA:3,A:1\n");
  CHECK(contains(error_of(directory), "circle"));
  CHECK(contains(error_of(directory), "A:1"));
}

TEST_CASE("a cell that cannot be read names its place, and counts when tolerated", "[tools]") {
  const TestDirectory directory;
  const std::string header = "patient_id,start,domain,code,value\n";
  const auto bad = [&](const std::string& row) {
    directory.write("events.csv", header + "1,2020-01-01,condition,X:1,\n" + row + "\n");
    return error_of(directory);
  };
  CHECK(contains(bad("1,2020-02-30,condition,X:1,"), "line 3, column start, value '2020-02-30'"));
  CHECK(contains(bad("1,2020-02-20,conditions,X:1,"), "column domain"));
  CHECK(contains(bad("1,2020-02-20,person,X:1,"), "column domain"));
  CHECK(contains(bad("1,2020-02-20,condition,X,"), "column code"));
  CHECK(contains(bad("1,2020-02-20,condition,X:,"), "column code"));
  CHECK(contains(bad("1,2020-02-20,measurement,X:1,<5"), "not a number"));
  CHECK(contains(bad(",2020-02-20,measurement,X:1,"), "the patient is missing"));
  CHECK(contains(bad("1,2020-02-20"), "it has 2 fields, the header has 5"));

  TimelineSink sink;
  ImportOptions options;
  options.max_bad_rows = 1;
  options.bad_rows_file = directory.path() / "bad.txt";
  const ImportReport report = import_events(directory, sink, options);
  CHECK(report.files[0].rows == 2);
  CHECK(report.files[0].loaded == 1);
  CHECK(report.files[0].bad == 1);
  CHECK(sink.rows.size() == 1);
}

TEST_CASE("remarks are counted and the row is kept", "[tools]") {
  const TestDirectory directory;
  directory.write("events.csv",
                  "patient_id,start,end,domain,code,paid\n"
                  "1,2020-01-02,2020-01-01,condition,X:1,1.005\n");
  TimelineSink sink;
  const ImportReport report = import_events(directory, sink);
  CHECK(report.files[0].loaded == 1);
  CHECK(report.files[0].noted ==
        std::map<std::string, std::uint64_t>{{"end before start", 1}, {"rounded to cents", 1}});
  CHECK(sink.paid == 101);
}

TEST_CASE("what is no events input is refused before any work", "[tools]") {
  const TestDirectory directory;
  CHECK(contains(error_of(directory), "no input files"));
  directory.write("x.csv", "a,b\n1,2\n");
  CHECK(contains(error_of(directory), "none of the known kinds"));
  directory.write("x.csv", "patient_id,start,code\n1,2020-01-01,X:1\n");
  CHECK(contains(error_of(directory), "lacks the column domain"));
  ImportOptions options;
  options.paths = {directory.path() / "absent.csv"};
  CHECK_THROWS_AS(list_input_files(options.paths, {".csv"}), Error);
}

TEST_CASE("many files by several threads give the same rows", "[tools]") {
  const TestDirectory directory;
  constexpr int kFiles = 5;
  constexpr int kRows = 300;
  for (int f = 0; f < kFiles; ++f) {
    std::string text = "patient_id,start,domain,code\n";
    for (int i = 0; i < kRows; ++i) {
      text += std::to_string(i) + ",2020-01-0" + std::to_string(f + 1) +
              ",condition,X:" + std::to_string(i % 7) + "\n";
    }
    directory.write("events" + std::to_string(f) + ".csv", text);
  }
  TimelineSink sink;
  ImportOptions options;
  options.threads = 3;
  const ImportReport report = import_events(directory, sink, options);
  CHECK(sink.rows.size() == kFiles * kRows);
  CHECK(report.files.size() == kFiles);
  CHECK(sink.timeline("8").size() == kFiles);
  std::atomic<bool> cancel = true;
  options.cancel = &cancel;
  CHECK(contains(error_of(directory, options), "stopped"));
}

TEST_CASE("visits are named by the ids that they have", "[tools]") {
  const TestDirectory directory;
  directory.write("events.csv",
                  "patient_id,start,domain,code,visit,preceding_visit,parent_visit_detail\n"
                  "7,2020-03-01,visit,Visit:IP,v2,v1,44\n");
  TimelineSink sink;
  const ImportReport report = import_events(directory, sink);
  CHECK(report.files[0].loaded == 1);
  CHECK(sink.timeline("7") ==
        Strings{"visit Visit:IP 2020-03-01 parent_visit_detail=44 preceding_visit=" +
                std::to_string(key_of("v1")) + " visit_key=" + std::to_string(key_of("v2"))});
}

TEST_CASE("a file that several threads read gives the rows and accounts of one", "[tools]") {
  const TestDirectory directory;
  std::string text = "patient_id,start,domain,code,paid,odd,sig\n";
  for (int i = 0; i < 20000; ++i) {
    const std::string day = std::to_string(10 + i % 19);
    text += i % 997 == 3 ? std::to_string(i) + ",no date,drug,A:1,,,\r\n"
            : i % 499 == 1
                ? "1,2\n"
                : std::to_string(i % 71) + ",2020-03-" + day + ",drug,A:" + std::to_string(i % 13) +
                      ",1.005,x,\"line " + std::to_string(i) + "\n and, more\"\n";
  }
  directory.write("events.csv", text);
  ImportOptions options;
  options.max_bad_rows = 1000;
  const auto bad_rows = directory.path() / "bad-rows";
  options.bad_rows_file = bad_rows;
  const auto bad_lines = [&] {
    std::vector<std::string> lines;
    std::ifstream in(bad_rows);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    std::ranges::sort(lines);
    return lines;
  };
  TimelineSink one;
  const ImportReport expected = import_events(directory, one, options);
  const auto expected_bad = bad_lines();
  REQUIRE(expected.files[0].bad == 61);
  REQUIRE(expected_bad.size() == 62);  // and the head

  options.threads = 4;
  options.lane_bytes = 1000;
  TimelineSink several;
  const ImportReport report = import_events(directory, several, options);
  REQUIRE(report.files.size() == 1);
  CHECK(report.files[0].file == expected.files[0].file);
  CHECK(report.files[0].rows == 20000);
  CHECK(report.files[0].loaded == expected.files[0].loaded);
  CHECK(report.files[0].bad == expected.files[0].bad);
  CHECK(report.files[0].noted == expected.files[0].noted);
  CHECK(report.files[0].ignored_columns == Strings{"odd"});
  CHECK(bad_lines() == expected_bad);
  for (int patient = 0; patient < 71; ++patient) {
    const std::string id = std::to_string(patient);
    if (several.timeline(id) != one.timeline(id)) FAIL("patient " << id << " differs");
  }
}

TEST_CASE("the sample data set is read without a remark", "[tools]") {
  TimelineSink sink(true);
  ImportOptions options;
  options.paths = {std::filesystem::path(ANAM_SOURCE_DIR) / "samples"};
  const auto files = list_input_files(options.paths, {".csv", ".csv.gz", ".tsv", ".tsv.gz"});
  std::vector<EventsFileKind> kinds;
  for (const std::filesystem::path& file : files) kinds.push_back(kind_of_events_file(file));
  ImportRun run(options, 0);
  const ImportReport report = read_events_files(run, files, kinds, {}, sink);
  REQUIRE(report.files.size() == 5);
  for (const FileReport& file : report.files) {
    INFO(file.file);
    CHECK(file.rows == file.loaded);
    CHECK(file.noted.empty());
    CHECK(file.ignored_columns.empty());
  }
  CHECK(sink.counts[Domain::kPerson] == 400);
  CHECK(sink.descendants.contains({"ATC:A10", "NDC:00093104801"}));
}

}  // namespace
}  // namespace anam
