// SPDX-License-Identifier: Apache-2.0
// How fast the synthetic population is made, by itself: events a second on one core, and what the
// population looks like.
#include <ctime>
#include <iostream>
#include <string>

#include "tools/generate/arrival.h"

namespace {

using namespace anam::generate;

/// Counts and drops.
class NullSink final : public WindowSink {
 public:
  void take(Window& window) override {
    for (std::size_t i = 0; i < window.files.size(); ++i) {
      for (const Event& event : window.files[i]) {
        ++by_domain[static_cast<std::size_t>(event.domain)];
        if (event.paid != kNoNumber) paid += event.paid;
      }
    }
    for (const Person& person : window.people) {
      for (const Coverage& coverage : person.covered()) days += coverage.medical.days();
    }
  }
  std::array<std::uint64_t, 32> by_domain{};
  std::int64_t paid = 0;
  std::int64_t days = 0;
};

void run(const Model& model, const Preset& preset, std::uint64_t patients, Source source) {
  Settings settings;
  settings.patients = patients;
  settings.preset = preset;
  NullSink sink;
  const std::clock_t begun =
      std::clock();  // of the processor: other work on the machine is not ours
  const ArrivalCount count = arrive(model, settings, source, {}, sink);
  const double seconds = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
  const auto n = static_cast<double>(count.patients);
  std::cout << preset.name << (source == Source::kClaims ? " claims" : " clinical") << ": "
            << count.patients << " patients, " << count.events << " events in " << seconds << " s, "
            << static_cast<double>(count.events) / seconds / 1e6 << " M events/s, "
            << static_cast<double>(count.events) / n << " a patient, "
            << static_cast<double>(sink.days) / 365.25 / n << " years enrolled, paid a patient "
            << static_cast<double>(sink.paid) / 100 / n << "\n ";
  for (std::size_t i = 0; i < sink.by_domain.size(); ++i) {
    if (sink.by_domain[i] != 0) {
      std::cout << ' ' << anam::domain_name(static_cast<anam::Domain>(i)) << ' '
                << static_cast<double>(sink.by_domain[i]) / n;
    }
  }
  std::cout << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t patients = argc > 1 ? std::stoull(argv[1]) : 200'000;
  const std::clock_t begun = std::clock();
  const Model model;
  std::cout << model.book.concepts().size() - 1 << " codes in "
            << static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC << " s\n";
  run(model, kLean, patients, Source::kClaims);
  run(model, kLean, patients, Source::kClinical);
  run(model, kOptum, patients / 4, Source::kClaims);
  run(model, kOptum, patients / 4, Source::kClinical);
}
