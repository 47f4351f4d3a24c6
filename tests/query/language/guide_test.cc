// SPDX-License-Identifier: Apache-2.0
// The examples of docs/language.md are definitions that work.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "query/language/parser.h"

namespace {

std::string guide() {
  std::ifstream file(std::string(ANAM_SOURCE_DIR) + "/docs/language.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> blocks(const std::string& text, const std::string& language) {
  std::vector<std::string> found;
  const std::string open = "```" + language + "\n";
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
    const std::size_t begin = at + open.size();
    at = text.find("```", begin);
    found.push_back(text.substr(begin, at - begin));
  }
  return found;
}

}  // namespace

TEST_CASE("every example of the guide parses", "[language]") {
  const std::vector<std::string> examples = blocks(guide(), "cohort");
  REQUIRE(examples.size() >= 10);
  for (const std::string& example : examples) {
    INFO(example);
    CHECK_NOTHROW(anam::parse_cohort(example, "example.cohort"));
  }
}

TEST_CASE("the guide shows an error as it is printed", "[language]") {
  const std::vector<std::string> shown = blocks(guide(), "text");
  REQUIRE(shown.size() == 1);
  const std::string definition =
      "\n\n\n\n\n\ncodes metformin = RXNORM:6809\nindex first drug metfromin\n";
  CHECK_THROWS_WITH(anam::parse_cohort(definition, "t2d.cohort"),
                    shown.front().substr(0, shown.front().size() - 1));
}
