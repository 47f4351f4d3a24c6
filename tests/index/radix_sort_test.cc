// SPDX-License-Identifier: Apache-2.0
#include "index/radix_sort.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <random>

using namespace anam;

TEST_CASE("radix sort orders like a stable sort", "[index]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    const std::size_t size = round < 4 ? static_cast<std::size_t>(round) : random() % 3000;
    const std::uint64_t mask = ~std::uint64_t{0} >> (random() % 64);
    const std::uint64_t base = random() % 2 == 0 ? random() : 0;
    std::vector<std::uint64_t> keys(size);
    for (std::uint64_t& key : keys) key = base ^ (random() & mask & (random() | random()));
    if (random() % 8 == 0) std::ranges::sort(keys);

    std::vector<std::uint32_t> expected(size);
    std::iota(expected.begin(), expected.end(), 0U);
    std::ranges::stable_sort(expected, {}, [&](std::uint32_t i) { return keys[i]; });
    REQUIRE(sorted_order(keys) == expected);
  }
}
