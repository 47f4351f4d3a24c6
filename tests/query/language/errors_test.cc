// SPDX-License-Identifier: Apache-2.0
// Every message of the language, word for word: they are what a user works with.
#include <catch2/catch.hpp>
#include <string>

#include "query/language/error_text.h"
#include "query/language/parser.h"
#include "storage/error.h"

namespace {

/// The message about a text, or "fine". `$` stands for two code sets and an index event, `%` for
/// the code sets alone.
std::string message(std::string text) {
  const std::string sets = "codes metformin = RXNORM:6809\ncodes t2d = ICD10CM:E11*\n";
  if (text.starts_with('%')) text = sets + text.substr(1);
  if (text.starts_with('$')) text = sets + "index first drug metformin\n" + text.substr(1);
  try {
    anam::parse_cohort(text, "t.cohort");
  } catch (const anam::Error& error) {
    CHECK(error.code() == anam::ErrorCode::kInput);
    return error.what();
  }
  return "fine";
}

std::string code_message(std::string_view text) {
  try {
    anam::parse_code_set(text);
  } catch (const anam::Error& error) {
    CHECK(error.code() == anam::ErrorCode::kInput);
    return error.what();
  }
  return "fine";
}

}  // namespace

TEST_CASE("errors: words that are misspelt are suggested", "[language]") {
  CHECK(message("$requre any drug metformin before index") ==
        "t.cohort:4:1: expected more of this sentence, or a new one (require, exclude, exit, ...), "
        "found \"requre\"\n"
        "    requre any drug metformin before index\n"
        "    ^~~~~~\n"
        "did you mean \"require\"?");
  CHECK(message("codes a = X:1 index frist drug a") ==
        "t.cohort:1:21: expected what kind of event (condition, drug, procedure, measurement, "
        "...), found \"frist\"\n"
        "    codes a = X:1 index frist drug a\n"
        "                        ^~~~~\n"
        "did you mean \"first\"?");
  CHECK(message("%index first drg metformin") ==
        "t.cohort:3:13: expected what kind of event (condition, drug, procedure, measurement, "
        "...), found \"drg\"\n"
        "    index first drg metformin\n"
        "                ^~~\n"
        "did you mean \"drug\"?");
  CHECK(message("$require any drug metformin befor index") ==
        "t.cohort:4:28: expected more of this sentence, or a new one (require, exclude, exit, "
        "...), found \"befor\"\n"
        "    require any drug metformin befor index\n"
        "                               ^~~~~\n"
        "did you mean \"before\"?");
  CHECK(message("$require any drug befor index") ==
        "t.cohort:4:18: unknown code set \"befor\"\n"
        "    require any drug befor index\n"
        "                     ^~~~~\n"
        "did you mean \"before\"?");
  CHECK(message("$require any drug metformin within 30 dyas before index") ==
        "t.cohort:4:38: expected days, weeks, months, years, hours, minutes or seconds, found "
        "\"dyas\"\n"
        "    require any drug metformin within 30 dyas before index\n"
        "                                         ^~~~\n"
        "did you mean \"days\"?");
  CHECK(message("$exit at deth") ==
        "t.cohort:4:9: expected \"end of observation\", \"death\", \"index end\" or an event, "
        "found \"deth\"\n"
        "    exit at deth\n"
        "            ^~~~\n"
        "did you mean \"death\"?");
  CHECK(message("%index first drug metformin with 365 days of obsrvation before") ==
        "t.cohort:3:45: expected \"observation\", found \"obsrvation\"\n"
        "    index first drug metformin with 365 days of obsrvation before\n"
        "                                                ^~~~~~~~~~\n"
        "did you mean \"observation\"?");
  CHECK(message("$require any drug t2d in the sam visit") ==
        "t.cohort:4:29: expected when, or \"the same visit\", found \"sam\"\n"
        "    require any drug t2d in the sam visit\n"
        "                                ^~~\n"
        "did you mean \"same\"?");
  CHECK(message("cohort \"x\"\nIndex first drug") ==
        "t.cohort:2:1: expected more of this sentence, or a new one (require, exclude, exit, ...), "
        "found \"Index\"\n"
        "    Index first drug\n"
        "    ^~~~~\n"
        "did you mean \"index\"?");
}

TEST_CASE("errors: names that nobody defined", "[language]") {
  CHECK(message("%index first drug metfromin") ==
        "t.cohort:3:18: unknown code set \"metfromin\"\n"
        "    index first drug metfromin\n"
        "                     ^~~~~~~~~\n"
        "did you mean \"metformin\"?");
  CHECK(message("%index drug metformin or insuln") ==
        "t.cohort:3:25: unknown code set \"insuln\"\n"
        "    index drug metformin or insuln\n"
        "                            ^~~~~~\n"
        "Code sets are named above; so far there are metformin, t2d.");
  CHECK(message("%index drug metformin, t3d") ==
        "t.cohort:3:23: unknown code set \"t3d\"\n"
        "    index drug metformin, t3d\n"
        "                          ^~~\n"
        "did you mean \"t2d\"?");
  CHECK(message("index first drug foo") ==
        "t.cohort:1:18: unknown code set \"foo\"\n"
        "    index first drug foo\n"
        "                     ^~~\n"
        "No code set has a name before here: codes NAME = ICD10CM:E11*");
  CHECK(message("codes a = b") ==
        "t.cohort:1:11: unknown code set \"b\"\n"
        "    codes a = b\n"
        "              ^\n"
        "No code set has a name before here: codes NAME = ICD10CM:E11*");
  CHECK(message("$require any drug metformin or insuln before index") ==
        "t.cohort:4:31: unknown code set \"insuln\"\n"
        "    require any drug metformin or insuln before index\n"
        "                                  ^~~~~~\n"
        "Code sets are named above; so far there are metformin, t2d.");
  CHECK(message("%index first drug metformin with valeu > 3") ==
        "t.cohort:3:33: unknown attribute \"valeu\"\n"
        "    index first drug metformin with valeu > 3\n"
        "                                    ^~~~~\n"
        "did you mean \"value\"?");
  CHECK(message("%index first drug metformin with (qantity > 3 or value > 1)") ==
        "t.cohort:3:34: unknown attribute \"qantity\"\n"
        "    index first drug metformin with (qantity > 3 or value > 1)\n"
        "                                     ^~~~~~~\n"
        "did you mean \"quantity\"?");
  CHECK(message("$require sex femal") ==
        "t.cohort:4:13: unknown code set \"femal\"\n"
        "    require sex femal\n"
        "                ^~~~~\n"
        "did you mean \"female\"?");
  CHECK(message("$require at least 2 distinct dayz of visit") ==
        "t.cohort:4:29: unknown attribute \"dayz\"\n"
        "    require at least 2 distinct dayz of visit\n"
        "                                ^~~~\n"
        "did you mean \"days\"?");
}

TEST_CASE("errors: statements", "[language]") {
  CHECK(message("") ==
        "t.cohort:1:1: expected an index statement, found the end of the text\n"
        "    \n"
        "    ^\n"
        "A cohort needs events that start it: index first drug NAME");
  CHECK(message("# nothing\n") ==
        "t.cohort:1:1: expected an index statement, found the end of the text\n"
        "    # nothing\n"
        "    ^\n"
        "A cohort needs events that start it: index first drug NAME");
  CHECK(message("codes a = X:1\n") ==
        "t.cohort:1:14: expected an index statement, found the end of the text\n"
        "    codes a = X:1\n"
        "                 ^\n"
        "A cohort needs events that start it: index first drug NAME");
  CHECK(message("require any drug X:1") ==
        "t.cohort:1:21: expected an index statement, found the end of the text\n"
        "    require any drug X:1\n"
        "                        ^\n"
        "A cohort needs events that start it: index first drug NAME");
  CHECK(message("first drug X:1") ==
        "t.cohort:1:1: expected a statement (cohort, codes, index, ...), found \"first\"\n"
        "    first drug X:1\n"
        "    ^~~~~");
  CHECK(message("\"x\"") ==
        "t.cohort:1:1: expected a statement (cohort, codes, index, ...), found the text \"x\"\n"
        "    \"x\"\n"
        "    ^~~");
  CHECK(message("$exit at death\nexit at death") ==
        "t.cohort:5:1: a second \"exit\"\n"
        "    exit at death\n"
        "    ^~~~\n"
        "The first one stands on line 4.");
  CHECK(message("$index visit") ==
        "t.cohort:4:1: a second \"index\"\n"
        "    index visit\n"
        "    ^~~~~\n"
        "The first one stands on line 3.");
  CHECK(message("cohort metformin") ==
        "t.cohort:1:8: expected a title in quotes, found \"metformin\"\n"
        "    cohort metformin\n"
        "           ^~~~~~~~~");
  CHECK(message("codes index = X:1") ==
        "t.cohort:1:7: \"index\" is a word of the language\n"
        "    codes index = X:1\n"
        "          ^~~~~\n"
        "Choose another name, or put it in quotes everywhere.");
  CHECK(message("codes drugs = X:1") ==
        "t.cohort:1:7: \"drugs\" is a word of the language\n"
        "    codes drugs = X:1\n"
        "          ^~~~~\n"
        "Choose another name, or put it in quotes everywhere.");
  CHECK(message("codes a = X:1\ncodes a = X:2") ==
        "t.cohort:2:7: a second code set \"a\"\n"
        "    codes a = X:2\n"
        "          ^\n"
        "Choose another name for this one.");
  CHECK(message("codes = X:1") ==
        "t.cohort:1:7: expected a name for the code set, found \"=\"\n"
        "    codes = X:1\n"
        "          ^");
  CHECK(message("codes a X:1") ==
        "t.cohort:1:9: expected \"=\", found \"X:1\"\n"
        "    codes a X:1\n"
        "            ^~~");
  CHECK(message("codes a == X:1") ==
        "t.cohort:1:10: expected a code or the name of a code set, found \"=\"\n"
        "    codes a == X:1\n"
        "             ^\n"
        "Codes are written ICD10CM:E11.9, with wildcards ICD10CM:E11*.");
  CHECK(message("$keep one") ==
        "t.cohort:4:6: expected \"earliest\", \"latest\" or \"every\", found \"one\"\n"
        "    keep one\n"
        "         ^~~");
  CHECK(message("$join rows 30 days") ==
        "t.cohort:4:11: expected \"up to 30 days apart\" or \"closer than 30 days\", found \"30\"\n"
        "    join rows 30 days\n"
        "              ^~");
  CHECK(message("$join rows closer than 0 days") ==
        "t.cohort:4:23: no rows are this close\n"
        "    join rows closer than 0 days\n"
        "                          ^\n"
        "Say at least 1 day.");
  CHECK(message("$cut rows to 2020-01-01") ==
        "t.cohort:4:23: expected \"to\" or \"..\" and the last date, found the end of the text\n"
        "    cut rows to 2020-01-01\n"
        "                          ^");
  CHECK(message("$cut rows to 2020-01-01..2019-01-01") ==
        "t.cohort:4:13: no day lies in this range\n"
        "    cut rows to 2020-01-01..2019-01-01\n"
        "                ^~~~~~~~~~~~~~~~~~~~~~\n"
        "The earlier date stands first.");
  CHECK(message("$cut to 2019-01-01") ==
        "t.cohort:4:5: expected \"rows\", found \"to\"\n"
        "    cut to 2019-01-01\n"
        "        ^~");
}

TEST_CASE("errors: characters, numbers and dates", "[language]") {
  CHECK(message("codes a = X:") ==
        "t.cohort:1:12: no code stands around this colon\n"
        "    codes a = X:\n"
        "               ^\n"
        "Codes are written ICD10CM:E11.9, without blanks.");
  CHECK(message("codes a = \"X") ==
        "t.cohort:1:11: the closing quote is missing\n"
        "    codes a = \"X\n"
        "              ^~\n"
        "A quoted text ends on its line; a quote inside of it is written \\\".");
  CHECK(message("codes a = X:\"") ==
        "t.cohort:1:13: the closing quote is missing\n"
        "    codes a = X:\"\n"
        "                ^\n"
        "A quoted text ends on its line; a quote inside of it is written \\\".");
  CHECK(message("codes a = X:\"\"") ==
        "t.cohort:1:11: a code is missing behind the vocabulary\n"
        "    codes a = X:\"\"\n"
        "              ^~~~\n"
        "Codes are written ICD10CM:E11.9, with wildcards ICD10CM:E11*.");
  CHECK(message("codes a = X:1 or") ==
        "t.cohort:1:17: expected a code or the name of a code set, found the end of the text\n"
        "    codes a = X:1 or\n"
        "                    ^\n"
        "Codes are written ICD10CM:E11.9, with wildcards ICD10CM:E11*.");
  CHECK(message("12:foo") ==
        "t.cohort:1:1: the name of a vocabulary begins with a letter\n"
        "    12:foo\n"
        "    ^~~\n"
        "Other names stand in quotes, as in \"12\":X1.");
  CHECK(message("$require any drug t2d ! before") ==
        "t.cohort:4:22: unexpected character\n"
        "    require any drug t2d ! before\n"
        "                         ^\n"
        "Texts and names with blanks stand in \"...\".");
  CHECK(message("$require any drug t2d with days_supply >= 30d") ==
        "t.cohort:4:42: this is neither a number nor a date\n"
        "    require any drug t2d with days_supply >= 30d\n"
        "                                             ^~~\n"
        "Numbers are written 30 or 6.5, dates 2015-01-31; a unit stands apart: 30 days.");
  CHECK(message("$require any drug t2d with paid >= 10,000") ==
        "t.cohort:4:37: expected the end of the sentence, found \",\"\n"
        "    require any drug t2d with paid >= 10,000\n"
        "                                        ^\n"
        "Numbers are written without commas: 10000.");
  CHECK(message("%index first drug metformin after 2015-02-30") ==
        "t.cohort:3:34: there is no such date\n"
        "    index first drug metformin after 2015-02-30\n"
        "                                     ^~~~~~~~~~\n"
        "Dates are written 2015-01-31.");
  CHECK(message("%index first drug metformin after 2015") ==
        "t.cohort:3:34: expected a date, found \"2015\"\n"
        "    index first drug metformin after 2015\n"
        "                                     ^~~~");
  CHECK(message("%index first drug metformin in 20155") ==
        "t.cohort:3:31: there is no such year\n"
        "    index first drug metformin in 20155\n"
        "                                  ^~~~~\n"
        "Say 1 to 9999.");
  CHECK(message("$require any drug within thirty days before index") ==
        "t.cohort:4:25: expected a number of days, found \"thirty\"\n"
        "    require any drug within thirty days before index\n"
        "                            ^~~~~~");
  CHECK(message("$require any drug within 9999999999 days before index") ==
        "t.cohort:4:25: expected a number of days, found \"9999999999\"\n"
        "    require any drug within 9999999999 days before index\n"
        "                            ^~~~~~~~~~\n"
        "Whole numbers from 0 to 1000000000 will do here.");
  CHECK(message("$require any drug within 9999999 years before index") ==
        "t.cohort:4:33: this is too long\n"
        "    require any drug within 9999999 years before index\n"
        "                                    ^~~~~\n"
        "At most 1000000000 days will do.");
  CHECK(message("$require any drug within 1.5 days before index") ==
        "t.cohort:4:25: expected a number of days, found \"1.5\"\n"
        "    require any drug within 1.5 days before index\n"
        "                            ^~~\n"
        "Whole numbers from 0 to 1000000000 will do here.");
}

TEST_CASE("errors: events and their clauses", "[language]") {
  CHECK(message("%index any t2d") ==
        "t.cohort:3:11: expected what kind of event (condition, drug, procedure, measurement, "
        "...), found \"t2d\"\n"
        "    index any t2d\n"
        "              ^~~\n"
        "It stands before the codes, as in: condition t2d");
  CHECK(message("%index first drug era metformin") ==
        "t.cohort:3:13: this kind of event is written in one word\n"
        "    index first drug era metformin\n"
        "                ^~~~~~~~\n"
        "did you mean \"drug_era\"?");
  CHECK(message("%index first drug metformin before index") ==
        "t.cohort:3:35: there is no other event here to be near to\n"
        "    index first drug metformin before index\n"
        "                                      ^~~~~\n"
        "Say before, after, on or between dates; what must happen around the index event is said "
        "with require or exclude.");
  CHECK(message("%index first drug metformin within 30 days before 2015-01-01") ==
        "t.cohort:3:50: there is no other event here to be near to\n"
        "    index first drug metformin within 30 days before 2015-01-01\n"
        "                                                     ^~~~~~~~~~\n"
        "Say before, after, on or between dates; what must happen around the index event is said "
        "with require or exclude.");
  CHECK(message("%index first drug metformin in the same visit") ==
        "t.cohort:3:28: this event is not counted around another one\n"
        "    index first drug metformin in the same visit\n"
        "                               ^~~~~~~~~~~~~~~~~\n"
        "What must happen around the index event is said with require or exclude.");
  CHECK(message("%index first drug metformin on at least 2 distinct days") ==
        "t.cohort:3:28: this event is not counted around another one\n"
        "    index first drug metformin on at least 2 distinct days\n"
        "                               ^~~~~~~~~~~~~~~~~~~~~~~~~~~\n"
        "What must happen around the index event is said with require or exclude.");
  CHECK(message("$require any condition t2d on at least 2 days") ==
        "t.cohort:4:41: expected \"distinct\", found \"days\"\n"
        "    require any condition t2d on at least 2 days\n"
        "                                            ^~~~\n"
        "To combine conditions, write all of (..., ...) or any of (..., ...).");
  CHECK(message("$require any condition t2d from source") ==
        "t.cohort:4:38: expected the name of a data source, found the end of the text\n"
        "    require any condition t2d from source\n"
        "                                         ^");
  CHECK(message("$require any condition t2d recorded in t2d") ==
        "t.cohort:4:36: expected \"as\", found \"in\"\n"
        "    require any condition t2d recorded in t2d\n"
        "                                       ^~");
  CHECK(message("$require any drug lasting 3") ==
        "t.cohort:4:27: expected \"days\", found the end of the text\n"
        "    require any drug lasting 3\n"
        "                              ^");
  CHECK(message("$require enrollment containing 2015-01-01") ==
        "t.cohort:4:41: expected \"as\", found the end of the text\n"
        "    require enrollment containing 2015-01-01\n"
        "                                            ^");
  CHECK(message("$require visit dated from start") ==
        "t.cohort:4:31: expected \"to\", found the end of the text\n"
        "    require visit dated from start\n"
        "                                  ^");
  CHECK(message("$require any drug that is t2d") ==
        "t.cohort:4:23: expected \"has\", found \"is\"\n"
        "    require any drug that is t2d\n"
        "                          ^~");
}

TEST_CASE("errors: tests", "[language]") {
  CHECK(message("$require any drug t2d with value >= \"x\"") ==
        "t.cohort:4:36: expected a number, found the text \"x\"\n"
        "    require any drug t2d with value >= \"x\"\n"
        "                                       ^~~");
  CHECK(message("$require any condition t2d with value") ==
        "t.cohort:4:37: expected a comparison, found the end of the text\n"
        "    require any condition t2d with value\n"
        "                                        ^\n"
        "Comparisons are written >= 6.5, = 1, 18 to 75 or between 18 and 75.");
  CHECK(message("$require any drug t2d with days_supply >= 3 \"mg\"") ==
        "t.cohort:4:44: a unit can follow a value or a dose only\n"
        "    require any drug t2d with days_supply >= 3 \"mg\"\n"
        "                                               ^~~~\n"
        "Other attributes have no unit; money is in the currency of the source.");
  CHECK(message("$require any visit with type \"x\"") ==
        "t.cohort:4:29: the vocabulary of this code is missing\n"
        "    require any visit with type \"x\"\n"
        "                                ^~~\n"
        "Codes of \"type\" are written VOCABULARY:\"x\".");
  CHECK(message("$require any drug with route 21") ==
        "t.cohort:4:29: expected a code or the name of a code set, found \"21\"\n"
        "    require any drug with route 21\n"
        "                                ^~\n"
        "Codes are written ICD10CM:E11.9, with wildcards ICD10CM:E11*.");
  CHECK(message("$require any drug with value / route > 2") ==
        "t.cohort:4:31: two numbers of the event and of one kind are needed here\n"
        "    require any drug with value / route > 2\n"
        "                                  ^~~~~\n"
        "Such as value / range_high >= 2.");
  CHECK(message("$require any measurement with (value > 3 or value < 1 before index") ==
        "t.cohort:4:54: expected \"and\", \"or\" or \")\", found \"before\"\n"
        "    require any measurement with (value > 3 or value < 1 before index\n"
        "                                                         ^~~~~~");
  CHECK(message("$require age 75 to 18") ==
        "t.cohort:4:13: no number is in this range\n"
        "    require age 75 to 18\n"
        "                ^~~~~~~~\n"
        "The smaller number stands first.");
  CHECK(message("$require age") ==
        "t.cohort:4:12: expected a comparison, found the end of the text\n"
        "    require age\n"
        "               ^\n"
        "Comparisons are written >= 6.5, = 1, 18 to 75 or between 18 and 75.");
  CHECK(message("$require any drug with lot > 3") ==
        "t.cohort:4:27: expected a comparison with a text, found \">\"\n"
        "    require any drug with lot > 3\n"
        "                              ^\n"
        "Texts are compared as in = \"A\", != \"A\", contains \"A\", starts with \"A\", ends with "
        "\"A\", like \"%A_\", is present.");
  CHECK(message("$require any drug with lot does contain \"x\"") ==
        "t.cohort:4:32: expected \"not\", found \"contain\"\n"
        "    require any drug with lot does contain \"x\"\n"
        "                                   ^~~~~~~");
  CHECK(message("$require any drug with lot = x") ==
        "t.cohort:4:29: expected a text in quotes, found \"x\"\n"
        "    require any drug with lot = x\n"
        "                                ^");
  CHECK(message("$require any drug with") ==
        "t.cohort:4:22: expected the name of an attribute, found the end of the text\n"
        "    require any drug with\n"
        "                         ^");
}

TEST_CASE("errors: time", "[language]") {
  CHECK(message("$require any drug t2d before it") ==
        "t.cohort:4:29: \"it\" is the event before \"that has\"\n"
        "    require any drug t2d before it\n"
        "                                ^~\n"
        "Say \"index\" here.");
  CHECK(message("$require any drug t2d that has any condition t2d before index") ==
        "t.cohort:4:56: inside \"that has\", time is counted from \"it\"\n"
        "    require any drug t2d that has any condition t2d before index\n"
        "                                                           ^~~~~\n"
        "\"it\" is the event before \"that has\"; conditions on that event itself stand before "
        "\"that has\", or behind it when what it has is in parentheses.");
  CHECK(message("$require index before index") ==
        "t.cohort:4:22: there is no other event here to be near to\n"
        "    require index before index\n"
        "                         ^~~~~\n"
        "Say before, after, on or between dates; what must happen around the index event is said "
        "with require or exclude.");
  CHECK(message("$require it before 2015-01-01") ==
        "t.cohort:4:9: \"it\" is the event before \"that has\"\n"
        "    require it before 2015-01-01\n"
        "            ^~\n"
        "Say \"index\" here.");
  CHECK(message("$require index with value > 3") ==
        "t.cohort:4:15: expected a date condition, such as \"on or after 2015-01-01\", found "
        "\"with\"\n"
        "    require index with value > 3\n"
        "                  ^~~~");
  CHECK(message("$require any drug from 30 days after index to 30 days before index") ==
        "t.cohort:4:23: no day lies in this range\n"
        "    require any drug from 30 days after index to 30 days before index\n"
        "                          ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n"
        "The earlier (or the smaller) bound stands first.");
  CHECK(message("$require any drug between 90 and 30 days before index") ==
        "t.cohort:4:26: no day lies in this range\n"
        "    require any drug between 90 and 30 days before index\n"
        "                             ^~~~~~~~~~~~~~\n"
        "The earlier (or the smaller) bound stands first.");
  CHECK(message("$require any drug between 2016-01-01 and 2015-01-01") ==
        "t.cohort:4:26: no day lies in this range\n"
        "    require any drug between 2016-01-01 and 2015-01-01\n"
        "                             ^~~~~~~~~~~~~~~~~~~~~~~~~\n"
        "The earlier (or the smaller) bound stands first.");
  CHECK(message("$require any drug within 30 days before index or on index end") ==
        "t.cohort:4:52: this is another day than the one before\n"
        "    require any drug within 30 days before index or on index end\n"
        "                                                       ^~~~~~~~~\n"
        "\"or on\" takes up what stands before it, as in: within 30 days before index end or on "
        "index end");
  CHECK(message("$require any drug within 30 days") ==
        "t.cohort:4:32: expected \"before\", \"after\" or \"of\", found the end of the text\n"
        "    require any drug within 30 days\n"
        "                                   ^");
  CHECK(message("$require any drug not on index") ==
        "t.cohort:4:25: expected a date, found \"index\"\n"
        "    require any drug not on index\n"
        "                            ^~~~~");
  CHECK(message("$require any drug before") ==
        "t.cohort:4:24: expected a date or \"index\", found the end of the text\n"
        "    require any drug before\n"
        "                           ^");
  CHECK(message("$require any drug starting soon") ==
        "t.cohort:4:27: expected a time, such as \"before index\" or \"within 30 days after "
        "index\", found \"soon\"\n"
        "    require any drug starting soon\n"
        "                              ^~~~");
}

TEST_CASE("errors: counts and groups", "[language]") {
  CHECK(message("$require exactly drug t2d") ==
        "t.cohort:4:17: expected a number, found \"drug\"\n"
        "    require exactly drug t2d\n"
        "                    ^~~~");
  CHECK(message("$require any drug metformin before index and any condition t2d before index") ==
        "t.cohort:4:41: expected the end of the sentence, found \"and\"\n"
        "    require any drug metformin before index and any condition t2d before index\n"
        "                                            ^~~\n"
        "To combine conditions, write all of (..., ...) or any of (..., ...).");
  CHECK(message("$require \"a\" all of (any drug t2d before index any drug t2d)") ==
        "t.cohort:4:47: expected \",\" or \")\", found \"any\"\n"
        "    require \"a\" all of (any drug t2d before index any drug t2d)\n"
        "                                                  ^~~");
  CHECK(message("$require all of (any drug t2d before index and any drug t2d)") ==
        "t.cohort:4:43: expected \",\" or \")\", found \"and\"\n"
        "    require all of (any drug t2d before index and any drug t2d)\n"
        "                                              ^~~\n"
        "To combine conditions, write all of (..., ...) or any of (..., ...).");
  CHECK(message("$require any of any drug") ==
        "t.cohort:4:16: expected \"(\", found \"any\"\n"
        "    require any of any drug\n"
        "                   ^~~");
  CHECK(message("$require at least 2 of ()") ==
        "t.cohort:4:24: expected a condition, found \")\"\n"
        "    require at least 2 of ()\n"
        "                           ^\n"
        "Such as: age >= 18, or any drug NAME before index.");
  CHECK(message("$require") ==
        "t.cohort:4:8: expected a condition, found the end of the text\n"
        "    require\n"
        "           ^\n"
        "Such as: age >= 18, or any drug NAME before index.");
  CHECK(message("$restrict any drug") ==
        "t.cohort:4:10: expected \"to\", found \"any\"\n"
        "    restrict any drug\n"
        "             ^~~");
  CHECK(message("$restrict to any drug keeping the best") ==
        "t.cohort:4:34: expected \"earliest\", \"latest\" or \"every\", found \"best\"\n"
        "    restrict to any drug keeping the best\n"
        "                                     ^~~~");
}

TEST_CASE("errors: exits", "[language]") {
  CHECK(message("$exit") ==
        "t.cohort:4:5: expected why membership ends, found the end of the text\n"
        "    exit\n"
        "        ^\n"
        "Such as: at end of observation, at death, 180 days after index, when drug NAME stops, at "
        "first condition NAME.");
  CHECK(message("$exit soon") ==
        "t.cohort:4:6: expected why membership ends, found \"soon\"\n"
        "    exit soon\n"
        "         ^~~~\n"
        "Such as: at end of observation, at death, 180 days after index, when drug NAME stops, at "
        "first condition NAME.");
  CHECK(message("$exit when drug metformin ends") ==
        "t.cohort:4:26: expected \"stops\", found \"ends\"\n"
        "    exit when drug metformin ends\n"
        "                             ^~~~");
  CHECK(message("$exit when drug metformin stops, allowing gaps 3 days") ==
        "t.cohort:4:47: expected \"of\", found \"3\"\n"
        "    exit when drug metformin stops, allowing gaps 3 days\n"
        "                                                  ^");
  CHECK(message("$exit 30 hours after index") ==
        "t.cohort:4:9: only whole days will do here\n"
        "    exit 30 hours after index\n"
        "            ^~~~~\n"
        "Say days, weeks or years.");
  CHECK(message("$exit 30 days") ==
        "t.cohort:4:13: expected \"before\" or \"after\", found the end of the text\n"
        "    exit 30 days\n"
        "                ^");
  CHECK(message("$exit 30 days after it") ==
        "t.cohort:4:20: \"it\" is the event before \"that has\"\n"
        "    exit 30 days after it\n"
        "                       ^~\n"
        "Say \"index\" here.");
}

TEST_CASE("errors: observation", "[language]") {
  CHECK(message("%index drug metformin with 365 days before and 3 days before") ==
        "t.cohort:3:47: this is said twice\n"
        "    index drug metformin with 365 days before and 3 days before\n"
        "                                                  ^~~~~~~~~~~~~\n"
        "Say it once for the time before index, once for the time after.");
  CHECK(message("%index drug metformin with 365 days of observation") ==
        "t.cohort:3:50: expected \"before\" or \"after\", found the end of the text\n"
        "    index drug metformin with 365 days of observation\n"
        "                                                     ^");
  CHECK(message("%index drug metformin with 365 observation before") ==
        "t.cohort:3:31: expected days, weeks, months, years, hours, minutes or seconds, found "
        "\"observation\"\n"
        "    index drug metformin with 365 observation before\n"
        "                                  ^~~~~~~~~~~");
}

TEST_CASE("errors: columns count characters, and tabs keep their width", "[language]") {
  CHECK(message("index first\tdrug\tfoo") ==
        "t.cohort:1:18: unknown code set \"foo\"\n"
        "    index first\tdrug\tfoo\n"
        "               \t    \t^~~\n"
        "No code set has a name before here: codes NAME = ICD10CM:E11*");
  CHECK(message("# \303\244\ncodes \"\303\244\303\266\303\274\" = X:1\nindex first condition "
                "\"\303\244\303\266\303\274\" \303\274ber") ==
        "t.cohort:3:29: expected more of this sentence, or a new one (require, exclude, exit, "
        "...), found \"\303\274ber\"\n"
        "    index first condition \"\303\244\303\266\303\274\" \303\274ber\n"
        "                                ^~~~");
  CHECK(message("index drug\r\n  foo\r\n") ==
        "t.cohort:2:3: unknown code set \"foo\"\n"
        "      foo\n"
        "      ^~~\n"
        "No code set has a name before here: codes NAME = ICD10CM:E11*");
}

TEST_CASE("errors: deep nesting and long lines are cut short", "[language]") {
  CHECK(message("index drug " + std::string(200, '(')) ==
        "t.cohort:1:171: this is nested too deeply\n"
        "... " +
            std::string(121, '(') + "\n" + std::string(84, ' ') +
            "^\n"
            "At most 160 levels are read.");
  CHECK(message(
            "cohort "
            "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" index first drug foo with value > 3 "
            "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
            "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
            "yyyyyyyyyyyyyyyyyyyyyyyyyyyy") ==
        "t.cohort:1:328: unknown code set \"foo\"\n"
        "... xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" index first drug foo "
        "with value > 3 yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy ...\n"
        "                                                                                    ^~~\n"
        "No code set has a name before here: codes NAME = ICD10CM:E11*");
}

TEST_CASE("errors: code expressions", "[language]") {
  CHECK(code_message("") ==
        "codes:1:1: expected a code, found the end of the text\n"
        "    \n"
        "    ^\n"
        "Codes are written ICD10CM:E11.9, with wildcards ICD10CM:E11*.");
  CHECK(code_message("diabetes") ==
        "codes:1:1: expected a code, found \"diabetes\"\n"
        "    diabetes\n"
        "    ^~~~~~~~\n"
        "Codes are written ICD10CM:E11.9, with wildcards ICD10CM:E11*.");
  CHECK(code_message("X:1 X:2") ==
        "codes:1:5: expected \"or\", \"except\" or the end, found \"X:2\"\n"
        "    X:1 X:2\n"
        "        ^~~");
  CHECK(code_message("X:1 or") ==
        "codes:1:7: expected a code, found the end of the text\n"
        "    X:1 or\n"
        "          ^\n"
        "Codes are written ICD10CM:E11.9, with wildcards ICD10CM:E11*.");
  CHECK(code_message("(X:1") ==
        "codes:1:5: expected \")\", found the end of the text\n"
        "    (X:1\n"
        "        ^");
  CHECK(code_message("X:1 including descendants") ==
        "codes:1:15: expected \"mapped\", found \"descendants\"\n"
        "    X:1 including descendants\n"
        "                  ^~~~~~~~~~~");
  CHECK(code_message("X:1 with mapped") ==
        "codes:1:5: expected \"or\", \"except\" or the end, found \"with\"\n"
        "    X:1 with mapped\n"
        "        ^~~~");
  CHECK(code_message("X:1 or or X:2") ==
        "codes:1:8: expected a code, found \"or\"\n"
        "    X:1 or or X:2\n"
        "           ^~\n"
        "Codes are written ICD10CM:E11.9, with wildcards ICD10CM:E11*.");
  CHECK(code_message("X:1 except") ==
        "codes:1:11: expected a code, found the end of the text\n"
        "    X:1 except\n"
        "              ^\n"
        "Codes are written ICD10CM:E11.9, with wildcards ICD10CM:E11*.");
}

TEST_CASE("errors: cohorts as events", "[language]") {
  const auto shown = [](const std::string& text) {
    const std::string all = message(text);
    const std::size_t line = all.find('\n');
    return all.substr(0, all.find('\n', all.find('\n', line + 1) + 1));
  };
  CHECK(message("$require any cohort before index") ==
        "t.cohort:4:20: expected the name of a saved cohort, or a file, found \"before\"\n"
        "    require any cohort before index\n"
        "                       ^~~~~~\n"
        "A name that is a word of the language or a number stands in quotes.");
  CHECK(message("$require any cohort \"prior cancer\" before index") ==
        "t.cohort:4:20: no saved cohort can have this name\n"
        "    require any cohort \"prior cancer\" before index\n"
        "                       ^~~~~~~~~~~~~~\n"
        "Names of saved cohorts have up to 128 letters (a to z), digits, '_', '-' and '.', the "
        "first of them a letter, a digit or '_'.");
  CHECK(message("$require any cohort \"t2d.cohort\" before index") ==
        "t.cohort:4:20: this is the name of a file\n"
        "    require any cohort \"t2d.cohort\" before index\n"
        "                       ^~~~~~~~~~~~\n"
        "Write cohort file \"t2d.cohort\", or the name of a saved cohort.");
  CHECK(shown("$require any cohort a as of release 0") ==
        "t.cohort:4:36: there is no such release\n"
        "    require any cohort a as of release 0\n"
        "                                       ^");
  CHECK(shown("$require any cohort a X:1") ==
        "t.cohort:4:22: rows of a cohort have no codes\n"
        "    require any cohort a X:1\n"
        "                         ^~~");
  CHECK(shown("$require any cohort a before index with value >= 3 and age > 3") ==
        "t.cohort:4:35: rows of a cohort do not have what this asks for\n"
        "    require any cohort a before index with value >= 3 and age > 3\n"
        "                                      ^~~~~~~~~~~~~~~~~~~~~~~~~~~");
  CHECK(shown("$require any standard cohort a") ==
        "t.cohort:4:22: rows of a cohort have no codes\n"
        "    require any standard cohort a\n"
        "                         ^~~~~~~~");
  CHECK(shown("$require any cohort a in the same visit") ==
        "t.cohort:4:22: rows of a cohort belong to no visit and no claim\n"
        "    require any cohort a in the same visit\n"
        "                         ^~~~~~~~~~~~~~~~~");
  CHECK(shown("$require at least 2 distinct codes of cohort a") ==
        "t.cohort:4:38: of rows of a cohort, only days, end days and lengths can be distinct\n"
        "    require at least 2 distinct codes of cohort a\n"
        "                                         ^~~~~~~~");
  CHECK(shown("$require any cohort a recorded as X:1") ==
        "t.cohort:4:22: rows of a cohort have no codes\n"
        "    require any cohort a recorded as X:1\n"
        "                         ^~~~~~~~~~~~~~~");
  CHECK(shown("$require any cohort a from source mayo") ==
        "t.cohort:4:22: rows of a cohort do not have what this asks for\n"
        "    require any cohort a from source mayo\n"
        "                         ^~~~~~~~~~~~~~~~");
}

TEST_CASE("errors: words that are no UTF-8 are cut somewhere, long before the text's end",
          "[language]") {
  const std::string continued(300, '\xBF');
  const auto shown = [](std::size_t bytes) { return std::string(bytes, '\xBF'); };
  CHECK(message(continued) ==
        "t.cohort:1:1: expected a statement (cohort, codes, index, ...), found \"" + shown(40) +
            "\"\n    " + shown(160) + " ...\n    ^");
  CHECK(message("index " + continued + " " + continued).starts_with("t.cohort:1:7: expected what"));
  CHECK(message("codes " + continued + " = X:1 index ?").starts_with("t.cohort:1:20: unexpected"));
}

TEST_CASE("the beginning of a text ends with a whole character", "[language]") {
  CHECK(anam::first_characters("abc", 3) == "abc");
  CHECK(anam::first_characters("abcd", 3) == "abc");
  CHECK(anam::first_characters("ab\xC3\xA9", 3) == "ab");
  CHECK(anam::first_characters("a\xE5\xAD\x97", 3) == "a");
  CHECK(anam::first_characters("\xF0\x9F\x98\x80", 3).empty());
  CHECK(anam::first_characters("\xC3\xA9", 0).empty());
  CHECK(anam::first_characters("\xBF\xBF\xBF\xBF\xBF", 4) == "\xBF\xBF\xBF\xBF");
  CHECK(anam::first_characters("", 0).empty());
}
