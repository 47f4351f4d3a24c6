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

constexpr std::uint64_t kQueries = 60;
constexpr std::uint64_t kLeastMemory = std::uint64_t{64} << 20;
// With less for a thread, a shard's patients are in so many parts that fewer threads are quicker.
constexpr std::uint64_t kThreadMemory = std::uint64_t{8} << 20;

std::uint64_t count_patients(const std::vector<CohortRow>& rows) {
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    n += i == 0 || rows[i].ordinal != rows[i - 1].ordinal ? 1U : 0U;
  return n;
}

std::uint64_t memory_of(const CohortRunOptions& options) {
  return options.memory == 0 ? default_query_memory() : options.memory;
}

unsigned threads_of(const CohortRunOptions& options) {
  const std::uint64_t most = std::max<std::uint64_t>(memory_of(options) / kThreadMemory, 1);
  return static_cast<unsigned>(std::clamp<std::uint64_t>(options.threads, 1, most));
}

// Of a thread's memory, what is for the events that a definition holds.
std::uint64_t held_of(std::uint64_t memory) { return std::max<std::uint64_t>(memory / 2, 1); }

class Run {
 public:
  Run(const StoreReader& reader, std::span<const CohortDefinition> definitions,
      const CohortRunOptions& options, const TakeRows& take)
      : reader_(reader), options_(options), take_(take), outcomes_(definitions.size()) {
    options_.memory = memory_of(options);
    threads_ = threads_of(options_);
    const std::uint64_t memory = options_.memory / threads_;
    // Half for the events of the definition at hand, a quarter for streams that definitions share,
    // a quarter for decoded columns.
    cache_bytes_ = static_cast<std::size_t>(memory / 4);
    evaluators_.resize(definitions.size());
    CohortSources sources(reader);
    for (std::size_t i = 0; i < definitions.size(); ++i) {
      check_stop(options_);
      try {
        evaluators_[i] = std::make_unique<Evaluator>(sources.prepare(
            definitions[i],
            EvaluatorOptions{.attrition = options_.attrition, .memory = held_of(memory)}));
      } catch (const Error&) {
        outcomes_[i].error = std::current_exception();
      }
    }
  }

  std::vector<CohortOutcome> run() {
    // With fewer shards than threads, several threads share the definitions of a shard.
    const std::uint32_t shards = std::max<std::uint32_t>(reader_.shards(), 1);
    slices_ = std::min<std::uint32_t>((threads_ + shards - 1) / shards,
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
      for (unsigned i = 1; i < threads_; ++i) workers.emplace_back(work);
      work();
    }
    if (error_) std::rethrow_exception(error_);
    return std::move(outcomes_);
  }

 private:
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
  unsigned threads_ = 1;
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
    : options_(options),
      threads_(threads_of(options)),
      evaluator_(CohortSources(reader).prepare(
          definition, EvaluatorOptions{.memory = held_of(memory_of(options) / threads_)})) {}

std::vector<CohortRow> CohortShards::run(ShardData& shard) const {
  SharedShard checked(shard, 0, [this] { check_stop(options_); });
  return evaluator_.run(checked).rows;
}

}  // namespace anam
