// SPDX-License-Identifier: Apache-2.0
// Loads of many shards, of shards that are far from equal, and onto disks that are too small.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "ingest/load.h"
#include "query/read/timelines.h"
#include "storage/attributes.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::TemporaryDirectory;

namespace {

LoadOptions options(const std::filesystem::path& path, unsigned shards) {
  LoadOptions options;
  options.store = path;
  options.source = "source";
  options.memory = 1;  // as little as a load can do with
  options.threads = 2;
  options.shards = shards;
  return options;
}

/// Events of patients `first` to `last` - 1, so many each, in the order of patients.
void add_events(Load& load, std::int64_t first, std::int64_t last, int each) {
  const CodeId code = load.code("V", "C");
  EventBatch batch;
  for (std::int64_t patient = first; patient < last; ++patient) {
    for (int i = 0; i < each; ++i) {
      batch.begin(patient, Domain::kDrug, code, i * 3);
      batch.set(column::kDaysSupply, i % 90);
      batch.set(column::kPaid, patient % 1000 * 7 + i);
      if (batch.rows() < EventBatch::kFull) continue;
      load.add(std::move(batch));
      batch = EventBatch();
    }
  }
  if (!batch.empty()) load.add(std::move(batch));
}

std::size_t open_files() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode{};
}

}  // namespace

TEST_CASE("hundreds of shards take few files at a time", "[ingest]") {
  for (const unsigned shards : {256U, 1024U}) {
    CAPTURE(shards);
    const TemporaryDirectory directory;
    const auto path = directory / "store";
    const std::size_t before = open_files();
    std::atomic<std::size_t> most = 0;
    LoadOptions watched = options(path, shards);
    watched.progress = [&](const LoadProgress&) { most = std::max(most.load(), open_files()); };
    for (std::int64_t release = 0; release < 3; ++release) {
      Load load(watched);
      add_events(load, release * 3000, release * 3000 + 6000, 5);
      const LoadReport report = load.finish();
      REQUIRE(report.rows == 30000);
      REQUIRE(report.events == 30000);
      REQUIRE(report.patients == 6000);
      REQUIRE(report.new_patients == (release == 0 ? 6000 : 3000));
      REQUIRE(report.spill_bytes > 0);
    }
    REQUIRE(most < before + 32);
    REQUIRE_FALSE(std::filesystem::exists(path / "scratch"));
    const StoreReader reader(path);
    REQUIRE(reader.shards() == shards);
    for (const std::int64_t patient : {std::int64_t{0}, std::int64_t{4321}, std::int64_t{11999}}) {
      CAPTURE(patient);
      const auto place = reader.find_patient(std::to_string(patient));
      REQUIRE(place);
      const std::size_t loads = patient / 3000 == 0 || patient / 3000 == 3 ? 1 : 2;
      REQUIRE(read_timeline(reader, *place).day.size() == loads * 5);
    }
  }
}

TEST_CASE("one patient with most of the events is stored like the others", "[ingest]") {
  const TemporaryDirectory directory;
  const auto path = directory / "store";
  {
    Load load(options(path, 4));
    add_events(load, 1, 3000, 5);
    add_events(load, 7777777, 7777778, 150000);
    add_events(load, 3000, 6001, 5);
    const LoadReport report = load.finish();
    REQUIRE(report.events == 150000 + 6000 * 5);
    REQUIRE(report.patients == 6001);
  }
  const StoreReader reader(path);
  const auto place = reader.find_patient("7777777");
  REQUIRE(place);
  const auto days = read_timeline(reader, *place).day;
  REQUIRE(days.size() == 150000);
  REQUIRE(std::ranges::is_sorted(days));
}

TEST_CASE("more shards than the memory has buffers for are refused", "[ingest]") {
  const TemporaryDirectory directory;
  const auto path = directory / "store";
  REQUIRE(code_of([&] { Load(options(path, 2048)); }) == ErrorCode::kUsage);
  REQUIRE_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a load that the disk cannot hold is refused and leaves nothing", "[ingest]") {
  const TemporaryDirectory directory;
  const auto path = directory / "store";
  LoadOptions small = options(path, 2);
  small.disk = 300'000;
  // Before anything is read, where the size is known.
  small.expected_rows = 1'000'000;
  REQUIRE(code_of([&] { Load{small}; }) == ErrorCode::kFull);
  REQUIRE_FALSE(std::filesystem::exists(path));
  // While it is read.
  small.expected_rows = 0;
  REQUIRE(code_of([&] {
            Load load(small);
            for (std::int64_t i = 0; i < 100; ++i) add_events(load, i * 1000, i * 1000 + 1000, 40);
          }) == ErrorCode::kFull);
  REQUIRE_FALSE(std::filesystem::exists(path));
  // What fits is loaded, whatever was expected of it.
  small.expected_rows = 20'000;
  Load load(small);
  add_events(load, 0, 100, 10);
  REQUIRE(load.finish().events == 1000);
}
