// SPDX-License-Identifier: Apache-2.0
// What the timeline says of events that were selected by a few of their columns.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "query/evaluate/reasons.h"
#include "query/evaluate/shard_reader.h"

namespace anam::evaluation {

/// An event wanted: a row of the stream that a selector of the plan reads.
struct WantedEvent {
  std::size_t selector = 0;
  const EventStream* stream = nullptr;
  std::size_t row = 0;
};

/// Reads the events in full. Evaluation reads of a stream only the columns that it needs, mostly
/// from postings; here the same streams are read again for the few patients in question, with all
/// columns that people want to see. Events that are alike in every column that evaluation had are
/// the same to it, so that each is taken once, in their order.
/// `shard` is read beside the plan's own reader, so that what that one keeps stays small. Throws
/// Error(kCorrupt) when the shard does not have the events again. One result for each event wanted.
std::vector<ReasonEvent> read_details(const Plan& plan, ShardData& shard,
                                      std::span<const WantedEvent> wanted);

}  // namespace anam::evaluation
