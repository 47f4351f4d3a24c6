// SPDX-License-Identifier: Apache-2.0
// Loads a controlled stream of events in no order, reads it back, and prints rates, sizes and
// latencies. Every answer is checked against the stream itself.
//
//   store_bench --patients 1000000
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "bench/workload.h"
#include "ingest/load.h"
#include "query/evaluate/evaluator.h"
#include "query/language/parser.h"
#include "query/read/store_reader.h"
#include "query/read/timelines.h"
#include "storage/attributes.h"

namespace anam::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void check(bool right, const std::string& what) {
  if (right) return;
  std::cerr << "wrong answer: " << what << '\n';
  std::exit(1);
}

void parallel(unsigned threads, std::uint64_t n,
              const std::function<void(std::uint64_t begin, std::uint64_t end)>& f) {
  std::vector<std::jthread> workers;
  for (unsigned t = 0; t < threads; ++t)
    workers.emplace_back([&, t] { f(n * t / threads, n * (t + 1) / threads); });
}

std::uint64_t peak_memory_kib() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6));
  }
  return 0;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

struct Loaded {
  std::uint64_t events = 0;
  double read_seconds = 0;
  double seconds = 0;
  double read_cpu = 0;
  double cpu = 0;
  LoadReport report;
};

/// Calls take(patient, event) for the whole stream, as claims come: in rounds, each with one event
/// of every patient who has so many, patients in an order of their own. Each thread has a take of
/// its own, made by make_take().
template <typename MakeTake>
void for_each_event(const Workload& workload, unsigned threads, MakeTake make_take) {
  const std::uint64_t patients = workload.options().patients;
  for (std::uint32_t round = 0; round < Workload::kMostEvents; ++round) {
    parallel(threads, patients, [&](std::uint64_t first, std::uint64_t last) {
      auto take = make_take();
      for (std::uint64_t place = first; place < last; ++place) {
        const std::uint64_t patient = workload.shuffled(place + std::uint64_t{round} * 7919);
        if (round < workload.events_of(patient)) take(patient, workload.event(patient, round));
      }
    });
  }
}

/// Fills batches and hands them to the load.
class Feeder {
 public:
  Feeder(const Workload& workload, Load& load, const std::vector<CodeId>& codes,
         std::atomic<std::uint64_t>& events)
      : workload_(workload), load_(load), codes_(codes), events_(events) {}
  ~Feeder() {
    flush();
    events_ += mine_;
  }
  Feeder(const Feeder&) = delete;
  Feeder& operator=(const Feeder&) = delete;

  void operator()(std::uint64_t patient, const WorkloadEvent& e) {
    batch_.begin(workload_.id(patient), e.domain, codes_[e.code], e.day);
    batch_.set(column::kPaid, e.paid);
    batch_.set(column::kValue, e.value);
    ++mine_;
    if (batch_.rows() == EventBatch::kFull) flush();
  }

 private:
  void flush() {
    if (!batch_.empty()) load_.add(std::move(batch_));
    batch_ = EventBatch();
  }

  const Workload& workload_;
  Load& load_;
  const std::vector<CodeId>& codes_;
  std::atomic<std::uint64_t>& events_;
  EventBatch batch_;
  std::uint64_t mine_ = 0;
};

/// Seconds that making the stream takes by itself.
double make_alone(const Workload& workload, unsigned threads) {
  const auto begin = Clock::now();
  std::atomic<std::int64_t> sum = 0;
  struct Sum {
    std::atomic<std::int64_t>& total;
    std::int64_t mine = 0;
    ~Sum() { total += mine; }
    void operator()(std::uint64_t, const WorkloadEvent& e) {
      mine += std::int64_t{e.day} + e.code + e.paid + e.value;
    }
  };
  for_each_event(workload, threads, [&] { return Sum{sum}; });
  return seconds_since(begin) + (sum == 0 ? 1e-9 : 0);
}

Loaded load(const Workload& workload, const std::filesystem::path& store, unsigned threads,
            std::uint64_t memory) {
  Loaded result;
  const auto begin = Clock::now();
  const double cpu = cpu_seconds();
  LoadOptions options;
  options.store = store;
  options.source = "bench";
  options.threads = threads;
  options.memory = memory;
  options.expected_rows = workload.options().patients * 42;
  Load load(options);
  std::vector<CodeId> codes(workload.options().codes);
  for (std::uint32_t c = 0; c < codes.size(); ++c)
    codes[c] = load.code("BENCH", Workload::code_text(c));
  std::atomic<std::uint64_t> events = 0;
  for_each_event(workload, threads, [&] { return Feeder(workload, load, codes, events); });
  result.events = events;
  result.read_seconds = seconds_since(begin);
  result.read_cpu = cpu_seconds() - cpu;
  result.report = load.finish();
  result.seconds = seconds_since(begin);
  result.cpu = cpu_seconds() - cpu;
  return result;
}

/// Patients whose first event of x is followed by one of y within 90 days, and rows, by the stream
/// itself.
std::uint64_t expected_cohort(const Workload& workload, std::uint32_t x, std::uint32_t y,
                              unsigned threads) {
  std::atomic<std::uint64_t> members = 0;
  parallel(threads, workload.options().patients, [&](std::uint64_t first, std::uint64_t last) {
    std::uint64_t mine = 0;
    for (std::uint64_t patient = first; patient < last; ++patient) {
      const std::uint32_t n = workload.events_of(patient);
      Day first_x = std::numeric_limits<Day>::max();
      std::vector<Day> ys;
      for (std::uint32_t i = 0; i < n; ++i) {
        const WorkloadEvent e = workload.event(patient, i);
        if (e.code == x) first_x = std::min(first_x, e.day);
        if (e.code == y) ys.push_back(e.day);
      }
      mine +=
          std::ranges::any_of(ys, [&](Day d) { return d > first_x && d - first_x <= 90; }) ? 1 : 0;
    }
    members += mine;
  });
  return members;
}

std::uint64_t run_cohort(const StoreReader& reader, const std::string& text, unsigned threads) {
  const CohortDefinition definition = parse_cohort(text, "bench");
  const Evaluator evaluator(definition, reader.resolve(definition));
  std::atomic<std::uint64_t> rows = 0;
  std::atomic<std::uint32_t> next = 0;
  std::vector<std::jthread> workers;
  for (unsigned t = 0; t < threads; ++t) {
    workers.emplace_back([&] {
      for (std::uint32_t s = next++; s < reader.shards(); s = next++) {
        const auto shard = reader.shard(s);
        rows += evaluator.run(*shard).rows.size();
      }
    });
  }
  workers.clear();
  return rows;
}

struct Spread {
  double least, median, most;
};

Spread timed(int runs, const std::function<void()>& f) {
  f();
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto begin = Clock::now();
    f();
    times.push_back(seconds_since(begin));
  }
  std::ranges::sort(times);
  return {times.front(), times[times.size() / 2], times.back()};
}

void print_sizes(const StoreReader& reader, double events) {
  std::map<ColumnId, std::uint64_t> columns;
  std::uint64_t timelines = 0, patients = 0, postings = 0, bitmaps = 0, codes = 0, files = 0;
  for (std::uint32_t s = 0; s < reader.shards(); ++s) {
    for (const auto& file : reader.shard_files(s)) {
      for (const auto& [column, bytes] : file.header.column_bytes) columns[column] += bytes;
      timelines += file.header.timeline_bytes;
      patients += file.header.patient_bytes;
      postings += file.header.posting_bytes;
      bitmaps += file.header.bitmap_bytes;
    }
  }
  for (const StoreFile& file : reader.store().release().files) {
    files += file.seal.size;
    if (file.kind == StoreFile::Kind::kCodes) codes += file.seal.size;
  }
  const auto line = [&](const char* what, std::uint64_t bytes) {
    std::printf("  %-22s %14llu  %6.3f\n", what, static_cast<unsigned long long>(bytes),
                static_cast<double>(bytes) / events);
  };
  std::printf("\nsizes                           bytes  bytes/event\n");
  line("whole store", files);
  line("timelines", timelines);
  for (const auto& [column, bytes] : columns) {
    const auto attribute = reader.find_attribute(column);
    const std::string name = attribute                    ? attribute->name
                             : column == column::kDay     ? "day"
                             : column == column::kCode    ? "code"
                             : column == column::kDomains ? "domain"
                             : column == column::kCounts  ? "events of each patient"
                             : column == column::kSource  ? "source"
                                                          : "column " + std::to_string(column);
    line(("  " + name).c_str(), bytes);
  }
  line("postings", postings);
  line("bitmaps", bitmaps);
  line("patients", patients);
  line("codes", codes);
}

int run(int argc, char** argv) {
  namespace po = boost::program_options;
  po::options_description options(
      "store_bench [options]: load, sizes, timelines and a two-code cohort on a synthetic stream");
  options.add_options()("help", "this text")("patients",
                                             po::value<std::uint64_t>()->default_value(1'000'000))(
      "threads",
      po::value<unsigned>()->default_value(std::max(1U, std::thread::hardware_concurrency())))(
      "memory", po::value<std::uint64_t>()->default_value(0),
      "bytes for the load; 0 = a quarter of the machine's")(
      "store", po::value<std::string>(),
      "directory for the store (made, then removed); default: beside the temporary files")(
      "keep", po::bool_switch(), "keep the store")("reuse", po::bool_switch(), "use a kept store");
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, options), given);
  po::notify(given);
  if (given.count("help") != 0) {
    std::cout << options;
    return 0;
  }
  const unsigned threads = given["threads"].as<unsigned>();
  const Workload workload({.patients = given["patients"].as<std::uint64_t>()});
  const std::filesystem::path store =
      given.count("store") != 0
          ? std::filesystem::path(given["store"].as<std::string>())
          : std::filesystem::temp_directory_path() / ("anam-bench-" + std::to_string(getpid()));
  std::printf("store_bench: %llu patients, %u threads, compiler %s\n",
              static_cast<unsigned long long>(workload.options().patients), threads, __VERSION__);

  if (!given["reuse"].as<bool>()) {
    check(!std::filesystem::exists(store),
          "the store's directory exists already: " + store.native());
    const double made = make_alone(workload, threads);
    const Loaded loaded = load(workload, store, threads, given["memory"].as<std::uint64_t>());
    const auto n = static_cast<double>(loaded.events);
    check(loaded.report.events == loaded.events &&
              loaded.report.patients == workload.options().patients,
          "events loaded");
    std::printf(
        "load: %.0f events in %.2f s = %.2f M events/s; making them alone takes %.2f s of it\n", n,
        loaded.seconds, n / loaded.seconds / 1e6, made);
    std::printf(
        "      read and partition %.2f s, build and publish %.2f s, processor time %.3f us/event, "
        "peak memory %.2f GiB\n",
        loaded.read_seconds, loaded.seconds - loaded.read_seconds, loaded.cpu / n * 1e6,
        static_cast<double>(peak_memory_kib()) / (1 << 20));
  }

  const StoreReader reader(store);
  print_sizes(reader, static_cast<double>(reader.store().release().events));

  // One patient's timeline, warm.
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> sample(2000);
  for (auto& patient : sample) patient = random() % workload.options().patients;
  std::vector<double> times;
  for (int pass = 0; pass < 2; ++pass) {
    times.clear();
    for (const std::uint64_t patient : sample) {
      const auto begin = Clock::now();
      const auto place = reader.find_patient(std::to_string(workload.id(patient)));
      const TimelineBatch timeline = read_timeline(reader, *place);
      times.push_back(seconds_since(begin));
      check(timeline.events() == workload.events_of(patient),
            "events of patient " + std::to_string(workload.id(patient)));
    }
  }
  std::ranges::sort(times);
  std::printf("\ntimeline, warm: p50 %.1f us, p99 %.1f us\n", times[times.size() / 2] * 1e6,
              times[times.size() * 99 / 100] * 1e6);

  std::printf(
      "\ncohort: first X, then Y within 90 days        members    least   median     most (ms)\n");
  // Conditions of falling frequency.
  std::vector<std::uint32_t> conditions;
  for (std::uint32_t c = 0; c < workload.options().codes; ++c) {
    if (workload.domain_of_code(c) == Domain::kCondition) conditions.push_back(c);
  }
  struct Case {
    const char* name;
    std::size_t x, y;
  };
  for (const Case& c : {Case{"common", 0, 1}, Case{"middling", 100, 0}, Case{"rare", 5000, 0}}) {
    if (c.x >= conditions.size()) continue;
    const std::string text =
        "index first condition BENCH:" + Workload::code_text(conditions[c.x]) +
        "\nrequire any condition BENCH:" + Workload::code_text(conditions[c.y]) +
        " within 90 days after index\n";
    std::uint64_t rows = 0;
    const Spread spread = timed(7, [&] { rows = run_cohort(reader, text, threads); });
    check(rows == expected_cohort(workload, conditions[c.x], conditions[c.y], threads),
          std::string("cohort ") + c.name);
    std::printf("  %-40s %10llu %8.2f %8.2f %8.2f\n", c.name, static_cast<unsigned long long>(rows),
                spread.least * 1e3, spread.median * 1e3, spread.most * 1e3);
  }
  if (!given["keep"].as<bool>() && !given["reuse"].as<bool>()) std::filesystem::remove_all(store);
  return 0;
}

}  // namespace
}  // namespace anam::bench

int main(int argc, char** argv) {
  try {
    return anam::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "store_bench: " << error.what() << '\n';
    return 1;
  }
}
