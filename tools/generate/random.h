// SPDX-License-Identifier: Apache-2.0
// Random numbers that depend on what they are for, not on what was drawn before.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace anam::generate {

/// What a stream of random numbers decides. A patient has one stream for each purpose, so that a
/// change in how one is used leaves all others as they are.
enum class Purpose : std::uint32_t {
  kPerson = 1,
  kEnrollment,
  kHistory,
  kDeath,
  kTreatment,
  kVisits,
  kStays,
  kAcute,
  kPregnancy,
  kMoney,
  kLaboratory,
  kClinical,
  kElsewhere,  // care outside of enrolment, which only a provider's records show
};

/// A bijection of 64 bits that leaves no trace of its argument (splitmix64's finaliser).
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

/// Quantiles of the distributions that are drawn from most, at (i + 0.5) / kSteps.
class Quantiles {
 public:
  static constexpr std::size_t kSteps = 4096;
  static const Quantiles& get();

  std::array<float, kSteps> exponential;  // mean 1
  std::array<float, kSteps> normal;
  std::array<float, kSteps> spread;  // lognormal with sigma 0.35 and mean 1: prices of one service
  std::array<float, kSteps> skewed;  // lognormal with sigma 0.9 and mean 1: stays, need of care

 private:
  Quantiles();
};

/// A stream of random numbers: a function of (seed, patient, purpose). Not thread-safe; cheap to
/// make.
class Stream {
 public:
  Stream(std::uint64_t seed, std::uint64_t patient, Purpose purpose)
      : state_(mix(mix(seed * 0x9E3779B97F4A7C15U + static_cast<std::uint64_t>(purpose)) +
                   patient * 0xD1342543DE82EF95U)),
        quantiles_(&Quantiles::get()) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    return mix(state_);
  }
  /// 0 to n - 1; 0 for n = 0.
  std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>((next() >> 32) * n >> 32);
  }
  /// At least 0, less than 1.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  bool chance(double probability) { return uniform() < probability; }
  double normal() { return quantiles_->normal[next() >> 52]; }
  double spread() { return quantiles_->spread[next() >> 52]; }
  double skewed() { return quantiles_->skewed[next() >> 52]; }
  /// Mean 1.
  double exponential() {
    double sum = 0;
    std::size_t step = next() >> 52;
    while (step == Quantiles::kSteps - 1) {  // the tail is an exponential again
      sum += kTail;
      step = next() >> 52;
    }
    return sum + quantiles_->exponential[step];
  }

 private:
  static constexpr double kTail = 8.317766166719343;  // ln(4096)
  std::uint64_t state_;
  const Quantiles* quantiles_;
};

}  // namespace anam::generate
