// SPDX-License-Identifier: Apache-2.0
#include "ingest/disk_watch.h"

#include <catch2/catch.hpp>

#include "storage/disk_space.h"
#include "storage/error.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::TemporaryDirectory;

namespace {

constexpr std::uint64_t kMillion = 1'000'000;

ErrorCode code_of(const DiskWatch& watch, std::uint64_t more) {
  try {
    watch.require(more, 1);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode{};
}

}  // namespace

TEST_CASE("what a load will take of the disk", "[ingest]") {
  // Nothing known, nothing read.
  REQUIRE(bytes_to_come({}) == 0);
  // Expected only: a little for each row.
  const std::uint64_t guess = bytes_to_come({.rows = 100 * kMillion});
  REQUIRE(guess > 200 * kMillion);
  REQUIRE(guess < 2000 * kMillion);

  // A tenth is read and took 20 bytes a row: 90 million rows are to come, and the store then fits
  // where the spill is.
  DiskState state = {.rows = 100 * kMillion,
                     .rows_read = 10 * kMillion,
                     .rows_spilled = 10 * kMillion,
                     .spill_bytes = 200 * kMillion,
                     .scratch_bytes = 200 * kMillion};
  REQUIRE(bytes_to_come(state) == 1800 * kMillion);
  // All is read, nothing built.
  state.rows_read = state.rows_spilled = 100 * kMillion;
  state.spill_bytes = state.scratch_bytes = 2000 * kMillion;
  REQUIRE(bytes_to_come(state) == 0);
  // A quarter is built, and takes more in the store than in the spill: 75 million rows of 30 bytes,
  // of which 1500 million bytes are there.
  state.rows_built = 25 * kMillion;
  state.store_bytes = 750 * kMillion;
  state.scratch_bytes = 1500 * kMillion;
  REQUIRE(bytes_to_come(state) == 750 * kMillion);
  // The end.
  state.rows_built = 100 * kMillion;
  state.scratch_bytes = 0;
  REQUIRE(bytes_to_come(state) == 0);
  // More rows than expected.
  REQUIRE(bytes_to_come({.rows = 5, .rows_read = 10}) ==
          bytes_to_come({.rows = 10, .rows_read = 10}));
}

TEST_CASE("what does not fit on the disk is refused, what fits is not", "[ingest]") {
  const TemporaryDirectory directory;
  const auto free = free_space(directory.path());
  REQUIRE(free);
  const DiskWatch watch(directory.path(), 0);
  REQUIRE(code_of(watch, 0) == ErrorCode{});
  REQUIRE(code_of(watch, *free / 2) == ErrorCode{});
  REQUIRE(code_of(watch, *free * 2) == ErrorCode::kFull);
}

TEST_CASE("a load takes no more of the disk than it may", "[ingest]") {
  const TemporaryDirectory directory;
  DiskWatch watch(directory.path(), 1000);
  watch.add_scratch(600);
  REQUIRE(code_of(watch, 300) == ErrorCode{});
  REQUIRE(code_of(watch, 500) == ErrorCode::kFull);
  watch.remove_scratch(500);
  watch.add_store(200);
  REQUIRE(watch.scratch() == 100);
  REQUIRE(watch.most_scratch() == 600);
  REQUIRE(code_of(watch, 600) == ErrorCode{});
  watch.add_scratch(700);
  REQUIRE_THROWS_AS(watch.add_scratch(1), Error);
}
