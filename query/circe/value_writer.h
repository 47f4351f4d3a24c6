// SPDX-License-Identifier: Apache-2.0
// Ranges and text filters as Circe JSON: the mirror of ranges.h. What Circe cannot say is empty.
#pragma once

#include <optional>

#include "query/circe/json_text.h"
#include "query/definition.h"

namespace anam::circe {

/// Whole numbers of 32 bits.
std::optional<JsonText> whole_number_json(const NumberTest& test);
/// Up to four decimals, and no more digits than a double holds.
std::optional<JsonText> decimal_json(const NumberTest& test);
JsonText date_range_json(const DayTest& test);
/// '%' and '_' are wildcards in Circe, and its SQL drops backslashes in front of a quote.
std::optional<JsonText> text_filter_json(const TextTest& test);

/// Whether two tests hold for the same numbers because they say the same.
bool same_test(const NumberTest& a, const NumberTest& b);

}  // namespace anam::circe
