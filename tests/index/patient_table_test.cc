// SPDX-License-Identifier: Apache-2.0
#include "index/patient_table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <string>

#include "storage/attributes.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::TemporaryDirectory;

namespace {

struct Person {
  PatientId id;
  std::int64_t born = kNull;
  std::string note;
};

/// Distinct ids, many of which look alike, by (hash, number, text).
std::vector<Person> random_persons(std::mt19937_64& random, std::size_t count,
                                   std::set<std::string>& texts) {
  while (texts.size() < count) {
    std::string text = std::to_string(random() % (count * 4));
    switch (random() % 6) {
      case 0:
        text.insert(0, "0");
        break;
      case 1:
        text.insert(0, "-");
        break;
      case 2:
        text.insert(0, "P");
        break;
      case 3:
        text += "00000000000000000000";
        break;
      default:
        break;
    }
    texts.insert(text);
  }
  std::vector<Person> persons;
  for (const std::string& text : texts) {
    Person p{.id = PatientId::parse(text), .note = {}};
    if (random() % 3 != 0) p.born = static_cast<std::int64_t>(1900 + random() % 120);
    if (random() % 5 == 0) p.note = "n" + std::to_string(random() % 100);
    persons.push_back(p);
  }
  std::ranges::sort(persons, [](const Person& a, const Person& b) {
    const auto x = a.id.hash();
    const auto y = b.id.hash();
    if (x != y) return x < y;
    return a.id.number != b.id.number ? a.id.number < b.id.number : a.id.text < b.id.text;
  });
  return persons;
}

}  // namespace

TEST_CASE("patient ids are integers where they read as one", "[index]") {
  for (const char* text : {"0", "7", "17", "-3", "9223372036854775807", "-9223372036854775807"}) {
    CAPTURE(text);
    const PatientId id = PatientId::parse(text);
    REQUIRE(id.number != kNull);
    REQUIRE(std::to_string(id.number) == text);
    REQUIRE(id.hash() == patient_hash(id.number));
  }
  for (const char* text : {"", "-", "017", "-0", "+5", " 5", "5 ", "1e3", "9223372036854775808",
                           "-9223372036854775808", "123456789012345678901", "P17"}) {
    CAPTURE(text);
    const PatientId id = PatientId::parse(text);
    REQUIRE(id.number == kNull);
    REQUIRE(id.text == text);
    REQUIRE(id.hash() == patient_hash(std::string_view(text)));
  }
}

TEST_CASE("hashes of patient ids never change", "[index]") {
  REQUIRE(patient_hash(std::int64_t{0}) == 0);
  REQUIRE(patient_hash(std::int64_t{1}) == 0xB456BCFC34C2CB2CU);
  REQUIRE(patient_hash(std::int64_t{-1}) == 0x64B5720B4B825F21U);
  REQUIRE(patient_hash(std::string_view("P17")) == 0x5375EA5D4B2F6343U);
}

TEST_CASE("the shard of a patient is the hash's leading bits", "[index]") {
  REQUIRE(shard_of(~std::uint64_t{0}, 0) == 0);
  REQUIRE(shard_of(~std::uint64_t{0}, 4) == 15);
  REQUIRE(shard_of(std::uint64_t{1} << 63, 1) == 1);
  REQUIRE(shard_of((std::uint64_t{1} << 63) - 1, 20) == (1U << 19) - 1);
}

TEST_CASE("rows about persons are read and found as they were written", "[index]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (const std::size_t count : {1U, 5U, 4095U, 4096U, 4097U, 9000U}) {
    CAPTURE(count);
    const TemporaryDirectory directory;
    std::set<std::string> texts;
    const std::vector<Person> persons = random_persons(random, count, texts);
    constexpr std::uint32_t kShard = 3;
    const auto first_new = static_cast<std::uint32_t>(random() % 3 == 0 ? 0 : random() % 9000);

    // Some patients of before, sparse, then the new ones.
    std::vector<std::uint32_t> known;
    for (std::uint32_t o = 0; o < first_new; ++o) {
      if (random() % 2 == 0) known.push_back(o);
    }
    std::vector<std::int64_t> known_born(known.size());
    for (auto& cell : known_born) cell = static_cast<std::int64_t>(random() % 100);

    ShardHeader header;
    header.shard = kShard;
    const auto path = directory / "f";
    {
      SealedFileWriter out(path);
      PatientWriter writer(kShard, [&](ByteSpan key, ByteSpan value) { out.append(key, value); });
      const std::vector<RowColumn> known_columns = {
          {column::kBirthYear, ColumnType::kInt, known_born}};
      writer.add(known, known_columns, nullptr, false);
      TextPool pool;
      std::vector<std::uint32_t> ordinals;
      std::vector<std::int64_t> numbers, text_ids, born, notes;
      for (const Person& p : persons) {
        ordinals.push_back(first_new + static_cast<std::uint32_t>(ordinals.size()));
        numbers.push_back(p.id.number);
        text_ids.push_back(p.id.number == kNull ? pool.add(p.id.text) : kNull);
        born.push_back(p.born);
        notes.push_back(p.note.empty() ? kNull : pool.add(p.note));
      }
      const std::vector<RowColumn> columns = {{column::kPatient, ColumnType::kInt, numbers},
                                              {column::kPatientText, ColumnType::kText, text_ids},
                                              {column::kBirthYear, ColumnType::kInt, born},
                                              {column::kState, ColumnType::kText, notes}};
      writer.add(ordinals, columns, &pool, true);
      header.fences = writer.fences();
      header.first_new = first_new;
      header.patients = first_new + static_cast<std::uint32_t>(count);
      out.finish();
    }

    PatientTable table(SealedFile::open(path, std::nullopt), header);
    std::vector<std::int64_t> cells(header.patients, kNull);
    table.read(column::kBirthYear, cells, nullptr);
    std::vector<std::int64_t> expected(first_new, kNull);
    for (std::size_t i = 0; i < known.size(); ++i) expected[known[i]] = known_born[i];
    for (const Person& p : persons) expected.push_back(p.born);
    REQUIRE(cells == expected);

    TextPool pool;
    cells.assign(header.patients, kNull);
    table.read(column::kState, cells, &pool);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < persons.size(); ++i) {
      const std::int64_t cell = cells[first_new + i];
      wrong += persons[i].note != (cell == kNull ? std::string_view() : pool.at(cell)) ? 1 : 0;
    }
    REQUIRE(wrong == 0);

    // All of a few, some of many, and ids that are not there.
    for (int i = 0; i < 60; ++i) {
      const std::size_t at = i < 2 ? (i == 0 ? 0 : count - 1) : random() % count;
      REQUIRE(table.find(persons[at].id) == first_new + at);
      std::string absent = std::to_string(random() % (count * 8));
      if (random() % 2 == 0) absent.insert(0, "0");
      if (!texts.contains(absent)) REQUIRE_FALSE(table.find(PatientId::parse(absent)));
    }

    std::vector<std::int64_t> too_few(header.patients - 1, kNull);
    const auto read_ids = [&] {
      table.read(column::kPatient, too_few, nullptr);
      table.read(column::kPatientText, too_few, &pool);
    };
    REQUIRE_THROWS_AS(read_ids(), Error);
  }
}
