// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/golden_store.h"

#include <array>
#include <random>
#include <string>

#include "index/patient_table.h"
#include "ingest/load.h"
#include "storage/attributes.h"
#include "storage/calendar.h"
#include "storage/decimal.h"

namespace anam::testing {
namespace {

constexpr std::int64_t kCrowd = 4300;  // enough for a bitmap, in one shard
constexpr std::uint32_t kShardBits = 1;
constexpr std::int64_t kLongTimeline = 8400;  // events: three chunks, two pages of postings

std::int64_t day(std::string_view text) { return parse_day(text).value(); }

// The same numbers from every standard library: the distributions of <random> differ.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : random_(seed) {}
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit));
  }

 private:
  std::mt19937_64 random_;
};

LoadOptions options(const std::filesystem::path& path, std::string source, std::string note) {
  LoadOptions options;
  options.store = path;
  options.source = std::move(source);
  options.note = std::move(note);
  options.threads = 1;
  options.memory = std::uint64_t{64} << 20;
  options.shards = 1U << kShardBits;
  return options;
}

void add_vocabulary(Load& load) {
  const CodeId diabetes = load.code("OMOP", "201826");
  const CodeId disorder = load.code("OMOP", "4008576");
  load.define(diabetes, {.name = "Type 2 diabetes mellitus",
                         .synonyms = "Diabetes mellitus type 2\nNIDDM",
                         .domain = "Condition",
                         .concept_class = "Disorder",
                         .alias_vocabulary = "SNOMED",
                         .alias_code = "44054006",
                         .standard = true});
  load.define(disorder, {.name = "Disorder of glucose metabolism",
                         .synonyms = {},
                         .domain = "Condition",
                         .concept_class = "Disorder",
                         .alias_vocabulary = "SNOMED",
                         .alias_code = "126877002",
                         .standard = true});
  load.add_descendant(disorder, disorder);
  load.add_descendant(disorder, diabetes);
  load.add_descendant(diabetes, diabetes);
  const CodeId source = load.code("ICD10CM", "E11.9");
  load.define(source, {.name = "Type 2 diabetes mellitus without complications",
                       .synonyms = {},
                       .domain = "Condition",
                       .concept_class = "5-char billing code",
                       .alias_vocabulary = {},
                       .alias_code = {}});
  load.add_mapping(source, diabetes);
  load.define(load.code("ICD9CM", "250.00"), {.name = "Diabetes mellitus (retired)",
                                              .synonyms = {},
                                              .domain = {},
                                              .concept_class = {},
                                              .alias_vocabulary = {},
                                              .alias_code = {},
                                              .invalid = true});
}

/// A cell of every built-in attribute of events, of the type that it has.
void set_attributes(EventBatch& batch, Load& load, Numbers& numbers) {
  for (const AttributeInfo& attribute : builtin_attributes()) {
    if (attribute.id < column::kFirstAttribute || attribute.id >= column::kSex) continue;
    if (numbers.below(4) != 0) continue;
    const std::string name(attribute.name);
    switch (attribute.type) {
      case ColumnType::kInt:
        batch.set(attribute.id, numbers.below(100) - 10);
        break;
      case ColumnType::kMoney:
        batch.set(attribute.id, numbers.below(1'000'000) - 1000);
        break;
      case ColumnType::kDecimal:
        batch.set(attribute.id, parse_decimal(std::to_string(numbers.below(500)) + "." +
                                              std::to_string(numbers.below(1000)))
                                    .value());
        break;
      case ColumnType::kCode:
        batch.set(attribute.id, load.code(name, std::to_string(numbers.below(5))));
        break;
      case ColumnType::kText:
        batch.set_text(attribute.id, name + " " + std::to_string(numbers.below(7)));
        break;
    }
  }
}

void add_domains(Load& load, std::string_view patient, Numbers& numbers) {
  EventBatch batch;
  for (const Domain domain : all_domains()) {
    const std::int64_t start = day("2015-01-01") + numbers.below(1000);
    const std::string own(domain_name(domain));
    batch.begin(patient, domain, load.code(own, "c" + std::to_string(numbers.below(4))), start);
    batch.set_key(column::kVisitKey, "visit " + std::to_string(numbers.below(3)));
    batch.set_key(column::kClaimKey, std::to_string(numbers.below(4)));
    set_attributes(batch, load, numbers);
    batch.begin(patient, domain, load.code(own, "c" + std::to_string(numbers.below(4))), start + 2);
    batch.set(column::kEndDay, start + 2 + numbers.below(30));
    batch.set(column::kSecond, numbers.below(86400));
    batch.set(column::kEndSecond, numbers.below(86400));
    batch.set(column::kSourceCode, load.code("OWN", "s" + std::to_string(numbers.below(3))));
    batch.set(column::kRecord, numbers.below(1'000'000'000));
    batch.set_key(column::kVisitDetailKey, "detail " + std::to_string(numbers.below(2)));
  }
  batch.begin(patient, Domain::kObservation, kNoCode, day("2016-02-29"));
  load.add(std::move(batch));
}

void add_persons(Load& load, std::string_view patient, std::string_view sex, std::int64_t year) {
  EventBatch batch;
  batch.begin(patient, Domain::kPerson, kNoCode, kNull);
  batch.set(column::kSex, load.code("Gender", sex));
  batch.set(column::kBirthYear, year);
  batch.set_text(column::kState, year % 2 == 0 ? "MA" : "OR");
  load.add(std::move(batch));
}

void add_diabetes(Load& load, std::int64_t patient, std::int64_t start) {
  EventBatch batch;
  batch.begin(patient, Domain::kCondition, load.code("OMOP", "201826"), start);
  batch.set(column::kSourceCode, load.code("ICD10CM", "E11.9"));
  batch.begin(patient, Domain::kCondition, load.code("ICD10CM", "E11.9"), start + 7);
  batch.set(column::kSourceCode, load.code("ICD10CM", "E11.9"));
  batch.begin(patient, Domain::kCondition, load.code("ICD9CM", "250.00"), start + 9);
  load.add(std::move(batch));
}

/// Money, numbers of many sizes, runs, few distinct and many distinct values: each codec has work.
void add_long_timeline(Load& load, Numbers& numbers) {
  EventBatch batch;
  const CodeId sugar = load.code("LOINC", "2345-7");
  for (std::int64_t i = 0; i < kLongTimeline; ++i) {
    batch.begin("long timeline", Domain::kMeasurement, sugar, day("1990-01-01") + i);
    if (numbers.below(20) != 0) batch.set(column::kValue, 32 * (600 + numbers.below(100)) + 1);
    if (numbers.below(4) == 0) batch.set(column::kDaysSupply, 30 * (1 + numbers.below(3)));
    batch.set(column::kClaimLine, i / 500);
    batch.set(column::kRefills, i);
    if (i % 1000 < 20) batch.set(column::kPaid, std::int64_t{1} << numbers.below(62));
    if (i > 7600 && i < 8200) {
      batch.set(column::kCharged, numbers.below(1 << 12) * numbers.below(1 << 12));
      // Few values that lie far apart, some of them more frequent.
      const std::int64_t few = numbers.below(12) * numbers.below(12) / 12;
      batch.set(column::kOccurrences, 1'000'003 * few * few + few);
    }
  }
  load.add(std::move(batch));
}

void add_crowd(Load& load) {
  EventBatch batch;
  const CodeId visit = load.code("Visit", "9202");
  for (std::int64_t id = kFirstOfCrowd, found = 0; found < kCrowd; ++id) {
    if (shard_of(patient_hash(id), kShardBits) != 0) continue;
    batch.begin(id, Domain::kVisit, visit, day("2018-01-01"));
    ++found;
  }
  load.add(std::move(batch));
}

void load_first(const std::filesystem::path& path) {
  Numbers numbers(1);
  Load load(options(path, "claims", "the first"));
  add_vocabulary(load);
  for (const std::string_view patient : {"1", "-2", "p3", "\xC3\xA9t\xC3\xA9", "007"})
    add_domains(load, patient, numbers);
  add_persons(load, "1", "F", 1950);
  add_persons(load, "p3", "M", 1961);
  add_persons(load, "person alone", "F", 2001);
  add_long_timeline(load, numbers);
  add_crowd(load);
  for (std::int64_t patient = 10; patient < 20; ++patient)
    add_diabetes(load, patient, day("2017-05-01") + 3 * patient);

  EventBatch batch;
  constexpr std::array kTypes = {ColumnType::kInt, ColumnType::kMoney, ColumnType::kDecimal,
                                 ColumnType::kCode, ColumnType::kText};
  constexpr std::array kNames = {"own int", "own money", "own decimal", "own code", "own text"};
  batch.begin("1", Domain::kDrug, load.code("NDC", "00093104801"), day("2019-12-31"));
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    const ColumnId column = load.attribute(kNames[i], kTypes[i]);
    if (kTypes[i] == ColumnType::kText) {
      batch.set_text(column, "what only this store knows");
    } else if (kTypes[i] == ColumnType::kCode) {
      batch.set(column, load.code("Own", "x"));
    } else {
      batch.set(column, 32 * 125 + 2);
    }
  }
  // The longest key, the first and the last day.
  batch.begin("1", Domain::kProcedure, load.code(std::string(249, 'v'), std::string(249, 'c')),
              day("0001-01-01"));
  batch.begin("1", Domain::kProcedure, load.code("CPT4", "99213"), day("9999-12-31"));
  load.add(std::move(batch));
  load.finish([](const LoadReport&) { return std::string("{\"rows\": 1}"); });
}

void load_second(const std::filesystem::path& path) {
  Numbers numbers(2);
  Load load(options(path, "hospital", "the second"));
  add_domains(load, "new in two", numbers);
  add_diabetes(load, 33, day("2020-01-01"));
  add_persons(load, "-2", "M", 1970);
  add_persons(load, "33", "F", 1980);
  for (std::int64_t patient = 15; patient < 25; ++patient)
    add_diabetes(load, patient, day("2020-05-01") + 3 * patient);
  load.define(load.code("OMOP", "201826"), {.name = "Type 2 diabetes mellitus, renamed",
                                            .synonyms = {},
                                            .domain = {},
                                            .concept_class = {},
                                            .alias_vocabulary = {},
                                            .alias_code = {},
                                            .standard = true});
  load.finish();
}

}  // namespace

void make_golden_store(const std::filesystem::path& path) {
  load_first(path);
  load_second(path);
}

}  // namespace anam::testing
