// SPDX-License-Identifier: Apache-2.0
// Attributes that postings carry beside day, end and time of day, so that criteria on them read no
// timelines. Measured as worth it: docs/design.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "storage/attributes.h"
#include "storage/event.h"
#include "storage/format.h"

namespace anam {

/// The most columns that a domain's postings carry.
inline constexpr std::size_t kMostCarried = 3;

/// Cells of an event's carried columns, in the order of carried_columns(); the rest is not used.
using CarriedCells = std::array<std::int64_t, kMostCarried>;

inline constexpr std::array<ColumnId, 3> kCarriedValue = {column::kValue, column::kUnit,
                                                          column::kValueCode};
inline constexpr std::array<ColumnId, 1> kCarriedSupply = {column::kDaysSupply};

/// The columns carried by a domain's postings in shards of that version, as stored (codes by their
/// final ids). All but the first are of type kCode.
constexpr std::span<const ColumnId> carried_columns(Domain domain,
                                                    std::uint32_t version = kShardVersion) {
  if (version < 2) {
    if (domain == Domain::kMeasurement) return std::span(kCarriedValue).first(1);
    return {};
  }
  if (domain == Domain::kMeasurement || domain == Domain::kObservation) return kCarriedValue;
  if (domain == Domain::kDrug) return kCarriedSupply;
  return {};
}

}  // namespace anam
