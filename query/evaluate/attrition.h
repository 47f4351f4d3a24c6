// SPDX-License-Identifier: Apache-2.0
// How many events and patients each step of a definition leaves.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "query/definition.h"

namespace anam {

/// Which of any number of rules are met: bit r % 64 of word r / 64 is rule r.
using RuleMask = std::vector<std::uint64_t>;

/// The sum of 2^rule in decimal, however many rules there are.
std::string mask_text(const RuleMask& mask);

/// Events and patients that are left after a step.
struct AttritionStep {
  std::string name;
  std::uint64_t events = 0;
  std::uint64_t patients = 0;
  bool operator==(const AttritionStep&) const = default;
};

/// One row of the table that OHDSI's tools know: kind "mask", "rule", "summary" or "censor";
/// numbers that the kind does not have are empty.
struct AttritionRow {
  std::string kind;
  std::optional<int> mode_id;
  std::optional<std::uint64_t> rule_sequence;
  std::string inclusion_rule_mask;
  std::optional<std::uint64_t> person_count;
  std::optional<std::uint64_t> gain_count;  // that fail this rule only
  std::optional<std::uint64_t> person_total;
  std::optional<std::uint64_t> base_count;
  std::optional<std::uint64_t> final_count;
  std::optional<std::uint64_t> lost_count;
};

/// Counts of one shard, or of all: they add up.
struct Attrition {
  /// Mode 0 counts all qualified events, mode 1 each patient's best one (most rules, then the
  /// lowest rule met, then the earliest start).
  static constexpr int kModes = 2;

  std::size_t rules = 0;
  std::array<std::map<RuleMask, std::uint64_t>, kModes> masks;
  bool censor_window = false;
  std::uint64_t lost_to_censor_window = 0;  // patients without a row left
  std::vector<AttritionStep> steps;         // in order; the last is the cohort's rows

  /// Adds another shard's counts of the same definition.
  void merge(const Attrition& other);

  std::uint64_t base_count(int mode) const;
  std::uint64_t final_count(int mode) const;  // that meet all rules
  std::uint64_t met_count(int mode, std::size_t rule) const;
  std::uint64_t gain_count(int mode, std::size_t rule) const;

  /// In the order mask, rule, summary (those only with rules), censor (only with a window).
  std::vector<AttritionRow> circe_rows() const;

  /// For people: step, events, patients, and patients lost by the step.
  std::string table() const;
};

}  // namespace anam
