// SPDX-License-Identifier: Apache-2.0
// anam load: files of some format into a new release of a store.
#include "ingest/load.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>
#include <thread>

#include "storage/error.h"
#include "storage/store.h"
#include "tools/anam/interrupt.h"
#include "tools/anam/load_summary.h"
#include "tools/anam/output.h"
#include "tools/anam/progress.h"
#include "tools/anam/subcommand.h"
#include "tools/anam/text_table.h"
#include "tools/import/importer.h"

namespace anam::cli {
namespace {

constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();

std::string bad_rows_beside(std::string store) {
  while (store.size() > 1 && store.ends_with('/')) store.pop_back();
  return store + ".bad-rows.csv";
}

std::unique_ptr<Importer> make_importer(const std::string& format, ImportOptions options) {
  if (format == "omop") return make_omop_importer(std::move(options));
  if (format == "synpuf") return make_synpuf_importer(std::move(options));
  if (format == "synthea") return make_synthea_importer(std::move(options));
  return make_events_importer(std::move(options));
}

std::string required(const Arguments& arguments, const char* option, const char* what) {
  const auto value = arguments.value(option);
  if (!value || value->empty()) {
    fail(ErrorCode::kUsage, std::string("anam load needs --") + option,
         std::string(what) + " (see anam load --help)");
  }
  return *value;
}

std::string tables_of(const std::string& format, const Arguments& arguments) {
  const auto tables = arguments.value("tables");
  if (tables && format != "synthea") {
    fail(ErrorCode::kUsage, "--tables is for --format synthea", *tables);
  }
  return tables.value_or("");
}

struct Outcome {
  ImportReport input;
  LoadReport load;
};

Outcome run_load(const std::string& format, ImportOptions import_options, LoadOptions options) {
  Progress progress;
  progress.phase("reading", "rows");
  std::optional<Load> running;
  import_options.progress = [&](std::uint64_t done, std::uint64_t total) {
    progress.update(done, total);
    running->set_read(done, total);
  };
  options.progress = [&progress](const LoadProgress& now) { show_load(progress, now); };
  const std::unique_ptr<Importer> importer = make_importer(format, std::move(import_options));
  importer->prepare(options);
  Load& load = running.emplace(std::move(options));
  Outcome outcome;
  outcome.input = importer->run(load);
  outcome.load = load.finish(
      [&](const LoadReport& report) { return load_report_json(format, outcome.input, report); });
  return outcome;
}

void print_summary(const std::string& store, const std::string& bad_rows, const Outcome& outcome,
                   double seconds) {
  std::uint64_t bad = 0;
  for (const FileReport& file : outcome.input.files) bad += file.bad;
  Output output;
  output.write(load_summary(outcome.input, outcome.load));
  output.write(load_cost(outcome.load, seconds));
  if (bad > 0) output.write("Bad rows: " + grouped(bad) + ", with reasons in " + bad_rows + "\n");
  const Release release = Store::open(store).release();
  output.write("Release " + std::to_string(outcome.load.release) + " of " + store +
               " is published after " + fixed(seconds, 1) + " s; the store has " +
               grouped(release.patients) + " patients and " + grouped(release.events) +
               " events.\n");
  output.finish();
}

int run(const Arguments& arguments) {
  const std::string store = arguments.positional()[0];
  required(arguments, "format", "omop, synpuf, synthea or events");
  const std::string format = arguments.choice("format", {"omop", "synpuf", "synthea", "events"});
  const auto threads =
      static_cast<unsigned>(arguments.number("threads", 1, 1024)
                                .value_or(std::max(1U, std::thread::hardware_concurrency())));
  const std::atomic<bool>& interrupted = catch_interrupts();

  ImportOptions import_options;
  import_options.paths.assign(arguments.positional().begin() + 1, arguments.positional().end());
  import_options.threads = threads;
  import_options.keep = arguments.values("keep");
  import_options.tables = tables_of(format, arguments);
  import_options.max_bad_rows = arguments.number("max-bad-rows", 0, kAny).value_or(0);
  const std::string bad_rows = arguments.value("bad-rows").value_or(bad_rows_beside(store));
  import_options.bad_rows_file = bad_rows;
  import_options.cancel = &interrupted;

  LoadOptions options;
  options.store = store;
  options.source = required(arguments, "source", "a name for where the data come from");
  options.source_kind = arguments.value("kind").value_or("");
  if (!options.source_kind.empty() && !is_source_kind(options.source_kind))
    fail(ErrorCode::kUsage, "anam load does not know the kind of source (see anam sources --help)",
         options.source_kind);
  options.note = arguments.value("note").value_or("");
  options.threads = threads;
  options.memory = arguments.bytes("memory").value_or(0);
  options.disk = arguments.bytes("disk").value_or(0);
  if (const auto shards = arguments.number("shards", 1, 1U << 20))
    options.shards = static_cast<unsigned>(*shards);
  options.cancel = &interrupted;

  std::error_code unknown;
  const bool there = std::filesystem::exists(options.store, unknown);
  const auto begun = std::chrono::steady_clock::now();
  Outcome outcome;
  try {
    outcome = run_load(format, std::move(import_options), std::move(options));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCancelled) throw;
    fail(ErrorCode::kCancelled, error.what(),
         store + (there ? " is as it was" : " was not made, and nothing is left of it"));
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();

  try {
    print_summary(store, bad_rows, outcome, seconds);
  } catch (const Error& error) {
    fail(error.code(), error.what(),
         "release " + std::to_string(outcome.load.release) + " is published all the same");
  }
  return 0;
}

}  // namespace

Subcommand load_subcommand() {
  return {
      .name = "load",
      .summary = "loads files into a store, as a new release",
      .synopsis = {"STORE --format omop|synpuf|synthea|events --source NAME [--kind KIND] "
                   "[--tables clinical|claims] [--shards N] [--threads N] [--memory SIZE] "
                   "[--disk SIZE] [--max-bad-rows N] [--keep COLUMN[:TYPE]]... [--note TEXT] "
                   "PATH..."},
      .details =
          "STORE is a directory, created when absent. A PATH is a file or a directory with the\n"
          "format's files, plain or .gz. Readers see the new release when all of it is there;\n"
          "a load that fails or is stopped leaves the store as it was.\n",
      .example = "  anam load my-store --format events --source clinic patients.csv events.csv\n",
      .positional = {"STORE", "PATH"},
      .more = true,
      .options =
          {{"format", "FORMAT",
            "omop (OMOP CDM 5.3 and 5.4), synpuf (CMS DE-SynPUF), synthea (Synthea's CSV) or "
            "events (one event a line)"},
           {"source", "NAME", "where the data come from; every event knows it"},
           {"kind", "KIND",
            "of a source that is new: claims, clinical, registry, ... (see anam sources --help)"},
           {"tables", "clinical|claims",
            "of synthea: the medical record or the claims; default: both"},
           {"shards", "N", "parts of a new store, a power of two; default: by the input's size"},
           {"threads", "N", "default: all cores"},
           {"memory", "SIZE",
            "for rows, such as 512M or 4GiB; default: a quarter of the machine's"},
           {"disk", "SIZE",
            "that the load may take of the store's disk, with its scratch files; default: what is "
            "free there"},
           {"max-bad-rows", "N", "rows that cannot be read and are tolerated; default 0"},
           {"bad-rows", "FILE", "where tolerated bad rows go; default: STORE.bad-rows.csv"},
           {"keep", "COLUMN[:TYPE]",
            "keeps a column that the format does not know as an attribute; the type is text (the "
            "default), int, decimal, money or code",
            true},
           {"note", "TEXT", "is kept with the release"}},
      .run = run};
}

}  // namespace anam::cli
