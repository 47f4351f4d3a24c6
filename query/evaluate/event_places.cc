// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/event_places.h"

#include <algorithm>

#include "storage/error.h"

namespace anam::evaluation {

bool same_event(const EventStream& a_stream, std::uint32_t a, const EventStream& b_stream,
                std::uint32_t b, std::span<const ColumnId> columns) {
  const auto end = [](const EventStream& stream, std::uint32_t row) {
    return stream.end.empty() ? EventStream::kNoEnd : stream.end[row];
  };
  if (a_stream.start[a] != b_stream.start[b] || end(a_stream, a) != end(b_stream, b)) return false;
  return std::ranges::all_of(columns, [&](ColumnId id) {
    const StreamColumn* a_column = a_stream.find(id);
    const StreamColumn* b_column = b_stream.find(id);
    const std::int64_t x = a_column == nullptr ? kNull : a_column->cells[a];
    const std::int64_t y = b_column == nullptr ? kNull : b_column->cells[b];
    if (x == kNull || y == kNull) return x == y;
    if (a_column->type != ColumnType::kText) return x == y;
    return a_stream.texts.at(x) == b_stream.texts.at(y);
  });
}

std::vector<std::int64_t> find_places(const EventStream& known, std::span<const std::uint32_t> rows,
                                      const EventStream& placed,
                                      std::span<const ColumnId> columns) {
  const StreamColumn* places = placed.find(column::kPlace);
  std::vector<bool> taken(placed.size(), false);
  std::vector<std::int64_t> found;
  found.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    const auto [first, last] =
        std::equal_range(placed.patient.begin(), placed.patient.end(), known.patient[row]);
    // Of those, the ones on the day: a stream is in the order of days.
    const auto starts = std::span(placed.start)
                            .subspan(static_cast<std::size_t>(first - placed.patient.begin()),
                                     static_cast<std::size_t>(last - first));
    const auto [on, after] = std::equal_range(starts.begin(), starts.end(), known.start[row]);
    const auto begin = static_cast<std::uint32_t>(first - placed.patient.begin());
    auto at = begin + static_cast<std::uint32_t>(on - starts.begin());
    const auto end = begin + static_cast<std::uint32_t>(after - starts.begin());
    while (at < end && (taken[at] || !same_event(known, row, placed, at, columns))) ++at;
    if (at == end || places == nullptr) {
      fail(ErrorCode::kCorrupt, "an event of the postings is not on its patient's timeline");
    }
    taken[at] = true;
    found.push_back(places->cells[at]);
  }
  return found;
}

}  // namespace anam::evaluation
