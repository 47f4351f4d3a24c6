// SPDX-License-Identifier: Apache-2.0
// Computes a cohort, shard by shard.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "query/definition.h"
#include "query/evaluate/attrition.h"
#include "query/evaluate/cohort_row.h"
#include "query/evaluate/reasons.h"
#include "query/event_stream.h"

namespace anam {

struct EvaluatorOptions {
  // Count what each step leaves. Then all index events are read; otherwise only those of patients
  // that can meet every rule.
  bool attrition = false;
  // Bytes for what is held of events at a time; 0 = as many as it takes. Where a shard's patients
  // take more they are evaluated in parts, one after the other. Beyond it there are 8 bytes a
  // patient of the shard, and never less than the events of one patient.
  std::uint64_t memory = 0;
};

/// What one shard gives.
struct ShardResult {
  std::vector<CohortRow> rows;  // by ordinal, start
  Attrition attrition;          // empty unless asked for
};

/// Finds the cohort that a definition refers to; throws Error(kInput) when there is none.
using CohortLookup = std::function<std::shared_ptr<const CohortSource>(const CohortReference&)>;

/// A definition made ready to run. Immutable: one object serves any number of threads, each with a
/// shard of its own.
class Evaluator {
 public:
  /// `codes` are the definition's code sets, resolved, each sorted and parallel to
  /// definition.code_sets. Both are copied. `cohorts` is asked at once for each cohort that the
  /// definition refers to; without it there are none. Throws Error(kInput) when the definition
  /// names a code set or a cohort that is not there.
  Evaluator(const CohortDefinition& definition, const std::vector<CodeIds>& codes,
            const EvaluatorOptions& options = {}, const CohortLookup& cohorts = {});
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;

  /// With `among`, the rows of its patients only. Reads postings first, events of those patients
  /// only that can still be members, and nothing twice. Throws Error(kInput) when a test does not
  /// fit the type of its attribute, and what the shard throws.
  ShardResult run(ShardData& shard, const PatientSet* among = nullptr) const;

  /// At most how many rows run() gives, by what the shard knows without reading events.
  std::uint64_t most_rows(ShardData& shard) const;

  /// As run(), and then gives the rows' reasons to `take`, some patients at a time. `details` is
  /// the same shard: the events shown are read from it, in full, for their patients only.
  ShardResult explain(ShardData& shard, ShardData& details, const ReasonOptions& options,
                      const TakeReasons& take) const;

  /// One patient's index events, those that became no row too, by start: how far each came, and
  /// what it met.
  std::vector<RowReasons> explain_patient(ShardData& shard, std::uint32_t ordinal,
                                          const ReasonOptions& options) const;

 private:
  class Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace anam
