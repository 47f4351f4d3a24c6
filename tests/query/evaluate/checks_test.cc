// SPDX-License-Identifier: Apache-2.0
// Numbers, texts, attrition and eras on their own.
#include <catch2/catch.hpp>

#include "query/evaluate/attrition.h"
#include "query/evaluate/exits.h"
#include "query/evaluate/number_check.h"
#include "query/evaluate/text_check.h"
#include "storage/decimal.h"

namespace anam::evaluation {

namespace {

std::int64_t dec(const char* text) { return parse_decimal(text).value(); }

bool compare(const char* cell, Comparison comparison, const char* value, const char* upper = "0") {
  return NumberCheck(NumberTest{comparison, dec(value), dec(upper)})
      .holds_cell(ColumnType::kDecimal, dec(cell));
}

}  // namespace

TEST_CASE("numbers are compared by value, whatever their type", "[evaluate]") {
  CHECK(compare("3.50", Comparison::kEqual, "3.5"));
  CHECK(compare("3.49", Comparison::kLess, "3.5"));
  CHECK(compare("-3.5", Comparison::kLess, "3.49"));
  CHECK(compare("5", Comparison::kBetween, "5.0", "5.00"));
  CHECK_FALSE(compare("5", Comparison::kBetween, "6", "4"));
  CHECK(compare("5", Comparison::kNotBetween, "6", "4"));
  const NumberCheck over(NumberTest{Comparison::kGreater, dec("12.5"), 0});
  CHECK(over.holds(13));
  CHECK_FALSE(over.holds(12));
  CHECK(over.holds_cell(ColumnType::kMoney, 1251));
  CHECK_FALSE(over.holds_cell(ColumnType::kMoney, 1250));
  CHECK_FALSE(NumberCheck(NumberTest{Comparison::kEqual, dec("12.5"), 0}).holds(12));
  CHECK(NumberCheck(NumberTest{Comparison::kNotEqual, dec("12.5"), 0}).holds(12));
  CHECK(NumberCheck(NumberTest{Comparison::kLess, dec("-12.5"), 0}).holds(-13));
  CHECK_FALSE(NumberCheck(NumberTest{Comparison::kLess, dec("-12.5"), 0}).holds(-12));
  CHECK(NumberCheck(NumberTest{Comparison::kLess, dec("12"), 0}).holds(11));
  CHECK_FALSE(NumberCheck(NumberTest{Comparison::kLess, dec("12"), 0}).holds(12));
  CHECK_FALSE(NumberCheck(NumberTest{Comparison::kNotEqual, dec("1"), 0})
                  .holds_cell(ColumnType::kInt, kNull));
}

TEST_CASE("ratios are exact, and of nothing over zero", "[evaluate]") {
  const NumberCheck five(NumberTest{Comparison::kEqual, dec("5"), 0});
  CHECK(five.holds_ratio(dec("3.5"), dec("0.7")));
  CHECK(five.holds_ratio(dec("-3.5"), dec("-0.70")));
  CHECK_FALSE(five.holds_ratio(dec("3.5"), dec("0")));
  CHECK_FALSE(five.holds_ratio(kNull, dec("1")));
  CHECK(NumberCheck(NumberTest{Comparison::kLess, dec("-1"), 0}).holds_ratio(dec("4"), dec("-2")));
  CHECK(NumberCheck(NumberTest{Comparison::kGreater, dec("1e-9"), 0})
            .holds_ratio(dec("12345678901234567"), dec("0.000000000000000001")));
}

TEST_CASE("LIKE knows runs and single characters", "[evaluate]") {
  CHECK(matches_like("abc", "a%c"));
  CHECK(matches_like("abcbc", "a%bc"));
  CHECK(matches_like("", "%"));
  CHECK_FALSE(matches_like("", "_"));
  CHECK_FALSE(matches_like("ABC", "abc"));
  CHECK(matches_like("\xc3\xa4x", "_x"));  // one character of two bytes
  CHECK_FALSE(matches_like("ab", "a"));
  CHECK(holds({TextTest::Kind::kContains, false, true, "b_"}, "abc"));
  CHECK_FALSE(holds({TextTest::Kind::kContains, false, false, "b_"}, "abc"));
  CHECK(holds({TextTest::Kind::kStartsWith, true, false, "b"}, "abc"));
}

TEST_CASE("masks of more rules than a word holds print as numbers", "[evaluate]") {
  CHECK(mask_text({0}) == "0");
  CHECK(mask_text({5}) == "5");
  CHECK(mask_text({0, 1}) == "18446744073709551616");
  CHECK(mask_text({~std::uint64_t{0}, 1}) == "36893488147419103231");
  CHECK(mask_text({0, 0, 1}) == "340282366920938463463374607431768211456");
}

TEST_CASE("attrition adds up over shards", "[evaluate]") {
  Attrition one;
  one.rules = 2;
  one.masks[0] = {{{3}, 4}, {{1}, 2}, {{0}, 1}};
  one.masks[1] = {{{3}, 1}, {{2}, 1}};
  one.steps = {{"index events", 7, 2}, {"cohort", 4, 1}};
  Attrition sum;
  sum.merge(one);
  sum.merge(one);
  CHECK(sum.base_count(0) == 14);
  CHECK(sum.final_count(0) == 8);
  CHECK(sum.met_count(0, 0) == 12);
  CHECK(sum.met_count(0, 1) == 8);
  CHECK(sum.gain_count(0, 1) == 4);  // mask 1 fails rule 1 only
  CHECK(sum.gain_count(1, 0) == 2);
  const std::vector<AttritionRow> rows = sum.circe_rows();
  REQUIRE(rows.size() == 3 + 2 + 4 + 2);
  CHECK(rows[0].inclusion_rule_mask == "0");
  CHECK(rows[2].person_count == 8);
  CHECK(sum.table() ==
        "step          events  patients  lost\n"
        "index events      14         4\n"
        "cohort             8         2     2\n");
}

TEST_CASE("eras end where as many exposures have ended as have begun", "[evaluate]") {
  std::vector<std::pair<Day, Day>> eras;
  const auto join = [&eras](std::vector<Day> starts, std::vector<Day> ends, int gap) {
    join_eras(starts, ends, gap, eras);
    return eras;
  };
  using Eras = std::vector<std::pair<Day, Day>>;
  CHECK(join({1, 5, 20}, {10, 6, 25}, 0) == Eras{{1, 10}, {20, 25}});
  CHECK(join({1, 20}, {10, 25}, 10) == Eras{{1, 25}});
  CHECK(join({1, 20}, {10, 25}, 9) == Eras{{1, 10}, {20, 25}});
  CHECK(join({}, {}, 5).empty());
  // An exposure that ends before it starts, as Circe's walk has it.
  CHECK(join({10}, {5}, 0) == Eras{{10, 10}});
  CHECK(join({10}, {5}, 3).empty());
  CHECK(join({10, 12}, {5, 14}, 0) == Eras{{10, 10}, {12, 14}});
}

}  // namespace anam::evaluation
