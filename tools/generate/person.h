// SPDX-License-Identifier: Apache-2.0
// Who the people are, when they are insured, what they come down with, when they die.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "tools/generate/model.h"
#include "tools/generate/settings.h"

namespace anam::generate {

inline constexpr Day kNever = std::numeric_limits<Day>::max();

/// Days from `first` to `last`, both included; empty when last < first.
struct Span {
  Day first = 0;
  Day last = -1;
  bool has(Day day) const { return first <= day && day <= last; }
  bool empty() const { return last < first; }
  Day days() const { return last - first + 1; }
};

struct Coverage {
  Span medical;
  Span drugs;  // within medical; may be empty
};

struct Person {
  std::uint64_t number = 0;  // among the patients of one copy
  bool female = false;
  bool senior_plan = false;  // Medicare
  bool clinical = false;     // a provider's records are there too
  std::uint8_t race = 0;     // index into Model::races; 4 = not known
  std::uint8_t state = 0;    // index into states()
  std::uint16_t zip = 0;     // the first three digits
  Day birth = 0;
  int birth_year = 0;
  double need = 1;     // factor on all care that is sought; mean 1, skewed
  Span provider;       // of the clinical records; empty unless clinical
  Day death = kNever;  // known only where it happened while insured
  std::array<Coverage, 3> coverage;
  int spells = 0;
  std::array<Day, kChronicConditions> onset;  // kNever = not within what is seen

  std::span<const Coverage> covered() const {
    return {coverage.data(), static_cast<std::size_t>(spells)};
  }
  bool insured(Day day) const;
  bool has_drug_plan(Day day) const;
  double age(Day day) const { return (day - birth) / 365.25; }
  std::size_t band(Day day) const;
  bool has(ConditionId condition, Day day) const { return onset[condition] <= day; }
  std::uint64_t conditions_at(Day day) const;  // as bits
};

/// States of the United States, by census population of 2020 in thousands.
struct State {
  const char* code;
  std::uint16_t first_zip, last_zip;  // of three digits; of the state's main range
  std::uint16_t people;
};
std::span<const State> states();

/// 1 January of kFirstYear + i, and so on to the day after the model's last.
std::span<const Day> year_starts();

/// Draws people. A function of (model, settings' seed, number). Thread-safe.
class PersonMaker {
 public:
  PersonMaker(const Model& model, std::uint64_t seed);
  Person make(std::uint64_t number) const;

 private:
  void enroll(Person& person) const;
  void fall_ill(Person& person) const;
  void die(Person& person) const;

  const Model& model_;
  std::uint64_t seed_;
  std::vector<Day> months_;  // first day of each month, and the day after the last
  std::array<std::uint8_t, 1024> state_of_;
};

}  // namespace anam::generate
