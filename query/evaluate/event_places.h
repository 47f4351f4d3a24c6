// SPDX-License-Identifier: Apache-2.0
// Tells events of one day apart: postings leave open which of them the source numbered first.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "query/event_stream.h"

namespace anam::evaluation {

/// Whether two events agree in start, end and the given columns (those of `columns` that a stream
/// lacks are null in it). `a` and `b` are rows of their streams.
bool same_event(const EventStream& a_stream, std::uint32_t a, const EventStream& b_stream,
                std::uint32_t b, std::span<const ColumnId> columns);

/// The places (column::kPlace) of rows of `known`, found in `placed`, which has at least their
/// patients' events, the given columns and the places. Events that are the same share the places
/// between them. Throws Error(kCorrupt) when an event is not there.
std::vector<std::int64_t> find_places(const EventStream& known, std::span<const std::uint32_t> rows,
                                      const EventStream& placed, std::span<const ColumnId> columns);

}  // namespace anam::evaluation
