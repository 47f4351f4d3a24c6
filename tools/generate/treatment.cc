// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/treatment.h"

#include <algorithm>

namespace anam::generate {
namespace {

class Planner {
 public:
  Planner(const Model& model, const Person& person, std::uint64_t seed, double long_fills,
          std::vector<Course>& courses)
      : model_(model),
        person_(person),
        long_fills_(long_fills),
        draw_(seed, person.number, Purpose::kTreatment),
        courses_(courses),
        metformin_(static_cast<std::uint16_t>(model.find_drug("metformin"))),
        sitagliptin_(static_cast<std::uint16_t>(metformin_ + 1)),
        empagliflozin_(static_cast<std::uint16_t>(metformin_ + 2)),
        glipizide_(static_cast<std::uint16_t>(metformin_ + 3)),
        glargine_(static_cast<std::uint16_t>(metformin_ + 4)) {
    seen_ = {person.coverage[0].medical.first,
             person.coverage[static_cast<std::size_t>(person.spells) - 1].medical.last};
    if (!person.provider.empty()) {
      seen_.first = std::min(seen_.first, person.provider.first);
      seen_.last = std::max(seen_.last, person.provider.last);
    }
  }

  void plan() {
    for (std::size_t id = 0; id < kChronicConditions; ++id) {
      if (person_.onset[id] > seen_.last) continue;
      const ConditionModel& condition = model_.conditions[id];
      if (condition.drugs.empty() || !draw_.chance(condition.row->treated)) continue;
      const auto which = static_cast<ConditionId>(id);
      const Day begun = person_.onset[id] + static_cast<Day>(draw_.exponential() * 20);
      take(which, begun, condition, id == kType2Diabetes ? 1600 : 500);
      if (id == kType2Diabetes) take_second(begun);
    }
  }

 private:
  std::uint16_t choose(const ConditionModel& condition) {
    const double u = draw_.uniform();
    for (const Choice& choice : condition.drugs) {
      if (u < choice.upto) return choice.index;
    }
    return condition.drugs.back().index;
  }

  void add(std::uint16_t drug, ConditionId condition, Span span) {
    if (span.last < seen_.first || span.first > seen_.last) return;
    courses_.push_back({drug, condition, span, draw_.chance(long_fills_)});
  }

  /// One drug after the other, with pauses; what ended before anything is seen is passed over,
  /// since lengths have no memory.
  void take(ConditionId condition, Day day, const ConditionModel& model, double mean) {
    day = std::max(day, seen_.first - static_cast<Day>(draw_.below(200)));
    std::uint16_t drug = choose(model);
    while (day <= seen_.last) {
      const Span span{day, day + 25 + static_cast<Day>(draw_.exponential() * mean)};
      add(drug, condition, span);
      if (draw_.chance(0.4)) return;
      day = span.last + 1 + static_cast<Day>(draw_.exponential() * 200);
      if (draw_.chance(0.4)) drug = choose(model);
    }
  }

  void take_second(Day first_line) {
    Day day = first_line + 60 + static_cast<Day>(draw_.exponential() * 1100);
    if (day < kSecondDrugFrom) {  // sulfonylureas, or the new drugs once they were there
      if (draw_.chance(0.6)) {
        add(glipizide_, kType2Diabetes,
            {day, day + 60 + static_cast<Day>(draw_.exponential() * 1200)});
      }
      if (!draw_.chance(0.5)) return;
      day = kSecondDrugFrom + static_cast<Day>(draw_.exponential() * 900);
    }
    if (day > kLastDayOfModel) return;
    const Span span{day, day + 60 + static_cast<Day>(draw_.exponential() * 900)};
    const bool chosen = draw_.chance(second_drug_chance(person_, day));
    add(chosen ? empagliflozin_ : sitagliptin_, kType2Diabetes, span);
    if (draw_.chance(0.25)) {
      const Day later = span.last + static_cast<Day>(draw_.exponential() * 400);
      add(glargine_, kType2Diabetes,
          {later, later + 90 + static_cast<Day>(draw_.exponential() * 1500)});
    }
  }

  const Model& model_;
  const Person& person_;
  double long_fills_;
  Stream draw_;
  std::vector<Course>& courses_;
  std::uint16_t metformin_, sitagliptin_, empagliflozin_, glipizide_, glargine_;
  Span seen_;
};

}  // namespace

double second_drug_chance(const Person& person, Day day) {
  double chance = 0.65;
  if (person.age(day) >= 65) chance -= 0.2;
  if (person.has(kKidneyDisease, day)) chance -= 0.2;
  if (person.has(kHeartFailure, day)) chance += 0.1;
  return chance;
}

void plan_courses(const Model& model, const Person& person, std::uint64_t seed, double long_fills,
                  std::vector<Course>& courses) {
  courses.clear();
  Planner(model, person, seed, long_fills, courses).plan();
}

}  // namespace anam::generate
