// SPDX-License-Identifier: Apache-2.0
#include "storage/decimal.h"

#include <catch2/catch.hpp>
#include <random>

using namespace anam;

namespace {

std::string reprinted(std::string_view text) {
  const auto value = parse_decimal(text);
  return value ? format_decimal(*value) : std::string("(none)");
}

std::string recents(std::string_view text) {
  const auto cents = parse_cents(text);
  return cents ? format_cents(*cents) : std::string("(none)");
}

PackedDecimal decimal(std::string_view text) { return parse_decimal(text).value(); }

}  // namespace

TEST_CASE("decimals print as they came", "[storage]") {
  for (const char* text : {"0", "12", "-3.50", "3.5", "0.00", "0.001", "-0.0000001",
                           "288230376151711743", "-288230376151711743", "28823037615171174.3",
                           "0.0000000000000000000000000000001", "1000"}) {
    CHECK(reprinted(text) == text);
  }
  CHECK(decimal("3.50") == 350 * 32 + 2);
  CHECK(decimal("-1") == -32);
}

TEST_CASE("decimals lose a plus, leading zeros and exponents", "[storage]") {
  CHECK(reprinted(".5") == "0.5");
  CHECK(reprinted("-.5") == "-0.5");
  CHECK(reprinted("7.") == "7");
  CHECK(reprinted("+007.10") == "7.10");
  CHECK(reprinted("1e-7") == "0.0000001");
  CHECK(reprinted("+2.5E3") == "2500");
  CHECK(reprinted("2.5E+0") == "2.5");
  CHECK(reprinted("1.25e1") == "12.5");
  CHECK(reprinted("0e99") == "0");
  CHECK(reprinted("1e17") == "100000000000000000");
}

TEST_CASE("what is no finite number, or too large, is none", "[storage]") {
  for (const char* text : {"",
                           "-",
                           "+",
                           ".",
                           "-.",
                           "e5",
                           "1e",
                           "1e+",
                           "1e+-5",
                           "1e--5",
                           "1.2.3",
                           " 1",
                           "1 ",
                           "1,5",
                           "nan",
                           "inf",
                           "0x10",
                           "--1",
                           "1e5.5",
                           "288230376151711744",
                           "1e18",
                           "-1e400",
                           "1e99999999999",
                           "9999999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(parse_decimal(text));
  }
}

TEST_CASE("digits that do not fit are rounded half away from zero, and said so", "[storage]") {
  const auto check = [](std::string_view text, std::string_view expected, bool expect_rounded) {
    INFO(text);
    bool rounded = false;
    const auto value = parse_decimal(text, &rounded);
    REQUIRE(value);
    CHECK(format_decimal(*value) == expected);
    CHECK(rounded == expect_rounded);
  };
  check("0.12345678901234567890123", "0.123456789012345679", true);
  check("-0.99999999999999999999999", "-1.00000000000000000", true);
  check("288230376151711743.4", "288230376151711743", true);
  check("2.00000000000000000000000000000000000000000", "2.00000000000000000", false);
  check("1e-40", "0.0000000000000000000000000000000", true);
  check("5e-32", "0.0000000000000000000000000000001", true);
  check("4.9e-32", "0.0000000000000000000000000000000", true);
  check("1e-99999999999", "0.0000000000000000000000000000000", true);
  check("3.25", "3.25", false);
  CHECK_FALSE(parse_decimal("288230376151711743.5"));
  bool untouched = true;
  parse_decimal("1", &untouched);
  CHECK(untouched);
}

TEST_CASE("decimals compare by value, exactly", "[storage]") {
  const auto check = [](std::string_view a, std::string_view b, int expected) {
    INFO(a << " and " << b);
    CHECK(compare_decimals(decimal(a), decimal(b)) == expected);
    CHECK(compare_decimals(decimal(b), decimal(a)) == -expected);
  };
  check("3.5", "3.50", 0);
  check("0", "0.000000000000000000000000000000", 0);
  check("1", "0.0000000000000000000000000000001", 1);
  check("-1", "0.0000000000000000000000000000001", -1);
  check("-1", "-0.0000000000000000000000000000001", -1);
  check("0", "-0.0000000000000000000000000000001", 1);
  check("288230376151711743", "0.288230376151711743", 1);
  check("0.1", "0.10000000000000001", -1);
  check("28823037615171174.2", "28823037615171174.3", -1);
  check("-2", "3.000000000000000", -1);

  const auto seed = std::random_device()();
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20000; ++round) {
    // Up to 15 digits in all: long double tells all of them apart.
    const auto draw = [&] {
      const auto mantissa = static_cast<std::int64_t>(random() % 2000001) - 1000000;
      return mantissa * 32 + static_cast<std::int64_t>(random() % 8);
    };
    const PackedDecimal a = draw();
    const PackedDecimal b = draw();
    INFO("seed " << seed << ", " << format_decimal(a) << " and " << format_decimal(b));
    const double left = decimal_value(a);
    const double right = decimal_value(b);
    REQUIRE(compare_decimals(a, b) == (left < right ? -1 : left > right ? 1 : 0));
  }
}

TEST_CASE("a decimal's double is the nearest one", "[storage]") {
  for (const char* text : {"0.1", "-2.675", "123456789.123456789", "288230376151711743",
                           "0.0000000000000000000000000000001", "0.28823037615171174"}) {
    CHECK(decimal_value(decimal(text)) == std::stod(text));
  }
}

TEST_CASE("random decimals come back", "[storage]") {
  const auto seed = std::random_device()();
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20000; ++round) {
    const auto mantissa = static_cast<std::int64_t>(random()) >> (6 + random() % 58);
    if (mantissa == -(std::int64_t{1} << 58)) continue;
    const auto value = mantissa * 32 + static_cast<std::int64_t>(random() % 32);
    INFO("seed " << seed << ", " << value);
    REQUIRE(parse_decimal(format_decimal(value)) == value);
  }
}

TEST_CASE("money is read as cents and printed with two digits", "[storage]") {
  CHECK(recents("12.5") == "12.50");
  CHECK(recents("-3") == "-3.00");
  CHECK(recents("-0.05") == "-0.05");
  CHECK(recents("659.40") == "659.40");
  CHECK(recents("1234.567") == "1234.57");
  CHECK(recents("1e3") == "1000.00");
  CHECK(recents("0.005") == "0.01");
  CHECK(recents("-0.00499999999999999999999999") == "0.00");
  CHECK(recents("900000000000000") == "900000000000000.00");
  CHECK(parse_cents("1234.567") == 123457);
  CHECK(parse_cents("-0.125") == -13);
  for (const char* text :
       {"", "x", "$5", "900000000000000.01", "1e400", "99999999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(parse_cents(text));
  }
  bool rounded = false;
  parse_cents("1.10000", &rounded);
  CHECK_FALSE(rounded);
  parse_cents("1.10001", &rounded);
  CHECK(rounded);
}
