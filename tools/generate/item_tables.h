// SPDX-License-Identifier: Apache-2.0
// Drugs, laboratory tests, procedures and hospital stays of the model, as tables.
#pragma once

#include <cstdint>
#include <span>

namespace anam::generate {

struct Drug {
  const char* name;
  std::uint32_t id;    // concept id of the ingredient (or form)
  const char* rxnorm;  // its code
  const char* concept_class;
  const char* atc;
  int days;        // of one fill, where a preset does not ask for longer ones
  bool long_term;  // refilled for years; else taken once
  float per_day;   // units (tablets, mL, doses)
  float price;     // allowed for 30 days, in dollars
  int packages;    // NDCs of it
};
std::span<const Drug> drugs();

/// How much a drug moves the value of a test while it is taken.
struct DrugEffect {
  const char* drug;
  const char* loinc;
  float shift;
};
std::span<const DrugEffect> drug_effects();

struct Lab {
  const char* loinc;
  std::uint32_t id;
  const char* name;
  const char* unit;  // UCUM
  std::uint8_t scale;
  float mean, deviation;  // among healthy adults
  float low, high;        // reference range
  float least, most;      // possible values
  const char* panel;      // panel that brings it too; null = none
};
std::span<const Lab> labs();

struct Unit {
  const char* ucum;
  std::uint32_t id;
  const char* name;
};
std::span<const Unit> units();

struct Procedure {
  const char* vocabulary;
  const char* code;
  std::uint32_t id;  // 0: the population's own
  const char* name;
  float price;  // allowed, in dollars
};
std::span<const Procedure> procedures();

struct Stay {
  const char* drg;
  const char* name;
  float price;  // allowed by the hospital, in dollars
};
std::span<const Stay> stays();

/// A SNOMED, ATC or procedure concept above codes of the tables.
struct Ancestor {
  const char* vocabulary;
  const char* code;
  std::uint32_t id;
  const char* name;
  const char* domain;
  const char* child_vocabulary;
  const char* child;
};
std::span<const Ancestor> ancestors();

}  // namespace anam::generate
