// SPDX-License-Identifier: Apache-2.0
#include "storage/error.h"

#include <catch2/catch.hpp>

using anam::Error;
using anam::ErrorCode;

TEST_CASE("an error says what went wrong, then the values", "[storage]") {
  try {
    anam::fail(ErrorCode::kCorrupt, "page checksum differs", "block 7");
    FAIL("fail() returned");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kCorrupt);
    CHECK(std::string(error.what()) == "page checksum differs: block 7");
  }
}
