// SPDX-License-Identifier: Apache-2.0
// Groups of counts around events: the heart of evaluation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "query/evaluate/event_list.h"
#include "query/evaluate/plan.h"

namespace anam::evaluation {

class ShardReader;

/// Sets met[i] to whether anchor i meets the group, where todo[i] is not 0, and to 0 elsewhere.
/// Reads nothing when there is nothing to do. REQUIRES: todo and met have the anchors' size.
void evaluate(const CompiledGroup& group, const Anchors& anchors, ShardReader& reader,
              std::span<const std::uint8_t> todo, std::span<std::uint8_t> met);

/// What one count finds around one anchor.
struct Counted {
  std::vector<std::uint32_t> events;  // positions in the list, ascending
  std::int64_t number = 0;            // of events or distinct values, as the count asks for
  bool met = false;
};

/// The events that evaluate() counts for anchor `i`. `list` are those of the count's selector.
Counted counted_events(const CompiledCount& count, const Anchors& anchors, std::size_t i,
                       const EventList& list);

}  // namespace anam::evaluation
