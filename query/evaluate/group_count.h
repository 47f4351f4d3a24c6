// SPDX-License-Identifier: Apache-2.0
// Groups of counts around events: the heart of evaluation.
#pragma once

#include <cstdint>
#include <span>

#include "query/evaluate/event_list.h"
#include "query/evaluate/plan.h"

namespace anam::evaluation {

class ShardReader;

/// Sets met[i] to whether anchor i meets the group, where todo[i] is not 0, and to 0 elsewhere.
/// Reads nothing when there is nothing to do. REQUIRES: todo and met have the anchors' size.
void evaluate(const CompiledGroup& group, const Anchors& anchors, ShardReader& reader,
              std::span<const std::uint8_t> todo, std::span<std::uint8_t> met);

}  // namespace anam::evaluation
