// SPDX-License-Identifier: Apache-2.0
// Tests of events, a column at a time.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "query/evaluate/plan.h"
#include "query/event_stream.h"

namespace anam::evaluation {

class ShardReader;

/// Events under test. `end` may be empty when no test asks for it, `stream` null when no test asks
/// for a column.
struct TestedEvents {
  std::span<const std::uint32_t> patient;
  std::span<const Day> start;
  std::span<const Day> end;
  std::span<const std::uint32_t> rows;  // of the stream; empty = row i is event i
  const EventStream* stream = nullptr;
};

/// Removes from `kept` (ascending positions) the events that fail the test. Throws Error(kInput)
/// when the test does not fit its column's type.
void filter(const CompiledTest& test, const TestedEvents& events, ShardReader& reader,
            std::vector<std::uint32_t>& kept);

/// The age that a test of kind kAge looks at, on a day; kNull where the year of birth is not known.
std::int64_t age_on(const CompiledTest& test, ShardReader& reader, std::uint32_t patient, Day day);

/// Whether a code cell (of column::kCode too) is of the set. kNull is not.
inline bool contains(const CodeIds& set, std::int64_t cell) {
  if (cell == kNull) return false;
  const CodeId code = code_of(cell);
  if (set.size() <= 8) return std::ranges::find(set, code) != set.end();
  return std::ranges::binary_search(set, code);
}

}  // namespace anam::evaluation
