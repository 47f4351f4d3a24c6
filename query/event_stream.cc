// SPDX-License-Identifier: Apache-2.0
#include "query/event_stream.h"

#include <algorithm>

namespace anam {

const StreamColumn* EventStream::find(ColumnId id) const {
  const auto found = std::ranges::find(columns, id, &StreamColumn::id);
  return found == columns.end() ? nullptr : &*found;
}

std::shared_ptr<const EventStream> ShardData::rows(const CohortSource& cohort,
                                                   const PatientSet* among) {
  return cohort.rows(*this, among);
}

}  // namespace anam
