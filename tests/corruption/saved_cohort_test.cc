// SPDX-License-Identifier: Apache-2.0
// Every byte of a saved cohort, damaged or cut off: an error or the right rows.
#include <catch2/catch.hpp>
#include <filesystem>
#include <random>
#include <string>

#include "storage/error.h"
#include "storage/saved_cohort.h"
#include "tests/temporary_directory.h"

using namespace anam;
using namespace anam::testing;

namespace {

std::string rows_of(const std::filesystem::path& store) {
  const auto cohort = SavedCohort::open(store, "test");
  std::string all = cohort->facts().title + '\n' + cohort->facts().program + '\n' +
                    std::to_string(cohort->facts().rows) + '\n';
  for (const auto& text : cohort->facts().definition) all += text.file + '\n' + text.text + '\n';
  for (const SavedCohort::Shard& shard : cohort->shards()) {
    const SavedShardRows rows = cohort->read(shard, true);
    all += std::to_string(shard.shard) + ' ' + std::to_string(shard.files) + '\n';
    for (std::size_t i = 0; i < rows.patient.size(); ++i) {
      all += std::to_string(rows.patient[i]) + ' ' + std::to_string(rows.start[i]) + ' ' +
             std::to_string(rows.end[i]) + '\n';
    }
    for (std::size_t i = 0; i < rows.ordinals.size(); ++i) {
      const bool number = rows.id_number[i] != kNull;
      all += std::to_string(rows.ordinals[i]) + ' ' +
             (number ? std::to_string(rows.id_number[i])
                     : std::string(rows.texts.at(rows.id_text[i]))) +
             '\n';
    }
  }
  return all;
}

void save(const std::filesystem::path& store, std::mt19937_64& random) {
  SavedCohortWriter writer(store, "test", false);
  for (const std::uint32_t shard : {3U, 0U}) {
    std::vector<SavedRow> rows;
    std::uint32_t ordinal = 0;
    for (int i = 0; i < 40; ++i) {
      ordinal += static_cast<std::uint32_t>(random() % 3);
      const auto start = static_cast<Day>(10000 + 50 * i + static_cast<int>(random() % 40));
      rows.push_back({ordinal, start, start + static_cast<Day>(random() % 9)});
    }
    writer.add(shard, PatientFiles(), rows, [](std::uint32_t patient) {
      return patient % 5 == 0 ? SavedId{kNull, "p-" + std::to_string(patient)}
                              : SavedId{std::int64_t{patient} * 7, {}};
    });
  }
  SavedCohortFacts facts;
  facts.shard_bits = 2;
  facts.release = 1;
  facts.program = "test";
  facts.title = "A title";
  facts.definition = {{"a.cohort", "index any drug\n"}};
  writer.finish(facts);
}

}  // namespace

TEST_CASE("changed and missing bytes of a saved cohort are seen", "[corruption]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const std::filesystem::path store = directory / "store";
  std::filesystem::create_directory(store);
  save(store, random);
  const std::string expected = rows_of(store);
  REQUIRE(expected.size() > 1000);
  REQUIRE(list_saved_cohorts(store) == std::vector<std::string>{"test"});
  const std::filesystem::path file = store / "cohorts" / "test.rows";
  const Bytes good = read_file(file);
  const auto check = [&](std::size_t at) {
    CAPTURE(at);
    std::string found;
    try {
      found = rows_of(store);
    } catch (const Error& error) {
      REQUIRE((error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kVersion));
      return;
    }
    REQUIRE(found == expected);
  };
  std::size_t seen = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    const std::byte bad = good[at] ^ static_cast<std::byte>(1U << (random() % 8));
    patch_file(file, at, ByteSpan(&bad, 1));
    check(at);
    patch_file(file, at, ByteSpan(&good[at], 1));
    ++seen;
  }
  REQUIRE(seen == good.size());
  REQUIRE(rows_of(store) == expected);
  for (std::size_t size = good.size(); size-- > 0;) {
    std::filesystem::resize_file(file, size);
    check(size);
  }
}

TEST_CASE("a cohort that was not finished leaves what was there", "[corruption]") {
  std::mt19937_64 random(7);
  const TemporaryDirectory directory;
  const std::filesystem::path store = directory / "store";
  std::filesystem::create_directory(store);
  save(store, random);
  const std::string expected = rows_of(store);
  {
    SavedCohortWriter writer(store, "test", true);
    const SavedRow row{1, 2, 3};
    writer.add(0, PatientFiles(), std::span(&row, 1), [](std::uint32_t) { return SavedId{1, {}}; });
  }
  REQUIRE(rows_of(store) == expected);
  REQUIRE_THROWS_AS(SavedCohortWriter(store, "test", false), Error);
  REQUIRE_THROWS_AS(SavedCohortWriter(store, "../test", false), Error);
  drop_saved_cohort(store, "test");
  REQUIRE(list_saved_cohorts(store).empty());
  REQUIRE_THROWS_AS(SavedCohort::open(store, "test"), Error);
}
