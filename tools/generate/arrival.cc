// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/arrival.h"

#include <algorithm>
#include <bit>
#include <exception>
#include <mutex>
#include <thread>

#include "storage/error.h"

namespace anam::generate {
namespace {

constexpr double kWindowEvents = 1 << 20;

std::size_t year_of(Day day) {
  const std::span<const Day> starts = year_starts();
  const auto above = std::upper_bound(starts.begin(), starts.end() - 1, day);
  return above == starts.begin() ? 0 : static_cast<std::size_t>(above - starts.begin()) - 1;
}

}  // namespace

Permutation::Permutation(std::uint64_t size, std::uint64_t seed) : size_(size), seed_(seed) {
  while (half_bits_ < 31 && (std::uint64_t{1} << (2 * half_bits_)) < size) ++half_bits_;
}

std::uint64_t Permutation::operator()(std::uint64_t place) const {
  // A Feistel network on the next even number of bits, walked until it is inside.
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  do {
    std::uint64_t left = place >> half_bits_;
    std::uint64_t right = place & mask;
    for (std::uint64_t round = 0; round < 4; ++round) {
      const std::uint64_t next = left ^ (mix(right + (seed_ + round) * 0x9E3779B97F4A7C15U) & mask);
      left = right;
      right = next;
    }
    place = left << half_bits_ | right;
  } while (place >= size_);
  return place;
}

WindowMaker::WindowMaker(const Model& model, const Settings& settings, Source source)
    : settings_(settings),
      source_(source),
      people_(model, settings.seed),
      care_(model, settings),
      records_(model, settings),
      order_(settings.patients * settings.copies, settings.seed),
      total_(settings.patients * settings.copies),
      width_(settings.window != 0
                 ? settings.window
                 : static_cast<std::uint64_t>(kWindowEvents / settings.preset.events)),
      windows_((total_ + width_ - 1) / width_) {}

void WindowMaker::make(std::uint64_t number, Window& window) {
  window.number = number;
  window.patients.clear();
  window.people.clear();
  for (std::vector<Event>& file : window.files) file.clear();
  const std::uint64_t end = std::min(total_, (number + 1) * width_);
  for (std::uint64_t place = number * width_; place < end; ++place) {
    const std::uint64_t patient = order_(place);
    Person person = people_.make(patient % settings_.patients);
    if (source_ == Source::kClinical && !person.clinical) continue;
    claims_.clear();
    care_.make_claims(person, claims_);
    std::vector<Event>* events = &claims_;
    if (source_ == Source::kClinical) {
      found_.clear();
      records_.make(person, claims_, care_, found_);
      if (found_.empty()) continue;
      events = &found_;
    }
    std::uint32_t count = 0;
    for (Event& event : *events) {
      event.patient = static_cast<std::int64_t>(patient + 1);
      event.number = count++;
      window.file(event.feed, event.feed == Feed::kMembers ? 0 : year_of(event.day))
          .push_back(event);
    }
    window.patients.push_back(static_cast<std::int64_t>(patient + 1));
    window.people.push_back(person);
  }
}

ArrivalCount arrive(const Model& model, const Settings& settings, Source source,
                    const ArrivalOptions& options, WindowSink& sink) {
  if (settings.patients == 0 || settings.copies == 0 ||
      settings.patients > (std::uint64_t{1} << 40) / settings.copies) {
    fail(ErrorCode::kUsage, "a population has 1 to 2^40 patients",
         std::to_string(settings.patients));
  }
  std::atomic<std::uint64_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  ArrivalCount count;
  const auto work = [&] {
    try {
      WindowMaker maker(model, settings, source);
      Window window;
      for (std::uint64_t number = next++; number < maker.windows(); number = next++) {
        if (options.cancel != nullptr && *options.cancel)
          fail(ErrorCode::kCancelled, "interrupted");
        maker.make(number, window);
        sink.take(window);
        const std::lock_guard lock(mutex);
        if (failure) return;
        count.patients += window.patients.size();
        for (const std::vector<Event>& file : window.files) count.events += file.size();
        if (options.progress) {
          options.progress(std::min(maker.windows(), number + 1), maker.windows());
        }
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = ~std::uint64_t{0} >> 1;  // nobody takes another window
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::max(1U, options.threads); ++i) threads.emplace_back(work);
  work();
  threads.clear();
  if (failure) std::rethrow_exception(failure);
  return count;
}

}  // namespace anam::generate
