// SPDX-License-Identifier: Apache-2.0
#include "bench/workload.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "storage/column_page.h"

namespace anam::bench {
namespace {

std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

/// A number below n, by the upper bits of x.
std::uint64_t below(std::uint64_t x, std::uint64_t n) { return (x >> 32) * n >> 32; }

constexpr Day kFirst = 12784;          // 2005-01-01
constexpr std::uint32_t kSpan = 7305;  // 20 years
constexpr std::uint32_t kOwnCodes = 6;
constexpr std::size_t kQuantiles = std::size_t{1} << 18;

}  // namespace

Workload::Workload(const WorkloadOptions& options) : options_(options), code_of_(kQuantiles) {
  // Zipf with exponent 1: P(rank <= k) = H(k) / H(n).
  double total = 0;
  for (std::uint32_t k = 1; k <= options.codes; ++k) total += 1.0 / k;
  double sum = 0;
  std::size_t at = 0;
  for (std::uint32_t k = 1; k <= options.codes; ++k) {
    sum += 1.0 / k;
    const auto end = std::min(
        kQuantiles, static_cast<std::size_t>(sum / total * static_cast<double>(kQuantiles)));
    for (; at < end; ++at) code_of_[at] = k - 1;
  }
  for (; at < kQuantiles; ++at) code_of_[at] = options.codes - 1;
  for (std::uint32_t code = 0; code < options.codes; ++code) {
    const std::uint64_t draw = below(mix(code + 77), 100);
    domain_of_.push_back(draw < 45   ? Domain::kCondition
                         : draw < 65 ? Domain::kProcedure
                         : draw < 85 ? Domain::kDrug
                                     : Domain::kMeasurement);
  }
  step_ = std::max<std::uint64_t>(1, options.patients * 618 / 1000);
  while (std::gcd(step_, options.patients) != 1) ++step_;
  // Exponential, 3.4 years on average.
  for (int i = 0; i < 4096; ++i) {
    const double days = 30 - 1241.0 * std::log1p(-(i + 0.5) / 4096);
    enrolled_.push_back(static_cast<std::uint16_t>(std::min<double>(kSpan, days)));
  }
}

std::uint32_t Workload::events_of(std::uint64_t patient) const {
  return 1 + static_cast<std::uint32_t>(below(mix(options_.seed ^ (patient * 3)), kMostEvents));
}

std::int64_t Workload::id(std::uint64_t patient) const {
  return static_cast<std::int64_t>(patient + 1);
}

std::uint64_t Workload::shuffled(std::uint64_t place) const {
  // Steps of about 0.618 of the whole: neighbours are far apart. REQUIRES, as all of this does,
  // fewer than 2^32 patients.
  return (place * step_ + options_.seed) % options_.patients;
}

std::uint32_t Workload::code_at(std::uint64_t random) const {
  const std::uint32_t code = code_of_[random & (kQuantiles - 1)];
  // The tail beyond the quantiles' resolution: spread over the neighbours.
  const std::uint32_t spread = code / 512 + 1;
  return std::min(options_.codes - 1, code + static_cast<std::uint32_t>(below(random, spread)));
}

std::string Workload::code_text(std::uint32_t code) {
  std::string digits = std::to_string(code);
  return "C" + std::string(6 - digits.size(), '0') + digits;
}

WorkloadEvent Workload::event(std::uint64_t patient, std::uint32_t number) const {
  const std::uint64_t person = mix(options_.seed ^ (patient * 3 + 1));
  const std::uint32_t enrolled = enrolled_[person >> 52];
  const auto from = static_cast<std::uint32_t>(below(mix(person), kSpan - enrolled + 1));
  const std::uint64_t r = mix(person + number * 0x632BE59BD9B4E019U);
  const std::uint64_t s = mix(r);
  // Half of the events are the patient's own codes again.
  const std::uint32_t code = (r & 1) != 0 ? code_at(mix(person + below(r, kOwnCodes))) : code_at(s);
  WorkloadEvent event{.domain = domain_of_code(code),
                      .code = code,
                      .day = kFirst + static_cast<Day>(from + below(mix(s), enrolled)),
                      .paid = kNull,
                      .value = kNull};
  if (event.domain == Domain::kMeasurement) {
    event.value = static_cast<std::int64_t>(40 + code % 100 + (s >> 20) % 60) * 32 + 1;
  } else if (event.domain != Domain::kCondition) {
    // A price list with a few prices a code, and a heavy tail.
    const std::uint64_t base = 500 + mix(code) % 20000;
    event.paid =
        static_cast<std::int64_t>(base * (1 + (s >> 24) % 4) * ((s >> 40) % 50 == 0 ? 20 : 1));
  }
  return event;
}

}  // namespace anam::bench
