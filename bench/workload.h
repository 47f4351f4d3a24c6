// SPDX-License-Identifier: Apache-2.0
// A plain stream of claims-like events for measurements: controlled, cheap to make, in no order. It
// is no model of a population.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/event.h"

namespace anam::bench {

struct WorkloadOptions {
  std::uint64_t patients = 1'000'000;
  std::uint32_t codes = 100'000;
  std::uint64_t seed = 1;
};

struct WorkloadEvent {
  Domain domain;
  std::uint32_t code;  // 0 .. codes - 1, by falling frequency
  Day day;
  std::int64_t paid;   // cents; kNull = none
  std::int64_t value;  // packed decimal; kNull = none
};

/// 42 events a patient on average (1 to 83), over an enrolment of 3.4 years on average within 20
/// years. Codes are Zipf distributed; half of a patient's events repeat the patient's own few
/// codes. A code has one domain: 45 % conditions, 20 % procedures (paid), 20 % drugs (paid), 15 %
/// measurements (value). Every event is a function of (seed, patient, number), so that any part can
/// be made again, in any order.
class Workload {
 public:
  explicit Workload(const WorkloadOptions& options);

  std::uint32_t events_of(std::uint64_t patient) const;
  WorkloadEvent event(std::uint64_t patient, std::uint32_t number) const;
  /// The patient's outside id: 1 .. patients, in no order.
  std::int64_t id(std::uint64_t patient) const;
  /// The patient at a place of an order in which neighbours are far apart.
  std::uint64_t shuffled(std::uint64_t place) const;

  Domain domain_of_code(std::uint32_t code) const { return domain_of_[code]; }
  static std::string code_text(std::uint32_t code);
  const WorkloadOptions& options() const { return options_; }
  static constexpr std::uint32_t kMostEvents = 83;

 private:
  std::uint32_t code_at(std::uint64_t random) const;

  WorkloadOptions options_;
  std::uint64_t step_ = 1;
  std::vector<Domain> domain_of_;        // by code
  std::vector<std::uint16_t> enrolled_;  // days, by 12 bits of a random number
  std::vector<std::uint32_t> code_of_;   // by 18 bits: the Zipf distribution's quantiles
};

}  // namespace anam::bench
