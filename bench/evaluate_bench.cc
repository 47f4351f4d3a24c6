// SPDX-License-Identifier: Apache-2.0
// Rates of the evaluator on generated streams in memory, on one core: evaluate_bench [PATIENTS].
// Each line is one scenario, the median and the range of several runs after a warm-up, in processor
// time, which other work on the machine disturbs less. Every scenario checks its answer against a
// plain loop over the same events.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "query/evaluate/evaluator.h"
#include "storage/attributes.h"

namespace {

using namespace anam;

constexpr int kDays = 3650;

// Streams by code (0 = the periods), whole; what is asked for is only looked up.
class GeneratedShard : public ShardData {
 public:
  GeneratedShard(std::uint32_t patients, const std::vector<double>& events_per_patient)
      : patients_(patients) {
    std::mt19937_64 random(20240702);
    streams_.push_back(periods(random));
    for (const double mean : events_per_patient) streams_.push_back(events_of(mean, random));
    for (const auto& stream : streams_) {
      with_.emplace_back(patients);
      for (const std::uint32_t patient : stream->patient) with_.back().add(patient);
    }
  }

  std::uint32_t patients() const override { return patients_; }
  PatientSet patients_with(const StreamRequest& request) override { return with_[at(request)]; }
  std::shared_ptr<const EventStream> events(const StreamRequest& request,
                                            const PatientSet*) override {
    return streams_[at(request)];
  }
  std::vector<std::int64_t> person_column(ColumnId, TextPool*) override {
    return std::vector<std::int64_t>(patients_, kNull);
  }
  std::string patient_id(std::uint32_t ordinal) override { return std::to_string(ordinal); }
  std::vector<std::int64_t> source_ids(const SourceIs&) const override { return {}; }

  const EventStream& stream(std::size_t code) const { return *streams_[code]; }

 private:
  static std::size_t at(const StreamRequest& request) {
    return request.codes == nullptr ? 0 : request.codes->front();
  }

  std::shared_ptr<EventStream> periods(std::mt19937_64& random) const {
    auto stream = std::make_shared<EventStream>();
    for (std::uint32_t patient = 0; patient < patients_; ++patient) {
      Day from = static_cast<Day>(random() % 1000);
      for (std::uint64_t n = 1 + random() % 2; n > 0; --n) {
        const Day to = from + static_cast<Day>(random() % 2500);
        stream->patient.push_back(patient);
        stream->start.push_back(from);
        stream->end.push_back(to);
        from = to + 30;
      }
    }
    return stream;
  }

  std::shared_ptr<EventStream> events_of(double mean, std::mt19937_64& random) const {
    auto stream = std::make_shared<EventStream>();
    std::poisson_distribution<int> count(mean);
    std::vector<Day> days;
    for (std::uint32_t patient = 0; patient < patients_; ++patient) {
      days.assign(static_cast<std::size_t>(count(random)), 0);
      for (Day& day : days) day = static_cast<Day>(random() % kDays);
      std::ranges::sort(days);
      for (const Day day : days) {
        stream->patient.push_back(patient);
        stream->start.push_back(day);
      }
    }
    return stream;
  }

  std::uint32_t patients_;
  std::vector<std::shared_ptr<EventStream>> streams_;
  std::vector<PatientSet> with_;
};

// Each patient's days in the stream of `code`.
std::vector<std::vector<Day>> days_of(const GeneratedShard& shard, std::size_t code) {
  std::vector<std::vector<Day>> days(shard.patients());
  const EventStream& stream = shard.stream(code);
  for (std::size_t i = 0; i < stream.size(); ++i) {
    days[stream.patient[i]].push_back(stream.start[i]);
  }
  return days;
}

EventQuery events_with(Domain domain, CodeSetIndex codes, bool first = false) {
  EventQuery query;
  query.domain = domain;
  query.codes = codes;
  query.first = first;
  return query;
}

Rule require(CodeSetIndex codes, int from, int to, Occurrence::Kind kind, int count) {
  CountedQuery counted;
  counted.query = events_with(Domain::kCondition, codes);
  Window window;
  window.from.offset = from;
  window.to.offset = to;
  counted.windows.push_back(window);
  counted.occurrence = {kind, count, false, column::kCode};
  Rule rule;
  rule.name = "rule";
  rule.group.counts.push_back(counted);
  return rule;
}

bool near(const std::vector<Day>& days, Day index, int from, int to, int at_least) {
  int n = 0;
  for (const Day day : days) n += day >= index + from && day <= index + to ? 1 : 0;
  return n >= at_least;
}

void measure(const char* name, const CohortDefinition& definition, bool attrition,
             GeneratedShard& shard, std::size_t postings, std::size_t expected) {
  std::vector<CodeIds> codes;
  for (CodeId code = 1; code <= definition.code_sets.size(); ++code) codes.push_back({code});
  const Evaluator evaluator(definition, codes, {.attrition = attrition});
  std::vector<double> seconds;
  for (int run = 0; run < 12; ++run) {
    const std::clock_t begin = std::clock();
    const std::size_t rows = evaluator.run(shard).rows.size();
    const std::clock_t end = std::clock();
    if (rows != expected) {
      throw std::runtime_error(std::string("wrong number of rows: ") + name + ": " +
                               std::to_string(rows) + ", expected " + std::to_string(expected));
    }
    if (run > 0) seconds.push_back(static_cast<double>(end - begin) / CLOCKS_PER_SEC);
  }
  std::ranges::sort(seconds);
  const double median = seconds[seconds.size() / 2];
  std::printf("%-46s %7.1f M postings/s  %8zu rows  (%.4f to %.4f s)\n", name,
              static_cast<double>(postings) / median / 1e6, expected, seconds.front(),
              seconds.back());
}

void run(std::uint32_t patients) {
  GeneratedShard shard(patients, {2, 10, 4, 0.01});
  const auto x = days_of(shard, 1);
  const auto y = days_of(shard, 2);
  const auto z = days_of(shard, 3);
  const auto rare = days_of(shard, 4);
  const auto size = [&](std::size_t code) { return shard.stream(code).size(); };
  std::printf("%u patients, %zu + %zu + %zu + %zu postings, %zu periods, one thread\n", patients,
              size(1), size(2), size(3), size(4), size(0));

  CohortDefinition base;
  base.code_sets.resize(4);
  base.index.push_back(events_with(Domain::kCondition, 0, true));
  base.index_in_period = false;
  base.exit = ExitAfter{End::kStart, 90};

  CohortDefinition two = base;
  two.rules.push_back(require(1, 1, 90, Occurrence::Kind::kAtLeast, 1));
  std::size_t expected = 0;
  for (std::uint32_t p = 0; p < patients; ++p) {
    expected += !x[p].empty() && near(y[p], x[p][0], 1, 90, 1) ? 1 : 0;
  }
  measure("first X, then Y within 90 days", two, false, shard, size(1) + size(2), expected);
  measure("the same, with attrition", two, true, shard, size(1) + size(2), expected);

  CohortDefinition observed = two;
  observed.index_in_period = true;
  observed.days_before = 365;
  observed.exit = ExitAtPeriodEnd{};
  std::vector<std::vector<std::pair<Day, Day>>> periods(patients);
  const EventStream& spans = shard.stream(0);
  for (std::size_t i = 0; i < spans.size(); ++i) {
    periods[spans.patient[i]].emplace_back(spans.start[i], spans.end[i]);
  }
  const auto seen = [&](std::uint32_t p) {
    return !x[p].empty() && std::ranges::any_of(periods[p], [&](const auto& period) {
      return period.first + 365 <= x[p][0] && x[p][0] <= period.second;
    });
  };
  expected = 0;
  for (std::uint32_t p = 0; p < patients; ++p) {
    expected += seen(p) && near(y[p], x[p][0], 1, 90, 1) ? 1 : 0;
  }
  measure("the same, observed for 365 days before", observed, false, shard,
          size(0) + size(1) + size(2), expected);

  CohortDefinition rules = observed;
  rules.rules.push_back(require(2, -365, -1, Occurrence::Kind::kAtMost, 0));
  expected = 0;
  for (std::uint32_t p = 0; p < patients; ++p) {
    expected +=
        seen(p) && near(y[p], x[p][0], 1, 90, 1) && !near(z[p], x[p][0], -365, -1, 1) ? 1 : 0;
  }
  measure("and no Z in the 365 days before", rules, false, shard,
          size(0) + size(1) + size(2) + size(3), expected);

  CohortDefinition pruned = base;
  pruned.rules.push_back(require(3, -3650, 3650, Occurrence::Kind::kAtLeast, 1));
  expected = 0;
  for (std::uint32_t p = 0; p < patients; ++p) {
    expected += !x[p].empty() && !rare[p].empty() ? 1 : 0;
  }
  measure("first X, a rare code at any time", pruned, false, shard, size(1) + size(4), expected);

  CohortDefinition all = base;  // every Y is an index event
  all.index = {events_with(Domain::kCondition, 1)};
  all.rules.push_back(require(2, -30, 30, Occurrence::Kind::kAtLeast, 1));
  all.included_limit = Limit::kFirst;
  expected = 0;
  for (std::uint32_t p = 0; p < patients; ++p) {
    expected += std::ranges::any_of(y[p], [&](Day day) { return near(z[p], day, -30, 30, 1); });
  }
  measure("first of all Y with Z within 30 days", all, false, shard, size(2) + size(3), expected);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc > 1 ? static_cast<std::uint32_t>(std::strtoul(argv[1], nullptr, 10)) : 400000);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "evaluate_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
