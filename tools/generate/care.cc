// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/care.h"

#include <algorithm>
#include <bit>

namespace anam::generate {
namespace {

// Visits a year for what is no chronic condition, by age band; women, men.
constexpr std::array<std::array<double, kAgeBands>, 2> kMinorVisits = {
    {{1.1, 0.5, 0.55, 0.65, 0.8, 1.0, 1.2, 1.2}, {1.1, 0.85, 0.85, 0.9, 1.0, 1.1, 1.2, 1.2}}};
// One visit is for several conditions.
constexpr double kChronicShare = 0.75;

}  // namespace

Care::Care(const Model& model, const Settings& settings)
    : model_(model), settings_(settings), ledger_(model, settings) {
  office_services_ = {model.find_procedure("99213"), model.find_procedure("99214"),
                      model.find_procedure("99212"), model.find_procedure("99203")};
  venipuncture_ = model.find_procedure("36415");
  emergency_service_ = model.find_procedure("99283");
  emergency_high_ = model.find_procedure("99285");
  hospital_service_ = model.find_procedure("99223");
  checkup_service_ = model.find_procedure("99396");
  wellness_service_ = model.find_procedure("G0439");
  mammography_ = model.find_procedure("77067");
  colonoscopy_ = model.find_procedure("45378");
  immunization_ = model.find_procedure("90471");
  ultrasound_ = model.find_procedure("76805");
  pelvic_ultrasound_ = model.find_procedure("76856");
  glucose_test_ = model.find_procedure("82950");
  vaginal_delivery_ = model.find_procedure("59400");
  cesarean_ = model.find_procedure("59510");
  infusions_ = {model.find_procedure("J9355"), model.find_procedure("J9271"),
                model.find_procedure("J9035")};
  glucose_ = model.find_lab("2345-7");
  ldl_ = model.find_lab("13457-7");
  neutrophils_ = model.find_lab("751-8");
  hemoglobin_ = model.find_lab("718-7");
  sitagliptin_ = static_cast<std::uint16_t>(model.find_drug("sitagliptin"));
  empagliflozin_ = static_cast<std::uint16_t>(model.find_drug("empagliflozin"));
  gut_stay_ = model.find_stay("392");
  delivery_775_ = model.find_stay("775");
  delivery_807_ = model.find_stay("807");
  cesarean_766_ = model.find_stay("766");
  cesarean_788_ = model.find_stay("788");
}

void Care::make_claims(Person& person, std::vector<Event>& events) {
  plan_courses(model_, person, settings_.seed, settings_.preset.long_fills, courses_);
  ledger_.open(person, courses_, Purpose::kVisits, events);
  enroll(person, events);
  std::array<Span, 3> spans;
  std::size_t count = 0;
  for (const Coverage& coverage : person.covered()) spans[count++] = coverage.medical;
  care_for(person, {spans.data(), count}, Purpose::kVisits, Purpose::kStays, Purpose::kAcute);
  fills(person);
  if (person.death != kNever) {
    Event& death = events.emplace_back();
    death.domain = Domain::kDeath;
    death.feed = Feed::kMembers;
    death.day = person.death;
  }
}

void Care::make_care_elsewhere(Person& person, std::vector<Event>& events) {
  ledger_.open(person, courses_, Purpose::kElsewhere, events);
  std::array<Span, 4> spans;
  std::size_t count = 0;
  Day from = person.provider.first;
  for (const Coverage& coverage : person.covered()) {
    if (coverage.medical.last < from) continue;
    const Day until = std::min(coverage.medical.first - 1, person.provider.last);
    if (from <= until) spans[count++] = {from, until};
    from = coverage.medical.last + 1;
  }
  if (from <= person.provider.last) spans[count++] = {from, person.provider.last};
  care_for(person, {spans.data(), count}, Purpose::kElsewhere, Purpose::kElsewhere,
           Purpose::kElsewhere);
}

void Care::enroll(const Person& person, std::vector<Event>& events) {
  for (const Coverage& coverage : person.covered()) {
    const auto add = [&](Domain domain, CodeIndex code, Span span, bool drugs) {
      Event& event = events.emplace_back();
      event.domain = domain;
      event.feed = Feed::kMembers;
      event.code = code;
      event.day = span.first;
      event.end = span.last;
      event.drug_plan = drugs;
    };
    const CodeIndex payer = person.senior_plan ? model_.medicare : model_.commercial;
    add(Domain::kEnrollment, model_.enrollment, coverage.medical, false);
    add(Domain::kPayerPlan, payer, coverage.medical, false);
    if (!coverage.drugs.empty()) add(Domain::kPayerPlan, payer, coverage.drugs, true);
  }
}

void Care::care_for(Person& person, std::span<const Span> spans, Purpose visits, Purpose stays,
                    Purpose acute) {
  Stream visit_draw(settings_.seed, person.number, visits);
  Stream stay_draw(settings_.seed + 1'000'003, person.number, stays);
  Stream acute_draw(settings_.seed + 2'000'003, person.number, acute);
  const std::span<const Day> years = year_starts();
  for (const Span& span : spans) {
    for (std::size_t year = 0; year < kYears; ++year) {
      Piece piece;
      piece.span = {std::max(span.first, years[year]), std::min(span.last, years[year + 1] - 1)};
      if (piece.span.empty()) continue;
      piece.years = piece.span.days() / 365.25;
      piece.band = person.band(piece.span.first);
      piece.conditions = person.conditions_at(piece.span.last);
      this->visits(person, piece, visit_draw);
      this->stays(person, piece, stay_draw);
      this->acute(person, piece, acute_draw);
    }
  }
  onsets(person, spans, stay_draw);
  pregnancies(person, spans);
}

void Care::visits(const Person& person, const Piece& piece, Stream& draw) {
  const double minor = kMinorVisits[person.female ? 1 : 0][piece.band];
  double chronic = 0;
  for (std::uint64_t bits = piece.conditions; bits != 0; bits &= bits - 1) {
    chronic += model_.conditions[static_cast<std::size_t>(std::countr_zero(bits))].row->visits;
  }
  chronic *= kChronicShare;
  const double rate = (minor + chronic) * person.need * settings_.preset.visits * piece.years;
  for (double at = draw.exponential(); at < rate; at += draw.exponential()) {
    const Day day = piece.span.first + static_cast<Day>(at / rate * piece.span.days());
    double left = draw.uniform() * (minor + chronic) - minor;
    std::size_t chosen = kConditions;
    for (std::uint64_t bits = piece.conditions; bits != 0 && left >= 0; bits &= bits - 1) {
      chosen = static_cast<std::size_t>(std::countr_zero(bits));
      left -= kChronicShare * model_.conditions[chosen].row->visits;
    }
    if (chosen < kConditions && person.onset[chosen] <= day) {
      const auto condition = static_cast<ConditionId>(chosen);
      further_diagnoses(person, piece, day, visit_for(person, condition, day, draw), draw);
    } else {
      const std::uint16_t visit = minor_visit(person, day, draw);
      if (piece.conditions != 0) further_diagnoses(person, piece, day, visit, draw);
    }
    if (day >= kVirusFrom && draw.chance(0.05)) ledger_.virus_test(day, false);
  }
}

std::uint16_t Care::visit_for(const Person& person, ConditionId condition, Day day, Stream& draw) {
  const ConditionModel& row = model_.conditions[condition];
  const std::uint16_t visit = ledger_.visit(model_.outpatient, day, day);
  ledger_.diagnosis(condition, day, visit, true);
  ledger_.service(office_services_[draw.below(2)], day, visit);
  for (std::size_t i = 0; i < row.labs.size(); ++i) {
    if (draw.chance(row.lab_chances[i])) ledger_.test(row.labs[i], day);
  }
  if (row.row->office > 0 && draw.chance(row.row->office)) {
    ledger_.service(row.procedure, day, visit);
  } else if (condition == kEndometriosis && draw.chance(0.2)) {
    ledger_.service(pelvic_ultrasound_, day, visit);
  }
  further_services(day, visit, draw);
  if (draw.chance(0.03) && person.has_drug_plan(day)) ledger_.rare_fill(day);
  return visit;
}

std::uint16_t Care::minor_visit(const Person& person, Day day, Stream& draw) {
  const std::uint16_t visit = ledger_.visit(model_.outpatient, day, day);
  const double age = person.age(day);
  if (draw.chance(age < 18 ? 0.45 : 0.3)) {
    ledger_.diagnosis(age < 18 ? model_.child_checkup : model_.checkup, day, visit, true);
    ledger_.service(age >= 65 ? wellness_service_ : checkup_service_, day, visit);
    if (age >= 20 && draw.chance(0.4)) ledger_.test(ldl_, day);
    if (age >= 35 && draw.chance(0.4)) ledger_.test(glucose_, day);
    if (age < 18 ? draw.chance(0.5) : draw.chance(0.2)) ledger_.service(immunization_, day, visit);
    if (person.female && age >= 42 && age < 75 && draw.chance(0.35)) {
      ledger_.service(mammography_, day, visit);
    }
    if (age >= 50 && age < 75 && draw.chance(0.1)) ledger_.service(colonoscopy_, day, visit);
    return visit;
  }
  ledger_.rare_diagnosis(day, visit, true);
  ledger_.service(office_services_[draw.below(4)], day, visit);
  if (draw.chance(0.12)) ledger_.rare_test(day);
  if (draw.chance(0.12)) ledger_.rare_service(day, visit);
  if (draw.chance(0.15)) ledger_.test(hemoglobin_, day);
  further_services(day, visit, draw);
  if (draw.chance(0.08) && person.has_drug_plan(day)) ledger_.rare_fill(day);
  return visit;
}

void Care::further_diagnoses(const Person& person, const Piece& piece, Day day, std::uint16_t visit,
                             Stream& draw) {
  for (int i = 0; i < 4 && draw.chance(settings_.preset.further); ++i) {
    const int present = std::popcount(piece.conditions);
    if (present == 0 || draw.chance(0.25)) {
      ledger_.rare_diagnosis(day, visit, false);
      continue;
    }
    std::uint64_t bits = piece.conditions;
    for (std::uint32_t skip = draw.below(static_cast<std::uint32_t>(present)); skip > 0; --skip) {
      bits &= bits - 1;
    }
    const auto condition = static_cast<ConditionId>(std::countr_zero(bits));
    if (person.has(condition, day)) ledger_.diagnosis(condition, day, visit, false);
  }
}

void Care::further_services(Day day, std::uint16_t visit, Stream& draw) {
  double mean = settings_.preset.services;
  for (; mean > 0 && draw.chance(std::min(1.0, mean)); mean -= 0.25) {
    if (draw.chance(0.4)) {
      ledger_.service(venipuncture_, day, visit);
    } else {
      ledger_.rare_service(day, visit);
    }
  }
}

std::uint16_t Care::emergency_visit(Day day, Stream& draw) {
  const std::uint16_t visit = ledger_.visit(model_.emergency, day, day);
  ledger_.service(draw.chance(0.45) ? emergency_high_ : emergency_service_, day, visit);
  if (draw.chance(0.4)) ledger_.rare_service(day, visit);
  return visit;
}

void Care::one_fill(const Person& person, const ConditionModel& condition, Day day, Stream& draw) {
  if (condition.drugs.empty() || !draw.chance(condition.row->treated)) return;
  const double u = draw.uniform();
  for (const Choice& choice : condition.drugs) {
    if (u >= choice.upto && &choice != &condition.drugs.back()) continue;
    if (person.has_drug_plan(day)) ledger_.fill(choice.index, day, false);
    return;
  }
}

void Care::fills(const Person& person) {
  Stream draw(settings_.seed + 3'000'003, person.number, Purpose::kTreatment);
  const Course* before = nullptr;
  Day supplied = 0;  // until this day, by the last fill of the same drug
  for (const Course& course : courses_) {
    // Courses of a condition stand in the order of time.
    if (before == nullptr || before->condition != course.condition || before->drug != course.drug)
      supplied = course.span.first;
    before = &course;
    for (const Coverage& coverage : person.covered()) {
      const Day first = std::max(course.span.first, coverage.drugs.first);
      const Day last = std::min(course.span.last, coverage.drugs.last);
      if (first > last) continue;
      // At the start of coverage there is some supply left.
      Day day = course.span.first >= coverage.drugs.first
                    ? first
                    : first + static_cast<Day>(draw.below(course.long_fills ? 90 : 30));
      day = std::max(day, supplied);
      while (day <= last) {
        const int days = ledger_.fill(course.drug, day, course.long_fills);
        supplied = day + days;
        const double late = draw.uniform();
        day = supplied + (late < 0.72 ? static_cast<Day>(late * 7)
                                      : 5 + static_cast<Day>(draw.exponential() * 14));
      }
    }
  }
}

}  // namespace anam::generate
