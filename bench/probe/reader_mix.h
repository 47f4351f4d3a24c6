// SPDX-License-Identifier: Apache-2.0
// One researcher among many: asks a store cohorts and timelines until told to stop.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace anam::bench {

struct MixOptions {
  std::string store;
  std::vector<std::string> patients;     // asked by turns drawn from `seed`
  std::vector<std::string> definitions;  // the same
  unsigned timelines = 3;                // for each cohort
  std::uint64_t seed = 1;
};

/// Asks until stop() says so, and each kind of question once more after that: whatever was
/// published before it said so is seen. Returns what happened as JSON: microseconds of each kind of
/// question, and every distinct answer by release. The store is opened anew for every question, so
/// that a release that is published meanwhile is seen; the time includes it.
std::string run_mix(const MixOptions& options, const std::function<bool()>& stop);

}  // namespace anam::bench
