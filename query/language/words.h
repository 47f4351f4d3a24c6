// SPDX-License-Identifier: Apache-2.0
// The words of the cohort language that cannot name a code set.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "storage/event.h"

namespace anam {

/// In alphabetical order; without the domains.
std::span<const std::string_view> reserved_words();

/// Whether a code set may not have this name (unless it is quoted).
bool is_reserved(std::string_view word);

/// A domain, in singular or plural; "event" and "events" are any domain (Domain::kNone).
std::optional<Domain> domain_word(std::string_view word);

/// Seconds of "second", "hours", ...; days of "day", "weeks", "years" (365), ....
struct TimeUnit {
  std::int64_t length;
  bool seconds;
};
std::optional<TimeUnit> time_unit(std::string_view word);
std::span<const std::string_view> time_unit_words();

}  // namespace anam
