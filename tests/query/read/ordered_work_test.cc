// SPDX-License-Identifier: Apache-2.0
#include "query/read/ordered_work.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <stdexcept>
#include <string>

using namespace anam;

TEST_CASE("results are taken in order on the calling thread, few of them ahead", "[read]") {
  for (const unsigned threads : {1U, 2U, 5U}) {
    for (const std::size_t count :
         {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{300}}) {
      std::atomic<std::size_t> taken = 0;
      std::atomic<bool> too_far = false;
      std::vector<std::size_t> seen;
      const std::thread::id self = std::this_thread::get_id();
      work_in_order(
          threads, count,
          [&](std::size_t i) {
            if (i > taken + std::size_t{2} * threads) too_far = true;
            return std::make_unique<std::size_t>(i);  // may only be moved
          },
          [&](std::unique_ptr<std::size_t>&& i) {
            CHECK(std::this_thread::get_id() == self);
            seen.push_back(*i);
            ++taken;
          });
      CHECK_FALSE(too_far);
      REQUIRE(seen.size() == count);
      for (std::size_t i = 0; i < count; ++i) CHECK(seen[i] == i);
    }
  }
}

TEST_CASE("the first exception in order ends the work", "[read]") {
  for (const unsigned threads : {1U, 4U}) {
    std::size_t taken = 0;
    const auto make = [](std::size_t i) {
      if (i == 20 || i == 22) throw std::runtime_error(std::to_string(i));
      return i;
    };
    CHECK_THROWS_WITH(work_in_order(threads, 100, make, [&](std::size_t) { ++taken; }), "20");
    CHECK(taken == 20);
    const auto refuse = [](std::size_t i) {
      if (i == 7) throw std::runtime_error("not " + std::to_string(i));
    };
    CHECK_THROWS_WITH(work_in_order(threads, 100, make, refuse), "not 7");
  }
}
