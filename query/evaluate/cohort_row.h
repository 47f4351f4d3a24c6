// SPDX-License-Identifier: Apache-2.0
// One row of a cohort.
#pragma once

#include <compare>
#include <cstdint>

#include "storage/event.h"

namespace anam {

/// A patient of a shard is a member from `start` to `end`, both inside.
struct CohortRow {
  std::uint32_t ordinal = 0;
  Day start = 0;
  Day end = 0;
  auto operator<=>(const CohortRow&) const = default;
};

}  // namespace anam
