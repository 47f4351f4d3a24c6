// SPDX-License-Identifier: Apache-2.0
// Names of saved cohorts. They are names of files, everywhere.
#pragma once

#include <algorithm>
#include <string_view>

namespace anam {

inline constexpr std::size_t kMaxCohortName = 128;

/// For messages.
inline constexpr std::string_view kCohortNameRule =
    "Names of saved cohorts have up to 128 letters (a to z), digits, '_', '-' and '.', the first "
    "of them a letter, a digit or '_'.";

constexpr bool is_cohort_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= kMaxCohortName && plain(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return plain(c) || c == '-' || c == '.'; });
}

}  // namespace anam
