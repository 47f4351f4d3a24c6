// SPDX-License-Identifier: Apache-2.0
// Sinks that keep what a population brings, in the order of patients.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

#include "tools/generate/arrival.h"

namespace anam::generate {

/// The model takes a moment to build; tests share one.
inline const Model& shared_model() {
  static const Model kModel;
  return kModel;
}

inline Settings settings_of(std::uint64_t patients, std::uint64_t seed, const Preset& preset) {
  Settings settings;
  settings.patients = patients;
  settings.seed = seed;
  settings.preset = preset;
  return settings;
}

inline auto all_of(const Event& e) {
  return std::tuple(e.patient, e.number, e.day, e.end, e.code, e.unit, e.detail, e.value, e.charged,
                    e.allowed, e.paid, e.visit, e.days_supply, e.quantity, e.refills, e.domain,
                    e.feed, e.scale, e.principal, e.drug_plan);
}

/// Keeps all events, and counts in how many separate files each patient's came.
class KeepingSink final : public WindowSink {
 public:
  void take(Window& window) override {
    const std::lock_guard lock(*mutex_);
    for (const std::vector<Event>& file : window.files) {
      events.insert(events.end(), file.begin(), file.end());
    }
    for (std::size_t i = 0; i < window.people.size(); ++i) {
      people.emplace_back(window.patients[i], window.people[i]);
    }
  }
  void sort() {
    std::ranges::sort(events, [](const Event& a, const Event& b) { return all_of(a) < all_of(b); });
    std::ranges::sort(people, {}, &std::pair<std::int64_t, Person>::first);
  }

  std::vector<Event> events;
  std::vector<std::pair<std::int64_t, Person>> people;

 private:
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();  // so that it moves
};

}  // namespace anam::generate
