// SPDX-License-Identifier: Apache-2.0
// What each construct of the language means: a sentence, and the model that it compiles to.
#include <catch2/catch.hpp>
#include <string>

#include "query/language/parser.h"
#include "tests/query/language/describe.h"

using anam::parse_cohort;
using anam::test::describe;

namespace {

const std::string kSets =
    "codes t2d = ICD10CM:E11*\n"
    "codes metformin = RXNORM:6809 with descendants\n";

/// The lines that the statements add to those of the two sets; `keep` selects by their first word.
std::string lines(const std::string& text, const std::string& word) {
  std::string all = describe(parse_cohort(kSets + text, "test.cohort"));
  std::string found;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = all.find('\n', begin);
    const std::string line = all.substr(begin, end - begin);
    if (line.starts_with(word + ' ')) {
      if (!found.empty()) found += '\n';
      found += line.substr(word.size() + 1);
    }
    begin = end + 1;
  }
  return found;
}

std::string index(const std::string& text) { return lines("index " + text, "index"); }

/// The condition of one rule, without its name.
std::string require(const std::string& condition) {
  const std::string line = lines("index first drug metformin\nrequire \"r\" " + condition, "rule");
  REQUIRE(line.starts_with("'r': "));
  return line.substr(5);
}

/// The windows of a count.
std::string window(const std::string& clause) {
  const std::string all = require("any condition t2d " + clause);
  const std::string before = "all (>=1 condition {t2d}";
  REQUIRE(all.starts_with(before));
  return all.substr(before.size(), all.size() - before.size() - 1);
}

/// The tests of a counted event.
std::string with(const std::string& tests) {
  const std::string all = require("any drug with " + tests);
  const std::string before = "all (>=1 drug ";
  REQUIRE(all.starts_with(before));
  return all.substr(before.size(), all.size() - before.size() - 1);
}

std::string exit(const std::string& text) {
  const std::string all = "index first drug metformin\nexit " + text;
  std::string found = lines(all, "exit");
  const std::string censor = lines(all, "censor");
  return censor.empty() ? found : found + (found.empty() ? "" : "\n") + "censor " + censor;
}

}  // namespace

TEST_CASE("a definition has a title, sets, index events, rules and an exit", "[language]") {
  CHECK(describe(parse_cohort("cohort \"New \\\"users\\\"\"  # a comment\n"
                              "codes a = X:1\n"
                              "index first drug a require \"r\" \"why\" age >= 18\n"
                              "exclude any death before index exit at death",
                              "test.cohort")) ==
        "title New \"users\"\n"
        "set a = X:1\n"
        "index first drug {a}\n"
        "rule 'r' (why): all (person age@start>=18)\n"
        "not 'any death before index': all (>=1 death [*..-1d])\n"
        "exit death\n");
}

TEST_CASE("index events", "[language]") {
  CHECK(index("drug metformin") == "drug {metformin}");
  CHECK(index("any drug metformin") == "drug {metformin}");
  CHECK(index("first drugs metformin") == "first drug {metformin}");
  CHECK(index("visit") == "visit");
  CHECK(index("first event t2d") == "first event {t2d}");
  CHECK(index("first standard condition t2d") == "first standard condition {t2d}");
  CHECK(index("source condition t2d") == "source condition {t2d}");
  CHECK(index("condition recorded as t2d") == "condition source_codes={t2d}");
  CHECK(index("drug metformin or first condition t2d or any death") ==
        "drug {metformin}\nfirst condition {t2d}\ndeath");
  CHECK(index("any of (drug metformin, any condition t2d,)") ==
        "drug {metformin}\ncondition {t2d}");
  CHECK(index("drug metformin or t2d") == "drug {metformin or t2d}");
  CHECK(index("drug RXNORM:1, RXNORM:2 or drug metformin") ==
        "drug {RXNORM:1, RXNORM:2}\ndrug {metformin}");
  CHECK(index("drug metformin in 2015") == "drug {metformin} start in 2015-01-01..2015-12-31");
  CHECK(index("drug metformin ending not between 2015-01-01 and 2015-02-01") ==
        "drug {metformin} end out 2015-01-01..2015-02-01");
  CHECK(index("drug metformin not on 2015-01-01 from 2014-01-01") ==
        "drug {metformin} start!=2015-01-01 start>=2014-01-01");
  CHECK(
      index("visit from source mayo or \"big payer\" not from source x lasting at least 3 days") ==
      "visit source in 'mayo' 'big payer' source not in 'x' length>=3");
  CHECK(index("drug dated from 3 days before start to 2 weeks after end") ==
        "drug dated[start-3..end+14]");
  CHECK(index("drug dated from end to start") == "drug dated[end+0..start+0]");
  CHECK(index("enrollment containing 2015-01-01 as start containing 2016-01-01 as end") ==
        "enrollment from=2015-01-01 to=2016-01-01");
}

TEST_CASE("index events are dates of the calendar", "[language]") {
  const auto on = [](const std::string& date) { return "enrollment from=" + date + " to=" + date; };
  CHECK(index("on 2015-01-01") == on("2015-01-01"));
  CHECK(index("on 2016-01-01, 2015-01-01 or 2017-06-30") ==
        on("2015-01-01") + '\n' + on("2016-01-01") + '\n' + on("2017-06-30"));
  CHECK(index("every year from 2016-02-29 to 2018-12-31") ==
        on("2016-02-29") + '\n' + on("2017-02-28") + '\n' + on("2018-02-28"));
  CHECK(index("every 3 months from 2015-01-31 to 2015-10-31") ==
        on("2015-01-31") + '\n' + on("2015-04-30") + '\n' + on("2015-07-31") + '\n' +
            on("2015-10-31"));
  CHECK(index("every 2 weeks from 2015-01-01..2015-01-15") ==
        on("2015-01-01") + '\n' + on("2015-01-15"));
  CHECK(index("every year from 9998-12-31 to 9999-12-31") ==
        on("9998-12-31") + '\n' + on("9999-12-31"));
  // Who is observed on the day: periods count, said or not.
  CHECK(lines("index on 2015-01-01", "observed") == "0 0");
  CHECK(lines("index on 2015-01-01 with 365 days of observation before", "observed") == "365 0");
  CHECK(lines("index earliest on 2015-01-01 or 2016-01-01", "index_limit") == "first");
  CHECK(lines("index every on 2015-01-01", "index_limit").empty());
  CHECK_THROWS_WITH(index("on 2015-01-01 or 2015-01-01"), Catch::Contains("said twice"));
  CHECK_THROWS_WITH(index("every day from 2015-01-01 to 2018-01-01"),
                    Catch::Contains("too many dates"));
  CHECK_THROWS_WITH(index("every 0 days from 2015-01-01 to 2018-01-01"),
                    Catch::Contains("leads nowhere"));
  CHECK_THROWS_WITH(index("every 12 hours from 2015-01-01 to 2018-01-01"),
                    Catch::Contains("whole days"));
  CHECK_THROWS_WITH(index("every year from 2015-01-01 to 2014-01-01"),
                    Catch::Contains("no date is in this range"));
}

TEST_CASE("observation and limits", "[language]") {
  CHECK(lines("index drug metformin", "observed").empty());
  CHECK(lines("index drug metformin with observation", "observed") == "0 0");
  CHECK(lines("index drug metformin with 365 days of observation before", "observed") == "365 0");
  CHECK(lines("index drug metformin with 1 year of observation before index and 30 days after",
              "observed") == "365 30");
  CHECK(lines("index drug with quantity > 3 with 7 days of observation after", "observed") ==
        "0 7");
  CHECK(lines("index earliest drug metformin", "index_limit") == "first");
  CHECK(lines("index latest of any of (drug metformin)", "index_limit") == "last");
  CHECK(lines("index every drug metformin", "index_limit").empty());
  CHECK(lines("index drug metformin keep last row", "keep") == "last");
  const std::string restricted =
      "index drug metformin restrict to any condition t2d before index keeping earliest";
  CHECK(lines(restricted, "restrict") == "all (>=1 condition {t2d} [*..-1d])");
  CHECK(lines(restricted, "qualified_limit") == "first");
  CHECK(lines(restricted + " restrict to age > 3", "restrict") ==
        "all (all (>=1 condition {t2d} [*..-1d])) (all (person age@start>3))");
}

TEST_CASE("counts", "[language]") {
  CHECK(require("at least 2 conditions t2d") == "all (>=2 condition {t2d})");
  CHECK(require("at most 3 condition t2d") == "all (<=3 condition {t2d})");
  CHECK(require("exactly 1 condition t2d") == "all (=1 condition {t2d})");
  CHECK(require("no condition t2d") == "all (=0 condition {t2d})");
  CHECK(require("condition t2d") == "all (>=1 condition {t2d})");
  CHECK(require("first condition t2d after index") == "all (>=1 first condition {t2d} [+1d..*])");
  CHECK(require("at least 2 distinct days of condition t2d") ==
        "all (>=2 distinct day condition {t2d})");
  CHECK(require("condition t2d on at least 2 distinct days before index") ==
        "all (>=2 distinct day condition {t2d} [*..-1d])");
  CHECK(require("condition in exactly 2 distinct visits") == "all (=2 distinct visit condition)");
  CHECK(require("condition with at most 4 distinct codes") == "all (<=4 distinct code condition)");
  CHECK(require("at least 2 distinct value of measurement") ==
        "all (>=2 distinct value measurement)");
  CHECK(require("at least 2 distinct end days of visit") == "all (>=2 distinct end_day visit)");
  CHECK(require("at least 2 distinct lengths of visit") == "all (>=2 distinct length visit)");
  CHECK(require("any drug in the same visit on the same claim") ==
        "all (>=1 drug same_visit same_claim)");
  CHECK(require("any drug within the same observation period before index") ==
        "all (>=1 drug [*..-1d] same_period)");
}

TEST_CASE("windows", "[language]") {
  CHECK(window("at any time").empty());
  CHECK(window("before index") == " [*..-1d]");
  CHECK(window("on or before index") == " [*..+0d]");
  CHECK(window("through index") == " [*..+0d]");
  CHECK(window("after index") == " [+1d..*]");
  CHECK(window("on or after index start") == " [+0d..*]");
  CHECK(window("on index") == " [+0d..+0d]");
  CHECK(window("within 30 days before index") == " [-30d..-1d]");
  CHECK(window("within 30 days before index or on index") == " [-30d..+0d]");
  CHECK(window("within 2 weeks after index end or on index end") == " [+0d..+14d of end]");
  CHECK(window("within 30 days after index") == " [+1d..+30d]");
  CHECK(window("within 30 days of index") == " [-30d..+30d]");
  CHECK(window("between 30 and 90 days before index") == " [-90d..-30d]");
  CHECK(window("between 2 and 3 weeks after index") == " [+14d..+21d]");
  CHECK(window("at least 30 days before index") == " [*..-30d]");
  CHECK(window("more than 30 days after index") == " [+31d..*]");
  CHECK(window("from 30 days before index to 7 days after index") == " [-30d..+7d]");
  CHECK(window("from index to index end") == " [+0d..*] [*..+0d of end]");
  CHECK(window("from 3 days after index") == " [+3d..*]");
  CHECK(window("up to 3 days after index end") == " [*..+3d of end]");
  CHECK(window("from 2015-01-01 to 3 days before index") == " start>=2015-01-01 [*..-3d]");
  CHECK(window("ending before index") == " [*..-1d ending]");
  CHECK(window("starting before index and ending after index") == " [*..-1d] [+1d..* ending]");
  CHECK(window("during index") == " [+0d..*] [*..+0d of end]");
  CHECK(window("overlapping index") == " [*..+0d of end] [+0d..* ending]");
  CHECK(window("within 24 hours before index") == " [-86400s..-1s]");
  CHECK(window("within 90 minutes after index or on index") == " [+0s..+5400s]");
  CHECK(window("more than 10 seconds after index") == " [+11s..*]");
  CHECK(window("between 2 and 6 hours after index") == " [+7200s..+21600s]");
  CHECK(window("from 2 hours before index to 3 days after index") == " [-7200s..+3d]");
}

TEST_CASE("tests of attributes", "[language]") {
  CHECK(with("value >= 6.5") == "value>=6.5");
  CHECK(with("value 18 to 75 and value 18..75") == "value in 18..75 value in 18..75");
  CHECK(with("value not between 1 and 2") == "value out 1..2");
  CHECK(with("value at least -3 and value at most 1 and value more than 2 and value less than 4") ==
        "value>=-3 value<=1 value>2 value<4");
  CHECK(with("paid >= 10000.50 and position 1") == "paid>=10000.50 position=1");
  CHECK(with("value >= 6.5 \"%\" or \"mmol/mol\"") ==
        "value>=6.5 unit in {unit \"%\" or \"mmol/mol\"}");
  CHECK(with("value / range_high != 2") == "value/range_high!=2");
  CHECK(with("route is present and visit is absent") == "route present visit absent");
  CHECK(with("place_of_service 21 or 23") ==
        "place_of_service in {place_of_service \"21\" or \"23\"}");
  CHECK(with("route not in t2d and route is t2d") == "route not in {t2d} route in {t2d}");
  CHECK(with("visit in t2d and visit not in t2d") ==
        "visit_codes in {t2d} visit_codes not in {t2d}");
  CHECK(with("lot = \"A\" and lot != \"B\" and lot contains \"C\"") ==
        "lot='A' lot not='B' lot contains 'C'");
  CHECK(with("lot starts with \"A\" and lot does not end with \"B\"") ==
        "lot starts 'A' lot not ends 'B'");
  CHECK(with("lot like \"A%\" and lot not like \"_B\"") == "lot=~'A%' lot not=~'_B'");
  CHECK(with("lot \"A\" or \"B\"") == "(lot='A' or lot='B')");
  CHECK(with("lot is not \"A\" or \"B\"") == "lot not='A' lot not='B'");
  CHECK(with("(value < 3 or value > 5 and lot = \"x\") and quantity > 1") ==
        "(value<3 or (value>5 and lot='x')) quantity>1");
  CHECK(with("(value < 3 and value > 1)") == "value<3 value>1");
  CHECK(with("age < 18 at end and sex male") == "age@end<18 person.sex in {sex male}");
}

TEST_CASE("local attributes come from the lookup", "[language]") {
  const auto cohort =
      parse_cohort("index drug with severity >= 3 and \"my code\" in X:1", "test.cohort",
                   [](std::string_view name) -> std::optional<anam::Attribute> {
                     if (name == "severity") return anam::Attribute{600, anam::ColumnType::kInt};
                     if (name == "my code") return anam::Attribute{601, anam::ColumnType::kCode};
                     return std::nullopt;
                   });
  CHECK(describe(cohort) == "set X:1 = X:1\nindex drug column600>=3 column601 in {X:1}\n");
}

TEST_CASE("tests of the person and of the index event", "[language]") {
  CHECK(require("age 18 to 75 at index") == "all (person age@start in 18..75)");
  CHECK(require("age by year >= 18 at index end") == "all (person year_age@end>=18)");
  CHECK(require("age > 3 and sex female and race is absent") ==
        "all (person age@start>3 person.sex in {sex female} race absent)");
  CHECK(require("race \"White\"") == "all (person person.race in {race White})");
  CHECK(require("race not in Race:5") == "all (person person.race not in {Race:5})");
  CHECK(require("sex_source = \"f\"") == "all (person person.sex_source='f')");
  CHECK(require("birth_year >= 1950") == "all (person person.birth_year>=1950)");
  CHECK(require("index on or after 2015-01-01") == "all (person start>=2015-01-01)");
  CHECK(require("index ending through 2015-01-01 and index in 2014") ==
        "all (person end<=2015-01-01 start in 2014-01-01..2014-12-31)");
  CHECK(
      lines("index drug require sex female", "set").find("sex female = Gender:'F' | OMOP:'8532'") !=
      std::string::npos);
}

TEST_CASE("groups and events around events", "[language]") {
  CHECK(require("all of (any drug before index, age > 3)") ==
        "all (>=1 drug [*..-1d]) (person age@start>3)");
  CHECK(require("any of (drug, at least 2 of (visit, death,))") ==
        "any (>=1 drug) (>=2 (>=1 visit) (>=1 death))");
  CHECK(require("none of (drug)") == "<=0 (>=1 drug)");
  CHECK(require("at most 1 of (drug, (visit))") == "<=1 (>=1 drug) (>=1 visit)");
  CHECK(require("((drug))") == "all (>=1 drug)");
  CHECK(require("visit that has at least 1 drug metformin within 7 days after it") ==
        "all (>=1 visit has{all (>=1 drug {metformin} [+1d..+7d])})");
  CHECK(require("visit that has (drug on it end) before index") ==
        "all (>=1 visit has{all (>=1 drug [+0d..+0d of end])} [*..-1d])");
  CHECK(require("visit that has any of (drug, it in 2015, age > 3 at it end)") ==
        "all (>=1 visit has{any (>=1 drug) (person start in 2015-01-01..2015-12-31) "
        "(person age@end>3)})");
  CHECK(
      require("visit that has (drug that has no death after it) that has (device)") ==
      "all (>=1 visit has{all (all (>=1 drug has{all (=0 death [+1d..*])})) (all (>=1 device))})");
  CHECK(index("visit that has drug during it") ==
        "visit has{all (>=1 drug [+0d..*] [*..+0d of end])}");
}

TEST_CASE("exits and what is done with rows", "[language]") {
  CHECK(exit("at end of observation").empty());
  CHECK(exit("at the end of observation or at death") == "death");
  CHECK(exit("30 days after index") == "start+30");
  CHECK(exit("5 years after index end") == "end+1825");
  CHECK(exit("2 days before index end, or at index end") == "end-2\nend+0");
  CHECK(exit("when drug metformin stops") == "era {metformin} gap=30 offset=0");
  CHECK(
      exit("when metformin or t2d stops, allowing gaps of 7 days, adding 3 days, assuming 1 month "
           "of supply, or at death") == "era {metformin or t2d} gap=7 offset=3 supply=30\ndeath");
  CHECK(exit("at first condition t2d with position 1 or at any death before 2020-01-01") ==
        "censor first condition {t2d} position=1\ndeath start<2020-01-01");
  CHECK(lines("index drug join rows up to 30 days apart", "join") == "30");
  CHECK(lines("index drug join rows closer than 30 days", "join") == "29");
  CHECK(lines("index drug cut rows to 2015-01-01..2019-12-31", "cut") ==
        "from 2015-01-01\nto 2019-12-31");
  CHECK(lines("index drug cut rows to 2015-01-01 to 2019-12-31", "cut") ==
        "from 2015-01-01\nto 2019-12-31");
  CHECK(lines("index drug cut rows before 2015-01-01", "cut") == "from 2015-01-01");
  CHECK(lines("index drug cut rows after 2015-01-01", "cut") == "to 2015-01-01");
}

TEST_CASE("rows of another cohort are events", "[language]") {
  CHECK(index("cohort diabetics") == "cohort=diabetics");
  CHECK(index("first cohort \"v1.2-a\" as of release 12 with 365 days of observation before") ==
        "first cohort=v1.2-a release=12");
  CHECK(index("any of (drug metformin, cohort file \"base/t2d.cohort\")") ==
        "drug {metformin}\ncohort file=base/t2d.cohort");
  CHECK(index("drug metformin or cohort t2d") == "drug {metformin}\ncohort=t2d");
  CHECK(require("any cohort diabetics overlapping index") ==
        "all (>=1 cohort=diabetics" + window("overlapping index") + ")");
  CHECK(require("no cohort file within 30 days before index") ==
        "all (=0 cohort=file" + window("within 30 days before index") + ")");
  CHECK(require("at least 2 distinct days of cohort a lasting at least 30 days") ==
        "all (>=2 distinct day cohort=a length>=30)");
  CHECK(lines("index first drug metformin exit at first cohort died", "censor") ==
        "first cohort=died");
}

TEST_CASE("definitions in other files are read once asked for", "[language]") {
  const auto other = std::make_shared<const anam::CohortDefinition>();
  std::vector<std::string> asked;
  const auto files = [&](std::string_view file) {
    asked.emplace_back(file);
    return other;
  };
  const auto cohort =
      parse_cohort("index cohort file \"a.cohort\" require no cohort file \"b.json\" on index",
                   "t.cohort", anam::builtin_attribute, files);
  CHECK(asked == std::vector<std::string>{"a.cohort", "b.json"});
  CHECK(cohort.index.at(0).cohort->definition == other);
}
