// SPDX-License-Identifier: Apache-2.0
// The built-in truth of the population, found again by an analysis of its people.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "tests/tools/generate/population_sink.h"

namespace anam::generate {
namespace {

/// Stays and years of one arm in one stratum.
struct Arm {
  double stays = 0;
  double years = 0;
};

TEST_CASE("empagliflozin prevents stays for heart failure and lowers costs as stated",
          "[generate]") {
  const Model& model = shared_model();
  const Settings settings = settings_of(350'000, 20, kLean);
  const PersonMaker maker(model, settings.seed);
  Care care(model, settings);
  const int empagliflozin = model.find_drug("empagliflozin");
  const int sitagliptin = model.find_drug("sitagliptin");
  const CodeIndex stay = model.stays[static_cast<std::size_t>(model.find_stay("291"))];
  const CodeIndex office =
      model.procedures[static_cast<std::size_t>(model.find_procedure("99214"))];

  std::map<int, std::array<Arm, 2>> strata;  // by what decides the choice
  std::array<double, 2> dollars{}, visits{}, chosen{};
  std::vector<Event> events;
  for (std::uint64_t number = 0; number < settings.patients; ++number) {
    Person person = maker.make(number);
    const Day last = person.coverage[static_cast<std::size_t>(person.spells) - 1].medical.last;
    if (last < kSecondDrugFrom || person.onset[kType2Diabetes] > last) continue;
    const Person before = person;
    events.clear();
    care.make_claims(person, events);
    for (const Course& course : care.courses()) {
      if (course.drug != empagliflozin && course.drug != sitagliptin) continue;
      if (course.span.first < kSecondDrugFrom) continue;
      const std::size_t arm = course.drug == empagliflozin ? 1 : 0;
      const Day start = course.span.first;
      const int stratum = (before.age(start) >= 65) + 2 * before.has(kKidneyDisease, start) +
                          4 * before.has(kHeartFailure, start);
      chosen[arm] += 1;
      for (const Coverage& coverage : before.covered()) {
        const Span seen{std::max(start, coverage.medical.first),
                        std::min(course.span.last, coverage.medical.last)};
        if (seen.empty()) continue;
        Day until = seen.last;  // the first stay, or the end
        bool stayed = false;
        for (const Event& event : events) {
          if (!seen.has(event.day)) continue;
          if (event.domain == Domain::kVisit && event.detail == stay && event.day <= until) {
            until = event.day;
            stayed = true;
          }
          if (event.code == office) {
            dollars[arm] += event.allowed;
            ++visits[arm];
          }
        }
        strata[stratum][arm].stays += stayed;
        strata[stratum][arm].years += (until - seen.first + 1) / 365.25;
      }
    }
  }
  // Mantel-Haenszel's ratio of rates.
  double above = 0, below = 0, stays = 0;
  for (const auto& [stratum, arms] : strata) {
    const double years = arms[0].years + arms[1].years;
    above += arms[1].stays * arms[0].years / years;
    below += arms[0].stays * arms[1].years / years;
    stays += arms[0].stays + arms[1].stays;
  }
  const double error = 2 / std::sqrt(stays);  // of the logarithm, about
  INFO("ratio " << above / below << " from " << stays << " stays of " << chosen[0] << " and "
                << chosen[1] << " users");
  CHECK(stays > 150);
  CHECK(std::abs(std::log(above / below / kTrueStayRatio)) < 2.5 * error);
  CHECK(above / below < 0.85);
  CHECK(dollars[1] / visits[1] / (dollars[0] / visits[0]) == Approx(kTrueCostRatio).margin(0.02));
  // Choices are confounded: the crude comparison is another one.
  CHECK(strata[1][1].years / (strata[1][0].years + strata[1][1].years) <
        strata[0][1].years / (strata[0][0].years + strata[0][1].years) - 0.1);
}

}  // namespace
}  // namespace anam::generate
