// SPDX-License-Identifier: Apache-2.0
#include "query/read/read_ahead.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "storage/shard_key.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::TemporaryDirectory;

namespace {

// A shard of 2,000 patients in blocks of 10; a value is its first patient. Patient 405 has events
// in three blocks. Its neighbours have blocks too.
std::shared_ptr<const SealedFile> make_file(const std::filesystem::path& path) {
  SealedFileWriter writer(path);
  const auto append = [&](std::uint32_t shard, std::uint32_t first, std::uint32_t skipped) {
    writer.append(timeline_key(shard, first, skipped), as_bytes(std::to_string(first)));
  };
  append(3, 0, 0);
  for (std::uint32_t first = 0; first < 2000; first += 10) {
    append(4, first, 0);
    if (first != 400) continue;
    append(4, 405, 7);
    append(4, 405, 900);
  }
  writer.append(shard_part_key(4, ShardPart::kHeader), as_bytes("header"));
  append(5, 0, 0);
  writer.finish();
  return SealedFile::open(path, std::nullopt);
}

}  // namespace

TEST_CASE("blocks are asked for once, before they are reached and not long before", "[read]") {
  const TemporaryDirectory directory;
  const auto file = make_file(directory / "f");
  for (const std::uint32_t step : {1U, 3U, 10U, 37U, 1999U}) {
    PatientSet wanted(2100);  // some are in no block of this file
    std::vector<std::uint32_t> expected;
    for (std::uint32_t i = 5; i < 2100; i += step) {
      wanted.add(i);
      const std::uint32_t block = std::min(i / 10 * 10, 1990U);
      if (expected.empty() || expected.back() != block) expected.push_back(block);
    }
    std::vector<std::uint32_t> asked;
    ReadAhead ahead(file, 4, wanted, [&asked](ByteSpan block) {
      const auto first = static_cast<std::uint32_t>(std::stoul(std::string(as_text(block))));
      if (first != 405) asked.push_back(first);
    });
    CAPTURE(step);
    std::size_t reached = 0;  // blocks
    for (std::uint32_t i = next_patient(wanted, 0); i < 2100; i = next_patient(wanted, i + 1)) {
      ahead.reached(i);
      const std::uint32_t block = std::min(i / 10 * 10, 1990U);
      while (expected[reached] != block) ++reached;
      REQUIRE(std::ranges::find(asked, block) != asked.end());
      CAPTURE(i, block, asked);
      REQUIRE(asked.size() <= reached + 1 + ReadAhead::kBlocks);
    }
    CHECK(asked == expected);
  }
}

TEST_CASE("the next patient of a set is the one that a look at all finds", "[read]") {
  PatientSet set(300);
  for (const std::uint32_t i : {0U, 63U, 64U, 65U, 190U, 299U}) set.add(i);
  for (std::uint32_t from = 0; from <= 300; ++from) {
    std::uint32_t expected = from;
    while (expected < 300 && !set.contains(expected)) ++expected;
    CHECK(next_patient(set, from) == expected);
  }
  CHECK(next_patient(PatientSet(0), 0) == 0);
}
