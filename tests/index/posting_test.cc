// SPDX-License-Identifier: Apache-2.0
// Postings against lists in memory.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include "index/posting_reader.h"
#include "index/posting_writer.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::TemporaryDirectory;

namespace {

constexpr std::uint32_t kShard = 5;

struct ListId {
  Domain domain;
  PostingRole role;
  std::string vocabulary;
  std::string code;
  auto operator<=>(const ListId&) const = default;
};

struct List {
  CodeId id;
  std::vector<Posting> postings;
};

using Lists = std::map<ListId, List>;

/// A list of `events` events of patients below `patients`, with so many carried columns.
std::vector<Posting> random_list(std::mt19937_64& random, std::size_t events,
                                 std::uint32_t patients, std::size_t carried) {
  std::vector<Posting> list(events);
  const auto distinct = 1 + random() % patients;  // few: patients with many events
  const bool ends = random() % 3 == 0;
  const bool seconds = random() % 3 == 0;
  const bool values = random() % 3 == 0;
  for (Posting& p : list) {
    p.ordinal = static_cast<std::uint32_t>(random() % distinct * patients / distinct);
    p.day = static_cast<Day>(random() % 4000) - 1000;
    if (ends && random() % 4 != 0) p.duration = static_cast<std::int64_t>(random() % 60) - 5;
    if (seconds && random() % 4 != 0) p.second = static_cast<std::int64_t>(random() % 86400);
    for (std::size_t i = 0; i < carried; ++i) {
      if (values && random() % 4 != 0) p.carried[i] = static_cast<std::int64_t>(random() % 1000);
    }
  }
  std::ranges::sort(list, {}, [](const Posting& p) {
    return std::tuple(p.ordinal, p.day, p.second, p.duration, p.carried);
  });
  return list;
}

class Store {
 public:
  Store(const Lists& lists, std::uint32_t bitmap_patients) : lists_(lists) {
    const auto path = directory_ / "postings";
    SealedFileWriter out(path);
    // Neighbours that a reader must not take for its own.
    out.append(postings_key(kShard - 1, Domain::kCost, PostingRole::kBoth, "Z", "Z", 0),
               as_bytes("none of mine"));
    PostingWriter writer(kShard, bitmap_patients, [&](ByteSpan key, ByteSpan value) {
      bitmaps_ += key.back() == std::byte{0xFF} && key[key.size() - 4] == std::byte{0xFF} ? 1 : 0;
      ++values_;
      out.append(key, value);
    });
    for (const auto& [id, list] : lists) {
      writer.begin(id.domain, id.role, id.vocabulary, id.code, list.id, list.postings.size());
      for (const Posting& p : list.postings) writer.add(p);
    }
    writer.finish();
    out.append(postings_key(kShard + 1, Domain::kCondition, PostingRole::kStandard, "A", "A", 0),
               as_bytes("none of mine"));
    out.finish();
    reader_ = std::make_unique<PostingReader>(SealedFile::open(path, std::nullopt), kShard);
  }

  PostingReader& reader() { return *reader_; }
  std::size_t bitmaps() const { return bitmaps_; }
  std::size_t blocks() const { return values_ - bitmaps_; }

  /// Compares all that can be asked about the codes (null: all).
  void check(Domain domain, PostingRole role, const std::vector<CodeList::Code>* codes,
             std::uint32_t patients, const PatientSet* among) {
    std::set<CodeId> ids;
    if (codes != nullptr) {
      for (const auto& code : *codes) ids.insert(code.id);
    }
    struct Expected {
      PostingColumns rows;
      std::vector<std::tuple<CodeId, std::uint64_t, std::uint64_t>> sizes;
      std::size_t lists = 0;
    } expected;
    const auto columns = carried_columns(domain);
    expected.rows.carried.resize(columns.size());
    PatientSet expected_patients(patients);
    for (const auto& [id, list] : lists_) {
      if (id.domain != domain || id.role != role || (codes != nullptr && !ids.contains(list.id)))
        continue;
      std::set<std::uint32_t> who;
      for (const Posting& p : list.postings) {
        who.insert(p.ordinal);
        expected_patients.add(p.ordinal);
        if (among != nullptr && !among->contains(p.ordinal)) continue;
        add(expected.rows, p);
      }
      ++expected.lists;
      expected.sizes.emplace_back(list.id, list.postings.size(), who.size());
    }

    std::optional<CodeList> list;
    if (codes != nullptr) list.emplace(*codes);
    const CodeList* given = list ? &*list : nullptr;
    PostingColumns read;
    const std::size_t lists = reader_->read(domain, role, given,
                                            {.ends = true,
                                             .seconds = true,
                                             .carried = {columns.begin(), columns.end()},
                                             .among = among},
                                            read);
    if (among == nullptr) REQUIRE(lists == expected.lists);
    REQUIRE(lists <= expected.lists);
    pad(read);
    REQUIRE(read.patient == expected.rows.patient);
    REQUIRE(read.start == expected.rows.start);
    REQUIRE(read.end == expected.rows.end);
    REQUIRE(read.second == expected.rows.second);
    for (std::size_t i = 0; i < columns.size(); ++i)
      REQUIRE(read.carried[i] == expected.rows.carried[i]);

    std::vector<PostingReader::ListSize> sizes;
    reader_->list_sizes(domain, role, given, sizes);
    std::vector<std::tuple<CodeId, std::uint64_t, std::uint64_t>> found;
    for (const auto& s : sizes) found.emplace_back(s.code, s.events, s.patients);
    REQUIRE(found == expected.sizes);

    if (given != nullptr) {
      PatientSet set(patients);
      reader_->patients(domain, role, *given, set);
      REQUIRE(std::ranges::equal(set.words(), expected_patients.words()));
    }
  }

 private:
  static void add(PostingColumns& rows, const Posting& p) {
    rows.patient.push_back(p.ordinal);
    rows.start.push_back(p.day);
    rows.end.push_back(p.duration == kNull ? PostingColumns::kNoEnd
                                           : static_cast<Day>(p.day + p.duration));
    rows.second.push_back(p.second);
    for (std::size_t i = 0; i < rows.carried.size(); ++i) rows.carried[i].push_back(p.carried[i]);
  }
  static void pad(PostingColumns& rows) {
    const auto fill = [&](auto& cells, auto absent) {
      if (cells.empty()) cells.assign(rows.patient.size(), absent);
      REQUIRE(cells.size() == rows.patient.size());
    };
    fill(rows.end, PostingColumns::kNoEnd);
    fill(rows.second, kNull);
    for (auto& cells : rows.carried) fill(cells, kNull);
  }

  TemporaryDirectory directory_;
  const Lists& lists_;
  std::unique_ptr<PostingReader> reader_;
  std::size_t bitmaps_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

TEST_CASE("postings of random lists are read back", "[index]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::vector<Domain> domains = {Domain::kCondition, Domain::kDrug, Domain::kMeasurement};
  for (int round = 0; round < 8; ++round) {
    CAPTURE(round);
    const auto patients = static_cast<std::uint32_t>(1 + random() % (round % 2 == 0 ? 100 : 20000));
    // Every code that the lists could have; three of four are absent.
    Lists lists;
    std::vector<CodeList::Code> all;
    CodeId next = 1;
    for (const char* vocabulary : {"A", "AB", "ICD10CM"}) {
      for (int i = 0; i < 60; ++i) {
        std::string code = std::to_string(i / 2);
        if (i % 2 == 1) code += "0";
        if (std::ranges::none_of(all, [&](const CodeList::Code& c) {
              return c.vocabulary == vocabulary && c.code == code;
            })) {
          all.push_back({vocabulary, code, next++});
        }
      }
    }
    std::ranges::shuffle(all, random);
    for (const auto& code : all) {
      for (const Domain domain : domains) {
        for (const PostingRole role :
             {PostingRole::kStandard, PostingRole::kSource, PostingRole::kBoth}) {
          if (random() % 12 != 0) continue;
          std::size_t events = 1 + random() % 50;
          if (random() % 12 == 0) events = 1 + random() % 6000;
          if (random() % 40 == 0) events = 1 + random() % 30000;
          lists[{domain, role, code.vocabulary, code.code}] = {
              code.id, random_list(random, events, patients, carried_columns(domain).size())};
        }
      }
    }
    Store store(lists, kPostingPageEvents / 2);

    for (int query = 0; query < 40; ++query) {
      CAPTURE(query);
      const Domain domain = domains[random() % 3];
      const auto role = static_cast<PostingRole>(random() % 3);
      PatientSet among(patients);
      const auto one_in = 1 + random() % 1000;
      for (std::uint32_t o = 0; o < patients; ++o) {
        if (random() % one_in == 0) among.add(o);
      }
      const PatientSet* given = random() % 2 == 0 ? &among : nullptr;
      std::vector<CodeList::Code> codes;
      switch (random() % 4) {
        case 0:  // all of a vocabulary, as a wildcard gives
          std::ranges::copy_if(all, std::back_inserter(codes),
                               [](const auto& c) { return c.vocabulary == "AB"; });
          break;
        case 1:
          codes = {all[random() % all.size()]};
          break;
        default:
          std::ranges::copy_if(all, std::back_inserter(codes),
                               [&](const auto&) { return random() % 4 == 0; });
      }
      store.check(domain, role, &codes, patients, given);
      store.check(domain, role, nullptr, patients, given);
    }
    store.check(Domain::kDevice, PostingRole::kStandard, nullptr, patients, nullptr);
    store.check(Domain::kDevice, PostingRole::kStandard, &all, patients, nullptr);
  }
}

TEST_CASE("lists that end or begin at the limit of a page", "[index]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  constexpr std::size_t kPage = kPostingPageEvents;
  const std::vector<std::vector<std::size_t>> shapes = {
      {kPage},
      {kPage, 1},
      {kPage, 1, kPage},
      {kPage - 1, 1, 1},
      {kPage - 1, 2, 1},
      {1, kPage - 1, 1},
      {kPage / 2 - 1, kPage / 2 - 1, 2, 1, 5},  // small ones that fill a page exactly
      {kPage / 2 - 1, kPage / 2 - 1, 3, 1, 5},
      {kPage / 2, kPage / 2},
      {2 * kPage, 3},
      {2 * kPage + 1, 3},
      {5 * kPage - 1, 1, 1},
      {100000, 1, 100000},
  };
  for (const auto& shape : shapes) {
    CAPTURE(shape);
    for (const std::uint32_t patients : {1U, 2U, 700U, 12000U}) {
      CAPTURE(patients);
      Lists lists;
      std::vector<CodeList::Code> all;
      for (std::size_t i = 0; i < shape.size(); ++i) {
        const auto id = static_cast<CodeId>(i + 1);
        const std::string code = "C" + std::to_string(i);
        all.push_back({"V", code, id});
        lists[{Domain::kDrug, PostingRole::kBoth, "V", code}] = {
            id, random_list(random, shape[i], patients, carried_columns(Domain::kDrug).size())};
      }
      // The last patient of a list begins the next one.
      for (auto& [id, list] : lists) {
        list.postings.front().ordinal = 0;
        list.postings.back().ordinal = patients - 1;
      }
      Store store(lists, kPage / 2);
      store.check(Domain::kDrug, PostingRole::kBoth, &all, patients, nullptr);
      store.check(Domain::kDrug, PostingRole::kBoth, nullptr, patients, nullptr);
      for (const auto& code : all) {
        const std::vector<CodeList::Code> one = {code};
        PatientSet among(patients);
        among.add(patients - 1);
        store.check(Domain::kDrug, PostingRole::kBoth, &one, patients, nullptr);
        store.check(Domain::kDrug, PostingRole::kBoth, &one, patients, &among);
      }
    }
  }
}

TEST_CASE("common codes have bitmaps, others none", "[index]") {
  std::mt19937_64 random(1);
  Lists lists;
  std::vector<CodeList::Code> all;
  for (const std::size_t events : {20000U, 10U, 30000U, 4000U}) {
    const auto id = static_cast<CodeId>(all.size() + 1);
    const std::string code = "C" + std::to_string(id);
    all.push_back({"V", code, id});
    std::vector<Posting> list(events);
    for (std::uint32_t i = 0; i < events; ++i) list[i] = {.ordinal = i, .day = 5};
    lists[{Domain::kDrug, PostingRole::kStandard, "V", code}] = {id, list};
  }
  Store store(lists, 4096);
  REQUIRE(store.bitmaps() == 2);
  REQUIRE(store.blocks() == 4);  // the common ones have blocks of their own
  store.check(Domain::kDrug, PostingRole::kStandard, &all, 30000, nullptr);
  const std::vector<CodeList::Code> neighbours = {all[0], all[2], {"V", "C2x", 9}, {"V", "C4", 4}};
  store.check(Domain::kDrug, PostingRole::kStandard, &neighbours, 30000, nullptr);
}

TEST_CASE("pages without patients that are asked for are passed over", "[index]") {
  Lists lists;
  std::vector<Posting> list(50000);
  for (std::uint32_t i = 0; i < list.size(); ++i) list[i] = {.ordinal = i, .day = 5};
  lists[{Domain::kDrug, PostingRole::kStandard, "V", "C"}] = {1, list};
  Store store(lists, 4096);
  PatientSet among(50000);
  among.add(30000);
  PostingColumns read;
  store.reader().read(Domain::kDrug, PostingRole::kStandard, nullptr, {.among = &among}, read);
  REQUIRE(read.patient == std::vector<std::uint32_t>{30000});
}
