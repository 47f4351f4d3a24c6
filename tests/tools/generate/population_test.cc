// SPDX-License-Identifier: Apache-2.0
// What the synthetic population promises: docs/population.md.
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <unordered_map>

#include "tests/tools/generate/population_sink.h"

namespace anam::generate {
namespace {

KeepingSink kept(Settings settings, Source source, unsigned threads, std::uint64_t window) {
  settings.window = window;
  KeepingSink sink;
  arrive(shared_model(), settings, source, {.threads = threads}, sink);
  sink.sort();
  return sink;
}

bool same(const KeepingSink& a, const KeepingSink& b) {
  return std::ranges::equal(a.events, b.events,
                            [](const Event& x, const Event& y) { return all_of(x) == all_of(y); });
}

TEST_CASE("the seed alone decides, not threads or windows", "[generate]") {
  for (const Preset& preset : {kLean, kOptum}) {
    const Settings settings = settings_of(160, 5, preset);
    for (const Source source : {Source::kClaims, Source::kClinical}) {
      const KeepingSink once = kept(settings, source, 1, 0);
      REQUIRE(once.events.size() > (source == Source::kClaims ? 4000U : 20U));
      CHECK(same(once, kept(settings, source, 3, 30)));
      CHECK_FALSE(same(once, kept(settings_of(160, 6, preset), source, 1, 0)));
    }
  }
}

TEST_CASE("more patients leave those that were there as they were", "[generate]") {
  const KeepingSink few = kept(settings_of(100, 3, kLean), Source::kClaims, 1, 0);
  KeepingSink more = kept(settings_of(300, 3, kLean), Source::kClaims, 1, 0);
  std::erase_if(more.events, [](const Event& event) { return event.patient > 100; });
  CHECK(same(few, more));
}

TEST_CASE("copies are the same people under other ids", "[generate]") {
  Settings settings = settings_of(80, 9, kLean);
  const KeepingSink once = kept(settings, Source::kClaims, 1, 0);
  settings.copies = 3;
  const KeepingSink thrice = kept(settings, Source::kClaims, 2, 50);
  REQUIRE(thrice.events.size() == 3 * once.events.size());
  REQUIRE(thrice.people.size() == 240);
  for (std::size_t i = 0; i < thrice.events.size(); ++i) {
    Event event = thrice.events[i];
    const std::int64_t copy = (event.patient - 1) / 80;
    event.patient -= copy * 80;
    if (all_of(event) != all_of(once.events[i % once.events.size()])) FAIL("event " << i);
  }
}

TEST_CASE("a permutation meets every place once, and moves neighbours apart", "[generate]") {
  for (const std::uint64_t size : {1U, 2U, 3U, 17U, 256U, 1000U}) {
    const Permutation order(size, 4);
    std::set<std::uint64_t> met;
    std::uint64_t near = 0;
    for (std::uint64_t place = 0; place < size; ++place) {
      REQUIRE(order(place) < size);
      met.insert(order(place));
      if (place > 0 && order(place) == order(place - 1) + 1) ++near;
    }
    CHECK(met.size() == size);
    if (size == 1000) CHECK(near < 10);
  }
}

TEST_CASE("people look like the insured of the United States", "[generate]") {
  const PersonMaker maker(shared_model(), 1);
  constexpr int kPeople = 40'000;
  double women = 0, spells = 0, clinical = 0, drugs = 0, days = 0, old = 0, adults = 0;
  std::array<double, kChronicConditions> have{};
  double deaths = 0, senior_years = 0;
  for (int i = 0; i < kPeople; ++i) {
    const Person person = maker.make(static_cast<std::uint64_t>(i));
    women += person.female;
    clinical += person.clinical;
    spells += person.spells;
    Day before = 0;
    for (const Coverage& coverage : person.covered()) {
      REQUIRE(coverage.medical.first > before + (before == 0 ? 0 : 31));  // there are gaps
      before = coverage.medical.last;
      REQUIRE(coverage.medical.days() > 0);
      REQUIRE(coverage.medical.first >= kFirstDayOfModel);
      REQUIRE(coverage.medical.last <= kLastDayOfModel);
      days += coverage.medical.days();
      if (!coverage.drugs.empty()) {
        REQUIRE(coverage.medical.has(coverage.drugs.first));
        REQUIRE(coverage.medical.has(coverage.drugs.last));
        drugs += coverage.drugs.days();
      }
      if (person.age(coverage.medical.first) >= 65) {
        senior_years += coverage.medical.days() / 365.25;
        deaths += person.death == coverage.medical.last;
      }
    }
    REQUIRE(person.birth <= person.coverage[0].medical.first);
    if (person.age(before) >= 65) ++old;
    if (person.age(before) >= 18) {
      ++adults;
      for (std::size_t id = 0; id < kChronicConditions; ++id)
        have[id] += person.onset[id] <= before;
    }
  }
  CHECK(days / 365.25 / kPeople == Approx(3.4).margin(0.1));
  CHECK(women / kPeople == Approx(0.51).margin(0.015));
  CHECK(spells / kPeople == Approx(1.25).margin(0.05));
  CHECK(clinical / kPeople == Approx(0.05).margin(0.005));
  CHECK(drugs / days == Approx(0.85).margin(0.03));
  CHECK(old / kPeople == Approx(0.2).margin(0.03));
  CHECK(1000 * deaths / senior_years == Approx(40).margin(12));
  const std::map<ConditionId, std::pair<double, double>> bands = {
      {kHypertension, {0.27, 0.4}},  {kType2Diabetes, {0.08, 0.125}},
      {kHeartFailure, {0.02, 0.04}}, {kAsthma, {0.07, 0.12}},
      {kCopd, {0.04, 0.075}},        {kDepression, {0.15, 0.23}},
      {kFibrillation, {0.03, 0.06}}, {kKidneyDisease, {0.05, 0.09}},
      {kStroke, {0.02, 0.04}},       {kBreastCancer, {0.012, 0.03}},
      {kDementia, {0.015, 0.035}},   {kType1Diabetes, {0.003, 0.009}}};
  for (const auto& [id, band] : bands) {
    INFO(conditions()[id].name << " " << have[id] / adults);
    CHECK(have[id] / adults > band.first);
    CHECK(have[id] / adults < band.second);
  }
}

TEST_CASE("conditions come together more often than by chance", "[generate]") {
  const PersonMaker maker(shared_model(), 2);
  double both = 0, heart = 0, infarction = 0, people = 0;
  for (std::uint64_t i = 0; i < 30'000; ++i) {
    const Person person = maker.make(i);
    const Day last = person.coverage[static_cast<std::size_t>(person.spells) - 1].medical.last;
    const double age = person.age(last);
    if (age < 65 || age >= 80) continue;  // so that age alone does not do it
    ++people;
    heart += person.has(kHeartFailure, last);
    infarction += person.has(kInfarction, last);
    both += person.has(kHeartFailure, last) && person.has(kInfarction, last);
  }
  CHECK(both / people > 1.5 * (heart / people) * (infarction / people));
}

TEST_CASE("presets have about the events that they promise", "[generate]") {
  for (const auto& [preset, source, least, most] :
       {std::tuple(kLean, Source::kClaims, 38.0, 46.0),
        std::tuple(kOptum, Source::kClaims, 155.0, 185.0),
        std::tuple(kLean, Source::kClinical, 15.0, 60.0)}) {
    const bool claims = source == Source::kClaims;
    const KeepingSink sink = kept(settings_of(claims ? 2000 : 4000, 1, preset), source, 1, 0);
    const double mean =
        static_cast<double>(sink.events.size()) / static_cast<double>(sink.people.size());
    INFO(preset.name << " " << mean);
    CHECK(mean > least);
    CHECK(mean < most);
  }
}

TEST_CASE("claims lie within coverage, death ends them, and fills wait for the supply",
          "[generate]") {
  const Model& model = shared_model();
  const CodeIndex metformin = model.drugs[static_cast<std::size_t>(model.find_drug("metformin"))];
  for (const Preset& preset : {kLean, kOptum}) {
    const KeepingSink sink = kept(settings_of(1000, 8, preset), Source::kClaims, 1, 0);
    std::unordered_map<std::int64_t, const Person*> people;
    for (const auto& [patient, person] : sink.people) people[patient] = &person;
    std::map<std::int64_t, std::vector<std::pair<Day, int>>> fills;
    std::set<std::pair<std::int64_t, int>> visits;
    std::size_t outside = 0, after_death = 0, short_fills = 0, refills = 0, wrong_era = 0;
    std::size_t without_visit = 0, money = 0;
    for (const Event& event : sink.events) {
      const Person& person = *people.at(event.patient);
      after_death +=
          event.day > person.death || (event.end != kNoNumber && event.end > person.death);
      if (event.feed == Feed::kMembers) continue;
      outside += !person.insured(event.day);
      if (event.end != kNoNumber) outside += event.end < event.day || !person.insured(event.end);
      const std::string& vocabulary = model.book[event.code].vocabulary;
      wrong_era += vocabulary == (event.day < kIcd10From ? "ICD10CM" : "ICD9CM");
      if (event.domain == Domain::kVisit) {
        REQUIRE(visits.emplace(event.patient, event.visit).second);
      }
      if (event.domain == Domain::kDrug) {
        outside += !person.has_drug_plan(event.day);
        if (model.book.standard_of(event.code) == metformin)
          fills[event.patient].emplace_back(event.day, event.days_supply);
      }
      if (event.paid != kNoNumber) {
        ++money;
        REQUIRE(event.paid >= 0);
        REQUIRE(event.paid <= event.allowed);
        REQUIRE(event.allowed <= event.charged + 1);
      }
    }
    for (const Event& event : sink.events) {
      without_visit += event.visit != 0 && !visits.contains({event.patient, event.visit});
    }
    for (auto& [patient, days] : fills) {
      std::ranges::sort(days);
      for (std::size_t i = 1; i < days.size(); ++i) {
        ++refills;
        short_fills += days[i].first < days[i - 1].first + days[i - 1].second;
      }
    }
    CHECK(outside == 0);
    CHECK(after_death == 0);
    CHECK(wrong_era == 0);
    CHECK(without_visit == 0);
    CHECK(short_fills == 0);
    CHECK(refills > 50);
    CHECK(money > sink.events.size() / 3);
  }
}

TEST_CASE("a patient's events arrive in several files", "[generate]") {
  class Counter final : public WindowSink {
   public:
    void take(Window& window) override {
      for (std::size_t i = 0; i < window.files.size(); ++i) {
        for (const Event& event : window.files[i]) {
          files[event.patient].insert(i);
          ++events[event.patient];
        }
      }
    }
    std::map<std::int64_t, std::set<std::size_t>> files;
    std::map<std::int64_t, int> events;
  } counter;
  Settings settings = settings_of(2000, 2, kLean);
  arrive(shared_model(), settings, Source::kClaims, {}, counter);
  double many = 0, enough = 0;
  for (const auto& [patient, files] : counter.files) {
    if (counter.events[patient] < 20) continue;
    ++many;
    enough += files.size() >= 4;
  }
  CHECK(enough / many > 0.9);
}

TEST_CASE("a few people cost most of the money", "[generate]") {
  const KeepingSink sink = kept(settings_of(3000, 4, kLean), Source::kClaims, 1, 0);
  std::map<std::int64_t, double> paid;
  for (const auto& [patient, person] : sink.people) paid[patient] = 0;
  for (const Event& event : sink.events) {
    if (event.paid != kNoNumber) paid[event.patient] += event.paid;
  }
  std::vector<double> sums;
  double total = 0;
  for (const auto& [patient, sum] : paid) {
    sums.push_back(sum);
    total += sum;
  }
  std::ranges::sort(sums, std::greater<>());
  double top = 0;
  for (std::size_t i = 0; i < sums.size() / 20; ++i) top += sums[i];
  CHECK(top / total > 0.35);
  CHECK(top / total < 0.75);
}

TEST_CASE("a provider's records overlap the claims in part", "[generate]") {
  const Settings settings = settings_of(1500, 11, kOptum);
  const KeepingSink claims = kept(settings, Source::kClaims, 1, 0);
  const KeepingSink records = kept(settings, Source::kClinical, 1, 0);
  std::set<std::tuple<std::int64_t, Day, CodeIndex>> paid_for;
  for (const Event& event : claims.events) {
    if (event.domain == Domain::kCondition) {
      paid_for.emplace(event.patient, event.day, shared_model().book.standard_of(event.code));
    }
  }
  double both = 0, all = 0, insured = 0;
  for (const Event& event : records.events) {
    if (event.domain != Domain::kCondition) continue;
    const auto person = std::ranges::lower_bound(records.people, event.patient, {},
                                                 &std::pair<std::int64_t, Person>::first);
    REQUIRE(person->second.provider.has(event.day));
    ++all;
    insured += person->second.insured(event.day);
    both +=
        paid_for.contains({event.patient, event.day, shared_model().book.standard_of(event.code)});
  }
  CHECK(all > 300);
  CHECK(both == insured);  // what was done while insured was paid for
  CHECK(both / all > 0.1);
  CHECK(both / all < 0.9);
}

}  // namespace
}  // namespace anam::generate
