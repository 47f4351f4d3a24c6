// SPDX-License-Identifier: Apache-2.0
// The cohorts that definitions refer to, made ready for evaluation.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "query/evaluate/evaluator.h"
#include "query/read/store_reader.h"

namespace anam {

/// Another definition as a source of events: its rows are computed where they are asked for.
class EvaluatedCohort final : public CohortSource {
 public:
  explicit EvaluatedCohort(Evaluator evaluator) : evaluator_(std::move(evaluator)) {}
  std::shared_ptr<const EventStream> rows(ShardData& shard, const PatientSet* among) const override;
  std::uint64_t most_rows(ShardData& shard) const override { return evaluator_.most_rows(shard); }

 private:
  Evaluator evaluator_;
};

/// Finds cohorts for all definitions of a run: each one once, however often it is referred to. One
/// thread at a time.
class CohortSources {
 public:
  /// `reader` must outlive it.
  explicit CohortSources(const StoreReader& reader) : reader_(reader) {}

  /// `memory` is as in EvaluatorOptions; what a cohort was found with first, it keeps. Throws
  /// Error(kInput) for a cohort that is not there.
  std::shared_ptr<const CohortSource> find(const CohortReference& reference,
                                           std::uint64_t memory = 0);

  /// The definition, ready to run. Cohorts that it refers to get half of its memory, and so on.
  Evaluator prepare(const CohortDefinition& definition, const EvaluatorOptions& options = {});

 private:
  const StoreReader& reader_;
  std::map<std::shared_ptr<const CohortDefinition>, std::shared_ptr<const CohortSource>>
      definitions_;
  std::map<std::pair<std::string, std::optional<std::uint32_t>>,
           std::shared_ptr<const CohortSource>>
      saved_;  // by name and release
};

}  // namespace anam
