// SPDX-License-Identifier: Apache-2.0
// Loads that are killed or stopped: the store stays what it was, and the next load succeeds.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <random>
#include <set>
#include <thread>

#include "ingest/load.h"
#include "storage/store.h"
#include "tests/model/random_rows.h"
#include "tests/model/store_check.h"
#include "tests/temporary_directory.h"

using namespace anam;
using namespace anam::testing;

namespace {

/// Loads the rows; `step` is called now and then.
void load(const std::filesystem::path& path, const std::vector<Row>& rows,
          const std::function<void()>& step, const std::atomic<bool>* cancel = nullptr) {
  Load load({.store = path,
             .source = "source",
             .source_kind = {},
             .note = {},
             .threads = 2,
             .memory = 1,
             .shards = 4,
             .progress = [&](const LoadProgress&) { step(); },
             .cancel = cancel});
  step();
  add_rows(load, rows, 50, 1);
  load.finish([&](const LoadReport&) {
    step();
    return std::string();
  });
  step();
}

/// Runs `work` in a process of its own; REQUIREs that it is killed or succeeds. True for the
/// latter.
template <typename Work, typename Parent>
bool in_process(Work work, Parent parent) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    try {
      work();
      ::_exit(0);
    } catch (...) {
      ::_exit(1);
    }
  }
  parent(child);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) {
    REQUIRE(WTERMSIG(status) == SIGKILL);
    return false;
  }
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  return true;
}

/// The newest release of the store, which must be the model's or the next one. 0: no store yet.
std::uint32_t check(const std::filesystem::path& path, const ModelStore& model,
                    const ModelStore& next) {
  std::optional<StoreReader> reader;
  try {
    reader.emplace(path);
  } catch (const Error& error) {
    CAPTURE(error.what());
    REQUIRE(error.code() == ErrorCode::kUsage);
    REQUIRE(model.releases == 0);
    return 0;
  }
  const std::uint32_t release = reader->store().release().number;
  const bool published = release == next.releases;
  REQUIRE((published || release == model.releases));
  REQUIRE(same(*reader, published ? next : model));
  return release;
}

std::vector<Row> some_rows(std::mt19937_64& random) {
  return random_rows(random, {.patients = 40,
                              .events = 400,
                              .codes = 20,
                              .domains = 0,
                              .days = 500,
                              .attributes = 2,
                              .persons = true,
                              .amendments = true,
                              .most_events = 0.02});
}

/// After a load that went through, nothing is in the directory but what the catalog names.
void check_no_rubbish(const std::filesystem::path& path) {
  const Store store = Store::open(path);
  std::set<std::string> names = {"catalog.mdb", "writer.lock"};
  for (const Release& release : store.catalog().releases) {
    for (const StoreFile& file : release.files) names.insert(file.name);
  }
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    CAPTURE(entry.path());
    REQUIRE(names.contains(entry.path().filename().string()));
  }
}

/// Names and sizes of all that is in a directory; empty where there is none.
std::map<std::string, std::uintmax_t> contents(const std::filesystem::path& path) {
  std::map<std::string, std::uintmax_t> found;
  if (!std::filesystem::exists(path)) return found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
    found[entry.path().string()] = entry.is_regular_file() ? entry.file_size() : 0;
  return found;
}

}  // namespace

TEST_CASE("a load stopped at any step leaves nothing behind", "[crash]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const auto path = directory / "store";
  ModelStore model;
  for (int release = 0; release < 2; ++release) {
    CAPTURE(release);
    const auto rows = some_rows(random);
    ModelStore next = model;
    next.load(rows, {});
    const auto before = contents(path);
    bool published = false;
    for (int at = 0; !published; ++at) {
      CAPTURE(at);
      std::atomic<bool> cancel = false;
      std::atomic<int> step = 0;
      try {
        load(
            path, rows,
            [&] {
              if (step++ == at) cancel = true;
            },
            &cancel);
        published = true;  // too late: the last step
        REQUIRE(step == at + 1);
      } catch (const Error& error) {
        REQUIRE(error.code() == ErrorCode::kCancelled);
        REQUIRE(contents(path) == before);
        REQUIRE(std::filesystem::exists(path) == (release > 0));
      }
    }
    check_no_rubbish(path);
    model = std::move(next);
    REQUIRE(check(path, model, model) == model.releases);
  }
}

TEST_CASE("a load killed at any step leaves the store as it was", "[crash]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const auto path = directory / "store";
  ModelStore model;
  for (int release = 0; release < 3; ++release) {
    CAPTURE(release);
    const auto rows = some_rows(random);
    ModelStore next = model;
    next.load(rows, {});
    int steps = 0;
    {
      // In a copy: a load upon another store may have other files to write, and so other steps.
      const TemporaryDirectory elsewhere;
      if (release > 0)
        std::filesystem::copy(path, elsewhere / "store", std::filesystem::copy_options::recursive);
      load(elsewhere / "store", rows, [&] { ++steps; });
    }
    for (int killed = 0; killed < 8; ++killed) {
      // The last step is after publication.
      const int at =
          killed == 7 ? steps - 1 : static_cast<int>(random() % static_cast<unsigned>(steps - 1));
      CAPTURE(steps, at);
      const bool done = in_process(
          [&] {
            int step = 0;
            load(path, rows, [&] {
              if (step++ == at) ::raise(SIGKILL);
            });
          },
          [](pid_t) {});
      REQUIRE_FALSE(done);
      const std::uint32_t found = check(path, model, next);
      REQUIRE(found == (at < steps - 1 ? model : next).releases);
    }
    if (release == 1) {
      // The killed load was published; the next release loads upon it.
      model = next;
      next.load(rows, {});
      load(path, rows, [] {});
      check_no_rubbish(path);
    }
    REQUIRE(check(path, model, next) == next.releases);
    model = std::move(next);
  }
}

TEST_CASE("a load killed at any time leaves the release of before or its own", "[crash]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const auto path = directory / "store";
  ModelStore model;
  // As long as a load takes here; where it was done first, less.
  std::uint64_t most_microseconds = 60000;
  for (int killed = 0; killed < 10;) {
    CAPTURE(killed);
    const auto rows = some_rows(random);
    ModelStore next = model;
    next.load(rows, {});
    const auto delay = std::chrono::microseconds(random() % most_microseconds);
    const bool done = in_process([&] { load(path, rows, [] {}); },
                                 [&](pid_t child) {
                                   std::this_thread::sleep_for(delay);
                                   ::kill(child, SIGKILL);
                                 });
    if (done) {
      most_microseconds = most_microseconds / 2 + 1;
    } else {
      ++killed;
    }
    if (check(path, model, next) == next.releases) model = std::move(next);
  }
  const auto rows = some_rows(random);
  ModelStore next = model;
  next.load(rows, {});
  load(path, rows, [] {});
  REQUIRE(check(path, model, next) == next.releases);
  check_no_rubbish(path);
}
