// SPDX-License-Identifier: Apache-2.0
// Saved cohorts on an open release: saving rows, and using them as events.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "query/evaluate/cohort_row.h"
#include "query/event_stream.h"
#include "query/read/store_reader.h"
#include "storage/saved_cohort.h"

namespace anam {

/// Rows of a saved cohort as events of an open release.
class SavedRows final : public CohortSource {
 public:
  /// `reader` must outlive it. Throws Error(kInput) when the cohort is of another store, or of
  /// another release than the one that is open and `release`.
  SavedRows(const StoreReader& reader, std::shared_ptr<const SavedCohort> cohort,
            std::optional<std::uint32_t> release);

  /// Patients that the release does not know are left out. Throws what reading the file throws.
  std::shared_ptr<const EventStream> rows(ShardData& shard, const PatientSet* among) const override;
  std::uint64_t most_rows(ShardData& shard) const override;

  const SavedCohort& cohort() const { return *cohort_; }

 private:
  const StoreReader& reader_;
  std::shared_ptr<const SavedCohort> cohort_;
};

/// The facts of a cohort that is made of the release now, without its definition and title.
SavedCohortFacts facts_of(const StoreReader& reader);

/// Adds a shard's rows. Once for a shard.
void save_rows(SavedCohortWriter& writer, const StoreReader& reader, ShardData& shard,
               std::uint32_t number, const std::vector<CohortRow>& rows);

}  // namespace anam
