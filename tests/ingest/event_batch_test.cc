// SPDX-License-Identifier: Apache-2.0
#include "ingest/event_batch.h"

#include <catch2/catch.hpp>
#include <string>

#include "ingest/row_buffer.h"
#include "storage/attributes.h"

using namespace anam;

namespace {

ColumnType type_of(ColumnId id) {
  if (id == column::kPatientText || id == column::kSig) return ColumnType::kText;
  return ColumnType::kInt;
}

}  // namespace

TEST_CASE("text that reads as an integer names the integer's patient", "[ingest]") {
  EventBatch batch;
  batch.begin(17, Domain::kDrug, 1, 5);
  batch.begin("17", Domain::kDrug, 1, 5);
  batch.begin("017", Domain::kDrug, 1, 5);
  batch.begin("-0", Domain::kDrug, 1, 5);
  REQUIRE(batch.patients()[0] == 17);
  REQUIRE(batch.patients()[1] == 17);
  REQUIRE(batch.patients()[2] == kNull);
  REQUIRE(batch.columns()[0].id == column::kPatientText);
  REQUIRE(batch.texts().at(batch.columns()[0].cells[2]) == "017");
  REQUIRE(batch.texts().at(batch.columns()[0].cells[3]) == "-0");
}

TEST_CASE("the last of several cells of a row and column stays", "[ingest]") {
  EventBatch batch;
  batch.begin(1, Domain::kDrug, 1, 5);
  batch.set(column::kRefills, 2);
  batch.set(column::kRefills, 3);
  batch.set(column::kRefills, kNull);
  batch.set_text(column::kSig, "");
  REQUIRE(batch.columns().size() == 1);
  REQUIRE(batch.columns()[0].cells == std::vector<std::int64_t>{3});
}

TEST_CASE("keys of outside ids are the integers themselves or hashes", "[ingest]") {
  REQUIRE(key_of("42") == 42);
  REQUIRE(key_of("-42") == -42);
  REQUIRE(key_of("042") != 42);
  REQUIRE(key_of("A1") == key_of("A1"));
  REQUIRE(key_of("A1") != key_of("A2"));
}

TEST_CASE("row buffers keep rows over batches, frames and permutations", "[ingest]") {
  RowBuffer rows(type_of);
  EventBatch first;
  first.begin(1, Domain::kDrug, 7, 5);
  first.set_text(column::kSig, "one");
  first.begin(2, Domain::kDrug, 8, 6);
  first.begin("P3", Domain::kDrug, 9, 7);
  first.set(column::kRefills, 4);
  EventBatch second;
  second.begin(4, Domain::kDrug, 10, 8);
  second.set_text(column::kSig, "four");
  const std::vector<std::uint32_t> some = {2, 0};
  const std::vector<std::uint32_t> all = {0};
  rows.append(first, some);
  rows.append(second, all);

  const auto check = [](RowBuffer& buffer) {
    REQUIRE(buffer.rows() == 3);
    REQUIRE(*buffer.find(column::kPatient) == std::vector<std::int64_t>{kNull, 1, 4});
    REQUIRE(*buffer.find(column::kDay) == std::vector<std::int64_t>{7, 5, 8});
    REQUIRE(*buffer.find(column::kRefills) == std::vector<std::int64_t>{4, kNull, kNull});
    const auto& sig = *buffer.find(column::kSig);
    REQUIRE(sig[0] == kNull);
    REQUIRE(buffer.texts().at(sig[1]) == "one");
    REQUIRE(buffer.texts().at(sig[2]) == "four");
    REQUIRE(buffer.texts().at((*buffer.find(column::kPatientText))[0]) == "P3");
    REQUIRE(buffer.find(column::kPaid) == nullptr);
  };
  check(rows);
  const Bytes frame = rows.write(as_bytes("key"));
  REQUIRE(rows.rows() == 0);
  REQUIRE(rows.find(column::kDay) == nullptr);
  rows.append(Block(as_bytes("key"), frame, "file"));
  check(rows);
  RowBuffer copy(type_of);
  const std::vector<std::uint32_t> reversed = {2, 1, 0};
  const std::vector<std::uint32_t> back = {2, 1, 0};
  RowBuffer turned(type_of);
  turned.append(rows, reversed);
  copy.append(turned, back);
  check(copy);
}
