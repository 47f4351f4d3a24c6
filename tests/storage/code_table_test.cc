// SPDX-License-Identifier: Apache-2.0
#include "storage/code_table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "storage/checked_value.h"
#include "storage/code_pages.h"
#include "storage/format.h"
#include "storage/key.h"
#include "storage/page_cache.h"
#include "storage/wildcard.h"
#include "tests/temporary_directory.h"

using namespace anam;
using anam::testing::patch_file;
using anam::testing::read_file;
using anam::testing::TemporaryDirectory;

namespace {

using Text = std::tuple<std::string, std::string, bool, CodeId>;  // vocabulary, code, alias, id
using Pair = std::pair<CodeId, CodeId>;

/// A code table in memory, told in the plainest way.
struct Model {
  std::vector<CodeRecord> records;
  std::set<Pair> descendants;
  std::set<Pair> mapped;

  std::set<Text> texts() const {
    std::set<Text> texts;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto id = static_cast<CodeId>(i + 1);
      texts.emplace(records[i].vocabulary, records[i].code, false, id);
      if (!records[i].alias_code.empty())
        texts.emplace(records[i].alias_vocabulary, records[i].alias_code, true, id);
    }
    return texts;
  }

  Seal write(const std::filesystem::path& path) const {
    CodeTableWriter writer(path);
    for (std::size_t i = 0; i < records.size(); ++i)
      writer.add_record(static_cast<CodeId>(i + 1), records[i]);
    for (const auto& [vocabulary, code, alias, id] : texts())
      writer.add_text(vocabulary, code, id, alias);
    for (const auto& [ancestor, descendant] : descendants)
      writer.add_descendant(ancestor, descendant);
    for (const auto& [standard, source] : mapped) writer.add_mapped(standard, source);
    return writer.finish();
  }
};

std::string random_text(std::mt19937_64& random, std::string_view letters, std::size_t most) {
  std::string text(random() % (most + 1), ' ');
  for (char& c : text) c = letters[random() % letters.size()];
  return text;
}

Model random_model(std::mt19937_64& random, std::size_t codes, std::size_t pairs) {
  Model model;
  const std::vector<std::string> vocabularies = {"ICD10CM", "LOINC",        "SNOMED",
                                                 "rxnorm",  "\xC3\xA9\x01", "snomed"};
  std::set<std::pair<std::string, std::string>> taken;
  while (model.records.size() < codes) {
    CodeRecord record;
    record.vocabulary = vocabularies[random() % vocabularies.size()];
    record.code = random_text(random, "AB01.\xFF", 12);
    if (!taken.emplace(record.vocabulary, record.code).second) continue;
    if (random() % 4 != 0) record.name = random_text(random, "Type 2 Diabetes\xC3\xA9", 40);
    if (random() % 8 == 0) record.synonyms = random_text(random, "sugar\nSICK ", 60);
    record.domain = random() % 2 == 0 ? "Condition" : "Drug";
    if (random() % 2 == 0) record.concept_class = random_text(random, "ab", 3);
    if (random() % 2 == 0) {
      record.alias_vocabulary = vocabularies[random() % 2];
      record.alias_code = random_text(random, "AB0", 3);  // met often
    }
    record.defined = random() % 2 == 0;
    record.standard = random() % 2 == 0;
    record.invalid = random() % 2 == 0;
    model.records.push_back(record);
  }
  const auto any = [&] { return static_cast<CodeId>(1 + random() % codes); };
  for (std::size_t i = 0; i < pairs; ++i) {
    // Some codes have very many.
    const CodeId ancestor =
        random() % 2 == 0 ? any()
                          : static_cast<CodeId>(1 + random() % std::min<std::size_t>(3, codes));
    model.descendants.emplace(ancestor, any());
    if (i % 4 == 0) model.mapped.emplace(any(), any());
  }
  return model;
}

std::vector<CodeId> seconds(const std::set<Pair>& pairs, const std::vector<CodeId>& firsts) {
  std::set<CodeId> found;
  for (const CodeId first : firsts) {
    for (auto pair = pairs.lower_bound({first, 0}); pair != pairs.end() && pair->first == first;
         ++pair) {
      found.insert(pair->second);
    }
  }
  return {found.begin(), found.end()};
}

std::multiset<CodeId> matches(const CodeTable& table, std::string_view vocabulary,
                              std::string_view pattern, bool literal = false) {
  std::multiset<CodeId> found;
  table.match(vocabulary, pattern, literal, [&](CodeId id) { found.insert(id); });
  return found;
}

std::vector<CodeId> search(const CodeTable& table, std::string_view text) {
  std::vector<CodeId> found;
  table.search_names(text, [&](CodeId id) { found.push_back(id); });
  return found;
}

template <typename F>
Error error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("no Error was thrown");
}

Model small_model() {
  Model model;
  const auto add = [&](std::string vocabulary, std::string code, std::string name) {
    CodeRecord record;
    record.vocabulary = std::move(vocabulary);
    record.code = std::move(code);
    record.name = std::move(name);
    model.records.push_back(record);
  };
  add("ICD10CM", "E11.9", "Type 2 diabetes mellitus without complications");
  add("ICD10CM", "E11", "Type 2 diabetes mellitus");
  add("ICD10CM", "E1*", "An odd code");
  add("OMOP", "201826", "Type 2 diabetes mellitus");
  model.records[3].alias_vocabulary = "SNOMED";
  model.records[3].alias_code = "44054006";
  model.records[3].synonyms = "Adult onset DIABETES\nNIDDM";
  add("SNOMED", "44054006", "The same code as its own");
  model.descendants = {{4, 4}, {4, 1}, {2, 1}};
  model.mapped = {{4, 1}, {4, 2}};
  return model;
}

}  // namespace

TEST_CASE("a code table answers as a model does", "[storage]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const auto codes = static_cast<std::size_t>(GENERATE(1, 1023, 1024, 2100));
  const Model model = random_model(random, codes, codes * 4);
  const TemporaryDirectory directory;
  const Seal seal = model.write(directory / "codes");
  const auto cache = static_cast<std::size_t>(GENERATE(0, 1 << 20));
  const CodeTable table(SealedFile::open(directory / "codes", seal), cache);

  REQUIRE(table.size() == codes);
  for (int i = 0; i < 60; ++i) {
    const std::size_t at = random() % codes;
    REQUIRE(table.record(static_cast<CodeId>(at + 1)) == model.records[at]);
    REQUIRE(table.find(model.records[at].vocabulary, model.records[at].code) ==
            static_cast<CodeId>(at + 1));
  }
  const std::set<Text> texts = model.texts();
  std::map<std::string, VocabularyCount> counts;
  for (const auto& [vocabulary, code, alias, id] : texts) {
    counts[vocabulary].name = vocabulary;
    ++(alias ? counts[vocabulary].aliases : counts[vocabulary].codes);
  }
  std::vector<VocabularyCount> expected_counts;
  for (const auto& [name, count] : counts) expected_counts.push_back(count);
  CHECK(table.vocabularies() == expected_counts);

  for (int i = 0; i < 60; ++i) {
    const std::string vocabulary =
        std::get<0>(*std::next(texts.begin(), static_cast<long>(random() % texts.size())));
    const std::string pattern = random_text(random, "AB01.*?", 5);
    const bool literal = random() % 4 == 0;
    std::multiset<CodeId> expected;
    std::optional<CodeId> own;
    for (const auto& [v, code, alias, id] : texts) {
      if (v != vocabulary) continue;
      if (literal ? code == pattern : matches_wildcard(pattern, code)) expected.insert(id);
      if (code == pattern && !alias) own = id;
    }
    INFO(vocabulary << " " << pattern);
    REQUIRE(matches(table, vocabulary, pattern, literal) == expected);
    REQUIRE(table.find(vocabulary, pattern) == own);
  }
  for (int i = 0; i < 30; ++i) {
    std::vector<CodeId> wanted(random() % 20);
    for (CodeId& id : wanted) id = static_cast<CodeId>(random() % (codes + 2));
    if (i % 3 == 0) wanted.push_back(1);
    REQUIRE(table.descendants(wanted) == seconds(model.descendants, wanted));
    REQUIRE(table.sources_of(wanted) == seconds(model.mapped, wanted));
  }
  std::vector<CodeId> everything;
  for (CodeId id = 1; id <= codes; ++id) everything.push_back(id);
  CHECK(table.descendants(everything) == seconds(model.descendants, everything));

  Model copy;
  std::set<Text> copied_texts;
  table.for_each_record([&](CodeId id, const CodeRecord& record) {
    REQUIRE(id == copy.records.size() + 1);
    copy.records.push_back(record);
  });
  table.for_each_text([&](std::string_view vocabulary, std::string_view code, CodeId id,
                          bool alias) { copied_texts.emplace(vocabulary, code, alias, id); });
  table.for_each_descendant(
      [&](CodeId a, CodeId b) { copy.descendants.emplace_hint(copy.descendants.end(), a, b); });
  table.for_each_mapped(
      [&](CodeId a, CodeId b) { copy.mapped.emplace_hint(copy.mapped.end(), a, b); });
  CHECK(copy.records == model.records);
  CHECK(copied_texts == texts);
  CHECK(copy.descendants == model.descendants);
  CHECK(copy.mapped == model.mapped);
  CHECK(copy.write(directory / "copy") == seal);
}

TEST_CASE("codes are found by text, alias, pattern and name", "[storage]") {
  const TemporaryDirectory directory;
  small_model().write(directory / "codes");
  const CodeTable table(SealedFile::open(directory / "codes", std::nullopt));
  using Ids = std::multiset<CodeId>;
  CHECK(table.find("ICD10CM", "E11") == CodeId{2});
  CHECK(table.find("SNOMED", "44054006") == CodeId{5});  // not the alias
  CHECK_FALSE(table.find("icd10cm", "E11"));
  CHECK_FALSE(table.find("ICD10CM", "E1"));
  CHECK_FALSE(table.find("ZZZ", ""));
  CHECK(matches(table, "SNOMED", "44054006") == Ids{4, 5});
  CHECK(matches(table, "ICD10CM", "E11*") == Ids{1, 2});
  CHECK(matches(table, "icd10cm", "E1*") == Ids{1, 2, 3});
  CHECK(matches(table, "ICD10CM", "E1*", true) == Ids{3});
  CHECK(matches(table, "ICD10CM", "*.?") == Ids{1});
  CHECK(matches(table, "ICD10CM", "e11").empty());
  CHECK(matches(table, "none", "*").empty());
  CHECK(search(table, "  diabetes\tTYPE ") == std::vector<CodeId>{1, 2, 4});
  CHECK(search(table, "niddm adult") == std::vector<CodeId>{4});
  CHECK(search(table, "e11.9") == std::vector<CodeId>{1});
  CHECK(search(table, "diabetes nothing").empty());
  CHECK(search(table, " ").empty());
  CHECK(table.descendants(std::vector<CodeId>{4, 4}) == std::vector<CodeId>{1, 4});
  CHECK(table.descendants({}).empty());
  CHECK(table.sources_of(std::vector<CodeId>{1, 4, 4000000000}) == std::vector<CodeId>{1, 2});
  CHECK(error_of([&] { (void)table.record(0); }).code() == ErrorCode::kUsage);
  CHECK(error_of([&] { (void)table.record(6); }).code() == ErrorCode::kUsage);
}

TEST_CASE("a table without codes answers nothing", "[storage]") {
  const TemporaryDirectory directory;
  Model().write(directory / "codes");
  const CodeTable table(SealedFile::open(directory / "codes", std::nullopt));
  CHECK(table.size() == 0);
  CHECK(table.vocabularies().empty());
  CHECK_FALSE(table.find("a", "b"));
  CHECK(matches(table, "a", "*").empty());
  CHECK(search(table, "a").empty());
  CHECK(table.descendants(std::vector<CodeId>{1}).empty());
  table.for_each_record([](CodeId, const CodeRecord&) { FAIL("a code"); });
  table.for_each_mapped([](CodeId, CodeId) { FAIL("a pair"); });
}

TEST_CASE("very many codes may share an alias", "[storage]") {
  Model model;
  for (std::size_t i = 0; i < 5000; ++i) {
    CodeRecord record;
    record.vocabulary = "NDC";
    record.code = std::to_string(i);
    record.alias_vocabulary = "V";
    record.alias_code = "same";
    model.records.push_back(record);
  }
  model.records[77].vocabulary = "V";
  model.records[77].code = "same";
  const TemporaryDirectory directory;
  model.write(directory / "codes");
  const CodeTable table(SealedFile::open(directory / "codes", std::nullopt));
  CHECK(matches(table, "V", "same").size() == 5001);
  CHECK(table.find("V", "same") == CodeId{78});
}

TEST_CASE("the writer of codes refuses what is out of order", "[storage]") {
  const TemporaryDirectory directory;
  const auto refused = [&](const std::function<void(CodeTableWriter&)>& calls) {
    CodeTableWriter writer(directory / "codes");
    CodeRecord record;
    record.vocabulary = "V";
    writer.add_record(1, record);
    writer.add_record(2, record);
    writer.add_text("V", "a", 1, false);
    return error_of([&] { calls(writer); }).code() == ErrorCode::kUsage;
  };
  const CodeRecord record;
  CHECK(refused([&](CodeTableWriter& w) { w.add_record(3, record); }));
  CHECK(refused([](CodeTableWriter& w) { w.add_text("V", "a", 1, false); }));
  CHECK(refused([](CodeTableWriter& w) { w.add_text("U", "b", 1, false); }));
  CHECK(refused([](CodeTableWriter& w) { w.add_text("V", "b", 3, false); }));
  CHECK(refused([](CodeTableWriter& w) { w.add_text("V", std::string(256, 'x'), 2, false); }));
  CHECK(refused([](CodeTableWriter& w) { w.finish(); }));  // code 2 has no text
  CHECK(refused([](CodeTableWriter& w) { w.add_descendant(0, 1); }));
  CHECK(refused([](CodeTableWriter& w) { w.add_descendant(1, 3); }));
  CHECK(refused([](CodeTableWriter& w) {
    w.add_descendant(2, 1);
    w.add_descendant(2, 1);
  }));
  CHECK(refused([](CodeTableWriter& w) {
    w.add_mapped(2, 1);
    w.add_descendant(2, 1);
  }));
  CHECK(refused([](CodeTableWriter& w) {
    w.add_mapped(2, 1);
    w.add_text("V", "b", 2, false);
  }));
  CodeTableWriter writer(directory / "other");
  CHECK(error_of([&] { writer.add_record(2, record); }).code() == ErrorCode::kUsage);
}

TEST_CASE("no flipped byte of a file of codes gives a wrong answer or a crash", "[storage]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const Model model = random_model(random, 40, 100);
  const Seal seal = model.write(directory / "codes");
  const Bytes good = read_file(directory / "codes");
  const auto all = [&] {
    Model copy;
    const CodeTable table(SealedFile::open(directory / "codes", std::nullopt));
    table.for_each_record(
        [&](CodeId, const CodeRecord& record) { copy.records.push_back(record); });
    table.for_each_descendant([&](CodeId a, CodeId b) { copy.descendants.emplace(a, b); });
    table.for_each_mapped([&](CodeId a, CodeId b) { copy.mapped.emplace(a, b); });
    const bool same = copy.records == model.records && copy.descendants == model.descendants &&
                      copy.mapped == model.mapped && matches(table, "ICD10CM", "*").size() > 0;
    return same;
  };
  REQUIRE(all());
  for (std::size_t at = 0; at < good.size(); at += 1 + random() % 3) {
    const std::byte bad = good[at] ^ static_cast<std::byte>(1 << random() % 8);
    patch_file(directory / "codes", at, ByteSpan(&bad, 1));
    try {
      if (!all()) FAIL("wrong answer after a flip at " << at);
    } catch (const Error& error) {
      REQUIRE_THAT(error.what(), Catch::Contains((directory / "codes").string()));
    }
    patch_file(directory / "codes", at, ByteSpan(good).subspan(at, 1));
  }
  CHECK(SealedFile::open(directory / "codes", seal)->seal() == seal);
}

TEST_CASE("pages of codes that are sealed and yet wrong are refused", "[storage]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  random_model(random, 30, 60).write(directory / "good");
  const auto good = SealedFile::open(directory / "good", std::nullopt);
  for (int round = 0; round < 120; ++round) {
    // Damage that checksums do not show: as a program with a fault would write it.
    const std::filesystem::path path = directory / "bad";
    std::filesystem::remove(path);
    SealedFileWriter writer(path);
    const std::uint64_t damaged = random() % good->size();
    std::uint64_t number = 0;
    for (SealedFile::Cursor cursor = good->cursor(); cursor.next(); ++number) {
      const ByteSpan payload = open_checked_value(cursor.key(), cursor.value(), good->path());
      Bytes bytes(payload.begin(), payload.end());
      if (number == damaged && random() % 8 == 0) continue;
      if (number == damaged) {
        bytes[random() % bytes.size()] = static_cast<std::byte>(random());
        if (random() % 4 == 0) bytes.resize(random() % bytes.size());
      }
      writer.append(cursor.key(), checked_value(cursor.key(), bytes));
    }
    writer.finish();
    try {
      const CodeTable table(SealedFile::open(path, std::nullopt));
      table.for_each_record([](CodeId, const CodeRecord&) {});
      table.for_each_text([](std::string_view, std::string_view, CodeId, bool) {});
      (void)matches(table, "ICD10CM", "*");
      (void)search(table, "a");
      (void)table.descendants(std::vector<CodeId>{1, 2, 3});
      (void)table.sources_of(std::vector<CodeId>{1, 2, 3});
      (void)table.find("LOINC", "A");
      (void)table.record(table.size() == 0 ? 1 : table.size());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUsage)
        REQUIRE_THAT(error.what(), Catch::Contains(path.string()));
    }
  }
}

TEST_CASE("many threads ask one code table", "[storage]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const Model model = random_model(random, 2500, 4000);
  model.write(directory / "codes");
  const CodeTable table(SealedFile::open(directory / "codes", std::nullopt),
                        1 << 17);  // too small for all pages
  std::vector<int> wrong(6);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t) {
      threads.emplace_back([&, t] {
        std::mt19937_64 own(seed + t);
        for (int i = 0; i < 100; ++i) {
          const std::size_t at = own() % model.records.size();
          const auto id = static_cast<CodeId>(at + 1);
          if (table.record(id) != model.records[at]) ++wrong[t];
          if (table.find(model.records[at].vocabulary, model.records[at].code) != id) ++wrong[t];
          if (i % 50 == 0 &&
              table.descendants(std::vector<CodeId>{id}) != seconds(model.descendants, {id})) {
            ++wrong[t];
          }
        }
      });
    }
  }
  CHECK(wrong == std::vector<int>(6, 0));
}

TEST_CASE("a page cache keeps what was used last, within its size", "[storage]") {
  struct Page {
    std::size_t number;
    std::size_t bytes() const { return 10; }
  };
  PageCache<Page> cache(30);
  std::vector<std::size_t> made;
  const auto get = [&](std::size_t number) {
    return cache
        .get(number,
             [&] {
               made.push_back(number);
               return Page{number};
             })
        ->number;
  };
  for (const std::size_t number : {1U, 2U, 3U, 1U, 4U, 1U, 2U}) CHECK(get(number) == number);
  CHECK(made == std::vector<std::size_t>{1, 2, 3, 4, 2});
}

TEST_CASE("a file of codes of a newer version says so", "[storage]") {
  const TemporaryDirectory directory;
  SealedFileWriter writer(directory / "codes");
  const Bytes key = make_key(CodesKey::kSummary);
  Bytes summary = encode_summary({});
  store_le(summary.data(), kCodesVersion + 1);
  writer.append(key, checked_value(key, summary));
  writer.finish();
  CHECK(error_of([&] { CodeTable(SealedFile::open(directory / "codes", std::nullopt)); }).code() ==
        ErrorCode::kVersion);
}
