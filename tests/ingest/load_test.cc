// SPDX-License-Identifier: Apache-2.0
// What a load refuses, and what it does with odd rows.
#include "ingest/load.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "query/read/timelines.h"
#include "storage/attributes.h"
#include "storage/format.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::TemporaryDirectory;

namespace {

LoadOptions options(const std::filesystem::path& path) {
  LoadOptions options;
  options.store = path;
  options.source = "source";
  options.shards = 1;
  return options;
}

ErrorCode error_of(Load& load, EventBatch batch) {
  try {
    load.add(std::move(batch));
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("no error");
  return {};
}

}  // namespace

TEST_CASE("rows that no importer may give are refused", "[ingest]") {
  const TemporaryDirectory directory;
  Load load(options(directory / "store"));
  const CodeId code = load.code("V", "C");
  const auto batch_of = [&](std::int64_t patient, Domain domain, std::int64_t day,
                            ColumnId column = column::kRefills, std::int64_t cell = kNull) {
    EventBatch batch;
    batch.begin(patient, domain, code, day);
    batch.set(column, cell);
    return batch;
  };
  REQUIRE(error_of(load, batch_of(kNull, Domain::kDrug, 5)) == ErrorCode::kUsage);
  REQUIRE(error_of(load, batch_of(1, Domain::kNone, 5)) == ErrorCode::kUsage);
  REQUIRE(error_of(load, batch_of(1, Domain::kDrug, kNull)) == ErrorCode::kUsage);
  REQUIRE(error_of(load, batch_of(1, Domain::kDrug, 9'000'000)) == ErrorCode::kUsage);
  REQUIRE(error_of(load, batch_of(1, Domain::kPerson, 5)) == ErrorCode::kUsage);
  REQUIRE(error_of(load, batch_of(1, Domain::kCost, 5, column::kAmends,
                                  static_cast<std::int64_t>(Domain::kDrug))) == ErrorCode::kUsage);
  REQUIRE(error_of(load, batch_of(1, Domain::kDrug, 5, column::kEndDay, 9'000'000)) ==
          ErrorCode::kUsage);
  REQUIRE(error_of(load, batch_of(1, Domain::kDrug, 5, column::kSecond, 86400)) ==
          ErrorCode::kUsage);
  load.finish();
}

TEST_CASE("the longest codes are stored, longer ones refused", "[ingest]") {
  const TemporaryDirectory directory;
  const std::string vocabulary(243, 'v');
  const std::string text(kMaxName, 'c');
  {
    Load load(options(directory / "store"));
    REQUIRE_THROWS_AS(load.code(vocabulary + "v", text), Error);
    REQUIRE_THROWS_AS(load.code(text + "c", "1"), Error);
    REQUIRE_THROWS_AS(load.code("V", "a\nb"), Error);
    EventBatch batch;
    batch.begin(1, Domain::kDrug, load.code(vocabulary, text), 5);
    load.add(std::move(batch));
    load.finish();
  }
  const StoreReader reader(directory / "store");
  const auto id = reader.codes().find(vocabulary, text);
  REQUIRE(id);
  const CodeIds codes = {*id};
  REQUIRE(count_codes(reader, codes, 1).all.events == 1);
}

TEST_CASE("amendments without a record number name no event", "[ingest]") {
  const TemporaryDirectory directory;
  Load load(options(directory / "store"));
  EventBatch batch;
  batch.begin(1, Domain::kDrug, load.code("V", "C"), 5);
  batch.begin(1, Domain::kCost, kNoCode, kNull);
  batch.set(column::kAmends, static_cast<std::int64_t>(Domain::kDrug));
  batch.set(column::kPaid, 100);
  load.add(std::move(batch));
  const LoadReport report = load.finish();
  REQUIRE(report.amendments == 0);
  REQUIRE(report.exceptions.at("unmatched amendment").at(Domain::kDrug) == 1);
  REQUIRE(report.events == 1);
}

TEST_CASE("rows about persons with a time of day stay apart from amendments", "[ingest]") {
  const TemporaryDirectory directory;
  Load load(options(directory / "store"));
  EventBatch batch;
  batch.begin(1, Domain::kPerson, kNoCode, kNull);
  batch.set(column::kBirthYear, 1950);
  batch.begin(1, Domain::kDrug, load.code("V", "C"), 5);
  batch.set(column::kRecordKey, 7);
  batch.begin(1, Domain::kCost, kNoCode, kNull);
  batch.set(column::kAmends, static_cast<std::int64_t>(Domain::kDrug));
  batch.set(column::kRecordKey, 7);
  batch.set(column::kSecond, 3600);
  batch.set(column::kPaid, 100);
  load.add(std::move(batch));
  const LoadReport report = load.finish();
  REQUIRE(report.persons == 1);
  REQUIRE(report.amendments == 1);
  const StoreReader reader(directory / "store");
  REQUIRE(reader.shard(0)->person_column(column::kBirthYear, nullptr) ==
          std::vector<std::int64_t>{1950});
}

TEST_CASE("a release without rows is a release", "[ingest]") {
  const TemporaryDirectory directory;
  const auto path = directory / "store";
  REQUIRE(Load(options(path)).finish().release == 1);
  REQUIRE(StoreReader(path).shard(0)->patients() == 0);
  {
    Load load(options(path));
    EventBatch batch;
    batch.begin(1, Domain::kDrug, load.code("V", "C"), 5);
    load.add(std::move(batch));
    REQUIRE(load.finish().release == 2);
  }
  REQUIRE(Load(options(path)).finish().release == 3);
  const StoreReader reader(path);
  REQUIRE(reader.shard(0)->patients() == 1);
  REQUIRE(read_timeline(reader, {0, 0}).day == std::vector<Day>{5});
}

TEST_CASE("later releases without new patients number visits on", "[ingest]") {
  const TemporaryDirectory directory;
  const auto path = directory / "store";
  for (std::int64_t release = 1; release <= 18; ++release) {
    Load load(options(path));
    EventBatch batch;
    batch.begin(1, Domain::kDrug, load.code("V", "C"), release);
    batch.set(column::kVisitKey, 5);
    load.add(std::move(batch));
    load.finish();
  }
  const StoreReader reader(path);
  const TimelineBatch timeline = read_timeline(reader, {0, 0});
  const auto visits = std::ranges::find(timeline.columns, column::kVisit, &StreamColumn::id)->cells;
  for (std::size_t i = 0; i < visits.size(); ++i)
    REQUIRE(visits[i] == static_cast<std::int64_t>(i + 1));
}
