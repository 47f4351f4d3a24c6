// SPDX-License-Identifier: Apache-2.0
#include "storage/catalog.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "storage/catalog_generated.h"
#include "storage/checked_value.h"
#include "storage/format.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::TemporaryDirectory;

namespace {

Catalog example() {
  Catalog catalog = make_catalog(3);
  catalog.sources = {{1, "payer"}, {4, "hospital \xC3\xA9"}};
  catalog.attributes = {{512, "fasting", ColumnType::kInt}, {600, "remark", ColumnType::kText}};
  const StoreFile shards = {
      shards_file_name(1, 0), StoreFile::Kind::kShards, {100, 0xFFFFFFFFFFFFFFFF}, {0, 1, 7}, 1};
  const StoreFile codes = {codes_file_name(1), StoreFile::Kind::kCodes, {50, 7}, {}, 1};
  const StoreFile codes2 = {codes_file_name(2), StoreFile::Kind::kCodes, {60, 8}, {}, 2};
  Release first;
  first.number = 1;
  first.time = -5;
  first.source = "payer";
  first.note = std::string("odd \0 bytes \xff", 13);
  first.patients = 1ULL << 40;
  first.domains = {{Domain::kDrug, 12}, {Domain::kCost, 1ULL << 50}};
  first.files = {codes, shards};
  first.codes_file = codes.name;
  first.report = "{\"rows\": 12}";
  Release second = first;
  second.number = 9;
  second.vocabulary_version = "v5.0";
  second.files = {codes2, shards};
  second.codes_file = codes2.name;
  second.domains.clear();
  catalog.releases = {first, second};
  return catalog;
}

Catalog round_trip(const Catalog& catalog) {
  const TemporaryDirectory directory;
  const Seal seal = write_catalog(directory / "c", catalog);
  return read_catalog(*SealedFile::open(directory / "c", seal));
}

}  // namespace

TEST_CASE("a catalog reads as it was written", "[storage]") {
  const Catalog catalog = example();
  CHECK_FALSE(find_fault(catalog));
  CHECK(round_trip(catalog) == catalog);
  const Catalog empty = make_catalog(0);
  CHECK(round_trip(empty) == empty);
}

TEST_CASE("every new store has its own id", "[storage]") {
  CHECK(make_catalog(1).id != make_catalog(1).id);
}

TEST_CASE("a release of very many files reads as it was written", "[storage]") {
  Catalog catalog = make_catalog(12);
  Release release;
  release.number = 1;
  release.files.push_back({codes_file_name(1), StoreFile::Kind::kCodes, {50, 7}, {}, 1});
  release.codes_file = release.files[0].name;
  for (std::uint32_t part = 0; part < 4096; ++part) {
    release.files.push_back(
        {shards_file_name(1, part), StoreFile::Kind::kShards, {part, part * 3}, {part}, 1});
  }
  for (std::uint32_t number = 1; number <= 20; ++number) {
    release.number = number;
    catalog.releases.push_back(release);
  }
  CHECK(round_trip(catalog) == catalog);
}

TEST_CASE("each rule of a catalog is checked", "[storage]") {
  const auto broken = [](const std::function<void(Catalog&)>& change) {
    Catalog catalog = example();
    change(catalog);
    return find_fault(catalog).value_or("");
  };
  using Catch::Contains;
  CHECK_THAT(broken([](Catalog& c) { c.format_version = 2; }), Contains("version"));
  CHECK_THAT(broken([](Catalog& c) { c.shard_bits = 21; }), Contains("shard bits"));
  CHECK_THAT(broken([](Catalog& c) { c.sources[0].id = 0; }), Contains("sources"));
  CHECK_THAT(broken([](Catalog& c) { c.sources[1].id = 1; }), Contains("sources"));
  CHECK_THAT(broken([](Catalog& c) { c.sources[1].name = "payer"; }), Contains("twice"));
  CHECK_THAT(broken([](Catalog& c) { c.sources[1].name = ""; }), Contains("name"));
  CHECK_THAT(broken([](Catalog& c) { c.sources[1].name = "a\nb"; }), Contains("name"));
  CHECK_THAT(broken([](Catalog& c) { c.sources[1].name = std::string(256, 'x'); }),
             Contains("name"));
  CHECK_THAT(broken([](Catalog& c) { c.attributes[0].id = 511; }), Contains("attributes"));
  CHECK_THAT(broken([](Catalog& c) { c.attributes[0].type = ColumnType{6}; }), Contains("type"));
  CHECK_THAT(broken([](Catalog& c) { c.releases[0].number = 0; }), Contains("releases"));
  CHECK_THAT(broken([](Catalog& c) { c.releases[1].number = 1; }), Contains("releases"));
  CHECK_THAT(broken([](Catalog& c) { c.releases[1].files[1].seal.size = 1; }), Contains("agree"));
  CHECK_THAT(broken([](Catalog& c) { c.releases[0].codes_file = shards_file_name(1, 0); }),
             Contains("codes"));
  CHECK_THAT(broken([](Catalog& c) { c.releases[0].codes_file = ""; }), Contains("codes"));
  CHECK_THAT(broken([](Catalog& c) { std::swap(c.releases[0].files[0], c.releases[0].files[1]); }),
             Contains("order"));
  const auto with_file = [&](const StoreFile& file) {
    return broken([&](Catalog& c) { c.releases[0].files[1] = file; });
  };
  const StoreFile good = example().releases[0].files[1];
  StoreFile file = good;
  file.name = "shards-000001-0000a.mdb";
  CHECK_THAT(with_file(file), Contains("name"));
  file.name = "shards-000001-../x.mdb";
  CHECK_THAT(with_file(file), Contains("name"));
  file = good;
  file.shards = {0, 8};
  CHECK_THAT(with_file(file), Contains("shards"));
  file.shards = {1, 1};
  CHECK_THAT(with_file(file), Contains("shards"));
  file.shards = {};
  CHECK_THAT(with_file(file), Contains("shards"));
  file = good;
  file.kind = StoreFile::Kind{3};
  CHECK_THAT(with_file(file), Contains("kind"));
}

TEST_CASE("names of data files are known, others are not", "[storage]") {
  CHECK(shards_file_name(12, 34) == "shards-000012-00034.mdb");
  CHECK(codes_file_name(4294967295U) == "codes-4294967295.mdb");
  CHECK(is_data_file_name(shards_file_name(4294967295U, 4294967295U)));
  CHECK(is_data_file_name(codes_file_name(0)));
  for (const char* name :
       {"", "shards-.mdb", "codes-.mdb", "shards-000012.mdb", "codes-12.mdb", "codes-000012.mdb2",
        "shards-000012-00034.mdb.bak", "my-codes-000012.mdb", "catalog.mdb", "codes-mdb",
        "shards-mdb", "codes-00000000012.mdb"}) {
    INFO(name);
    CHECK_FALSE(is_data_file_name(name));
  }
}

namespace {

/// Reads a catalog of the records that `write` appends; the message and code of its refusal.
std::pair<ErrorCode, std::string> refusal(const std::function<void(SealedFileWriter&)>& write) {
  const TemporaryDirectory directory;
  SealedFileWriter writer(directory / "c");
  write(writer);
  writer.finish();
  try {
    read_catalog(*SealedFile::open(directory / "c", std::nullopt));
  } catch (const Error& error) {
    CHECK_THAT(error.what(), Catch::Contains((directory / "c").string()));
    return {error.code(), error.what()};
  }
  return {ErrorCode::kIo, "nothing was refused"};
}

void append(SealedFileWriter& writer, const Bytes& key, ByteSpan payload) {
  writer.append(key, checked_value(key, payload));
}

void append_header(SealedFileWriter& writer, std::uint32_t version) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::CreateCatalogHeader(builder, version,
                                         builder.CreateVector(std::vector<std::uint8_t>(16)), 1));
  append(writer, {std::byte{1}},
         std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize())));
}

}  // namespace

TEST_CASE("a catalog of a newer format says which version it needs", "[storage]") {
  const auto [code, message] =
      refusal([](SealedFileWriter& writer) { append_header(writer, kFormatVersion + 1); });
  CHECK(code == ErrorCode::kVersion);
  CHECK_THAT(message, Catch::Contains("newer version") && Catch::Contains("format version 2"));
}

TEST_CASE("records that no catalog has are refused", "[storage]") {
  CHECK(refusal([](SealedFileWriter&) {}).first == ErrorCode::kCorrupt);
  const Bytes source = {std::byte{2}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
  CHECK(refusal([&](SealedFileWriter& w) { append(w, source, as_bytes("x")); }).first ==
        ErrorCode::kCorrupt);
  CHECK(refusal([&](SealedFileWriter& w) {
          append_header(w, 1);
          append(w, source, as_bytes("not a record"));
        }).first == ErrorCode::kCorrupt);
  CHECK(refusal([&](SealedFileWriter& w) {
          append_header(w, 1);
          w.append(source, as_bytes("short"));
        }).first == ErrorCode::kCorrupt);
  CHECK(refusal([&](SealedFileWriter& w) {
          append_header(w, 1);
          append(w, {std::byte{77}}, {});
        }).first == ErrorCode::kCorrupt);
  const auto [code, message] = refusal([&](SealedFileWriter& w) {
    append_header(w, 1);
    flatbuffers::FlatBufferBuilder builder;
    const auto files =
        builder.CreateVector(std::vector<std::uint32_t>{0});  // that no record describes
    builder.Finish(fb::CreateRelease(builder, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, files));
    append(w, {std::byte{5}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}},
           std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize())));
  });
  CHECK(code == ErrorCode::kCorrupt);
  CHECK_THAT(message, Catch::Contains("does not describe"));
}
