// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/records.h"

#include <algorithm>
#include <cmath>

namespace anam::generate {

Records::Records(const Model& model, const Settings& settings)
    : model_(model),
      settings_(settings),
      systolic_(model.find_lab("8480-6")),
      diastolic_(model.find_lab("8462-4")),
      body_mass_(model.find_lab("39156-5")) {}

void Records::make(Person& person, std::span<const Event> claims, Care& care,
                   std::vector<Event>& records) {
  if (person.provider.empty()) return;
  Stream draw(settings_.seed, person.number, Purpose::kClinical);
  elsewhere_.clear();
  care.make_care_elsewhere(person, elsewhere_);
  // Two in three visits of the claims were to this provider; outside of enrolment only those to
  // this provider are known at all.
  copy(person, claims, 0.67, care, draw, records);
  copy(person, elsewhere_, 0.67, care, draw, records);

  for (const Course& course : care.courses()) {
    if (!person.provider.has(course.span.first) || !draw.chance(0.8)) continue;
    const Drug& drug = drugs()[course.drug];
    Event& event = records.emplace_back();
    event.domain = Domain::kDrug;
    event.feed = Feed::kRecords;
    event.code = model_.drugs[course.drug];
    event.day = course.span.first;
    event.end = std::min(course.span.last, person.provider.last);
    event.days_supply = 30;
    event.refills = static_cast<std::uint16_t>(3 + draw.below(9));
    event.quantity = static_cast<std::uint16_t>(std::max(1.0F, std::ceil(drug.per_day * 30)));
  }
}

void Records::copy(const Person& person, std::span<const Event> events, double seen_here,
                   Care& care, Stream& draw, std::vector<Event>& records) {
  Day day = kNever;  // of the visit at hand; events of one visit stand together
  bool here = false;
  std::uint16_t kept_visit = 0;
  for (const Event& event : events) {
    if (event.feed == Feed::kMembers || event.feed == Feed::kPharmacy) continue;
    if (!person.provider.has(event.day)) continue;
    if (event.day != day) {
      day = event.day;
      here = draw.chance(seen_here);
      if (here && event.domain != Domain::kMeasurement) add_vitals(day, care, records);
    }
    if (!here) continue;
    const bool result = event.domain == Domain::kMeasurement;
    const bool stay = event.domain == Domain::kVisit && event.code == model_.inpatient;
    const double kept = event.domain == Domain::kCondition ? 0.75 : result ? 0.9 : stay ? 1 : 0.15;
    if (!draw.chance(kept)) continue;
    Event& copy = records.emplace_back(event);
    copy.feed = Feed::kRecords;
    if (event.domain == Domain::kVisit) kept_visit = event.visit;
    if (event.visit != kept_visit) copy.visit = 0;  // of a visit that has no event here
    copy.charged = copy.allowed = copy.paid = kNoNumber;
    copy.principal = false;
    if (!result) copy.detail = 0;  // a DRG is a payer's; the result of a test stays
    // Problem lists are kept in SNOMED as often as in ICD.
    if (event.domain == Domain::kCondition && draw.chance(0.4))
      copy.code = model_.book.standard_of(copy.code);
  }
}

void Records::add_vitals(Day day, Care& care, std::vector<Event>& records) {
  Ledger& ledger = care.ledger();
  for (const int sign : {systolic_, diastolic_, body_mass_}) {
    if (sign != systolic_ && !settings_.preset.panels) continue;
    const Lab& row = labs()[static_cast<std::size_t>(sign)];
    const double value = std::clamp<double>(ledger.result(sign, day), row.least, row.most);
    Event& event = records.emplace_back();
    event.domain = Domain::kMeasurement;
    event.feed = Feed::kRecords;
    event.code = model_.labs[static_cast<std::size_t>(sign)];
    event.unit = model_.lab_units[static_cast<std::size_t>(sign)];
    event.scale = row.scale;
    event.value = static_cast<std::int32_t>(std::lround(value * std::pow(10, row.scale)));
    event.day = day;
  }
}

}  // namespace anam::generate
