// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/cohort_run.h"

#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "query/evaluate/cohort_sources.h"
#include "query/evaluate/shared_shard.h"
#include "storage/error.h"

namespace anam {
namespace {

// An event of a shard takes about this much while a definition that reads a whole shard is
// evaluated; few definitions read so much.
constexpr std::uint64_t kBytesPerEvent = 8;
constexpr std::uint64_t kQueries = 60;
constexpr std::uint64_t kLeastMemory = std::uint64_t{64} << 20;

std::uint64_t count_patients(const std::vector<CohortRow>& rows) {
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    n += i == 0 || rows[i].ordinal != rows[i - 1].ordinal ? 1U : 0U;
  return n;
}

class Run {
 public:
  Run(const StoreReader& reader, std::span<const CohortDefinition> definitions,
      const CohortRunOptions& options, const TakeRows& take)
      : reader_(reader), options_(options), take_(take), outcomes_(definitions.size()) {
    if (options_.memory == 0) options_.memory = default_query_memory();
    evaluators_.resize(definitions.size());
    CohortSources sources(reader);
    for (std::size_t i = 0; i < definitions.size(); ++i) {
      check_stop(options_);
      try {
        evaluators_[i] = std::make_unique<Evaluator>(
            sources.prepare(definitions[i], EvaluatorOptions{.attrition = options_.attrition}));
      } catch (const Error&) {
        outcomes_[i].error = std::current_exception();
      }
    }
  }

  std::vector<CohortOutcome> run() {
    const unsigned threads = choose_threads();
    cache_bytes_ = static_cast<std::size_t>(options_.memory / 4 / threads);
    // With fewer shards than threads, several threads share the definitions of a shard.
    const std::uint32_t shards = std::max<std::uint32_t>(reader_.shards(), 1);
    slices_ = std::min<std::uint32_t>((threads + shards - 1) / shards,
                                      static_cast<std::uint32_t>(evaluators_.size()));
    slices_ = std::max<std::uint32_t>(slices_, 1);
    tasks_ = reader_.shards() * slices_;
    const auto work = [this] {
      try {
        for (std::uint32_t task = next_++; task < tasks_; task = next_++) run_task(task);
      } catch (...) {
        const std::scoped_lock lock(mutex_);
        if (!error_) error_ = std::current_exception();
        next_ = tasks_;
      }
    };
    {
      std::vector<std::jthread> workers;
      for (unsigned i = 1; i < threads; ++i) workers.emplace_back(work);
      work();
    }
    if (error_) std::rethrow_exception(error_);
    return std::move(outcomes_);
  }

 private:
  unsigned choose_threads() const {
    std::uint64_t most = 1;
    for (std::uint32_t shard = 0; shard < reader_.shards(); ++shard) {
      std::uint64_t events = 0;
      for (const auto& file : reader_.shard_files(shard)) events += file.header.events;
      most = std::max(most, events);
    }
    const std::uint64_t fit = options_.memory / (most * kBytesPerEvent);
    return static_cast<unsigned>(
        std::clamp<std::uint64_t>(options_.threads, 1, std::max<std::uint64_t>(fit, 1)));
  }

  bool failed(std::size_t definition) {
    const std::scoped_lock lock(mutex_);
    return outcomes_[definition].error != nullptr;
  }

  void run_task(std::uint32_t task) {
    check_stop(options_);
    const std::uint32_t number = task / slices_;
    if (!reader_.shard_files(number).empty()) {
      const std::unique_ptr<ShardData> data =
          reader_.shard(number, evaluators_.size() > 1 ? cache_bytes_ : 0);
      SharedShard shard(*data, cache_bytes_, [this] { check_stop(options_); });
      for (std::size_t i = task % slices_; i < evaluators_.size(); i += slices_) {
        if (!failed(i)) run_definition(i, number, shard, *data);
      }
    }
    const std::scoped_lock lock(mutex_);
    ++done_;
    if (options_.progress) options_.progress(done_, tasks_);
  }

  // What is explained is read from `data`, beside what definitions share.
  void run_definition(std::size_t i, std::uint32_t number, ShardData& shard, ShardData& data) {
    ShardResult result;
    const auto take_reasons = [&](std::vector<RowReasons>&& reasons) {
      check_stop(options_);
      const std::scoped_lock lock(mutex_);
      options_.take_reasons(i, shard, std::move(reasons));
    };
    try {
      result = options_.take_reasons
                   ? evaluators_[i]->explain(shard, data, options_.reasons, take_reasons)
                   : evaluators_[i]->run(shard);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) throw;
      const std::scoped_lock lock(mutex_);
      if (!outcomes_[i].error) outcomes_[i].error = std::current_exception();
      return;
    }
    const std::scoped_lock lock(mutex_);
    CohortOutcome& outcome = outcomes_[i];
    outcome.rows += result.rows.size();
    outcome.patients += count_patients(result.rows);
    if (options_.attrition) outcome.attrition.merge(result.attrition);
    if (take_) take_(i, number, shard, std::move(result.rows));
  }

  const StoreReader& reader_;
  CohortRunOptions options_;
  const TakeRows& take_;
  std::vector<std::unique_ptr<Evaluator>> evaluators_;
  std::size_t cache_bytes_ = 0;
  std::uint32_t slices_ = 1;  // of the definitions, each a task in every shard
  std::uint32_t tasks_ = 0;
  std::atomic<std::uint32_t> next_ = 0;
  std::mutex mutex_;
  std::vector<CohortOutcome> outcomes_;
  std::uint64_t done_ = 0;
  std::exception_ptr error_;
};

}  // namespace

std::uint64_t default_query_memory() {
  const std::uint64_t memory = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                               static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return std::max(kLeastMemory, memory / kQueries);
}

void check_stop(const CohortRunOptions& options) {
  if (options.cancel != nullptr && *options.cancel)
    fail(ErrorCode::kCancelled, "the query was stopped");
  if (options.deadline && std::chrono::steady_clock::now() >= *options.deadline)
    fail(ErrorCode::kCancelled, "the query was stopped: its time is over");
}

std::vector<CohortOutcome> run_cohorts(const StoreReader& reader,
                                       std::span<const CohortDefinition> definitions,
                                       const CohortRunOptions& options, const TakeRows& take) {
  return Run(reader, definitions, options, take).run();
}

CohortShards::CohortShards(const StoreReader& reader, const CohortDefinition& definition,
                           const CohortRunOptions& options)
    : options_(options), evaluator_(CohortSources(reader).prepare(definition)) {}

std::vector<CohortRow> CohortShards::run(ShardData& shard) const {
  SharedShard checked(shard, 0, [this] { check_stop(options_); });
  return evaluator_.run(checked).rows;
}

}  // namespace anam
