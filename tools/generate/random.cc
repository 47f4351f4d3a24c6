// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/random.h"

namespace anam::generate {
namespace {

/// The normal distribution's quantile, by bisection of its distribution function: exact enough, and
/// done once.
double normal_quantile(double p) {
  double low = -9;
  double high = 9;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

const Quantiles& Quantiles::get() {
  static const Quantiles kQuantiles;
  return kQuantiles;
}

Quantiles::Quantiles() {
  for (std::size_t i = 0; i < kSteps; ++i) {
    const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(kSteps);
    const double z = normal_quantile(p);
    exponential[i] = static_cast<float>(-std::log1p(-p));
    normal[i] = static_cast<float>(z);
    spread[i] = static_cast<float>(std::exp(0.35 * z - 0.35 * 0.35 / 2));
    skewed[i] = static_cast<float>(std::exp(0.9 * z - 0.9 * 0.9 / 2));
  }
}

}  // namespace anam::generate
