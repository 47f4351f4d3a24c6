// SPDX-License-Identifier: Apache-2.0
#include "storage/codec.h"

#include <catch2/catch.hpp>

#include "storage/codec/codecs.h"
#include "storage/codec/tokens.h"
#include "tests/storage/columns.h"

using namespace anam;

namespace {

using Column = std::vector<std::int64_t>;

Bytes encoded(const Column& values) {
  Bytes bytes;
  encode_ints(std::span<const std::int64_t>(values), bytes);
  return bytes;
}

template <typename T = std::int64_t>
std::vector<T> decoded(ByteSpan bytes, std::size_t count) {
  std::vector<T> values(count, T{77});
  decode_ints(bytes, std::span(values));
  return values;
}

CodecId id_of(const Bytes& bytes) { return static_cast<CodecId>(bytes.at(0)); }

Bytes with_id(CodecId id) { return {static_cast<std::byte>(id)}; }

// Every codec that takes these values, each on its own.
std::vector<Bytes> all_encodings(const Column& values) {
  const codec::Statistics statistics(values);
  std::vector<Bytes> all;
  const auto add = [&](CodecId id, auto encode) {
    all.push_back(with_id(id));
    encode(values, statistics, all.back());
  };
  add(CodecId::kRaw, codec::encode_raw);
  add(CodecId::kFor, codec::encode_frame_of_reference);
  add(CodecId::kDelta, codec::encode_delta);
  if (statistics.range.min == statistics.range.max) add(CodecId::kConstant, codec::encode_constant);
  CHECK(all[0].size() == 1 + codec::raw_size(values, statistics));
  CHECK(all[1].size() == 1 + codec::frame_of_reference_size(values, statistics));
  CHECK(all[2].size() == 1 + codec::delta_size(values, statistics));
  constexpr std::size_t kNoLimit = 1 << 20;
  Bytes dictionary = with_id(CodecId::kDictionary);
  if (codec::encode_dictionary(values, statistics, kNoLimit, dictionary)) {
    all.push_back(dictionary);
  } else {
    CHECK(dictionary.size() == 1);
  }
  Bytes bytes = with_id(CodecId::kRunLength);
  if (codec::encode_run_length(values, statistics, kNoLimit, bytes)) all.push_back(bytes);
  return all;
}

std::pair<Bytes, Bytes> tokens_of(const Column& values) {
  Bytes plain;
  Bytes tokens;
  codec::encode_tokens(values, codec::Statistics(values), plain, tokens);
  return {plain, tokens};
}

void check_round_trips(const Column& values) {
  const Bytes smallest = encoded(values);
  REQUIRE((decoded(smallest, values.size()) == values));
  for (const Bytes& bytes : all_encodings(values)) {
    INFO("codec " << static_cast<int>(id_of(bytes)));
    REQUIRE((decoded(bytes, values.size()) == values));
    if (id_of(bytes) != CodecId::kDictionary) CHECK(smallest.size() <= bytes.size());
  }
  const auto [plain, tokens] = tokens_of(values);
  Column out(values.size());
  codec::decode_tokens(plain, tokens, out);
  REQUIRE((out == values));
}

// The bytes may decode to anything, but only to as many values, or be an Error(kCorrupt).
void check_survives(const Bytes& bytes, std::size_t count) {
  const Bytes exact(bytes.begin(), bytes.end());  // its own allocation: the sanitizer sees a byte beyond
  try {
    decoded<std::int64_t>(exact, count);
    decoded<std::int32_t>(exact, count);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCorrupt) throw;
  }
}

}  // namespace

TEST_CASE("hard columns come back from every codec", "[storage]") {
  for (const auto& [name, values] : test::hard_columns()) {
    INFO(name);
    check_round_trips(values);
  }
}

TEST_CASE("random columns come back from every codec", "[storage]") {
  const auto seed = std::random_device()();
  std::mt19937_64 random(seed);
  for (int round = 0; round < 400; ++round) {
    INFO("seed " << seed << ", round " << round);
    check_round_trips(test::random_column(random, 1 + random() % (round % 8 == 0 ? 5000 : 400)));
  }
}

TEST_CASE("32-bit columns come back, extremes too, and share their bytes with 64-bit ones",
          "[storage]") {
  const auto seed = std::random_device()();
  std::mt19937_64 random(seed);
  for (const auto& [name, values] : test::hard_columns()) {
    INFO("seed " << seed << ", " << name);
    std::vector<std::int32_t> narrow(values.begin(), values.end());
    for (auto& value : narrow) {
      if (random() % 64 == 0) value = static_cast<std::int32_t>(random());
    }
    const Column wide(narrow.begin(), narrow.end());
    Bytes bytes;
    encode_ints(std::span<const std::int32_t>(narrow), bytes);
    CHECK(bytes == encoded(wide));
    for (const Bytes& each : all_encodings(wide)) {
      INFO("codec " << static_cast<int>(id_of(each)));
      REQUIRE((decoded<std::int32_t>(each, narrow.size()) == narrow));
    }
  }
}

TEST_CASE("an empty column is one byte", "[storage]") {
  const Bytes bytes = encoded({});
  CHECK(bytes.size() == 1);
  CHECK(decoded(bytes, 0).empty());
  CHECK_THROWS_AS(decoded({}, 0), Error);
}

TEST_CASE("the codec that suits a column is chosen", "[storage]") {
  std::mt19937_64 random(5);
  const auto column = [](auto value_at) {
    Column values(4096);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<std::int64_t>(value_at(i));
    }
    return values;
  };
  const Bytes constant = encoded(column([](std::size_t) { return 5; }));
  CHECK(id_of(constant) == CodecId::kConstant);
  CHECK(constant.size() == 2);

  const Bytes uniform = encoded(column([&](std::size_t) { return 1'000'000 + random() % 1024; }));
  CHECK(id_of(uniform) == CodecId::kFor);
  CHECK(uniform.size() < 4096 * 10 / 8 + 100);

  const Bytes ascending = encoded(column([](std::size_t i) { return 16 * i + i % 3; }));
  CHECK(id_of(ascending) == CodecId::kDelta);
  CHECK(ascending.size() < 4096 * 2 / 8 + 150);

  const Bytes runs = encoded(column([](std::size_t i) { return i / 512 * 77777 % 1009; }));
  CHECK(id_of(runs) == CodecId::kRunLength);
  CHECK(runs.size() < 50);

  const Bytes few = encoded(column([&](std::size_t) { return random() % 16 * 1'000'000'007; }));
  CHECK(id_of(few) == CodecId::kDictionary);
  CHECK(few.size() < 4096 * 4 / 8 + 250);

  // Ascending days that start anew for each patient: the jumps back are exceptions.
  const Bytes days = encoded(column([&](std::size_t i) { return i % 40 * 100 + random() % 100; }));
  CHECK(id_of(days) == CodecId::kDelta);
  CHECK(days.size() < 4096 * 9 / 8 + 400);
}

TEST_CASE("truncated and longer encodings are corrupt", "[storage]") {
  for (const auto& [name, values] : test::hard_columns()) {
    if (values.size() > 129) continue;
    INFO(name);
    for (const Bytes& bytes : all_encodings(values)) {
      INFO("codec " << static_cast<int>(id_of(bytes)));
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        // Fewer raw bytes may be narrower values: the size is all that a raw column says.
        if (id_of(bytes) == CodecId::kRaw) {
          check_survives(cut, values.size());
        } else {
          CHECK_THROWS_AS(decoded(cut, values.size()), Error);
        }
      }
      Bytes longer = bytes;
      longer.push_back(std::byte{0});
      // A run-length column may end with raw lengths.
      if (id_of(bytes) != CodecId::kRaw && id_of(bytes) != CodecId::kRunLength)
        CHECK_THROWS_AS(decoded(longer, values.size()), Error);
    }
  }
}

TEST_CASE("flipped bytes never break the decoder", "[storage]") {
  for (const auto& [name, values] : test::hard_columns()) {
    if (values.size() > 3 && values.size() != 129) continue;
    INFO(name);
    for (Bytes bytes : all_encodings(values)) {
      for (auto& byte : bytes) {
        for (const std::byte flip : {std::byte{1}, std::byte{0x80}, std::byte{0xff}}) {
          byte ^= flip;
          check_survives(bytes, values.size());
          byte ^= flip;
        }
      }
    }
  }
}

TEST_CASE("changed tokens are corrupt or numbers", "[storage]") {
  const auto survives = [](const Bytes& plain, const Bytes& tokens) {
    Column out(tokens.size());
    try {
      codec::decode_tokens(Bytes(plain), Bytes(tokens), out);
    } catch (const Error& error) {
      REQUIRE(error.code() == ErrorCode::kCorrupt);
    }
  };
  for (const auto& [name, values] : test::hard_columns()) {
    if (values.size() > 129) continue;
    INFO(name);
    auto [plain, tokens] = tokens_of(values);
    for (Bytes* part : {&plain, &tokens}) {
      for (auto& byte : *part) {
        for (const std::byte flip :
             {std::byte{1}, std::byte{4}, std::byte{0x80}, std::byte{0xff}}) {
          byte ^= flip;
          survives(plain, tokens);
          byte ^= flip;
        }
      }
    }
    for (std::size_t size = 0; size < plain.size(); ++size) {
      const Bytes cut(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(size));
      Column out(values.size());
      CHECK_THROWS_AS(codec::decode_tokens(cut, tokens, out), Error);
    }
  }
}

TEST_CASE("random bytes never break the decoder", "[storage]") {
  const auto seed = std::random_device()();
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20000; ++round) {
    INFO("seed " << seed << ", round " << round);
    Bytes bytes(random() % 64);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random() >> (random() % 8));
    if (!bytes.empty()) bytes[0] = static_cast<std::byte>(random() % 9);
    check_survives(bytes, random() % 300);
  }
}

TEST_CASE("encodings do not nest deeper than one", "[storage]") {
  // A run-length column whose values claim to be a run-length column, and so on.
  Bytes bytes;
  for (int depth = 0; depth < 3; ++depth) {
    Bytes outer = with_id(CodecId::kRunLength);
    put(outer, std::uint8_t{1});
    put(outer, static_cast<std::uint8_t>(bytes.size()));
    put_bytes(outer, bytes);
    bytes = outer;
  }
  CHECK_THROWS_AS(decoded(bytes, 1), Error);
}
