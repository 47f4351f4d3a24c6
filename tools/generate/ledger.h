// SPDX-License-Identifier: Apache-2.0
// Writes down what was done for one person: visits, diagnoses, services, tests, fills, with prices.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tools/generate/event.h"
#include "tools/generate/treatment.h"

namespace anam::generate {

class Ledger {
 public:
  Ledger(const Model& model, const Settings& settings);

  /// From now on, events of this person go to `events`. `place` tells apart what one person is
  /// given at several places (claims; care outside of enrolment): prices and results are drawn
  /// from streams of their own. All three must live on while the ledger is used.
  void open(const Person& person, std::span<const Course> courses, Purpose place,
            std::vector<Event>& events);

  /// A visit of the kind (Model::outpatient, ...) and its number, 0 where the preset has none.
  std::uint16_t visit(CodeIndex kind, Day first, Day last);
  /// A hospital stay: an event with its DRG and price.
  std::uint16_t stay(int stay, Day first, Day last);
  void diagnosis(const DiagnosisCodes& codes, Day day, std::uint16_t visit, bool principal);
  /// One of the condition's codes, always the same ones for a person.
  void diagnosis(ConditionId condition, Day day, std::uint16_t visit, bool principal);
  void rare_diagnosis(Day day, std::uint16_t visit, bool principal);
  void service(int procedure, Day day, std::uint16_t visit);
  void rare_service(Day day, std::uint16_t visit);
  /// A test with its result; with its panel where the preset has panels.
  void test(int lab, Day day);
  void test_with_value(int lab, Day day, double value);
  void rare_test(Day day);
  void virus_test(Day day, bool positive);
  /// A fill of a drug; returns the days that it lasts.
  int fill(int drug, Day day, bool long_fill);
  void rare_fill(Day day);

  /// What the test would show on the day, given diseases and drugs.
  double result(int lab, Day day);

 private:
  Event& add(Domain domain, Feed feed, CodeIndex code, Day day);
  void price(Event& event, double dollars);
  void price_drug(Event& event, double dollars);
  bool favoured(Day day) const;

  const Model& model_;
  const Settings& settings_;
  const Person* person_ = nullptr;
  std::span<const Course> courses_;
  std::vector<Event>* events_ = nullptr;
  Stream money_;
  Stream results_;
  std::uint16_t visits_ = 0;
  int empagliflozin_;
  std::vector<std::vector<int>> panels_;  // by lab: the tests of its panel
  std::vector<int> panel_services_;       // by lab: what bills it; -1 = nothing
  int virus_test_;
};

}  // namespace anam::generate
