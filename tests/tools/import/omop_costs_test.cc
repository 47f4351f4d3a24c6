// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/tools/import/omop_fixture.h"
#include "tools/import/partitioned_rows.h"

namespace anam::test {
namespace {

using Row = RecordedRow;

TEST_CASE("costs become amendments of the events that they name", "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons()
      .write("drug_exposure.csv",
             "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date\n"
             "10,1,5,2001-01-01\n11,2,5,2001-01-02\n")
      .write("visit_occurrence.csv",
             "visit_occurrence_id,person_id,visit_concept_id,visit_start_date\n"
             "10,2,9202,2001-01-01\n")
      .write("procedure_occurrence.csv",
             "procedure_occurrence_id,person_id,procedure_concept_id,procedure_date\n"
             "10,1,7,2001-01-01\n")
      .write("cost.csv",
             "cost_id,cost_event_id,cost_domain_id,currency_concept_id,total_charge,total_paid,"
             "drg_source_value,local_fee\n"
             "1,10,Drug,44818668,1560.93,-1.005,,3\n"
             "2,10,VISIT_OCCURRENCE,,5,,470,\n"
             "3,10,Drug,,1,,,\n"
             "4,12,Drug,,7,,,\n"
             "5,10,Weather,,7,,,\n"
             "6,,Drug,,7,,,\n"
             "7,1,Visit Detail,,7,,,\n");
  const OmopRecording recording(omop.path, {.threads = 2, .keep = {"local_fee:money"}});
  CHECK(recording.sink.of("amendment") == std::vector<Row>{{{"domain", "amendment"},
                                                            {"patient", "1"},
                                                            {"code", "-"},
                                                            {"amends", "drug"},
                                                            {"record_key", "10"},
                                                            {"charged", "1.00"}},
                                                           {{"domain", "amendment"},
                                                            {"patient", "1"},
                                                            {"code", "-"},
                                                            {"amends", "drug"},
                                                            {"record_key", "10"},
                                                            {"charged", "1560.93"},
                                                            {"paid", "-1.01"},
                                                            {"currency", "OMOP:44818668"},
                                                            {"local_fee", "3.00"}},
                                                           {{"domain", "amendment"},
                                                            {"patient", "2"},
                                                            {"code", "-"},
                                                            {"amends", "visit"},
                                                            {"record_key", "10"},
                                                            {"charged", "5.00"},
                                                            {"drg_source", "470"}}});
  CHECK(recording.sink.of("drug").at(0).at("record_key") == "10");
  CHECK_FALSE(recording.sink.of("procedure").at(0).contains("record_key"));
  const FileReport& file = recording.file("cost.csv");
  CHECK(file.rows == 7);
  CHECK(file.loaded == 3);
  CHECK(file.skipped ==
        std::map<std::string, std::uint64_t>{{"cost without its event", 2},
                                             {"cost_domain_id names no domain of events", 1},
                                             {"no cost_event_id", 1}});
  CHECK(file.noted.at("amount rounded to cents") == 1);
}

TEST_CASE("an event id of two patients gives its cost to the smaller patient id", "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons()
      .write("drug_exposure.csv",
             "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date\n"
             "10,2,5,2001-01-01\n10,1,5,2001-01-02\n")
      .write("cost.csv", "cost_event_id,cost_domain_id,total_paid\n10,drug,5\n");
  const OmopRecording recording(omop.path);
  REQUIRE(recording.sink.of("amendment").size() == 1);
  CHECK(recording.sink.of("amendment").at(0).at("patient") == "1");
  REQUIRE(recording.report.notes.size() == 1);
  CHECK(recording.report.notes.at(0).find("1 events have the id of another patient's") == 0);
}

TEST_CASE("partitioned rows give back what they took", "[tools][omop]") {
  constexpr std::size_t kRows = 1000;
  PartitionedRows rows(std::filesystem::temp_directory_path(),
                       {ColumnType::kInt, ColumnType::kText, ColumnType::kMoney}, 7, 16);
  TextPool texts;
  for (std::size_t i = 0; i < kRows; ++i) {
    texts.clear();
    const auto number = static_cast<std::int64_t>(i);
    const std::int64_t cells[] = {number,
                                  i % 3 == 0 ? kNull : texts.add("text " + std::to_string(i)),
                                  i % 5 == 0 ? kNull : -number};
    rows.add(i, cells, &texts);
  }
  std::size_t seen = 0;
  for (std::size_t partition = 0; partition < rows.partitions(); ++partition) {
    std::int64_t next = static_cast<std::int64_t>(partition);
    rows.read(partition, [&](const PartitionedRows::Block& block) {
      for (std::size_t row = 0; row < block.rows; ++row, next += 7, ++seen) {
        REQUIRE(block.columns[0][row] == next);
        const std::int64_t text = block.columns[1][row];
        if (next % 3 == 0) {
          REQUIRE(text == kNull);
        } else {
          REQUIRE(block.texts.at(text) == "text " + std::to_string(next));
        }
        REQUIRE(block.columns[2][row] == (next % 5 == 0 ? kNull : -next));
      }
    });
  }
  CHECK(seen == kRows);
}

TEST_CASE("partitioned rows need a directory", "[tools][omop]") {
  CHECK_THROWS_AS(PartitionedRows("no such directory", {ColumnType::kInt}, 1, 1), Error);
}

}  // namespace
}  // namespace anam::test
