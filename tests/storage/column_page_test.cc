// SPDX-License-Identifier: Apache-2.0
#include "storage/column_page.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <random>
#include <utility>

#include "storage/codec/varint.h"
#include "storage/decimal.h"
#include "tests/storage/columns.h"

using namespace anam;

namespace {

using Cells = std::vector<std::int64_t>;

constexpr PageOptions kLight{.zstd = false};
constexpr PageOptions kSmall{};

Bytes encoded(ColumnType type, const Cells& cells, const PageOptions& options,
              const TextPool* texts = nullptr) {
  Bytes page;
  encode_column(type, cells, texts, options, page);
  return page;
}

Cells decoded(ColumnType type, ByteSpan page, std::size_t count, TextPool* texts = nullptr) {
  Cells cells(count, 77);
  decode_column(type, page, cells, texts);
  return cells;
}

void check_round_trip(ColumnType type, const Cells& cells) {
  for (const PageOptions& options : {kLight, kSmall}) {
    REQUIRE((decoded(type, encoded(type, cells, options), cells.size()) == cells));
  }
}

std::string text_of(const TextPool& texts, std::int64_t cell) {
  return cell == kNull ? std::string("(null)") : std::string(texts.at(cell));
}

void check_texts_round_trip(const Cells& cells, const TextPool& texts) {
  for (const PageOptions& options : {kLight, kSmall}) {
    TextPool found;
    found.add("what was there before");
    const auto page = encoded(ColumnType::kText, cells, options, &texts);
    const Cells out = decoded(ColumnType::kText, page, cells.size(), &found);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      REQUIRE(text_of(found, out[i]) == text_of(texts, cells[i]));
      REQUIRE((out[i] == kNull || out[i] > 0));
    }
  }
}

struct Sample {
  ColumnType type;
  Cells cells;
};

// Small pages with every part that a page can have.
std::vector<Sample> samples(TextPool& texts) {
  for (int i = 0; i < 40; ++i)
    texts.add("text " + std::to_string(i * i % 23) + std::string(20, 'x'));
  Cells numbers(200);
  Cells with_nulls(200);
  Cells skewed(600);
  Cells words(200);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto n = static_cast<std::int64_t>(i);
    numbers[i] = n * n % 1000;
    with_nulls[i] = i % 3 == 0 ? kNull : n * 50;
    words[i] = i % 7 == 0 ? kNull : n % 40;
  }
  for (std::size_t i = 0; i < skewed.size(); ++i)
    skewed[i] = i % 9 == 0 ? 3000 : static_cast<std::int64_t>(i % 5);
  return {{ColumnType::kInt, numbers},           {ColumnType::kInt, skewed},
          {ColumnType::kMoney, with_nulls},      {ColumnType::kDecimal, with_nulls},
          {ColumnType::kCode, Cells(50, kNull)}, {ColumnType::kText, words}};
}

}  // namespace

TEST_CASE("hard columns come back from a page", "[storage]") {
  for (const auto& [name, values] : test::hard_columns()) {
    INFO(name);
    check_round_trip(ColumnType::kInt, values);
    check_round_trip(ColumnType::kDecimal, values);
  }
  check_round_trip(ColumnType::kInt, {});
}

TEST_CASE("random columns with nulls come back from a page", "[storage]") {
  const auto seed = std::random_device()();
  std::mt19937_64 random(seed);
  for (int round = 0; round < 150; ++round) {
    INFO("seed " << seed << ", round " << round);
    Cells cells = test::random_column(random, 1 + random() % (round % 8 == 0 ? 5000 : 500));
    const auto nulls = random() % 5;
    for (auto& cell : cells) {
      if (nulls > 0 && random() % (nulls * nulls) == 0) cell = kNull;
    }
    check_round_trip(ColumnType::kMoney, cells);
    check_round_trip(ColumnType::kDecimal, cells);
  }
}

TEST_CASE("pages written like the ones before them come back", "[storage]") {
  const auto seed = std::random_device()();
  std::mt19937_64 random(seed);
  PageMemory integers{};
  PageMemory decimals{};
  Cells cells;
  for (int round = 0; round < 400; ++round) {
    INFO("seed " << seed << ", round " << round);
    // Columns stay alike for a while, and then change.
    if (round % 5 == 0 || cells.empty()) {
      cells = test::random_column(random, 200 + random() % 2500);
    } else {
      const std::size_t kept = 1 + random() % cells.size();
      std::ranges::shuffle(cells, random);
      cells.resize(kept);
    }
    const auto nulls = random() % 4;
    for (auto& cell : cells) {
      if (nulls > 0 && random() % (nulls * nulls * 4) == 0) cell = kNull;
    }
    for (const auto& [type, memory] :
         {std::pair(ColumnType::kInt, &integers), std::pair(ColumnType::kDecimal, &decimals)}) {
      Bytes page;
      encode_column(type, cells, nullptr, kSmall, page, memory);
      REQUIRE((decoded(type, page, cells.size()) == cells));
    }
  }
}

TEST_CASE("pages written like the ones before them are hardly larger", "[storage]") {
  std::mt19937_64 random(11);
  const std::vector<std::function<std::int64_t()>> kinds = {
      [&] { return static_cast<std::int64_t>(random() % 40); },
      [&] { return static_cast<std::int64_t>(random() % 4 == 0 ? random() % 100'000 : 7); },
      [&] { return static_cast<std::int64_t>((random() % 30) * (random() % 30) * 1000); },
      [&] { return static_cast<std::int64_t>(random() % 50 == 0 ? 1 : 0); },
  };
  for (const auto& kind : kinds) {
    PageMemory memory{};
    std::size_t searched = 0;
    std::size_t repeated = 0;
    for (int page = 0; page < 40; ++page) {
      Cells cells(2048);
      for (auto& cell : cells) cell = kind();
      searched += encoded(ColumnType::kInt, cells, kSmall).size();
      Bytes out;
      encode_column(ColumnType::kInt, cells, nullptr, kSmall, out, &memory);
      repeated += out.size();
    }
    CHECK(repeated <= searched + searched / 20);
  }
}

TEST_CASE("a column that changes is looked at anew", "[storage]") {
  PageMemory memory{};
  Bytes first;
  encode_column(ColumnType::kInt, Cells(4096, 7), nullptr, kSmall, first, &memory);
  CHECK(first.size() <= 5);
  std::mt19937_64 random(3);
  Cells few(4096);
  for (auto& cell : few) cell = static_cast<std::int64_t>(random() % 4) * 1'000'000'007;
  for (int page = 0; page < 3; ++page) {
    Bytes out;
    encode_column(ColumnType::kInt, few, nullptr, kSmall, out, &memory);
    CHECK(out.size() < encoded(ColumnType::kInt, few, kSmall).size() * 9 / 8 + 8);
  }
}

TEST_CASE("texts come back, each distinct one once", "[storage]") {
  TextPool texts;
  for (const char* text : {"b", "", "a", "b", "\xff\x01", "a longer one", ""}) texts.add(text);
  texts.add(std::string(100'000, 'z'));
  check_texts_round_trip({0, 3, 1, kNull, 6, 5, 4, 2, 7, 7, 7, kNull}, texts);
  check_texts_round_trip({7}, texts);
  check_texts_round_trip(Cells(9, kNull), texts);
  check_texts_round_trip(Cells(300, 1), texts);

  TextPool found;
  const auto page = encoded(ColumnType::kText, {0, 3, 3, 0, 5}, kSmall, &texts);
  decoded(ColumnType::kText, page, 5, &found);
  REQUIRE(found.size() == 2);
  CHECK(found.at(0) == "a longer one");
  CHECK(found.at(1) == "b");

  std::mt19937_64 random(6);
  TextPool many;
  Cells cells;
  for (int i = 0; i < 3000; ++i)
    cells.push_back(many.add("claim-" + std::to_string(random() % 5000)));
  check_texts_round_trip(cells, many);
}

TEST_CASE("a cell that is no text of the pool is refused", "[storage]") {
  TextPool texts;
  texts.add("only");
  CHECK_THROWS_AS(encoded(ColumnType::kText, {0, 1}, kLight, &texts), Error);
  CHECK_THROWS_AS(encoded(ColumnType::kText, {-1}, kLight, &texts), Error);
}

TEST_CASE("pages are as small as they should be", "[storage]") {
  CHECK(encoded(ColumnType::kInt, Cells(4096, kNull), kSmall).size() == 1);
  CHECK(encoded(ColumnType::kInt, Cells(4096, 7), kSmall).size() <= 5);

  std::mt19937_64 random(7);
  Cells flags(4096);
  for (auto& cell : flags) cell = random() % 2 == 0 ? kNull : 1;
  CHECK(encoded(ColumnType::kInt, flags, kLight).size() < 4096 / 8 + 110);

  // Skewed bytes: entropy coding has to beat bit-packing, and never to lose to it.
  Cells skewed(4096);
  for (auto& cell : skewed) cell = static_cast<std::int64_t>((random() % 65536) >> (random() % 16));
  const std::size_t light = encoded(ColumnType::kInt, skewed, kLight).size();
  const std::size_t small = encoded(ColumnType::kInt, skewed, kSmall).size();
  CHECK(small < light * 31 / 32);

  for (const auto& [name, values] : test::hard_columns()) {
    INFO(name);
    CHECK(encoded(ColumnType::kInt, values, kSmall).size() <=
          encoded(ColumnType::kInt, values, kLight).size());
  }
}

TEST_CASE("every truncation of a page is corrupt", "[storage]") {
  TextPool texts;
  for (const auto& [type, cells] : samples(texts)) {
    for (const PageOptions& options : {kLight, kSmall}) {
      Bytes page = encoded(type, cells, options, &texts);
      for (std::size_t size = 0; size < page.size(); ++size) {
        const Bytes cut(page.begin(), page.begin() + static_cast<std::ptrdiff_t>(size));
        TextPool found;
        CHECK_THROWS_AS(decoded(type, cut, cells.size(), &found), Error);
      }
      page.push_back(std::byte{0});
      TextPool found;
      CHECK_THROWS_AS(decoded(type, page, cells.size(), &found), Error);
    }
  }
}

TEST_CASE("a page with any byte changed is corrupt or still well-formed", "[storage]") {
  TextPool texts;
  for (const auto& [type, cells] : samples(texts)) {
    for (const PageOptions& options : {kLight, kSmall}) {
      Bytes page = encoded(type, cells, options, &texts);
      for (auto& byte : page) {
        for (int flip = 1; flip < 256; flip += flip < 16 ? 1 : 17) {
          byte ^= static_cast<std::byte>(flip);
          const Bytes exact(page.begin(), page.end());
          TextPool found;
          try {
            const Cells out = decoded(type, exact, cells.size(), &found);
            if (type == ColumnType::kText) {
              for (const auto cell : out) {
                REQUIRE((cell == kNull || static_cast<std::uint64_t>(cell) < found.size()));
              }
            }
          } catch (const Error& error) {
            REQUIRE(error.code() == ErrorCode::kCorrupt);
          }
          byte ^= static_cast<std::byte>(flip);
        }
      }
    }
  }
}

TEST_CASE("a zstd frame that claims more than a column can take is corrupt", "[storage]") {
  Bytes page{std::byte{0}};  // flags
  // Magic, single segment with an 8-byte content size of 2^40, no blocks.
  const unsigned char frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0};
  put_varint(page, 4 * sizeof(frame) + 1);
  put_bytes(page, std::as_bytes(std::span(frame)));
  CHECK_THROWS_AS(decoded(ColumnType::kInt, page, 4096), Error);
}
