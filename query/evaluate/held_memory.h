// SPDX-License-Identifier: Apache-2.0
// How much of a shard's events a definition holds in memory, known before they are read.
#pragma once

#include <cstdint>
#include <optional>

#include "query/evaluate/shard_reader.h"

namespace anam::evaluation {

/// Whether the events that evaluation of the reader's plan holds together take no more than
/// `memory` bytes, for all patients of the shard: by the sizes of domains, else of lists.
bool fits_in_memory(ShardReader& reader, std::uint64_t memory);

/// About how many bytes they take for some of the patients, as if each of these had as many events
/// as others who have any.
std::uint64_t held_memory(ShardReader& reader, const PatientSet& patients);

/// Cuts a set of patients into parts, by ordinals, in their order.
class PatientParts {
 public:
  /// Nearly equal parts, of one patient or more; one empty part where the set is empty. REQUIRES:
  /// parts > 0.
  PatientParts(PatientSet patients, std::uint64_t parts);
  /// Empty after the last.
  std::optional<PatientSet> next();

 private:
  PatientSet left_;
  std::uint64_t size_;  // of a part
  std::uint64_t parts_;
  std::uint32_t ordinal_ = 0;  // everybody before it was given
};

}  // namespace anam::evaluation
