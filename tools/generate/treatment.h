// SPDX-License-Identifier: Apache-2.0
// Which drugs people take, and from when until when.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/generate/person.h"

namespace anam::generate {

/// One drug taken without stopping. Fills are made from it while there is a drug plan.
struct Course {
  std::uint16_t drug = 0;  // index into drugs()
  ConditionId condition = kConditions;
  Span span;
  bool long_fills = false;  // 90 days, not 30
};

/// The drug of the built-in truth and the one that it is to be compared with. From 2014-08-01 on,
/// people with type 2 diabetes who need a second drug get one of them; which one depends on age,
/// kidneys and heart (see second_drug_chance), and on nothing else that matters for the outcome.
inline constexpr Day kSecondDrugFrom = 16283;  // 2014-08-01
double second_drug_chance(const Person& person, Day day);

/// All long-term courses that touch what is seen of the person, in no order.
void plan_courses(const Model& model, const Person& person, std::uint64_t seed, double long_fills,
                  std::vector<Course>& courses);

}  // namespace anam::generate
