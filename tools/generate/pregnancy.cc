// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tools/generate/care.h"

namespace anam::generate {
namespace {

constexpr Day kTerm = 273;
constexpr Day kGroupsOf2019 = 17805;  // 2018-10-01: new DRGs for deliveries

/// Pregnancies of a woman in a year.
double pregnancies_at(double age) {
  if (age < 15 || age >= 48) return 0;
  if (age < 18) return 0.008;
  if (age < 25) return 0.075;
  if (age < 35) return 0.11;
  return age < 40 ? 0.055 : 0.01;
}

bool covers(std::span<const Span> spans, Day day) {
  return std::ranges::any_of(spans, [day](const Span& span) { return span.has(day); });
}

}  // namespace

void Care::pregnancies(const Person& person, std::span<const Span> spans) {
  if (!person.female || spans.empty() || person.age(spans.front().first) >= 48) return;
  Stream draw(settings_.seed, person.number, Purpose::kPregnancy);
  const Day last = std::min(spans.back().last, person.birth + 48 * 365);
  constexpr double kMost = 0.11;
  Day day = std::max(spans.front().first - kTerm, person.birth + 15 * 365);
  for (;;) {
    day += 1 + static_cast<Day>(draw.exponential() / kMost * 365.25);
    if (day > last) return;
    if (!draw.chance(pregnancies_at(person.age(day)) / kMost)) continue;
    if (draw.chance(0.14)) {
      const Day lost = day + 40 + static_cast<Day>(draw.below(50));
      if (covers(spans, lost)) {
        const std::uint16_t visit = ledger_.visit(model_.outpatient, lost, lost);
        ledger_.diagnosis(model_.miscarriage, lost, visit, true);
        ledger_.service(office_services_[1], lost, visit);
      }
      day += 150;
      continue;
    }
    const bool diabetic = draw.chance(0.07);
    const bool by_surgery = draw.chance(0.32);
    const Day born = day + kTerm - static_cast<Day>(draw.exponential() * 8);
    const Day pause = settings_.preset.office_visits ? 28 : 42;
    for (Day check = day + 56 + static_cast<Day>(draw.below(14)); check < born - 7;
         check += pause) {
      if (!covers(spans, check)) continue;
      const std::uint16_t visit = ledger_.visit(model_.outpatient, check, check);
      const bool late = check > day + 175;
      ledger_.diagnosis(model_.prenatal, check, visit, true);
      if (late && diabetic) ledger_.diagnosis(model_.gestational, check, visit, false);
      if (check > day + 120 && check < day + 165) ledger_.service(ultrasound_, check, visit);
      if (late && check < day + 220) {
        ledger_.service(glucose_test_, check, visit);
        ledger_.test_with_value(glucose_, check,
                                diabetic ? 158 + 20 * draw.normal() : 112 + 14 * draw.normal());
      }
    }
    if (covers(spans, born)) {
      Day home = born + (by_surgery ? 3 : 2);
      while (!covers(spans, home)) --home;
      const bool after = born >= kGroupsOf2019;
      const std::uint16_t visit = ledger_.stay(by_surgery ? (after ? cesarean_788_ : cesarean_766_)
                                                          : (after ? delivery_807_ : delivery_775_),
                                               born, home);
      ledger_.diagnosis(by_surgery ? model_.cesarean : model_.delivery, born, visit, true);
      ledger_.diagnosis(model_.live_birth, born, visit, false);
      ledger_.service(by_surgery ? cesarean_ : vaginal_delivery_, born, visit);
    }
    day = born + 180;
  }
}

}  // namespace anam::generate
