// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/cohort_sources.h"

#include "query/read/saved_rows.h"
#include "storage/error.h"

namespace anam {

std::shared_ptr<const EventStream> EvaluatedCohort::rows(ShardData& shard,
                                                         const PatientSet* among) const {
  const std::vector<CohortRow> rows = evaluator_.run(shard, among).rows;
  auto stream = std::make_shared<EventStream>();
  stream->patient.reserve(rows.size());
  stream->start.reserve(rows.size());
  stream->end.reserve(rows.size());
  for (const CohortRow& row : rows) {
    stream->patient.push_back(row.ordinal);
    stream->start.push_back(row.start);
    stream->end.push_back(row.end);
  }
  return stream;
}

std::shared_ptr<const CohortSource> CohortSources::find(const CohortReference& reference,
                                                        std::uint64_t memory) {
  if (!reference.name.empty()) {
    auto& saved = saved_[{reference.name, reference.release}];
    if (saved == nullptr) {
      saved = std::make_shared<const SavedRows>(
          reader_, SavedCohort::open(reader_.store().path(), reference.name), reference.release);
    }
    return saved;
  }
  if (reference.definition == nullptr) return nullptr;
  const auto known = definitions_.find(reference.definition);
  if (known != definitions_.end()) return known->second;
  auto cohort = std::make_shared<const EvaluatedCohort>(
      prepare(*reference.definition, EvaluatorOptions{.memory = memory}));
  definitions_.emplace(reference.definition, cohort);
  return cohort;
}

Evaluator CohortSources::prepare(const CohortDefinition& definition,
                                 const EvaluatorOptions& options) {
  return Evaluator(definition, reader_.resolve(definition), options,
                   [this, half = (options.memory + 1) / 2](const CohortReference& reference) {
                     return find(reference, half);
                   });
}

}  // namespace anam
