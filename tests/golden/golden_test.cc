// SPDX-License-Identifier: Apache-2.0
// Stores that earlier versions wrote are read for ever: each directory v*/ has one, and what it
// said when it was written.
#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "storage/format.h"
#include "tests/golden/dump.h"
#include "tests/golden/golden_store.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

const fs::path kGolden = fs::path(ANAM_SOURCE_DIR) / "tests" / "golden";
constexpr std::uint64_t kMostBytes = 200'000;

/// Of the present version of the store, and of its shards.
fs::path present() {
  return kGolden / ("v" + std::to_string(kFormatVersion) + "." + std::to_string(kShardVersion));
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<fs::path> versions() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(kGolden)) {
    if (entry.is_directory()) found.push_back(entry.path());
  }
  return found;
}

/// Compares line by line, so that a difference shows as one line and not as a whole dump.
void check_equal(const std::string& found, const std::string& expected) {
  std::istringstream a(found);
  std::istringstream b(expected);
  std::string x;
  std::string y;
  for (std::size_t number = 1;; ++number) {
    const bool more_a = static_cast<bool>(std::getline(a, x));
    const bool more_b = static_cast<bool>(std::getline(b, y));
    CAPTURE(number);
    REQUIRE(more_a == more_b);
    if (!more_a) return;
    REQUIRE(x == y);
  }
}

}  // namespace

TEST_CASE("stores of all versions are read, without permission to write", "[golden]") {
  REQUIRE(fs::is_directory(present()));
  for (const fs::path& version : versions()) {
    INFO(version.string());
    const TemporaryDirectory directory;
    const fs::path store = directory / "store";
    fs::copy(version / "store", store, fs::copy_options::recursive);
    for (const auto& entry : fs::directory_iterator(store))
      fs::permissions(entry.path(), fs::perms::owner_read);
    fs::permissions(store, fs::perms::owner_read | fs::perms::owner_exec);
    std::string found;
    try {
      found = testing::dump_store(store);
    } catch (...) {
      fs::permissions(store, fs::perms::owner_all);
      throw;
    }
    fs::permissions(store, fs::perms::owner_all);
    check_equal(found, read_text(version / "expected.dump"));
  }
}

TEST_CASE("the kept store has every encoding", "[golden]") {
  const fs::path store = present() / "store";
  const auto found = testing::encodings_of(store);
  for (const std::string name :
       {"codec 1", "codec 2", "codec 3", "codec 4", "codec 5", "codec 6", "form 0", "form 1",
        "form 2", "form 3", "flags 0", "flags 1", "type 1", "type 2", "type 3", "type 4", "type 5",
        "a patient over two chunks or pages"}) {
    INFO(name);
    CHECK(found.contains(name));
  }
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(store)) bytes += entry.file_size();
  CHECK(bytes < kMostBytes);
}

// Before a tagged release only: see HACKING.md.
TEST_CASE("write the kept store of this version anew", "[.make]") {
  const fs::path version = present();
  fs::remove_all(version);
  fs::create_directories(version);
  testing::make_golden_store(version / "store");
  fs::remove(version / "store" / file_name::kWriterLock);
  std::ofstream(version / "expected.dump", std::ios::binary)
      << testing::dump_store(version / "store");
}
