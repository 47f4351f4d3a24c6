// SPDX-License-Identifier: Apache-2.0
#include "ingest/pair_sorter.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <random>
#include <set>

#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::TemporaryDirectory;

TEST_CASE("pairs come back sorted, each once", "[ingest]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  for (const std::size_t count : {0U, 1U, 10000U}) {
    std::set<std::pair<CodeId, CodeId>> expected;
    PairSorter sorter(directory.path(), "pairs-");
    REQUIRE(sorter.empty());
    for (std::size_t i = 0; i < count; ++i) {
      const auto a = static_cast<CodeId>(random() % 100);
      const auto b = static_cast<CodeId>(random() % 100);
      sorter.add(a, b);
      expected.emplace(a, b);
    }
    std::vector<std::pair<CodeId, CodeId>> found;
    sorter.drain([&](CodeId a, CodeId b) { found.emplace_back(a, b); });
    REQUIRE(found == std::vector<std::pair<CodeId, CodeId>>(expected.begin(), expected.end()));
  }
}

TEST_CASE("pairs that do not fit in memory are merged from files", "[ingest]") {
  const TemporaryDirectory directory;
  constexpr std::uint64_t kPairs = 4'410'000;  // more than are held in memory
  {
    PairSorter sorter(directory.path(), "pairs-");
    // Every pair of 0 .. 2099 squared, in an order that jumps, some twice.
    for (std::uint64_t i = 0; i < kPairs; ++i) {
      const std::uint64_t at = i * 7'654'321 % kPairs;
      sorter.add(static_cast<CodeId>(at / 2100), static_cast<CodeId>(at % 2100));
      if (i % 100 == 0) sorter.add(static_cast<CodeId>(i / 2100), static_cast<CodeId>(i % 2100));
    }
    std::uint64_t next = 0;
    std::uint64_t wrong = 0;
    sorter.drain([&](CodeId a, CodeId b) {
      wrong += std::uint64_t{a} * 2100 + b != next ? 1 : 0;
      ++next;
    });
    REQUIRE(wrong == 0);
    REQUIRE(next == kPairs);
  }
  REQUIRE(std::filesystem::is_empty(directory.path()));
}
