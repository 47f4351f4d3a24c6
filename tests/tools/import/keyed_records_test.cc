// SPDX-License-Identifier: Apache-2.0
#include "tools/import/keyed_records.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/tools/import/timeline_sink.h"

namespace anam {
namespace {

TEST_CASE("records of a key come back together and in order, whoever added them", "[tools]") {
  const TestDirectory directory;
  constexpr int kThreads = 3;
  constexpr int kRecords = 20000;
  KeyedRecords partitions(directory.path(), 200 << 20);
  CHECK(partitions.parts() > 1);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&partitions, t]() {
        for (int i = 0; i < kRecords; ++i) {
          partitions.add("key" + std::to_string(i), std::string(1, static_cast<char>('c' - t)));
        }
      });
    }
  }
  std::size_t keys = 0;
  for (std::size_t part = 0; part < partitions.parts(); ++part) {
    const std::vector<KeyedRecord> records = partitions.take(part);
    REQUIRE(records.size() % kThreads == 0);
    for (std::size_t i = 0; i < records.size(); i += kThreads) {
      REQUIRE(records[i].key == records[i + 2].key);
      REQUIRE(records[i].record == "a");
      REQUIRE(records[i + 1].record == "b");
      REQUIRE(records[i + 2].record == "c");
      ++keys;
    }
  }
  CHECK(keys == kRecords);
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("records may be empty and hold any bytes", "[tools]") {
  const TestDirectory directory;
  KeyedRecords partitions(directory.path(), 0);
  partitions.add(std::string("k\0y", 3), std::string("\0\n\xFF", 3));
  partitions.add("", "");
  const std::vector<KeyedRecord> records = partitions.take(0);
  REQUIRE(records.size() == 2);
  CHECK(records[0].key.empty());
  CHECK(records[1].record == std::string("\0\n\xFF", 3));
}

}  // namespace
}  // namespace anam
