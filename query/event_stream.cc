// SPDX-License-Identifier: Apache-2.0
#include "query/event_stream.h"

#include <algorithm>

namespace anam {

const StreamColumn* EventStream::find(ColumnId id) const {
  const auto found = std::ranges::find(columns, id, &StreamColumn::id);
  return found == columns.end() ? nullptr : &*found;
}

std::uint64_t ShardData::most_events(const StreamRequest& request) {
  if (request.cohort != nullptr) return request.cohort->most_rows(*this);
  StreamRequest plain = request;
  plain.columns.clear();
  return events(plain, nullptr)->size();
}

std::shared_ptr<const EventStream> ShardData::rows(const CohortSource& cohort,
                                                   const PatientSet* among) {
  return cohort.rows(*this, among);
}

}  // namespace anam
