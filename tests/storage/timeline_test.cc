// SPDX-License-Identifier: Apache-2.0
// Timelines of a shard against columns in memory.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <numeric>
#include <random>

#include "storage/attributes.h"
#include "storage/shard_key.h"
#include "storage/timeline_reader.h"
#include "storage/timeline_writer.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::TemporaryDirectory;

namespace {

using Cells = std::vector<std::int64_t>;
constexpr std::uint32_t kShard = 2;

struct Event {
  std::int64_t day = 0;
  std::int64_t end = kNull;
  std::int64_t code = 0;
  std::int64_t paid = kNull;
  std::string text;

  friend bool operator==(const Event&, const Event&) = default;
};

using Timelines = std::map<std::uint32_t, std::vector<Event>>;

Timelines random_timelines(std::mt19937_64& random, std::size_t patients, bool sparse,
                           std::size_t most) {
  Timelines timelines;
  std::uint32_t ordinal = sparse ? static_cast<std::uint32_t>(random() % 50) : 0;
  const bool few_ends = random() % 2 == 0;
  for (std::size_t p = 0; p < patients; ++p) {
    auto& events = timelines[ordinal];
    ordinal += sparse ? 1 + static_cast<std::uint32_t>(random() % 9) : 1;
    std::size_t count = 1 + random() % 40;
    if (random() % 20 == 0) count = 1 + random() % most;
    if (random() % 40 == 0) count = kChunkEvents * (1 + random() % 3) + random() % 2;
    events.resize(count);
    for (Event& e : events) {
      e.day = static_cast<std::int64_t>(random() % 9000) - 2000;
      if (random() % (few_ends ? 3000 : 2) == 0)
        e.end = e.day + static_cast<std::int64_t>(random() % 30) - 3;
      e.code = domain_code(Domain::kDrug, static_cast<CodeId>(random() % 5000));
      if (random() % 2 == 0) e.paid = static_cast<std::int64_t>(random());
      if (random() % 7 == 0) e.text = std::to_string(random() % 100);
    }
    std::ranges::sort(events, {}, &Event::day);
  }
  return timelines;
}

class File {
 public:
  explicit File(const Timelines& timelines, std::mt19937_64& random) {
    const auto path = directory_ / "timelines";
    SealedFileWriter out(path);
    out.append(timeline_key(kShard - 1, 7, 0), as_bytes("another shard's"));
    TimelineWriter writer(kShard, [&](ByteSpan key, ByteSpan value) {
      ++blocks_;
      out.append(key, value);
    });
    for (auto at = timelines.begin(); at != timelines.end();) {
      std::vector<std::uint32_t> ordinals, counts;
      Cells days, ends, codes, paid, texts, nothing;
      TextPool pool;
      const std::size_t slab = 1 + random() % 20000;
      for (; at != timelines.end() && days.size() < slab; ++at) {
        ordinals.push_back(at->first);
        counts.push_back(static_cast<std::uint32_t>(at->second.size()));
        for (const Event& e : at->second) {
          days.push_back(e.day);
          ends.push_back(e.end);
          codes.push_back(e.code);
          paid.push_back(e.paid);
          texts.push_back(e.text.empty() ? kNull : pool.add(e.text));
          nothing.push_back(kNull);
        }
      }
      writer.add({.ordinals = ordinals,
                  .counts = counts,
                  .columns = {{column::kDay, ColumnType::kInt, days},
                              {column::kEndDay, ColumnType::kInt, ends},
                              {column::kCode, ColumnType::kInt, codes},
                              {column::kQuantity, ColumnType::kDecimal, nothing},
                              {column::kPaid, ColumnType::kMoney, paid},
                              {column::kSig, ColumnType::kText, texts}},
                  .texts = &pool});
    }
    writer.finish();
    REQUIRE_FALSE(writer.bytes_by_column().contains(column::kQuantity));
    out.append(patients_key(kShard, 0), as_bytes("of the same shard"));
    out.finish();
    file_ = SealedFile::open(path, std::nullopt);
  }

  std::size_t blocks() const { return blocks_; }
  TimelineCursor cursor() const { return TimelineCursor(file_, kShard); }

 private:
  TemporaryDirectory directory_;
  std::shared_ptr<SealedFile> file_;
  std::size_t blocks_ = 0;
};

/// The events of each patient of the chunk.
std::map<std::uint32_t, std::vector<Event>> read_chunk(const TimelineChunk& chunk) {
  Cells days, ends, codes, paid, texts, none;
  TextPool pool;
  REQUIRE(chunk.read(column::kDay, days));
  REQUIRE(chunk.read(column::kCode, codes));
  if (!chunk.read(column::kEndDay, ends)) ends.assign(days.size(), kNull);
  if (!chunk.read(column::kPaid, paid)) paid.assign(days.size(), kNull);
  if (!chunk.read(column::kSig, texts, &pool)) texts.assign(days.size(), kNull);
  REQUIRE_FALSE(chunk.read(column::kQuantity, none));
  REQUIRE(chunk.ordinals().size() == chunk.head().patients);
  REQUIRE(chunk.ordinals().front() == chunk.head().first);
  REQUIRE(chunk.ordinals().back() == chunk.head().last);
  std::map<std::uint32_t, std::vector<Event>> found;
  for (std::size_t p = 0; p < chunk.ordinals().size(); ++p) {
    auto& events = found[chunk.ordinals()[p]];
    for (std::size_t row = chunk.offsets()[p]; row < chunk.offsets()[p + 1]; ++row) {
      events.push_back({days[row], ends[row], codes[row], paid[row],
                        texts[row] == kNull ? "" : std::string(pool.at(texts[row]))});
    }
  }
  return found;
}

}  // namespace

TEST_CASE("timelines are read back chunk by chunk", "[storage]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (const bool sparse : {false, true}) {
    for (const std::size_t patients : {1U, 3U, 1500U}) {
      CAPTURE(sparse, patients);
      const Timelines expected = random_timelines(random, patients, sparse, 3000);
      const File file(expected, random);
      if (patients == 1500) REQUIRE(file.blocks() > 2);
      Timelines found;
      TimelineCursor cursor = file.cursor();
      bool more = cursor.seek(0);
      for (; more; more = cursor.next()) {
        const TimelineChunk chunk = cursor.chunk();
        REQUIRE(chunk.head().rows <= kChunkEvents);
        for (auto& [ordinal, events] : read_chunk(chunk)) {
          auto& all = found[ordinal];
          if (ordinal == chunk.head().first) REQUIRE(all.size() == chunk.head().skipped);
          all.insert(all.end(), events.begin(), events.end());
        }
      }
      REQUIRE(found == expected);
      REQUIRE_FALSE(cursor.next());
      REQUIRE(cursor.seek(0));
    }
  }
}

TEST_CASE("a cursor finds patients in any order", "[storage]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (const bool sparse : {false, true}) {
    CAPTURE(sparse);
    const Timelines expected = random_timelines(random, 700, sparse, 9000);
    const File file(expected, random);
    TimelineCursor cursor = file.cursor();
    const std::uint32_t last = expected.rbegin()->first;
    std::uint32_t ordinal = 0;
    for (int i = 0; i < 1500; ++i) {
      if (random() % 3 == 0) {
        ordinal = static_cast<std::uint32_t>(random() % (last + 20));
      } else if (random() % 2 == 0) {
        ++ordinal;
      }
      if (random() % 10 == 0) cursor.next();
      CAPTURE(ordinal);
      const auto next = expected.lower_bound(ordinal);
      REQUIRE(cursor.seek(ordinal) == (next != expected.end()));
      if (next == expected.end()) continue;
      REQUIRE(cursor.head().last >= ordinal);
      // The first chunk of the patient, or of the first one after it.
      REQUIRE(cursor.head().first <= next->first);
      if (cursor.head().first == next->first) REQUIRE(cursor.head().skipped == 0);
      std::vector<Event> events;
      if (i % 10 != 0) continue;
      for (bool more = true; more && cursor.head().first <= next->first; more = cursor.next()) {
        const auto chunk = read_chunk(cursor.chunk());
        const auto mine = chunk.find(next->first);
        if (mine == chunk.end()) break;
        events.insert(events.end(), mine->second.begin(), mine->second.end());
      }
      REQUIRE(events == next->second);
    }
  }
}

TEST_CASE("a shard without timelines has no chunk", "[storage]") {
  const TemporaryDirectory directory;
  {
    SealedFileWriter out(directory / "f");
    out.append(timeline_key(kShard - 1, 7, 0), as_bytes("another shard's"));
    out.append(patients_key(kShard, 0), as_bytes("of the same shard"));
    out.finish();
  }
  const auto file = SealedFile::open(directory / "f", std::nullopt);
  TimelineCursor cursor(file, kShard);
  REQUIRE_FALSE(cursor.seek(0));
  REQUIRE_FALSE(cursor.seek(12345));
  REQUIRE_FALSE(cursor.next());
}
