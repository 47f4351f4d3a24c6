// SPDX-License-Identifier: Apache-2.0
// Which patients can have rows at all, by bitmaps alone.
#pragma once

#include "query/evaluate/shard_reader.h"

namespace anam::evaluation {

/// Patients that have what the index events need and, unless `all_index_events` (an attrition
/// counts those that fail too), what each rule needs. Absence excludes nobody.
PatientSet find_candidates(ShardReader& reader, bool all_index_events);

}  // namespace anam::evaluation
