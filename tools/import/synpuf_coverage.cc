// SPDX-License-Identifier: Apache-2.0
#include "tools/import/synpuf_coverage.h"

#include <algorithm>

#include "storage/calendar.h"
#include "storage/column_page.h"

namespace anam {
namespace {

/// First day of a month, where month 13 is January of the next year.
Day first_of(std::int32_t year, std::int64_t month) {
  return month == 13 ? *day_of(year + 1, 1, 1) : *day_of(year, static_cast<std::int32_t>(month), 1);
}

}  // namespace

std::vector<CoverageSpan> coverage_spans(std::span<const CoveredYear> years, std::int64_t death) {
  std::vector<CoverageSpan> spans;
  for (std::size_t i = 0; i < years.size(); ++i) {
    const auto [year, given] = years[i];
    const std::int64_t months = std::clamp<std::int64_t>(given, 0, 12);
    if (months == 0) continue;
    const bool before = i > 0 && years[i - 1].year == year - 1 && years[i - 1].months > 0;
    const bool after =
        i + 1 < years.size() && years[i + 1].year == year + 1 && years[i + 1].months > 0;
    const std::int64_t skipped = after && !before ? 12 - months : 0;
    CoverageSpan span{first_of(year, skipped + 1), first_of(year, skipped + months + 1) - 1};
    if (death != kNull) {
      if (span.start > death) continue;
      span.end = static_cast<Day>(std::min<std::int64_t>(span.end, death));
    }
    if (!spans.empty() && spans.back().end + 1 == span.start) {
      spans.back().end = span.end;
    } else {
      spans.push_back(span);
    }
  }
  return spans;
}

}  // namespace anam
