// SPDX-License-Identifier: Apache-2.0
// Spans of coverage from months covered in each year.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "storage/event.h"

namespace anam {

/// What a yearly summary says: how many months of the year were covered, not which.
struct CoveredYear {
  std::int32_t year;
  std::int64_t months;  // 0 to 12; others count as 0 and 12
};

struct CoverageSpan {
  Day start;
  Day end;  // inclusive

  bool operator==(const CoverageSpan&) const = default;
};

/// Places the months: 12 are the whole year. Fewer are the year's last ones where the year before
/// is not covered (or not known) and the year after is, since coverage begins once and goes on;
/// else its first ones. Spans that follow one another are joined, and what lies after `death`
/// (kNull: alive) is cut off. REQUIRES: years ascend, each once.
std::vector<CoverageSpan> coverage_spans(std::span<const CoveredYear> years, std::int64_t death);

}  // namespace anam
