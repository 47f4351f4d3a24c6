// SPDX-License-Identifier: Apache-2.0
#include "bench/probe/reader_mix.h"

#include <chrono>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "bench/probe/answers.h"
#include "storage/store.h"
#include "tools/anam/json_writer.h"

namespace anam::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t microseconds_since(Clock::time_point begin) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count());
}

// Which question, of which release, and the answer.
using Answer = std::tuple<std::string, std::uint32_t, std::vector<std::int64_t>>;

void write(cli::JsonWriter& json, std::string_view name, const std::vector<std::uint64_t>& list) {
  json.key(name).begin_array();
  for (const std::uint64_t one : list) json.value(one);
  json.end_array();
}

}  // namespace

std::string run_mix(const MixOptions& options, const std::function<bool()>& stop) {
  std::mt19937_64 random(options.seed);
  std::vector<std::uint64_t> cohorts;
  std::vector<std::uint64_t> timelines;
  std::set<Answer> answers;
  const auto ask_cohort = [&] {
    const std::string& file = options.definitions[random() % options.definitions.size()];
    const auto begin = Clock::now();
    const StoreReader reader(options.store);
    const CohortAnswer found = ask_cohorts(reader, {file}, 1).front();
    cohorts.push_back(microseconds_since(begin));
    answers.insert({file,
                    reader.store().release().number,
                    {static_cast<std::int64_t>(found.patients),
                     static_cast<std::int64_t>(found.rows), found.check}});
  };
  const auto ask_timeline = [&] {
    const std::string& id = options.patients[random() % options.patients.size()];
    const auto begin = Clock::now();
    const StoreReader reader(options.store);
    const TimelineBatch timeline = read_patient(reader, id);
    timelines.push_back(microseconds_since(begin));
    const TimelineAnswer found = check_timeline(reader, id, timeline);
    answers.insert({id,
                    reader.store().release().number,
                    {static_cast<std::int64_t>(found.events), found.check}});
  };
  do {
    ask_cohort();
    for (unsigned i = 0; i < options.timelines && (i == 0 || !stop()); ++i) ask_timeline();
  } while (!stop());
  ask_cohort();
  ask_timeline();

  cli::JsonWriter json;
  json.begin_object();
  write(json, "cohort_us", cohorts);
  write(json, "timeline_us", timelines);
  json.key("answers").begin_array();
  for (const auto& [question, release, answer] : answers) {
    json.begin_array().value(std::string_view(question)).value(std::uint64_t{release});
    json.begin_array();
    for (const std::int64_t number : answer) json.raw(std::to_string(number));
    json.end_array().end_array();
  }
  json.end_array().end_object();
  return json.text();
}

}  // namespace anam::bench
