// SPDX-License-Identifier: Apache-2.0
// How a population arrives: windows of people in no order, and within a window each feed of each
// year apart, as payers and providers deliver files.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tools/generate/care.h"
#include "tools/generate/records.h"

namespace anam::generate {

/// Whose data: the payer's claims of everyone, or the provider's records of one in twenty.
enum class Source : std::uint8_t { kClaims, kClinical };

/// A bijection of 0 .. size - 1 in which neighbours are far apart. Thread-safe.
class Permutation {
 public:
  Permutation(std::uint64_t size, std::uint64_t seed);
  std::uint64_t operator()(std::uint64_t place) const;

 private:
  std::uint64_t size_;
  std::uint64_t seed_;
  unsigned half_bits_ = 1;
};

/// What arrives of some thousand people. Events of one feed and year are those of one file.
struct Window {
  std::uint64_t number = 0;
  std::vector<std::int64_t> patients;
  std::vector<Person> people;  // beside `patients`
  std::array<std::vector<Event>, kFeeds * kYears> files;

  /// The events of a feed in a year (0 .. kYears - 1); members' are all in year 0.
  std::vector<Event>& file(Feed feed, std::size_t year) {
    return files[static_cast<std::size_t>(feed) * kYears + year];
  }
};

/// Takes windows. take() is called by several threads at the same time.
class WindowSink {
 public:
  virtual ~WindowSink() = default;
  virtual void take(Window& window) = 0;
};

/// Makes windows. One object a thread.
class WindowMaker {
 public:
  WindowMaker(const Model& model, const Settings& settings, Source source);

  std::uint64_t windows() const { return windows_; }
  void make(std::uint64_t number, Window& window);

 private:
  const Settings& settings_;
  Source source_;
  PersonMaker people_;
  Care care_;
  Records records_;
  Permutation order_;
  std::uint64_t total_;
  std::uint64_t width_;
  std::uint64_t windows_;
  std::vector<Event> claims_;
  std::vector<Event> found_;
};

struct ArrivalOptions {
  unsigned threads = 1;
  const std::atomic<bool>* cancel = nullptr;
  /// Called by one thread at a time.
  std::function<void(std::uint64_t windows, std::uint64_t of)> progress{};
};

struct ArrivalCount {
  std::uint64_t patients = 0;
  std::uint64_t events = 0;
};

/// Makes everything of a source and hands it to the sink. Memory: a window of about a million
/// events a thread, 100 MB. Throws what the sink throws, and Error(kCancelled).
ArrivalCount arrive(const Model& model, const Settings& settings, Source source,
                    const ArrivalOptions& options, WindowSink& sink);

}  // namespace anam::generate
