// SPDX-License-Identifier: Apache-2.0
#include "ingest/spill.h"

#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "storage/attributes.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::TemporaryDirectory;

namespace {

ColumnType type_of(ColumnId id) {
  return id == column::kSig ? ColumnType::kText : ColumnType::kInt;
}

using Row = std::pair<std::int64_t, std::string>;

std::multiset<Row> rows_of(Spill& spill, std::uint32_t partition) {
  RowBuffer rows(type_of);
  spill.read(partition, [&](const Block& frame) { rows.append(frame); });
  std::multiset<Row> found;
  const auto* texts = rows.find(column::kSig);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const std::int64_t text = texts == nullptr ? kNull : (*texts)[i];
    found.emplace((*rows.find(column::kPatient))[i],
                  text == kNull ? "" : std::string(rows.texts().at(text)));
  }
  return found;
}

}  // namespace

TEST_CASE("rows that several threads add come back by partition", "[ingest]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  for (const std::uint64_t memory : {std::uint64_t{1}, std::uint64_t{1} << 30}) {
    const TemporaryDirectory directory;
    constexpr std::uint32_t kPartitions = 5;
    DiskWatch disk(directory.path(), 0);
    Spill spill(directory.path(), "rows-", kPartitions, memory, type_of, disk);
    std::array<std::map<std::uint32_t, std::multiset<Row>>, 2> expected;
    const auto work = [&](std::size_t thread) {
      std::mt19937_64 random(seed + thread);
      for (int b = 0; b < 20; ++b) {
        EventBatch batch;
        const auto size = random() % 2000;
        for (std::size_t i = 0; i < size; ++i) {
          const auto patient = static_cast<std::int64_t>(random() % 10000);
          const std::string text = random() % 3 == 0 ? std::to_string(random() % 50) : "";
          batch.begin(patient, Domain::kDrug, 1, 5);
          batch.set_text(column::kSig, text);
          if (patient % 7 != 6)
            expected[thread][static_cast<std::uint32_t>(patient % 7 % kPartitions)].emplace(patient,
                                                                                            text);
        }
        spill.add(batch, [&](std::size_t row) {
          const auto patient = static_cast<std::uint32_t>(batch.patients()[row]);
          return patient % 7 == 6 ? kDropped : patient % 7 % kPartitions;
        });
      }
    };
    {
      std::jthread other(work, std::size_t{1});
      work(0);
    }
    for (std::uint32_t p = 0; p < kPartitions; ++p) {
      std::multiset<Row> all = expected[0][p];
      all.insert(expected[1][p].begin(), expected[1][p].end());
      REQUIRE(spill.rows(p) == all.size());
      REQUIRE(spill.memory(p) > 0);
      REQUIRE(rows_of(spill, p) == all);
      REQUIRE(rows_of(spill, p) == all);  // again: reading changes nothing
      spill.remove(p);
    }
    REQUIRE(std::filesystem::is_empty(directory.path()));
    REQUIRE(disk.scratch() == 0);
    REQUIRE(disk.most_scratch() > 0);
    REQUIRE(disk.most_scratch() <= spill.bytes_written());
  }
}

TEST_CASE("buffers of many partitions stay within their memory", "[ingest]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (const std::uint32_t partitions : {256U, 1024U}) {
    const TemporaryDirectory directory;
    constexpr std::uint64_t kMemory = 16 << 20;
    DiskWatch disk(directory.path(), 0);
    Spill spill(directory.path(), "rows-", partitions, kMemory, type_of, disk);
    std::uint64_t rows = 0;
    // In the order of patients: a batch is for few partitions, but each partition has such a batch.
    for (std::uint32_t first = 0; first < partitions; first += 4) {
      EventBatch batch;
      for (std::uint32_t i = 0; i < 4000; ++i, ++rows) {
        batch.begin(first + i / 1000, Domain::kDrug, 1, static_cast<std::int64_t>(random() % 9000));
        batch.set(column::kRefills, static_cast<std::int64_t>(random() % 9));
        batch.set_text(column::kSig, std::to_string(random()));
      }
      spill.add(batch,
                [&](std::size_t row) { return static_cast<std::uint32_t>(batch.patients()[row]); });
      REQUIRE(spill.held_bytes() <= kMemory);
    }
    std::uint64_t found = 0;
    std::uint64_t on_disk = 0;
    for (std::uint32_t p = 0; p < partitions; ++p) {
      spill.read(p, [&](const Block& frame) {
        for (const ChunkHead& head : frame.chunks()) found += head.rows;
      });
      on_disk += spill.bytes(p);
      spill.remove(p);
    }
    REQUIRE(found == rows);
    REQUIRE(on_disk == spill.bytes_written());
    REQUIRE(disk.scratch() == 0);
  }
}

TEST_CASE("damaged scratch files are errors", "[ingest]") {
  const TemporaryDirectory directory;
  DiskWatch disk(directory.path(), 0);
  Spill spill(directory.path(), "rows-", 1, 1, type_of, disk);
  EventBatch batch;
  for (int i = 0; i < 5000; ++i) batch.begin(i, Domain::kDrug, 1, i % 7);
  spill.add(batch, [](std::size_t) { return 0U; });
  const auto path = directory / "rows-0";
  REQUIRE(rows_of(spill, 0).size() == 5000);
  const Bytes good = anam::testing::read_file(path);
  for (const std::size_t size : {good.size() - 1, good.size() / 2, std::size_t{9}}) {
    std::filesystem::resize_file(path, size);
    REQUIRE_THROWS_AS(rows_of(spill, 0), Error);
  }
  anam::testing::write_file(path, good);
  const std::byte bad = good[good.size() - 3] ^ std::byte{1};
  anam::testing::patch_file(path, good.size() - 3, ByteSpan(&bad, 1));
  REQUIRE_THROWS_AS(rows_of(spill, 0), Error);
}
