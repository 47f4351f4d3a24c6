// SPDX-License-Identifier: Apache-2.0
// OMOP tables all the way into a store.
#include <catch2/catch.hpp>

#include "query/read/timelines.h"
#include "storage/attributes.h"
#include "tests/tools/import/omop_fixture.h"
#include "tests/tools/shared_data.h"

namespace anam::test {
namespace {

namespace fs = std::filesystem;

LoadReport load_into(const fs::path& store, std::vector<fs::path> input) {
  ImportOptions import_options;
  import_options.paths = std::move(input);
  import_options.threads = 2;
  const std::unique_ptr<Importer> importer = make_omop_importer(std::move(import_options));
  LoadOptions options;
  options.store = store;
  options.source = "test";
  options.memory = std::uint64_t{64} << 20;
  importer->prepare(options);
  CHECK(options.require_persons);
  CHECK(options.require_visits);
  Load load(std::move(options));
  importer->run(load);
  return load.finish();
}

TEST_CASE("a small OMOP directory becomes a release", "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons()
      .write("visit_occurrence.csv",
             "visit_occurrence_id,person_id,visit_concept_id,visit_start_date\n"
             "10,1,9202,2001-01-01\n11,2,9202,2001-01-01\n")
      .write("condition_occurrence.csv",
             "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,"
             "visit_occurrence_id\n"
             "1,1,201826,2001-01-01,10\n"  // its visit
             "2,1,201826,2001-01-02,11\n"  // another person's visit
             "3,3,201826,2001-01-02,\n")   // nobody
      .write("cost.csv",
             "cost_event_id,cost_domain_id,total_paid\n1,Condition,5\n1,Condition,7\n3,Condition,"
             "9\n");
  OmopDirectory store;
  const LoadReport report = load_into(store.path / "store", {omop.path});
  CHECK(report.persons == 2);
  CHECK(report.patients == 2);
  CHECK(report.events == 4);
  CHECK(report.amendments == 2);
  CHECK(report.exceptions.at("orphan") == std::map<Domain, std::uint64_t>{{Domain::kCondition, 2}});
  CHECK(report.exceptions.at("dangling visit") ==
        std::map<Domain, std::uint64_t>{{Domain::kCondition, 1}});
  CHECK_FALSE(report.exceptions.contains("unmatched amendment"));
}

TEST_CASE("visits name the visits before and around them by number", "[tools][omop]") {
  OmopDirectory omop;
  omop.write_persons()
      .write("visit_occurrence.csv",
             "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,"
             "preceding_visit_occurrence_id\n"
             "30,1,9202,2001-01-01,\n20,1,9202,2001-02-01,30\n10,1,9202,2001-03-01,20\n"
             "40,1,9202,2001-04-01,99\n")  // a visit that is not there
      .write("visit_detail.csv",
             "visit_detail_id,person_id,visit_detail_concept_id,visit_detail_start_date,"
             "visit_occurrence_id,preceding_visit_detail_id,parent_visit_detail_id\n"
             "7,1,9203,2001-02-01,20,,\n5,1,9203,2001-02-02,20,,7\n6,1,9203,2001-02-03,20,5,7\n");
  OmopDirectory store;
  const LoadReport report = load_into(store.path / "store", {omop.path});
  CHECK(report.exceptions.at("dangling preceding_visit") ==
        std::map<Domain, std::uint64_t>{{Domain::kVisit, 1}});
  CHECK(report.exceptions.size() == 1);

  const StoreReader reader(store.path / "store");
  const TimelineBatch timeline = read_timeline(reader, *reader.find_patient("1"));
  const auto cells = [&](ColumnId id) {
    return std::ranges::find(timeline.columns, id, &StreamColumn::id)->cells;
  };
  using Cells = std::vector<std::int64_t>;
  // In order: visits 30 and 20, details 7, 5 and 6, visits 10 and 40.
  CHECK(cells(column::kVisit) == Cells{1, 2, 2, 2, 2, 3, 4});
  CHECK(cells(column::kPrecedingVisit) == Cells{kNull, 1, kNull, kNull, kNull, 2, 5});
  CHECK(cells(column::kVisitDetail) == Cells{kNull, kNull, 1, 2, 3, kNull, kNull});
  CHECK(cells(column::kPrecedingVisitDetail) == Cells{kNull, kNull, kNull, kNull, 2, kNull, kNull});
  CHECK(cells(column::kParentVisitDetail) == Cells{kNull, kNull, kNull, 1, 1, kNull, kNull});
}

/// Some tables of a shared data set; all of them take long in a debug build. Empty, with a note,
/// where it is not at hand.
std::vector<fs::path> tables_of(const std::string& name, const std::vector<std::string>& tables) {
  const fs::path path = shared_data(name);
  std::vector<fs::path> files;
  if (path.empty()) {
    WARN("skipped: no shared data set " << name);
    return files;
  }
  for (const std::string& table : tables) files.push_back(path / (table + ".csv.gz"));
  return files;
}

TEST_CASE("GiBleed's orphans and dangling visits are as its README counts them",
          "[tools][omop][shared]") {
  const auto files = tables_of(
      "omop-gibleed", {"person", "observation_period", "visit_occurrence", "condition_occurrence"});
  if (files.empty()) return;
  OmopDirectory store;
  const LoadReport report = load_into(store.path / "store", files);
  CHECK(report.persons == 2694);
  CHECK(report.exceptions.at("orphan").at(Domain::kEnrollment) == 2649);
  CHECK(report.exceptions.at("dangling visit").at(Domain::kCondition) == 64717);
  CHECK(report.events_by_domain.at(Domain::kEnrollment) == 5343 - 2649);
  CHECK(report.events_by_domain.at(Domain::kCondition) == 65332);
}

TEST_CASE("the rich data set's costs reach their events in the store", "[tools][omop][shared]") {
  const auto files =
      tables_of("omop-rich", {"person", "device_exposure", "procedure_occurrence", "cost"});
  if (files.empty()) return;
  OmopDirectory store;
  const LoadReport report = load_into(store.path / "store", files);
  CHECK(report.persons == 2694);
  CHECK(report.amendments == 922 + 1994);
  CHECK_FALSE(report.exceptions.contains("unmatched amendment"));
  CHECK_FALSE(report.exceptions.contains("orphan"));
}

}  // namespace
}  // namespace anam::test
