// SPDX-License-Identifier: Apache-2.0
#include "storage/block.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>

#include "tests/storage/columns.h"

using namespace anam;

namespace {

using Cells = std::vector<std::int64_t>;

struct Chunk {
  ChunkHead head;
  std::map<ColumnId, Cells> numbers;
  std::map<ColumnId, std::vector<std::string>> texts;  // empty = null
};

std::vector<Chunk> random_chunks(std::mt19937_64& random, std::size_t count, std::size_t most) {
  std::vector<Chunk> chunks(count);
  for (Chunk& chunk : chunks) {
    chunk.head.first = static_cast<std::uint32_t>(random());
    chunk.head.last = static_cast<std::uint32_t>(random());
    chunk.head.patients = static_cast<std::uint32_t>(random());
    chunk.head.rows = static_cast<std::uint32_t>(random());
    chunk.head.skipped = static_cast<std::uint32_t>(random());
    for (ColumnId id = 1; id < 6; ++id) {
      if (random() % 2 == 0) chunk.numbers[id] = test::random_column(random, 1 + random() % most);
    }
    if (random() % 2 == 0) {
      auto& texts = chunk.texts[70];
      texts.resize(1 + random() % most);
      for (std::string& text : texts) {
        if (random() % 4 != 0) text = "t" + std::to_string(random() % 20);
      }
    }
  }
  return chunks;
}

Bytes write(BlockBuilder& builder, const std::vector<Chunk>& chunks, ByteSpan key) {
  for (const Chunk& chunk : chunks) {
    builder.begin_chunk(chunk.head);
    for (const auto& [id, cells] : chunk.numbers) builder.add(id, ColumnType::kInt, cells);
    for (const auto& [id, texts] : chunk.texts) {
      TextPool pool;
      Cells cells;
      for (const std::string& text : texts) cells.push_back(text.empty() ? kNull : pool.add(text));
      builder.add(id, ColumnType::kText, cells, &pool);
    }
  }
  return builder.finish(key);
}

bool same(const Block& block, const std::vector<Chunk>& chunks) {
  if (block.chunks().size() != chunks.size()) return false;
  for (std::size_t c = 0; c < chunks.size(); ++c) {
    const ChunkHead& head = block.chunks()[c];
    const ChunkHead& expected = chunks[c].head;
    if (head.first != expected.first || head.last != expected.last ||
        head.patients != expected.patients || head.rows != expected.rows ||
        head.skipped != expected.skipped ||
        head.pages != chunks[c].numbers.size() + chunks[c].texts.size()) {
      return false;
    }
    Cells cells;
    for (const auto& [id, numbers] : chunks[c].numbers) {
      if (!block.read(head, id, cells) || cells != numbers) return false;
    }
    for (const auto& [id, texts] : chunks[c].texts) {
      TextPool pool;
      if (!block.read(head, id, cells, &pool) || cells.size() != texts.size()) return false;
      for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i] != (cells[i] == kNull ? std::string_view() : pool.at(cells[i]))) return false;
      }
    }
    if (block.read(head, 999, cells)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("blocks give back chunks and columns", "[storage]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (const bool zstd : {false, true}) {
    BlockBuilder builder(PageOptions{.zstd = zstd});
    for (int round = 0; round < 20; ++round) {
      const auto chunks = random_chunks(random, 1 + random() % 5, 600);
      const Bytes value = write(builder, chunks, as_bytes("key"));
      REQUIRE(builder.empty());
      REQUIRE(same(Block(as_bytes("key"), value, "file"), chunks));
    }
  }
}

TEST_CASE("every changed bit and every truncation of a block is found", "[storage]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  BlockBuilder builder;
  std::vector<Chunk> chunks;
  while (chunks.empty() || chunks[0].texts.empty() || chunks[1].numbers.empty())
    chunks = random_chunks(random, 2, 40);
  const Bytes value = write(builder, chunks, as_bytes("key"));
  // Values lie unaligned in LMDB, and so do these.
  Bytes unaligned(value.size() + 1);
  const auto is_same = [&](ByteSpan bytes) {
    std::copy(bytes.begin(), bytes.end(), unaligned.begin() + 1);
    try {
      return same(Block(as_bytes("key"), ByteSpan(unaligned).subspan(1, bytes.size()), "file"),
                  chunks);
    } catch (const Error& error) {
      REQUIRE(error.code() == ErrorCode::kCorrupt);
      REQUIRE(std::string(error.what()).find("file, key 6b6579") != std::string::npos);
      return false;
    }
  };
  REQUIRE(is_same(value));
  std::size_t unseen = 0;
  for (std::size_t bit = 0; bit < value.size() * 8; ++bit) {
    Bytes bad = value;
    bad[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    unseen += is_same(bad) ? 1 : 0;
  }
  for (std::size_t size = 0; size < value.size(); ++size)
    unseen += is_same(ByteSpan(value).first(size)) ? 1 : 0;
  REQUIRE(unseen == 0);
}

TEST_CASE("a block under another key is refused", "[storage]") {
  BlockBuilder builder;
  builder.begin_chunk({.rows = 1});
  builder.add(2, ColumnType::kInt, Cells{5});
  const Bytes value = builder.finish(as_bytes("key"));
  REQUIRE_NOTHROW(Block(as_bytes("key"), value, "file"));
  REQUIRE_THROWS_AS(Block(as_bytes("kez"), value, "file"), Error);
}

TEST_CASE("a text column cannot be read as numbers", "[storage]") {
  BlockBuilder builder;
  TextPool pool;
  const Cells cells = {pool.add("a")};
  builder.begin_chunk({.rows = 1});
  builder.add(2, ColumnType::kText, cells, &pool);
  const Bytes value = builder.finish(as_bytes("key"));
  const Block block(as_bytes("key"), value, "file");
  Cells read;
  REQUIRE_THROWS_AS(block.read(block.chunks()[0], 2, read), Error);
}
