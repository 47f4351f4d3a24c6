// SPDX-License-Identifier: Apache-2.0
// Random definitions, written as text and read back, give the same rows and attrition.
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "query/evaluate/evaluator.h"
#include "query/language/definition_writer.h"
#include "query/language/parser.h"
#include "tests/query/evaluate/memory_shard.h"
#include "tests/query/evaluate/naive_evaluator.h"
#include "tests/query/evaluate/random_definition.h"
#include "tests/query/evaluate/shrink.h"

namespace anam::test {

namespace {

// Names that are hard to write, to tell apart, or to leave out.
constexpr std::string_view kNames[] = {"",          "a",
                                       "a",         "b2-c",
                                       "type 2",    "first",
                                       "value",     "sex",
                                       "drug",      "\"quoted\" \\ and\nbroken\r\tup",
                                       "T:1",       "T:1 or T:2",
                                       "a or T:3",  "unit \"3\"",
                                       "sex \"1\"", "\xC3\xA9 \xE5\xAD\x97",
                                       "never",     "# no comment",
                                       "codes 1"};

class Decorator {
 public:
  explicit Decorator(std::mt19937_64& random) : random_(random) {}

  void decorate(CohortDefinition& definition) {
    for (CodeSet& set : definition.code_sets) set = code_set(2);
    if (one_in(2)) definition.code_sets.push_back(code_set(1));
    // Rows of other cohorts cannot be asked for all that events can.
    for (EventQuery& query : definition.index) drop_cohorts(query);
    for (EventQuery& query : definition.censoring) drop_cohorts(query);
    if (definition.additional) drop_cohorts(*definition.additional);
    for (Rule& rule : definition.rules) drop_cohorts(rule.group);
    definition.title = name();
    definition.by_record = one_in(3);
    for (Rule& rule : definition.rules) {
      rule.name = name();
      if (one_in(3)) rule.description = name();
    }
    if (one_in(8)) definition.era_pad = -definition.era_pad;
    if (one_in(8)) definition.days_before = -definition.days_before;
  }

 private:
  static void drop_cohorts(EventQuery& query) {
    query.cohort.reset();
    for (Group& nested : query.nested) drop_cohorts(nested);
  }
  static void drop_cohorts(Group& group) {
    for (CountedQuery& counted : group.counts) drop_cohorts(counted.query);
    for (Group& each : group.groups) drop_cohorts(each);
  }

  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  bool one_in(int n) { return below(n) == 0; }
  std::string name() { return std::string(kNames[random_() % std::size(kNames)]); }

  CodeSet code_set(int depth) {
    CodeSet set;
    set.name = name();
    if (one_in(4)) {  // the names that say what they mean
      set.name = one_in(2) ? "unit \"3\"" : "sex \"1\"";
      set.include.push_back({.vocabulary = set.name.starts_with("unit") ? "UCUM" : "Gender",
                             .pattern = set.name.starts_with("unit") ? "3" : "1",
                             .literal = true,
                             .nested = {}});
      return set;
    }
    for (int n = one_in(6) ? 0 : 1 + below(3); n > 0; --n) set.include.push_back(item(depth));
    for (int n = one_in(3) ? 1 + below(2) : 0; n > 0; --n) set.exclude.push_back(item(depth));
    return set;
  }

  CodeSetItem item(int depth) {
    static constexpr std::string_view kPatterns[] = {"1",   "2",   "3",         "4",   "5",
                                                     "*",   "?",   "1 ",        "",    "a \"b\",(",
                                                     "x#y", "\\*", "\t\\ \n*q", "3*\\"};
    CodeSetItem made;
    made.vocabulary = one_in(3) ? "" : one_in(4) ? "My: \"own\" codes" : "T";
    made.pattern = kPatterns[one_in(3) ? random_() % std::size(kPatterns) : random_() % 5];
    made.literal = one_in(3);
    made.descendants = one_in(3);
    made.mapped = one_in(4);
    made.defined_only = one_in(3);
    if (depth > 0 && one_in(5)) made.nested.push_back(code_set(depth - 1));
    return made;
  }

  std::mt19937_64& random_;
};

// Codes are the numbers 1 to 5, in all vocabularies. What lies below or maps to a code is made up,
// so that each flag makes a difference.
CodeIds resolve(const CodeSet& set) {
  const auto items = [](const std::vector<CodeSetItem>& list) {
    std::vector<bool> all(8, false);
    for (const CodeSetItem& item : list) {
      std::vector<bool> own(8, false);
      if (!item.nested.empty()) {
        for (const CodeId id : resolve(item.nested.front())) own[id] = true;
      } else {
        for (std::size_t id = 1; id <= 5; ++id) {
          const bool any = !item.literal && (item.pattern == "*" || item.pattern == "?");
          own[id] = any || item.pattern == std::to_string(id);
        }
      }
      std::vector<bool> found = own;
      for (std::size_t id = 1; id <= 5; ++id) {
        if (item.defined_only && id % 2 == 0) found[id] = false;
        if (item.descendants && own[id] && id < 5) found[id + 1] = true;
        if (item.mapped && own[id] && id > 1) found[id - 1] = true;
      }
      for (std::size_t id = 1; id <= 5; ++id) all[id] = all[id] || found[id];
    }
    return all;
  };
  const std::vector<bool> include = items(set.include);
  const std::vector<bool> exclude = items(set.exclude);
  CodeIds ids;
  for (CodeId id = 1; id <= 5; ++id) {
    if (include[id] && !exclude[id]) ids.push_back(id);
  }
  return ids;
}

std::vector<CodeIds> resolve(const CohortDefinition& definition) {
  std::vector<CodeIds> codes;
  for (const CodeSet& set : definition.code_sets) codes.push_back(resolve(set));
  return codes;
}

ShardResult evaluate(const RandomCase& of) {
  MemoryShard shard(of.data);
  return Evaluator(of.definition, of.codes, EvaluatorOptions{.attrition = true}).run(shard);
}

// What is lost on the way through the text; empty = nothing.
std::string difference(const RandomCase& of) {
  std::string text;
  try {
    TextOptions options;
    if (of.data.patients % 2 == 0) {
      options.code_name = [](std::string_view vocabulary, std::string_view code) {
        return code == "2"
                   ? std::string()
                   : "name of " + std::string(vocabulary) + ' ' + std::string(code) + "\n# more";
      };
    }
    text = to_text(of.definition, options);
    RandomCase back{parse_cohort(text, "text"), {}, of.data};
    back.codes = resolve(back.definition);
    if (const std::string again = to_text(back.definition, options); again != text)
      return "printed again:\n" + text + "\nbecomes:\n" + again;
    const ShardResult expected = evaluate(of);
    const ShardResult found = evaluate(back);
    if (found.rows != expected.rows) return "rows of\n" + text;
    if (found.attrition.masks != expected.attrition.masks) return "masks of\n" + text;
    if (found.attrition.rules != expected.attrition.rules) return "rules of\n" + text;
    const ShardResult naive = naive_evaluate(back.definition, back.codes, back.data);
    if (naive.rows != expected.rows) return "rows of nested loops of\n" + text;
  } catch (const std::exception& error) {
    return error.what() + ("\n" + text);
  }
  return {};
}

}  // namespace

TEST_CASE("random definitions are the same when written as text and read back", "[evaluate]") {
  const auto [seed, cases] = random_run();
  INFO("seed " << seed << " (set ANAM_TEST_SEED to run it again)");
  int with_rows = 0;
  for (int i = 0; i < cases; ++i) {
    std::mt19937_64 random(seed + static_cast<std::uint64_t>(i));
    RandomCase made = random_case(random);
    Decorator(random).decorate(made.definition);
    made.codes = resolve(made.definition);
    const std::string found = difference(made);
    with_rows += naive_evaluate(made.definition, made.codes, made.data).rows.empty() ? 0 : 1;
    if (found.empty()) continue;
    const RandomCase small =
        shrink(made, [](const RandomCase& smaller) { return !difference(smaller).empty(); });
    INFO("case " << i << ", shrunk:\n" << describe(small) << difference(small));
    FAIL("a definition is not what its text says: " << found);
  }
  CHECK(with_rows > cases / 8);
}

}  // namespace anam::test
