// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "storage/error.h"
#include "tools/import/importer.h"

namespace anam {
namespace {

namespace fs = std::filesystem;

fs::path scratch_file() {
  return fs::temp_directory_path() / ("anam_bad_rows_" + std::to_string(::getpid()) + ".csv");
}

std::string content(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

std::string message(BadRows& bad) {
  try {
    bad.add("drug.csv", 17, "days_supply", "3O", "not a number");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInput);
    return error.what();
  }
  return "no error";
}

TEST_CASE("no bad row is tolerated by default, and the message names the place", "[tools]") {
  const fs::path file = scratch_file();
  BadRows bad(0, file);
  CHECK(message(bad) ==
        "row cannot be read: not a number: drug.csv, line 17, column days_supply, value '3O'; "
        "correct it, or tolerate such rows with --max-bad-rows");
  CHECK_FALSE(fs::exists(file));
}

TEST_CASE("tolerated bad rows are written with their reason", "[tools]") {
  const fs::path file = scratch_file();
  {
    BadRows bad(2, file);
    bad.add("person.csv", 2, "year_of_birth", "a \"b\", c", "not a number");
    bad.add("person.csv", 3, "", "1,2", "row has 2 fields, the header has 18");
    CHECK(bad.count() == 2);
    CHECK(message(bad).find("more bad rows than the 2 of --max-bad-rows") != std::string::npos);
  }
  CHECK(content(file) ==
        "file,line,column,value,reason\n"
        "person.csv,2,year_of_birth,\"a \"\"b\"\", c\",not a number\n"
        "person.csv,3,,\"1,2\",\"row has 2 fields, the header has 18\"\n");
  fs::remove(file);
}

TEST_CASE("a file of bad rows that cannot be written is an error", "[tools]") {
  BadRows bad(1, fs::temp_directory_path() / "anam_no_such_directory" / "bad.csv");
  CHECK_THROWS_AS(bad.add("a.csv", 2, "x", "y", "z"), Error);
}

TEST_CASE("messages show control characters as blanks and cut long values", "[tools]") {
  BadRows bad(0, {});
  try {
    bad.add("a.csv", 2, "x", "tab\there" + std::string(1000, 'y'), "too long");
    FAIL("no error");
  } catch (const Error& error) {
    const std::string text = error.what();
    CHECK(text.find("tab here") != std::string::npos);
    CHECK(text.find("...") != std::string::npos);
    CHECK(text.size() < 500);
  }
}

}  // namespace
}  // namespace anam
