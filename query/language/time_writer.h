// SPDX-License-Identifier: Apache-2.0
// Writes numbers, dates and windows in the words of the cohort language.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/definition.h"
#include "query/language/time_clause.h"

namespace anam {

/// "30 days", "2 years", "1 day".
std::string days_text(std::int64_t days);

/// ">= 6.5", "18 to 75" where `brief`, else "between 18 and 75". REQUIRES: bounds in order.
std::string number_text(const NumberTest& test, bool brief);

/// "on or after 2015-01-01", "ending in 2015". REQUIRES: bounds in order.
std::string date_text(const DateIs& test);

/// One clause for each window, or for two that say one thing. Windows that allow everything are
/// left out.
std::vector<std::string> window_texts(const std::vector<Window>& windows, Around around,
                                      bool within_period);

/// "index", "it end".
std::string anchor_text(Around around, End end);

}  // namespace anam
