// SPDX-License-Identifier: Apache-2.0
// What happens to people and what is done for them: visits, stays, acute illness, pregnancy, fills.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "tools/generate/ledger.h"

namespace anam::generate {

/// When the virus of COVID-19 came: 2020-03-01.
inline constexpr Day kVirusFrom = 18322;

/// Makes the care of one person after the other. One object a thread; results depend on the person
/// only.
class Care {
 public:
  Care(const Model& model, const Settings& settings);

  /// All that a payer sees: enrolment, care within it, death. May find heart failure earlier
  /// than planned (a stay for it): `person` knows afterwards. Events come in no order.
  void make_claims(Person& person, std::vector<Event>& events);

  /// Care while nobody pays for it that the data would know of: the times of the provider's
  /// records outside of enrolment. After make_claims() of the same person.
  void make_care_elsewhere(Person& person, std::vector<Event>& events);

  /// Courses of drugs of the person of the last make_claims().
  std::span<const Course> courses() const { return courses_; }
  Ledger& ledger() { return ledger_; }

 private:
  struct Piece {  // of one calendar year
    Span span;
    double years;
    std::size_t band;
    std::uint64_t conditions;  // those of the piece's last day
  };

  void enroll(const Person& person, std::vector<Event>& events);
  void care_for(Person& person, std::span<const Span> spans, Purpose visits, Purpose stays,
                Purpose acute);
  // What comes at random times of a piece.
  void visits(const Person& person, const Piece& piece, Stream& draw);
  void stays(Person& person, const Piece& piece, Stream& draw);
  void acute(const Person& person, const Piece& piece, Stream& draw);
  // What comes once.
  void onsets(const Person& person, std::span<const Span> spans, Stream& draw);
  void chemotherapy(std::span<const Span> spans, Day found, Stream& draw);
  void pregnancies(const Person& person, std::span<const Span> spans);
  void fills(const Person& person);

  std::uint16_t visit_for(const Person& person, ConditionId condition, Day day, Stream& draw);
  std::uint16_t minor_visit(const Person& person, Day day, Stream& draw);
  void further_diagnoses(const Person& person, const Piece& piece, Day day, std::uint16_t visit,
                         Stream& draw);
  void further_services(Day day, std::uint16_t visit, Stream& draw);
  void hospital_stay(const Person& person, ConditionId condition, Day day, Day last_day,
                     bool surgery, Stream& draw);
  std::uint16_t emergency_visit(Day day, Stream& draw);
  void one_fill(const Person& person, const ConditionModel& condition, Day day, Stream& draw);

  void heart_failure_stays(Person& person, const Piece& piece, Stream& draw);
  bool takes(std::uint16_t drug, Day day) const;

  const Model& model_;
  const Settings& settings_;
  Ledger ledger_;
  std::vector<Course> courses_;
  std::uint16_t sitagliptin_, empagliflozin_;
  std::array<int, 4> office_services_;
  int venipuncture_, emergency_service_, emergency_high_, hospital_service_, checkup_service_,
      wellness_service_, mammography_, colonoscopy_, immunization_, ultrasound_, pelvic_ultrasound_,
      glucose_test_, vaginal_delivery_, cesarean_;
  std::array<int, 3> infusions_;
  int glucose_, ldl_, neutrophils_, hemoglobin_;
  int gut_stay_, delivery_775_, delivery_807_, cesarean_766_, cesarean_788_;
};

}  // namespace anam::generate
