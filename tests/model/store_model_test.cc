// SPDX-License-Identifier: Apache-2.0
// Random rows loaded into a store, against the same rows in a store in memory.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "ingest/load.h"
#include "tests/model/random_rows.h"
#include "tests/model/store_check.h"
#include "tests/temporary_directory.h"

using namespace anam;
using namespace anam::testing;

namespace {

/// How rows are given to a load; nothing of it may show in the store.
struct Way {
  unsigned shards = 1;
  unsigned threads = 1;
  std::uint64_t memory = 0;
  std::size_t batch_rows = EventBatch::kFull;
  unsigned adders = 1;
};

Way random_way(std::mt19937_64& random, std::optional<unsigned> shards = {}) {
  constexpr std::array<unsigned, 4> kShards = {1, 2, 16, 64};
  Way way;
  way.shards = shards ? *shards : kShards[random() % kShards.size()];
  way.threads = 1 + static_cast<unsigned>(random() % 2);
  way.memory = random() % 2 == 0 ? 1 : std::uint64_t{4} << 30;
  way.batch_rows = random() % 2 == 0 ? EventBatch::kFull : 1 + random() % 500;
  way.adders = 1 + static_cast<unsigned>(random() % 2);
  return way;
}

LoadReport load(const std::filesystem::path& path, const std::vector<Row>& rows,
                const ModelOptions& options, const Way& way) {
  Load load({.store = path,
             .source = "source " + std::to_string(options.source),
             .source_kind = {},
             .note = {},
             .threads = way.threads,
             .memory = way.memory,
             .shards = way.shards,
             .require_persons = options.require_persons,
             .require_visits = options.require_visits,
             .progress = {}});
  add_rows(load, rows, way.batch_rows, way.adders);
  return load.finish();
}

std::uint64_t sum(const LoadReport& report, const std::vector<const char*>& kinds) {
  std::uint64_t n = 0;
  for (const char* kind : kinds) {
    const auto found = report.exceptions.find(kind);
    if (found == report.exceptions.end()) continue;
    for (const auto& [domain, rows] : found->second) n += rows;
  }
  return n;
}

void check_report(const LoadReport& report, const ModelStore& before, const ModelStore& after) {
  REQUIRE(report.release == after.releases);
  REQUIRE(report.new_patients == after.patients.size() - before.patients.size());
  REQUIRE(report.events == after.events() - before.events());
  REQUIRE(report.amendments == after.amendments);
  REQUIRE(sum(report, {"orphan"}) == after.orphans);
  REQUIRE(sum(report, {"unmatched amendment"}) == after.unmatched);
  REQUIRE(sum(report, {"dangling visit", "dangling visit_detail", "dangling preceding_visit",
                       "dangling preceding_visit_detail", "dangling parent_visit_detail"}) ==
          after.dangling);
}

RowShape random_shape(std::mt19937_64& random) {
  return {.patients = 1 + random() % 150,
          .events = random() % 1500,
          .codes = 1 + random() % 200,
          .domains = 0,
          .days = 1 + static_cast<std::int64_t>(random() % (random() % 2 == 0 ? 20 : 2000)),
          .attributes = static_cast<unsigned>(random() % 6),
          .persons = random() % 4 != 0,
          .amendments = random() % 2 == 0,
          .most_events = 0.02};
}

}  // namespace

TEST_CASE("a store answers like its model", "[model]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 6; ++round) {
    CAPTURE(round);
    const TemporaryDirectory directory;
    const auto path = directory / "store";
    const Way first = random_way(random);
    std::vector<ModelStore> releases = {{}};
    const auto count = 1 + random() % 4;
    for (std::size_t r = 0; r < count; ++r) {
      const ModelOptions options{
          .source = 1 + static_cast<std::uint32_t>(random() % (r == 0 ? 1 : 2)),
          .require_persons = random() % 3 == 0,
          .require_visits = random() % 3 == 0};
      const auto rows = random_rows(random, random_shape(random));
      ModelStore next = releases.back();
      next.load(rows, options);
      const LoadReport report = load(path, rows, options, random_way(random, first.shards));
      check_report(report, releases.back(), next);
      releases.push_back(std::move(next));
    }
    for (std::uint32_t r = 1; r < releases.size(); ++r) {
      CAPTURE(r);
      const StoreReader reader(path, r);
      check_store(reader, releases[r], random, r + 1 == releases.size() ? 12 : 1);
    }
  }
}

TEST_CASE("shards built in runs answer like their model", "[model]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const auto path = directory / "store";
  ModelStore model;
  for (int release = 0; release < 2; ++release) {
    // One patient has more events than a chunk; a few codes are common enough for bitmaps.
    const auto rows = random_rows(random, {.patients = 6000,
                                           .events = 25000,
                                           .codes = 3,
                                           .domains = 1,
                                           .days = 1500,
                                           .attributes = 1,
                                           .persons = true,
                                           .amendments = true,
                                           .most_events = 0.15});
    ModelStore next = model;
    next.load(rows, {});
    check_report(load(path, rows, {}, {.shards = 1, .threads = 1, .memory = 1}), model, next);
    model = std::move(next);
  }
  const StoreReader reader(path);
  check_store(reader, model, random, 4);
}

TEST_CASE("however events are loaded, their timelines are the same", "[model]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  RowShape shape = random_shape(random);
  shape.events = 12000;
  shape.codes = 100;
  shape.amendments = true;
  auto rows = random_rows(random, shape);
  const auto more = random_rows(random, random_shape(random));
  std::optional<Lines> expected;
  std::optional<Lines> expected_persons;
  for (const Way& way :
       std::vector<Way>{{.shards = 1, .threads = 1, .memory = 64 << 20},
                        {.shards = 16, .threads = 2, .memory = std::uint64_t{4} << 30},
                        {.shards = 16, .threads = 2, .memory = 1, .batch_rows = 100, .adders = 2},
                        {.shards = 1, .threads = 2, .memory = 1, .batch_rows = 7}}) {
    CAPTURE(way.shards, way.threads, way.memory, way.batch_rows);
    const TemporaryDirectory directory;
    load(directory / "store", rows, {}, way);
    load(directory / "store", more, {.source = 2}, way);
    const StoreReader reader(directory / "store");
    Lines lines = read_timelines(reader);
    Lines about = read_persons(reader);
    if (expected) {
      REQUIRE(lines == *expected);
      REQUIRE(about == *expected_persons);
    }
    expected = std::move(lines);
    expected_persons = std::move(about);
    if (random() % 2 == 0) {
      std::ranges::shuffle(rows, random);
    } else {
      std::ranges::sort(rows, {}, [](const Row& row) { return std::tuple(row.patient, row.day); });
    }
  }
}
