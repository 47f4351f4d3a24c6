// SPDX-License-Identifier: Apache-2.0
// Turns fields of text into values. No allocation, no locale, no exceptions: empty means that the
// text is none of these.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "storage/calendar.h"  // parse_day, parse_day_time, parse_time, format_day, format_second

namespace anam {

/// Reads an optional sign and decimal digits, and nothing else. Empty when the text is empty, has
/// blanks or other characters, or does not fit 64 bits.
std::optional<std::int64_t> parse_int64(std::string_view text);

}  // namespace anam
