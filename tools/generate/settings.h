// SPDX-License-Identifier: Apache-2.0
// What a population is made from, and how much of it is written.
#pragma once

#include <cstdint>

#include "storage/event.h"

namespace anam::generate {

/// How much of the same people's care is written, and how often they seek it.
struct Preset {
  const char* name;
  double visits;        // factor on visits to offices
  double long_fills;    // share of long-term drugs filled for 90 days, not 30
  double further;       // probability of each further diagnosis at a visit
  double services;      // mean number of further services at a visit
  bool panels;          // tests come with their panels, and with the line that bills them
  bool office_visits;   // visits to offices have an event of their own and a number
  bool standard_codes;  // events have the standard code, and the source's own as source_code
  bool all_money;       // charged and allowed beside paid
  double events;        // a patient, about: to guess the size of a store
};

/// About 42 events a patient.
inline constexpr Preset kLean = {.name = "lean",
                                 .visits = 0.49,
                                 .long_fills = 0.9,
                                 .further = 0.25,
                                 .services = 0.1,
                                 .panels = false,
                                 .office_visits = false,
                                 .standard_codes = false,
                                 .all_money = false,
                                 .events = 42};
/// About 165 events a patient: the shape of a large payer's claims.
inline constexpr Preset kOptum = {.name = "optum",
                                  .visits = 1.5,
                                  .long_fills = 0.25,
                                  .further = 0.5,
                                  .services = 0.7,
                                  .panels = true,
                                  .office_visits = true,
                                  .standard_codes = true,
                                  .all_money = true,
                                  .events = 165};

struct Settings {
  std::uint64_t patients = 0;
  std::uint64_t copies = 1;  // of each, under patient ids of their own
  std::uint64_t seed = 1;
  Preset preset = kLean;
  std::uint64_t window = 0;  // patients that arrive together; 0 = of about a million events
};

inline constexpr Day kFirstYear = 2005;
inline constexpr Day kYears = 20;
inline constexpr Day kFirstDayOfModel = 12784;  // 2005-01-01
inline constexpr Day kLastDayOfModel = 20088;   // 2024-12-31
inline constexpr Day kIcd10From = 16709;        // 2015-10-01

/// A built-in truth: what empagliflozin does, against anything else, while it is taken.
inline constexpr double kTrueStayRatio = 0.6;  // on the rate of stays for heart failure
inline constexpr double kTrueCostRatio = 0.9;  // on the allowed amount of each medical service

}  // namespace anam::generate
