// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/ledger.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string_view>

namespace anam::generate {
namespace {

constexpr std::array<double, 4> kPowers = {1, 10, 100, 1000};

std::int32_t cents(double dollars) {
  return static_cast<std::int32_t>(std::lround(std::min(dollars, 9e6) * 100));
}

}  // namespace

Ledger::Ledger(const Model& model, const Settings& settings)
    : model_(model),
      settings_(settings),
      money_(settings.seed, 0, Purpose::kMoney),
      results_(settings.seed, 0, Purpose::kLaboratory),
      empagliflozin_(model.find_drug("empagliflozin")),
      virus_test_(model.find_procedure("U0003")) {
  for (const Lab& lab : labs()) {
    std::vector<int>& panel = panels_.emplace_back();
    const std::string_view name = lab.panel != nullptr ? lab.panel : "";
    panel_services_.push_back(name == "basic"    ? model.find_procedure("80048")
                              : name == "count"  ? model.find_procedure("85025")
                              : name == "lipids" ? model.find_procedure("80061")
                                                 : -1);
    for (int other = 0; const Lab& row : labs()) {
      if (&row == &lab || (!name.empty() && row.panel != nullptr && row.panel == name)) {
        panel.push_back(other);
      }
      ++other;
    }
  }
}

void Ledger::open(const Person& person, std::span<const Course> courses, Purpose place,
                  std::vector<Event>& events) {
  person_ = &person;
  courses_ = courses;
  events_ = &events;
  const std::uint64_t seed = settings_.seed + static_cast<std::uint64_t>(place) * 1'000'003;
  money_ = Stream(seed, person.number, Purpose::kMoney);
  results_ = Stream(seed, person.number, Purpose::kLaboratory);
  // Numbers go on where those of the claims end.
  if (place != Purpose::kElsewhere) visits_ = 0;
}

Event& Ledger::add(Domain domain, Feed feed, CodeIndex code, Day day) {
  Event& event = events_->emplace_back();
  event.domain = domain;
  event.feed = feed;
  event.code = code;
  event.day = day;
  return event;
}

bool Ledger::favoured(Day day) const {
  return std::ranges::any_of(courses_, [&](const Course& course) {
    return course.drug == empagliflozin_ && course.span.has(day);
  });
}

void Ledger::price(Event& event, double dollars) {
  double amount = dollars * money_.spread();
  if (favoured(event.day)) amount *= kTrueCostRatio;
  event.allowed = cents(amount);
  event.charged = cents(amount * (1.5 + 1.4 * money_.uniform()));
  // The patient's share is larger until the deductible is used up, and limited.
  const double year = event.day / 365.25;
  const bool early = year - std::floor(year) < 0.25;
  const double share = person_->senior_plan ? 0.2 : early ? 0.42 : 0.14;
  event.paid = event.allowed - cents(std::min(amount * share, 2400.0));
}

void Ledger::price_drug(Event& event, double dollars) {
  const double amount = dollars * money_.spread();
  event.allowed = cents(amount);
  event.charged = cents(amount * (1.15 + 0.5 * money_.uniform()));
  const double copay = amount < 60 ? 10 : amount < 400 ? 35 : 70;
  event.paid = event.allowed - cents(std::min(amount, copay));
}

std::uint16_t Ledger::visit(CodeIndex kind, Day first, Day last) {
  if (kind == model_.outpatient && !settings_.preset.office_visits) return 0;
  Event& event = add(Domain::kVisit, Feed::kMedical, kind, first);
  event.end = last;
  event.visit = ++visits_;
  return event.visit;
}

std::uint16_t Ledger::stay(int stay, Day first, Day last) {
  Event& event = add(Domain::kVisit, Feed::kMedical, model_.inpatient, first);
  event.end = last;
  event.visit = ++visits_;
  event.detail = model_.stays[static_cast<std::size_t>(stay)];
  const double length = 0.55 + 0.1 * std::min(last - first, 40);
  double dollars = stays()[static_cast<std::size_t>(stay)].price * length * money_.skewed();
  if (money_.chance(0.015)) dollars *= 3 / std::sqrt(0.04 + money_.uniform());  // the tail
  const std::uint16_t number = event.visit;
  price(event, dollars);
  return number;
}

void Ledger::diagnosis(const DiagnosisCodes& codes, Day day, std::uint16_t visit, bool principal) {
  Event& event =
      add(Domain::kCondition, Feed::kMedical, day < kIcd10From ? codes.icd9 : codes.icd10, day);
  event.visit = visit;
  event.principal = principal;
}

void Ledger::diagnosis(ConditionId condition, Day day, std::uint16_t visit, bool principal) {
  const ConditionModel& row = model_.conditions[condition];
  std::size_t which = 0;
  if (row.codes.size() > 1) {
    // Mostly the person's own code; now and then another one.
    const bool own = results_.chance(0.85);
    const double u =
        own ? static_cast<double>(mix(settings_.seed ^ (person_->number * 64 + condition)) >> 11) *
                  0x1p-53
            : results_.uniform();
    while (which + 1 < row.codes.size() && u >= row.codes_upto[which]) ++which;
  }
  diagnosis(row.codes[which], day, visit, principal);
}

void Ledger::rare_diagnosis(Day day, std::uint16_t visit, bool principal) {
  diagnosis(model_.rare_diagnoses[model_.diagnosis_ranks.draw(results_)], day, visit, principal);
}

void Ledger::service(int procedure, Day day, std::uint16_t visit) {
  const auto which = static_cast<std::size_t>(procedure);
  Event& event = add(Domain::kProcedure, Feed::kMedical, model_.procedures[which], day);
  event.visit = visit;
  price(event, procedures()[which].price);
}

void Ledger::rare_service(Day day, std::uint16_t visit) {
  const std::uint32_t rank = model_.procedure_ranks.draw(results_);
  Event& event = add(Domain::kProcedure, Feed::kMedical, model_.rare_procedures[rank], day);
  event.visit = visit;
  price(event, 20 + static_cast<double>(mix(rank) % 180) * money_.skewed());
}

double Ledger::result(int lab, Day day) {
  const Lab& row = labs()[static_cast<std::size_t>(lab)];
  const std::size_t count = labs().size();
  const auto& normal = Quantiles::get().normal;
  const std::uint64_t own =
      mix(settings_.seed ^ (person_->number * 128 + static_cast<std::uint64_t>(lab) + 64));
  double value = row.mean + row.deviation * (0.75 * normal[own >> 52] + 0.5 * results_.normal());
  for (std::uint64_t bits = person_->conditions_at(day); bits != 0; bits &= bits - 1) {
    const auto condition = static_cast<std::size_t>(std::countr_zero(bits));
    const double shift = model_.lab_shift[condition * count + static_cast<std::size_t>(lab)];
    // Severity differs between people, and is the same for one.
    if (shift != 0) value += shift * (0.5 + static_cast<double>(mix(own + condition) >> 56) / 256);
  }
  for (const Course& course : courses_) {
    if (course.span.has(day))
      value += model_.lab_effect[course.drug * count + static_cast<std::size_t>(lab)];
  }
  return value;
}

void Ledger::test_with_value(int lab, Day day, double value) {
  const auto which = static_cast<std::size_t>(lab);
  const Lab& row = labs()[which];
  Event& event = add(Domain::kMeasurement, Feed::kLaboratory, model_.labs[which], day);
  event.unit = model_.lab_units[which];
  event.scale = row.scale;
  event.value = static_cast<std::int32_t>(
      std::lround(std::clamp<double>(value, row.least, row.most) * kPowers[row.scale]));
}

void Ledger::test(int lab, Day day) {
  const auto which = static_cast<std::size_t>(lab);
  if (!settings_.preset.panels) return test_with_value(lab, day, result(lab, day));
  for (const int other : panels_[which]) test_with_value(other, day, result(other, day));
  if (panel_services_[which] >= 0) service(panel_services_[which], day, 0);
}

void Ledger::rare_test(Day day) {
  const RareLab& row = model_.rare_labs[model_.lab_ranks.draw(results_)];
  Event& event = add(Domain::kMeasurement, Feed::kLaboratory, row.code, day);
  event.unit = row.unit;
  event.value = std::max(1, static_cast<int>(row.mean * (1 + 0.2 * results_.normal())));
}

void Ledger::virus_test(Day day, bool positive) {
  Event& event = add(Domain::kMeasurement, Feed::kMedical,
                     model_.procedures[static_cast<std::size_t>(virus_test_)], day);
  event.detail = positive ? model_.positive : model_.negative;
  price(event, procedures()[static_cast<std::size_t>(virus_test_)].price);
}

int Ledger::fill(int drug, Day day, bool long_fill) {
  const auto which = static_cast<std::size_t>(drug);
  const Drug& row = drugs()[which];
  const int days = long_fill && row.long_term ? 3 * row.days : row.days;
  const auto packages = static_cast<std::uint32_t>(row.packages);
  const std::uint32_t package = std::min(money_.below(packages), money_.below(packages));
  Event& event = add(Domain::kDrug, Feed::kPharmacy, model_.first_package[which] + package, day);
  event.days_supply = static_cast<std::uint16_t>(days);
  event.quantity =
      static_cast<std::uint16_t>(std::max(1.0F, std::ceil(row.per_day * static_cast<float>(days))));
  price_drug(event, double{row.price} * days / 30);
  return days;
}

void Ledger::rare_fill(Day day) {
  const std::uint32_t rank = model_.drug_ranks.draw(results_);
  Event& event = add(Domain::kDrug, Feed::kPharmacy, model_.rare_drugs[rank], day);
  event.days_supply = 30;
  event.quantity = 30;
  price_drug(event,
             8 + static_cast<double>(mix(rank) % 60) * money_.skewed() * (rank % 29 == 0 ? 60 : 1));
}

}  // namespace anam::generate
