// SPDX-License-Identifier: Apache-2.0
// The order of the rows of an EventStream.
#pragma once

#include <cstdint>

#include "query/event_stream.h"

namespace anam {

/// Ascends with patient, then day.
inline std::uint64_t time_key(std::uint32_t patient, Day day) {
  return std::uint64_t{patient} << 32 | (static_cast<std::uint32_t>(day) ^ 0x80000000U);
}

/// Puts the rows in the order of (patient, day, second where the stream has that) and, with
/// `by_all`, then of ends and all other columns, so that the order does not depend on where the
/// rows were read. Rows that are equal in all of these stay as they stand. Rows that consist of a
/// few ascending runs (the lists of a few codes, the parts of a few files) are merged, others
/// sorted.
void sort_stream(EventStream& stream, bool by_all);

/// True when sort_stream(stream, true) would change nothing. REQUIRES: rows in the order of
/// (patient, day).
bool is_in_day_order(const EventStream& stream);

}  // namespace anam
