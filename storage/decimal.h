// SPDX-License-Identifier: Apache-2.0
// Decimal numbers that print as they came: "3.50" stays "3.50".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace anam {

/// A packed decimal is mantissa * 32 + scale and means mantissa / 10^scale; 0 <= scale <= 31 and
/// the mantissa has 59 bits with its sign (17 digits at least). "3.50" is 350 * 32 + 2. Comparisons
/// go through decimal_value() or compare_decimals().
using PackedDecimal = std::int64_t;

/// Reads "12", "-3.50", ".5", "1e-7", "+2.5E3". Empty when the text is no finite number, or is
/// larger than 2.8e17. More digits than fit are rounded half away from zero (`*rounded` is set
/// then, if given).
std::optional<PackedDecimal> parse_decimal(std::string_view text, bool* rounded = nullptr);

/// As it came, but for a leading "+", leading zeros, and exponents, which are written out.
std::string format_decimal(PackedDecimal value);

double decimal_value(PackedDecimal value);

/// <0, 0, >0 by value: 3.5 and 3.50 compare equal. Exact.
int compare_decimals(PackedDecimal a, PackedDecimal b);

/// Money in cents from "12.5", "-3", "1234.567" (rounded half away from zero, `*rounded` is set
/// then). Empty when it is no number or exceeds 9e16 cents.
std::optional<std::int64_t> parse_cents(std::string_view text, bool* rounded = nullptr);

/// "659.40", "-0.05".
std::string format_cents(std::int64_t cents);

}  // namespace anam
