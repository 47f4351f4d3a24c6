// SPDX-License-Identifier: Apache-2.0
// A provider's clinical records of a person: they overlap the claims in time and partly in content.
#pragma once

#include <span>
#include <vector>

#include "tools/generate/care.h"

namespace anam::generate {

class Records {
 public:
  Records(const Model& model, const Settings& settings);

  /// Writes the records of the person whose claims `care` made last. REQUIRES: person.clinical.
  void make(Person& person, std::span<const Event> claims, Care& care, std::vector<Event>& records);

 private:
  void copy(const Person& person, std::span<const Event> events, double seen_here, Care& care,
            Stream& draw, std::vector<Event>& records);
  void add_vitals(Day day, Care& care, std::vector<Event>& records);

  const Model& model_;
  const Settings& settings_;
  std::vector<Event> elsewhere_;
  int systolic_, diastolic_, body_mass_;
};

}  // namespace anam::generate
