// SPDX-License-Identifier: Apache-2.0
#include "ingest/csv/field.h"

#include <catch2/catch.hpp>
#include <charconv>
#include <random>
#include <string>

using namespace anam;

TEST_CASE("integers are read up to the ends of 64 bits", "[ingest]") {
  CHECK(parse_int64("0") == 0);
  CHECK(parse_int64("-0") == 0);
  CHECK(parse_int64("+7") == 7);
  CHECK(parse_int64("12345678") == 12345678);
  CHECK(parse_int64("00000000000000000000000000000042") == 42);
  CHECK(parse_int64("9223372036854775807") == INT64_MAX);
  CHECK(parse_int64("-9223372036854775808") == INT64_MIN);
  for (const char* text :
       {"", "-", "+", " 1", "1 ", "1.0", "1e3", "0x10", "--1", "12345678a", "a12345678",
        "1234567:", "1234/678", "9223372036854775808", "-9223372036854775809",
        "99999999999999999999", "18446744073709551617"}) {
    INFO(text);
    CHECK_FALSE(parse_int64(text));
  }
}

TEST_CASE("integers agree with from_chars on random text", "[ingest]") {
  const auto seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 100000; ++round) {
    std::string text = random() % 2 == 0 ? "-" : "";
    for (std::uint64_t length = random() % 21; length > 0; --length)
      text += static_cast<char>('0' + random() % 10);
    if (random() % 4 == 0 && !text.empty())
      text[random() % text.size()] = static_cast<char>(random());
    std::int64_t expected = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), expected);
    const bool good = error == std::errc() && end == text.data() + text.size();
    const std::string plus =
        text.empty() || text[0] != '+' ? text : "";  // from_chars takes no plus
    if (plus != text) continue;
    if (parse_int64(text) != (good ? std::optional(expected) : std::nullopt))
      FAIL("differs: " << text);
  }
}
