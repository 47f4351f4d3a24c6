// SPDX-License-Identifier: Apache-2.0
// Several cohorts of one store in one pass over its shards.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "query/evaluate/evaluator.h"
#include "query/read/store_reader.h"

namespace anam {

/// Takes reasons of rows of one definition in one shard. Called from several threads, one at a
/// time.
using TakeCohortReasons =
    std::function<void(std::size_t definition, ShardData& data, std::vector<RowReasons>&& reasons)>;

struct CohortRunOptions {
  bool attrition = false;  // see EvaluatorOptions
  unsigned threads = 1;    // shards that are worked on at a time, if the memory lets them
  // Bytes for what is held of events, all threads together; 0 = default_query_memory(). Definitions
  // that would hold more of a shard are evaluated for some of its patients at a time. Beyond it are
  // the sets and columns that have an entry for each patient of a shard, and the results.
  std::uint64_t memory = 0;
  const std::atomic<bool>* cancel =
      nullptr;  // when it becomes true, the run stops with Error(kCancelled)
  std::optional<std::chrono::steady_clock::time_point> deadline{};  // the same from then on
  std::function<void(std::uint64_t done, std::uint64_t shards)>
      progress{};  // called from several threads, one at a time
  ReasonOptions reasons{};
  TakeCohortReasons take_reasons{};  // set: rows are explained
};

/// What became of one definition.
struct CohortOutcome {
  std::exception_ptr error;  // set: it could not be evaluated, and the rest says nothing
  std::uint64_t rows = 0;
  std::uint64_t patients = 0;
  Attrition attrition;  // with CohortRunOptions::attrition
};

/// A share of this machine's memory that lets 60 queries run at a time.
std::uint64_t default_query_memory();

/// Throws Error(kCancelled) when the run is to stop.
void check_stop(const CohortRunOptions& options);

/// Takes the rows of one definition in one shard, by ordinal and start. Called from several
/// threads, one at a time, in no order.
using TakeRows = std::function<void(std::size_t definition, std::uint32_t shard, ShardData& data,
                                    std::vector<CohortRow>&& rows)>;

/// Evaluates all definitions; what they share of a shard is read once. One that fails does not stop
/// the others; what it gave before it failed has been taken. Throws what is not one definition's
/// fault.
std::vector<CohortOutcome> run_cohorts(const StoreReader& reader,
                                       std::span<const CohortDefinition> definitions,
                                       const CohortRunOptions& options, const TakeRows& take);

/// One definition in one shard, for callers who go through shards themselves.
class CohortShards {
 public:
  CohortShards(const StoreReader& reader, const CohortDefinition& definition,
               const CohortRunOptions& options);
  /// Shards that may be run at a time, each on a thread, within the memory.
  unsigned threads() const { return threads_; }
  std::vector<CohortRow> run(ShardData& shard) const;

 private:
  const CohortRunOptions& options_;
  unsigned threads_;
  Evaluator evaluator_;
};

}  // namespace anam
