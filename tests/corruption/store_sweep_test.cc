// SPDX-License-Identifier: Apache-2.0
// Every byte of every file of a small store, damaged: an error or the right answer.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <random>
#include <string>

#include "ingest/load.h"
#include "query/read/store_reader.h"
#include "tests/model/random_rows.h"
#include "tests/model/store_check.h"
#include "tests/temporary_directory.h"

using namespace anam;
using namespace anam::testing;

namespace {

/// Two releases of a few patients.
void make_store(const std::filesystem::path& path, std::mt19937_64& random) {
  for (int release = 0; release < 2; ++release) {
    const auto rows = random_rows(random, {.patients = 6,
                                           .events = 25,
                                           .codes = 6,
                                           .domains = 3,
                                           .days = 100,
                                           .attributes = 2,
                                           .persons = true,
                                           .amendments = true,
                                           .most_events = 0.02});
    Load load({.store = path,
               .source = "source " + std::to_string(release),
               .source_kind = {},
               .note = {},
               .threads = 1,
               .shards = 1,
               .progress = {}});
    add_rows(load, rows, EventBatch::kFull, 1);
    load.finish();
  }
}

/// What the store says, about everything.
std::string answers(const std::filesystem::path& path) {
  std::string all;
  const StoreReader reader(path);
  for (const Lines& lines : {read_timelines(reader), read_persons(reader)}) {
    for (const auto& [id, mine] : lines) {
      all += id + (reader.find_patient(id) ? ":\n" : "?\n");
      for (const std::string& line : mine) all += line + '\n';
    }
  }
  CodeIds codes;
  for (CodeId id = 1; id <= reader.codes().size(); id += 2) codes.push_back(id);
  const CodeCounts counts = count_codes(reader, codes, 1);
  for (const CodeCount& c : counts.codes)
    all += std::to_string(c.code) + " " + std::to_string(c.events) + " " +
           std::to_string(c.patients) + "\n";
  const auto shard = reader.shard(0);
  for (const Domain domain : {Domain::kCondition, Domain::kDrug, Domain::kProcedure}) {
    for (const bool any : {true, false}) {
      const StreamRequest request{.domain = domain,
                                  .codes = any ? nullptr : &codes,
                                  .role = Role::kEither,
                                  .columns = {column::kSecond}};
      const PatientSet with = shard->patients_with(request);
      const auto stream = shard->events(request, nullptr);
      all += std::to_string(with.count()) + " " + std::to_string(with.words()[0]);
      for (std::size_t i = 0; i < stream->size(); ++i)
        all += " " + std::to_string(stream->patient[i]) + "," + std::to_string(stream->start[i]);
      all += "\n";
    }
  }
  return all;
}

/// The outcome of reading a damaged store: empty when it is right.
std::string fault(const std::filesystem::path& path, const std::string& expected) {
  try {
    return answers(path) == expected ? "" : "a wrong answer";
  } catch (const Error& error) {
    const bool right = error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kVersion;
    return right ? "" : std::string("an error of the wrong kind: ") + error.what();
  }
}

/// Sweeps over the bytes of the files whose name begins with `prefix`. Which files there are
/// depends on the seed: a release whose codes are all known writes none of its own.
void sweep(const std::string& prefix, bool truncate) {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const auto path = directory / "store";
  make_store(path, random);
  const std::string expected = answers(path);
  REQUIRE(expected.size() > 2000);
  REQUIRE(fault(path, expected).empty());
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    ++files;
    const Bytes good = read_file(entry.path());
    for (std::size_t at = good.size(); at-- > 0;) {
      // A file's size is what is looked at first: its middle is sampled.
      const bool edge = at < 5000 || at + 5000 > good.size();
      if (truncate && !edge && at % 61 != 0) continue;
      if (truncate) {
        std::filesystem::resize_file(entry.path(), at);
      } else {
        const std::byte bad = good[at] ^ static_cast<std::byte>(1U << (random() % 8));
        patch_file(entry.path(), at, ByteSpan(&bad, 1));
      }
      const std::string found = fault(path, expected);
      if (!found.empty()) {
        CAPTURE(name, at, found);
        FAIL("damage is not seen");
      }
      if (!truncate) patch_file(entry.path(), at, ByteSpan(&good[at], 1));
    }
    write_file(entry.path(), good);
    REQUIRE(fault(path, expected).empty());
  }
  REQUIRE(files > 0);
}

}  // namespace

TEST_CASE("changed bytes of a catalog are seen", "[corruption][slow]") { sweep("catalog", false); }
TEST_CASE("changed bytes of codes are seen", "[corruption][slow]") { sweep("codes-", false); }
TEST_CASE("changed bytes of a first release are seen", "[corruption][slow]") {
  sweep("shards-000001", false);
}
TEST_CASE("changed bytes of a later release are seen", "[corruption][slow]") {
  sweep("shards-000002", false);
}
TEST_CASE("truncated catalogs are seen", "[corruption][slow]") { sweep("catalog", true); }
TEST_CASE("truncated codes are seen", "[corruption][slow]") { sweep("codes-", true); }
TEST_CASE("truncated releases are seen", "[corruption][slow]") { sweep("shards-", true); }
