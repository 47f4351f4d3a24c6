// SPDX-License-Identifier: Apache-2.0
// Keeps a store open and answers requests, timed inside: what bench/run measures with. A request is
// a line of words with tabs between; the answer is a line of JSON, {"error": ...} where there is
// none.
//
//   open STORE [RELEASE]      close
//   cohort THREADS FILE...    timelines FILE_OF_IDS    count THREADS EXPRESSION
//   mix STORE SEED TIMELINES FILE_OF_IDS DEFINITION...       until there is a further line
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/probe/answers.h"
#include "bench/probe/reader_mix.h"
#include "query/language/parser.h"
#include "storage/store.h"
#include "tools/anam/json_writer.h"
#include "tools/anam/keep_memory.h"

namespace anam::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::string decimal(double number) {
  std::string text(32, '\0');
  text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%.9f", number)));
  return text;
}

Words split(const std::string& line) {
  Words words(1);
  for (const char c : line)
    c == '\t' ? static_cast<void>(words.emplace_back()) : words.back().push_back(c);
  return words;
}

Words lines_of(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file);
  Words lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool line_waits() {
  if (std::cin.rdbuf()->in_avail() > 0) return true;
  pollfd in{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return poll(&in, 1, 0) > 0;
}

class Probe {
 public:
  std::string answer(const Words& words) {
    const std::string& what = words.front();
    if (what == "open" && words.size() >= 2) return open(words);
    if (what == "close") return close();
    if (what == "cohort" && words.size() >= 3) return cohort(words);
    if (what == "timelines" && words.size() == 2) return timelines(words[1]);
    if (what == "count" && words.size() == 3) return count(words);
    if (what == "mix" && words.size() >= 6) return mix(words);
    throw std::runtime_error("unknown request: " + what);
  }

 private:
  const StoreReader& reader() const {
    if (!reader_) throw std::runtime_error("no store is open");
    return *reader_;
  }

  std::string open(const Words& words) {
    reader_.reset();
    const auto begin = Clock::now();
    std::optional<std::uint32_t> release;
    if (words.size() > 2) release = static_cast<std::uint32_t>(number_of(words[2]));
    reader_ = std::make_unique<StoreReader>(words[1], release);
    const double seconds = seconds_since(begin);
    cli::JsonWriter json;
    json.begin_object().key("seconds").raw(decimal(seconds));
    json.member("release", std::uint64_t{reader_->store().release().number});
    return json.end_object().text();
  }

  std::string close() {
    reader_.reset();
    return "{}";
  }

  std::string cohort(const Words& words) const {
    const auto begin = Clock::now();
    const std::clock_t processor = std::clock();
    const std::vector<CohortAnswer> answers =
        ask_cohorts(reader(), Words(words.begin() + 2, words.end()),
                    static_cast<unsigned>(number_of(words[1])));
    const double seconds = seconds_since(begin);
    const double cpu = static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC;
    cli::JsonWriter json;
    json.begin_object().key("seconds").raw(decimal(seconds)).key("cpu").raw(decimal(cpu));
    json.key("answers").begin_array();
    for (const CohortAnswer& answer : answers) {
      json.begin_array().value(answer.patients).value(answer.rows);
      json.raw(std::to_string(answer.check)).end_array();
    }
    return json.end_array().end_object().text();
  }

  std::string timelines(const std::string& file) const {
    std::uint64_t events = 0;
    std::int64_t check = 0;
    cli::JsonWriter json;
    json.begin_object().key("us").begin_array();
    for (const std::string& id : lines_of(file)) {
      const auto begin = Clock::now();
      const TimelineBatch timeline = read_patient(reader(), id);
      json.raw(decimal(seconds_since(begin) * 1e6));
      const TimelineAnswer one = check_timeline(reader(), id, timeline);
      events += one.events;
      check += one.check;
    }
    json.end_array().member("events", events).key("check").raw(std::to_string(check));
    return json.end_object().text();
  }

  std::string count(const Words& words) const {
    const auto begin = Clock::now();
    const CodeCounts counts = count_codes(reader(), reader().resolve(parse_code_set(words[2])),
                                          static_cast<unsigned>(number_of(words[1])));
    const double seconds = seconds_since(begin);
    cli::JsonWriter json;
    json.begin_object().key("seconds").raw(decimal(seconds));
    json.member("patients", counts.all.patients).member("events", counts.all.events);
    return json.end_object().text();
  }

  static std::string mix(const Words& words) {
    const MixOptions options{.store = words[1],
                             .patients = lines_of(words[4]),
                             .definitions = Words(words.begin() + 5, words.end()),
                             .timelines = static_cast<unsigned>(number_of(words[3])),
                             .seed = static_cast<std::uint64_t>(number_of(words[2]))};
    return run_mix(options, line_waits);
  }

  std::unique_ptr<StoreReader> reader_;
};

}  // namespace
}  // namespace anam::bench

int main() {
  anam::cli::keep_freed_memory();
  std::ios::sync_with_stdio(false);  // so that in_avail() tells what has been read already
  anam::bench::Probe probe;
  for (std::string line; std::getline(std::cin, line);) {
    if (line.empty()) continue;  // what stops a mix
    std::string answer;
    try {
      answer = probe.answer(anam::bench::split(line));
    } catch (const std::exception& error) {
      answer = "{\"error\": ";
      anam::cli::append_json_string(answer, error.what());
      answer += '}';
    }
    std::cout << answer << std::endl;
  }
  return 0;
}
