// SPDX-License-Identifier: Apache-2.0
// The example in docs/format.md is what is really written.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "ingest/load.h"
#include "storage/attributes.h"
#include "storage/calendar.h"
#include "storage/decimal.h"
#include "storage/store.h"
#include "tests/golden/annotate.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::TemporaryDirectory;

namespace {

constexpr std::string_view kBegin = "<!-- example: written by golden_tests \"[.document]\" -->\n";
constexpr std::string_view kEnd = "<!-- end of the example -->\n";

std::filesystem::path document() {
  return std::filesystem::path(ANAM_SOURCE_DIR) / "docs" / "format.md";
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::int64_t day(std::string_view text) { return parse_day(text).value(); }

void load_example(const std::filesystem::path& path) {
  LoadOptions options;
  options.store = path;
  options.source = "clinic";
  options.threads = 1;
  options.shards = 1;
  Load load(options);
  EventBatch batch;
  batch.begin(17, Domain::kMeasurement, load.code("LOINC", "4548-4"), day("2019-03-05"));
  batch.set(column::kValue, parse_decimal("7.5").value());
  batch.begin(17, Domain::kEnrollment, kNoCode, day("2019-01-01"));
  batch.set(column::kEndDay, day("2020-12-31"));
  batch.begin(17, Domain::kCondition, load.code("ICD10CM", "E11.9"), day("2019-03-05"));
  load.add(std::move(batch));
  load.finish();
}

std::string section(std::string_view name, const std::string& text) {
  return "\n`" + std::string(name) + "`:\n\n```text\n" + text + "```\n";
}

/// The example as the document has it.
std::string example() {
  const TemporaryDirectory directory;
  load_example(directory / "store");
  const Store store = Store::open(directory / "store");
  // What differs from run to run, or with LMDB's version, stands still here.
  Catalog catalog = store.catalog();
  for (std::size_t i = 0; i < catalog.id.size(); ++i) catalog.id[i] = static_cast<std::uint8_t>(i);
  catalog.releases[0].time = 1'700'000'000;
  for (StoreFile& file : catalog.releases[0].files)
    file.seal = {.size = 0x5000, .checksum = 0x0123456789ABCDEF};
  const auto fixed = directory / "catalog.mdb";
  write_catalog(fixed, catalog);

  const std::string shards = shards_file_name(1, 0);
  return section(shards, testing::annotate_shards(*store.file(shards))) +
         section(codes_file_name(1), testing::annotate_codes(*store.codes_file())) +
         section("catalog.mdb", testing::annotate_catalog(*SealedFile::open(fixed, std::nullopt)));
}

struct Split {
  std::string before;
  std::string example;
  std::string after;
};

Split split_document() {
  const std::string text = read_text(document());
  const std::size_t begin = text.find(kBegin);
  REQUIRE(begin != std::string::npos);
  const std::size_t from = begin + kBegin.size();
  const std::size_t end = text.find(kEnd, from);
  REQUIRE(end != std::string::npos);
  return {text.substr(0, from), text.substr(from, end - from), text.substr(end)};
}

}  // namespace

#ifndef __clang__
// The parts of a FlatBuffer lie in the order in which a call's arguments are evaluated, and
// compilers choose that: the document shows gcc's.
TEST_CASE("the example of the format's document is what is written", "[golden]") {
  INFO("after a change of the format: golden_tests \"[.document]\" writes the example anew");
  CHECK(split_document().example == example());
}
#endif

TEST_CASE("the format's document lists every attribute and domain", "[golden]") {
  const std::string text = read_text(document());
  constexpr std::string_view kTypes[] = {"", "int", "money", "decimal", "code", "text"};
  for (const AttributeInfo& attribute : builtin_attributes()) {
    if (attribute.id < column::kFirstAttribute) continue;
    const std::string row = "| " + std::to_string(attribute.id) + " | " +
                            std::string(attribute.name) + " | " +
                            std::string(kTypes[static_cast<std::size_t>(attribute.type)]) + " | " +
                            std::string(attribute.meaning);
    INFO(row);
    CHECK(text.find("\n" + row) != std::string::npos);
  }
  for (const Domain domain : all_domains()) {
    const std::string cell = "| " + std::to_string(static_cast<int>(domain)) + " | " +
                             std::string(domain_name(domain)) + " |";
    INFO(cell);
    CHECK(text.find(cell) != std::string::npos);
  }
}

TEST_CASE("write the example into the format's document", "[.document]") {
  const Split parts = split_document();
  std::ofstream(document(), std::ios::binary) << parts.before << example() << parts.after;
}
