// SPDX-License-Identifier: Apache-2.0
// From files to a published store, and back from the store.
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "query/read/timelines.h"
#include "storage/attributes.h"
#include "tests/tools/import/timeline_sink.h"
#include "tests/tools/shared_data.h"
#include "tools/import/importer.h"

namespace anam {
namespace {

struct Loaded {
  ImportReport input;
  LoadReport output;
};

Loaded load(const std::filesystem::path& store, ImportOptions options, bool synpuf) {
  const std::unique_ptr<Importer> importer =
      synpuf ? make_synpuf_importer(std::move(options)) : make_events_importer(std::move(options));
  LoadOptions load_options;
  load_options.store = store;
  load_options.source = "test";
  importer->prepare(load_options);
  Load load(load_options);
  Loaded loaded;
  loaded.input = importer->run(load);
  loaded.output = load.finish();
  return loaded;
}

/// Cents paid, by claim type, in all stored events.
std::map<std::string, std::int64_t> stored_payments(const std::filesystem::path& path) {
  const StoreReader reader(path);
  std::vector<PatientPlace> patients;
  for (std::uint32_t shard = 0; shard < reader.shards(); ++shard) {
    const std::uint32_t count = reader.shard(shard)->patients();
    for (std::uint32_t ordinal = 0; ordinal < count; ++ordinal)
      patients.push_back({shard, ordinal});
  }
  TimelineOptions options;
  options.columns = std::vector<ColumnId>{column::kPaid, column::kClaimType};
  std::map<std::string, std::int64_t> sums;
  read_timelines(reader, patients, options, [&sums](TimelineBatch&& batch) {
    const std::vector<std::int64_t>* paid = nullptr;
    const std::vector<std::int64_t>* type = nullptr;
    for (const StreamColumn& column : batch.columns) {
      if (column.id == column::kPaid) paid = &column.cells;
      if (column.id == column::kClaimType) type = &column.cells;
    }
    if (paid == nullptr || type == nullptr) return;
    for (std::size_t i = 0; i < batch.events(); ++i) {
      if ((*paid)[i] != kNull) sums[std::string(batch.texts.at((*type)[i]))] += (*paid)[i];
    }
  });
  return sums;
}

TEST_CASE("the sample data set becomes a store", "[tools]") {
  const TestDirectory directory;
  ImportOptions options;
  options.paths = {std::filesystem::path(ANAM_SOURCE_DIR) / "samples"};
  options.threads = 2;
  const Loaded loaded = load(directory.path() / "store", options, false);
  std::uint64_t rows = 0;
  for (const FileReport& file : loaded.input.files) {
    if (file.file.find("events_") != std::string::npos) rows += file.loaded;
  }
  CHECK(loaded.output.patients == 400);
  CHECK(loaded.output.persons == 400);
  CHECK(loaded.output.events == rows);
  CHECK(loaded.output.exceptions.empty());
  const StoreReader reader(directory.path() / "store");
  CHECK(reader.find_patient("1001").has_value());
  CHECK_FALSE(reader.find_patient("999").has_value());
}

// The sums were taken from the files by other means (a CSV reader and decimal arithmetic).
TEST_CASE("what SynPUF's claims paid can be read back from the store", "[tools][shared]") {
  const std::filesystem::path data = shared_data("claims-synpuf");
  if (data.empty()) {
    WARN("skipped: the shared data set claims-synpuf is not here");
    return;
  }
  const TestDirectory directory;
  ImportOptions options;
  options.paths = {data};
  options.threads = 2;
  const Loaded loaded = load(directory.path() / "store", options, true);
  CHECK(loaded.output.patients == 10065);
  CHECK(loaded.output.exceptions.empty());
  CHECK(stored_payments(directory.path() / "store") ==
        std::map<std::string, std::int64_t>{{"inpatient", 5654071000}, {"outpatient", 280190000}});
}

}  // namespace
}  // namespace anam
