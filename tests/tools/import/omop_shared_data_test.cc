// SPDX-License-Identifier: Apache-2.0
// Public OMOP data sets, where they are at hand: every row is accounted for, and counts are as
// published.
#include <catch2/catch.hpp>

#include "tests/tools/import/omop_fixture.h"
#include "tests/tools/shared_data.h"

namespace anam::test {
namespace {

namespace fs = std::filesystem;

/// Empty, with a note, where it is not at hand.
fs::path data_set(const std::string& name) {
  fs::path path = shared_data(name);
  if (path.empty()) WARN("skipped: no shared data set " << name);
  return path;
}

/// Counts rows by domain without keeping them.
class CountingSink final : public ImportSink {
 public:
  CodeId code(std::string_view, std::string_view text) override {
    return static_cast<CodeId>(std::stoll(std::string(text)));
  }
  ColumnId attribute(std::string_view, ColumnType) override { return column::kFirstLocalColumn; }
  void define(CodeId, const CodeDefinition&) override { ++definitions; }
  void add_descendant(CodeId, CodeId) override { ++descendants; }
  void add_mapping(CodeId, CodeId) override { ++mappings; }
  void replace_hierarchy() override {}
  void add(EventBatch&& batch) override {
    const std::lock_guard lock(mutex_);
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      if (batch.days()[row] != kNull || domain_of(batch.domain_codes()[row]) == Domain::kPerson) {
        ++domains[domain_of(batch.domain_codes()[row])];
      } else {
        ++amendments;
      }
    }
    for (const EventBatch::Column& column : batch.columns()) {
      for (const std::int64_t cell : column.cells) cells[column.id] += cell != kNull ? 1 : 0;
    }
  }
  fs::path scratch() const override { return fs::temp_directory_path(); }

  std::map<Domain, std::uint64_t> domains;
  std::map<ColumnId, std::uint64_t> cells;
  std::uint64_t amendments = 0, definitions = 0, descendants = 0, mappings = 0;

 private:
  std::mutex mutex_;
};

ImportReport import_all(const fs::path& path, CountingSink& sink) {
  ImportOptions options;
  options.paths = {path};
  options.threads = 2;
  ImportReport report = OmopImport(std::move(options)).run(sink);
  for (const FileReport& file : report.files) {
    INFO(file.file);
    std::uint64_t skipped = 0;
    for (const auto& [rule, rows] : file.skipped) skipped += rows;
    CHECK(file.rows == file.loaded + file.bad + skipped);
    CHECK(file.bad == 0);
    CHECK(file.ignored_columns.empty());
  }
  return report;
}

TEST_CASE("GiBleed is read whole", "[tools][omop][shared]") {
  const fs::path path = data_set("omop-gibleed");
  if (path.empty()) return;
  CountingSink sink;
  import_all(path, sink);
  CHECK(sink.domains == std::map<Domain, std::uint64_t>{{Domain::kPerson, 2694},
                                                        {Domain::kEnrollment, 5343},
                                                        {Domain::kVisit, 1037},
                                                        {Domain::kCondition, 65332},
                                                        {Domain::kDrug, 67707},
                                                        {Domain::kProcedure, 37409},
                                                        {Domain::kMeasurement, 44053},
                                                        {Domain::kObservation, 1477},
                                                        {Domain::kConditionEra, 65719},
                                                        {Domain::kDrugEra, 52508}});
  CHECK(sink.definitions == 444);
  CHECK(sink.descendants == 65690);
}

TEST_CASE("the rich data set is read whole, and all its costs find their events",
          "[tools][omop][shared]") {
  const fs::path path = data_set("omop-rich");
  if (path.empty()) return;
  CountingSink sink;
  const ImportReport report = import_all(path, sink);
  CHECK(sink.domains[Domain::kPerson] == 2694);
  CHECK(sink.domains[Domain::kDeath] == 220);
  CHECK(sink.domains[Domain::kDoseEra] == 24759);
  CHECK(sink.domains[Domain::kPayerPlan] == 6476);
  CHECK(sink.amendments == 10971);
  CHECK(sink.cells[column::kSpecialty] > 0);
  CHECK(sink.cells[column::kPlaceOfService] > 0);
  CHECK(sink.cells[column::kState] > 0);
  CHECK(sink.cells[column::kDose] > 0);
  CHECK(sink.definitions == 1135);
}

TEST_CASE("upper-case files are read whole", "[tools][omop][shared]") {
  const fs::path path = data_set("omop-synthea27nj");
  if (path.empty()) return;
  CountingSink sink;
  import_all(path, sink);
  CHECK(sink.domains[Domain::kPerson] == 28);
  CHECK(sink.domains[Domain::kMeasurement] == 10040);
  CHECK(sink.domains[Domain::kConditionEra] == 469);
  CHECK(sink.definitions == 2294);
}

}  // namespace
}  // namespace anam::test
