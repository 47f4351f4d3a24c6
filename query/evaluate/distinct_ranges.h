// SPDX-License-Identifier: Apache-2.0
// Distinct values in many ranges of one column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace anam::evaluation {

struct PositionRange {
  std::size_t begin = 0;
  std::size_t end = 0;  // behind the last; empty where it is no more than `begin`
};

/// For each range, how many distinct values other than kNull stand there. Takes the time of a sort
/// of values and ranges, however much the ranges overlap. REQUIRES: ranges within the values.
std::vector<std::int64_t> count_distinct(std::span<const std::int64_t> values,
                                         std::span<const PositionRange> ranges);

}  // namespace anam::evaluation
