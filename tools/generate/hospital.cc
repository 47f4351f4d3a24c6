// SPDX-License-Identifier: Apache-2.0
// Stays, emergency visits, acute illness, and what is done when a condition is found.
#include <algorithm>
#include <bit>

#include "tools/generate/care.h"

namespace anam::generate {
namespace {

/// Stays for heart failure a year.
double heart_failure_rate(const Person& person, Day day, bool second_drug, bool favoured) {
  double rate = person.has(kHeartFailure, day)    ? 0.2
                : second_drug                     ? 0.035
                : person.has(kType2Diabetes, day) ? 0.008
                                                  : 0.0002;
  if (person.age(day) >= 65) rate *= 2;
  if (person.has(kKidneyDisease, day)) rate *= 2;
  return rate * (favoured ? kTrueStayRatio : 1);
}

/// Other stays and emergency visits a year, by age band.
constexpr std::array<double, kAgeBands> kOtherStays = {0.006, 0.009, 0.011, 0.016,
                                                       0.024, 0.038, 0.06,  0.08};
constexpr std::array<double, kAgeBands> kOtherEmergency = {0.14, 0.15, 0.11, 0.1,
                                                           0.09, 0.1,  0.14, 0.2};

bool covers(std::span<const Span> spans, Day day) {
  return std::ranges::any_of(spans, [day](const Span& span) { return span.has(day); });
}

Day end_of(std::span<const Span> spans, Day day) {
  for (const Span& span : spans) {
    if (span.has(day)) return span.last;
  }
  return day;
}

}  // namespace

void Care::hospital_stay(const Person& person, ConditionId condition, Day day, Day last_day,
                         bool surgery, Stream& draw) {
  const ConditionModel& row = model_.conditions[condition];
  const Day last = std::min(
      last_day, day + 1 + static_cast<Day>(draw.exponential() * std::max(0, row.row->days - 1)));
  const std::uint16_t visit = ledger_.stay(row.stay, day, last);
  ledger_.diagnosis(condition, day, visit, true);
  std::uint64_t others = person.conditions_at(day) & ~(std::uint64_t{1} << condition);
  for (; others != 0; others &= others - 1) {
    if (draw.chance(settings_.preset.further)) {
      ledger_.diagnosis(static_cast<ConditionId>(std::countr_zero(others)), day, visit, false);
    }
  }
  if (surgery && row.procedure >= 0 && condition != kCovid)
    ledger_.service(row.procedure, day, visit);
  if (settings_.preset.services > 0.5) {
    ledger_.service(hospital_service_, day, visit);
    for (Day inside = day; inside <= last; ++inside) {
      if (draw.chance(0.5)) ledger_.rare_service(inside, visit);
    }
  }
  for (const std::uint16_t lab : row.labs) ledger_.test(lab, day);
}

void Care::stays(Person& person, const Piece& piece, Stream& draw) {
  double planned = 0;
  double urgent = 0;
  for (std::uint64_t bits = piece.conditions; bits != 0; bits &= bits - 1) {
    const Condition& row = *model_.conditions[static_cast<std::size_t>(std::countr_zero(bits))].row;
    planned += row.stays;
    urgent += row.emergency;
  }
  const auto each = [&](double rate, auto what) {
    for (double at = draw.exponential(); at < rate; at += draw.exponential()) {
      what(piece.span.first + static_cast<Day>(at / rate * piece.span.days()));
    }
  };
  const auto choose = [&](float Condition::*rate, double total, Day day) {
    double left = draw.uniform() * total;
    std::size_t chosen = kConditions;
    for (std::uint64_t bits = piece.conditions; bits != 0 && left >= 0; bits &= bits - 1) {
      const auto id = static_cast<std::size_t>(std::countr_zero(bits));
      left -= model_.conditions[id].row->*rate;
      if (left < 0 && person.onset[id] <= day) chosen = id;
    }
    return static_cast<ConditionId>(chosen);
  };
  each(planned * piece.years, [&](Day day) {
    const ConditionId condition = choose(&Condition::stays, planned, day);
    if (condition == kConditions) return;
    const bool surgery =
        condition == kOsteoarthritis || condition == kCoronaryDisease || draw.chance(0.1);
    hospital_stay(person, condition, day, piece.span.last, surgery, draw);
  });
  each(urgent * piece.years, [&](Day day) {
    const ConditionId condition = choose(&Condition::emergency, urgent, day);
    if (condition == kConditions) return;
    const std::uint16_t visit = emergency_visit(day, draw);
    ledger_.diagnosis(condition, day, visit, true);
  });
  each(kOtherEmergency[piece.band] * person.need * piece.years, [&](Day day) {
    const std::uint16_t visit = emergency_visit(day, draw);
    if (draw.chance(0.4)) {
      ledger_.diagnosis(draw.chance(0.5) ? model_.injury : model_.chest_pain, day, visit, true);
    } else {
      ledger_.rare_diagnosis(day, visit, true);
    }
  });
  each(kOtherStays[piece.band] * person.need * piece.years, [&](Day day) {
    const std::uint16_t visit =
        ledger_.stay(gut_stay_, day,
                     std::min(piece.span.last, day + 1 + static_cast<Day>(draw.exponential() * 3)));
    ledger_.rare_diagnosis(day, visit, true);
    ledger_.rare_service(day, visit);
  });

  heart_failure_stays(person, piece, draw);
}

bool Care::takes(std::uint16_t drug, Day day) const {
  return std::ranges::any_of(
      courses_, [&](const Course& course) { return course.drug == drug && course.span.has(day); });
}

void Care::heart_failure_stays(Person& person, const Piece& piece, Stream& draw) {
  const bool needs = std::ranges::any_of(courses_, [&](const Course& course) {
    return course.drug == sitagliptin_ || course.drug == empagliflozin_;
  });
  // Thinned from the highest rate that the piece can have.
  const double most = heart_failure_rate(person, piece.span.last, needs, false);
  const double expected = most * piece.years;
  for (double at = draw.exponential(); at < expected; at += draw.exponential()) {
    const Day day = piece.span.first + static_cast<Day>(at / expected * piece.span.days());
    const bool favoured = takes(empagliflozin_, day);
    const bool second = favoured || takes(sitagliptin_, day);
    if (!draw.chance(heart_failure_rate(person, day, second, favoured) / most)) continue;
    person.onset[kHeartFailure] = std::min(person.onset[kHeartFailure], day);
    hospital_stay(person, kHeartFailure, day, piece.span.last, true, draw);
  }
}

void Care::acute(const Person& person, const Piece& piece, Stream& draw) {
  std::array<double, kAcuteConditions> upto;
  double total = 0;
  for (std::size_t i = 0; i < kAcuteConditions; ++i) {
    const ConditionModel& model = model_.conditions[kChronicConditions + i];
    double rate =
        model.row->rate[piece.band] * (person.female ? model.row->female : model.row->male);
    if ((model.causes & piece.conditions) != 0) {
      for (const Cause& cause : model.row->causes) {
        if (cause.condition < kChronicConditions && (piece.conditions >> cause.condition & 1) != 0)
          rate *= cause.factor;
      }
    }
    upto[i] = total += rate / 1000;
  }
  const double rate = total * piece.years;
  for (double at = draw.exponential(); at < rate; at += draw.exponential()) {
    const Day day = piece.span.first + static_cast<Day>(at / rate * piece.span.days());
    const double u = draw.uniform() * total;
    const auto which = static_cast<std::size_t>(std::ranges::upper_bound(upto, u) - upto.begin());
    if (which >= kAcuteConditions) continue;
    const auto condition = static_cast<ConditionId>(kChronicConditions + which);
    const ConditionModel& row = model_.conditions[condition];
    if (condition == kCovid) {
      if (day < kVirusFrom) continue;
      ledger_.virus_test(day, true);
    }
    if (condition == kMyelitis) {
      const Day before = std::max(piece.span.first, day - 3 - static_cast<Day>(draw.below(20)));
      const std::uint16_t visit = ledger_.visit(model_.outpatient, before, before);
      ledger_.diagnosis(draw.chance(0.5) ? model_.weakness : model_.paresthesia, before, visit,
                        true);
      ledger_.service(office_services_[1], before, visit);
    }
    if (draw.chance(row.row->admitted)) {
      hospital_stay(person, condition, day, piece.span.last, true, draw);
    } else if (draw.chance(row.row->emergency)) {
      const std::uint16_t visit = emergency_visit(day, draw);
      ledger_.diagnosis(condition, day, visit, true);
      if (row.procedure >= 0 && condition != kCovid && draw.chance(0.6))
        ledger_.service(row.procedure, day, visit);
    } else {
      const std::uint16_t visit = ledger_.visit(model_.outpatient, day, day);
      ledger_.diagnosis(condition, day, visit, true);
      ledger_.service(office_services_[draw.below(3)], day, visit);
    }
    one_fill(person, row, day, draw);
  }
}

void Care::onsets(const Person& person, std::span<const Span> spans, Stream& draw) {
  for (std::uint64_t bits = person.conditions_at(spans.empty() ? 0 : spans.back().last); bits != 0;
       bits &= bits - 1) {
    const auto condition = static_cast<ConditionId>(std::countr_zero(bits));
    const Day day = person.onset[condition];
    if (!covers(spans, day)) continue;
    const ConditionModel& row = model_.conditions[condition];
    if (draw.chance(row.row->admitted)) {
      hospital_stay(person, condition, day, end_of(spans, day), true, draw);
    } else {
      visit_for(person, condition, day, draw);
    }
    if (condition == kEndometriosis && draw.chance(0.5)) {
      const Day after = std::min(end_of(spans, day), day + static_cast<Day>(draw.below(28)));
      ledger_.diagnosis(condition, after, 0, true);
      ledger_.service(row.procedure, after, 0);
    }
    if (condition >= kBreastCancer && condition != kProstateCancer && draw.chance(0.5)) {
      chemotherapy(spans, day, draw);
    }
  }
}

void Care::chemotherapy(std::span<const Span> spans, Day found, Stream& draw) {
  const int infusion = infusions_[draw.below(3)];
  Day day = found + 20 + static_cast<Day>(draw.below(30));
  for (int cycle = 0; cycle < 6 && covers(spans, day); ++cycle, day += 21) {
    const std::uint16_t visit = ledger_.visit(model_.outpatient, day, day);
    ledger_.diagnosis(model_.chemotherapy, day, visit, true);
    ledger_.service(infusion, day, visit);
    const Day nadir = std::min(day + 10, end_of(spans, day));
    if (draw.chance(0.12)) {
      ledger_.diagnosis(model_.neutropenia, nadir, 0, true);
      ledger_.test_with_value(neutrophils_, nadir, 0.2 + draw.uniform());
    } else if (draw.chance(0.4)) {
      ledger_.test_with_value(neutrophils_, nadir, ledger_.result(neutrophils_, nadir) - 1);
    }
  }
}

}  // namespace anam::generate
