// SPDX-License-Identifier: Apache-2.0
// anam generate: a synthetic population, into a store or as CSV files.
#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "ingest/load.h"
#include "storage/error.h"
#include "storage/store.h"
#include "tools/anam/interrupt.h"
#include "tools/anam/load_summary.h"
#include "tools/anam/output.h"
#include "tools/anam/progress.h"
#include "tools/anam/subcommand.h"
#include "tools/anam/text_table.h"
#include "tools/generate/events_csv.h"
#include "tools/generate/load_sink.h"
#include "tools/generate/omop_csv.h"

namespace anam::cli {
namespace {

using generate::ArrivalCount;
using generate::ArrivalOptions;
using generate::Model;
using generate::Settings;
using generate::Source;

constexpr std::uint64_t kMostPatients = std::uint64_t{1} << 40;

struct Wanted {
  std::string target;
  Settings settings;
  std::vector<Source> sources;
  unsigned threads = 1;
  bool compressed = false;
};

const char* source_name(Source source) { return source == Source::kClaims ? "claims" : "clinical"; }

Wanted wanted(const Arguments& arguments) {
  Wanted wanted;
  wanted.target = arguments.positional()[0];
  const auto patients = arguments.number("patients", 1, kMostPatients);
  if (!patients) fail(ErrorCode::kUsage, "anam generate needs --patients", "how many people");
  wanted.settings.patients = *patients;
  wanted.settings.seed = arguments.number("seed", 0, ~std::uint64_t{0}).value_or(1);
  wanted.settings.copies = arguments.number("copies", 1, kMostPatients).value_or(1);
  wanted.settings.preset =
      arguments.choice("preset", {"lean", "optum"}) == "optum" ? generate::kOptum : generate::kLean;
  const std::string sources = arguments.choice("sources", {"all", "claims", "clinical"});
  if (sources != "clinical") wanted.sources.push_back(Source::kClaims);
  if (sources != "claims") wanted.sources.push_back(Source::kClinical);
  wanted.threads =
      static_cast<unsigned>(arguments.number("threads", 1, 1024)
                                .value_or(std::max(1U, std::thread::hardware_concurrency())));
  wanted.compressed = arguments.has("gz");
  return wanted;
}

ArrivalOptions arrival_options(const Wanted& wanted, const std::atomic<bool>& interrupted,
                               Progress& progress, Load* load = nullptr) {
  ArrivalOptions options{.threads = wanted.threads, .cancel = &interrupted};
  options.progress = [&progress, load](std::uint64_t done, std::uint64_t total) {
    progress.update(done, total);
    if (load != nullptr) load->set_read(done, total);
  };
  return options;
}

LoadOptions load_options(const Wanted& wanted, const Arguments& arguments, Source source) {
  const Settings& settings = wanted.settings;
  LoadOptions options;
  options.store = wanted.target;
  options.source = source_name(source);
  options.source_kind = source_name(source);
  options.note = std::string("synthetic population, preset ") + settings.preset.name + ", seed " +
                 std::to_string(settings.seed);
  options.threads = wanted.threads;
  options.memory = arguments.bytes("memory").value_or(0);
  options.disk = arguments.bytes("disk").value_or(0);
  options.expected_rows = static_cast<std::uint64_t>(
      static_cast<double>(settings.patients * settings.copies) * settings.preset.events);
  // A store that is there has its shards already.
  if (const auto shards = arguments.number("shards", 1, 1U << 20);
      shards && source == wanted.sources.front()) {
    options.shards = static_cast<unsigned>(*shards);
  }
  return options;
}

struct Outcome {
  ImportReport input;
  LoadReport load;
};

Outcome load_source(const Wanted& wanted, LoadOptions options, const Model& model, Source source,
                    const std::atomic<bool>& interrupted) {
  Progress progress;
  progress.phase(std::string("generating ") + source_name(source), "rows");
  options.cancel = &interrupted;
  options.progress = [&progress](const LoadProgress& now) { show_load(progress, now); };
  Load load(std::move(options));
  generate::LoadWindowSink sink(model, wanted.settings, load);
  if (source == wanted.sources.front()) sink.define_codes();
  const ArrivalCount count = generate::arrive(
      model, wanted.settings, source, arrival_options(wanted, interrupted, progress, &load), sink);
  FileReport rows;
  rows.file = std::string("generated ") + source_name(source);
  rows.rows = rows.loaded = count.events + count.patients;
  Outcome outcome;
  outcome.input.files.push_back(rows);
  outcome.load = load.finish(
      [&](const LoadReport& done) { return load_report_json("generate", outcome.input, done); });
  return outcome;
}

/// A release for each source, claims first: the provider's records are of people known by then.
void into_store(const Wanted& wanted, const Arguments& arguments, const Model& model,
                const std::atomic<bool>& interrupted) {
  for (const Source source : wanted.sources) {
    const auto begun = std::chrono::steady_clock::now();
    const Outcome outcome =
        load_source(wanted, load_options(wanted, arguments, source), model, source, interrupted);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    Output output;
    output.write(load_summary(outcome.input, outcome.load));
    output.write(load_cost(outcome.load, seconds));
    const Release release = Store::open(wanted.target).release();
    output.write("Release " + std::to_string(outcome.load.release) + " of " + wanted.target +
                 " is published after " + fixed(seconds, 1) + " s; the store has " +
                 grouped(release.patients) + " patients and " + grouped(release.events) +
                 " events.\n");
    output.finish();
  }
}

template <typename Sink, typename Begin>
void into_files(const Wanted& wanted, const Model& model, const std::atomic<bool>& interrupted,
                const std::string& format, Begin begin) {
  TextTable table({{"directory"}, {"patients", true}, {"events", true}});
  for (const Source source : wanted.sources) {
    const std::string directory = wanted.target + "/" + source_name(source);
    generate::CsvFolder folder(directory, wanted.compressed);
    Sink sink(model, wanted.settings, folder);
    begin(sink, source);
    Progress progress;
    progress.phase(std::string("writing ") + source_name(source), "");
    const ArrivalCount count = generate::arrive(
        model, wanted.settings, source, arrival_options(wanted, interrupted, progress), sink);
    folder.finish();
    table.add({directory, grouped(count.patients), grouped(count.events)});
  }
  Output output;
  output.write(table.text());
  output.write("\nTo load them:\n");
  for (const Source source : wanted.sources) {
    output.write("  anam load STORE --format " + format + " --source " + source_name(source) + " " +
                 wanted.target + "/" + source_name(source) + "\n");
  }
  output.finish();
}

int run(const Arguments& arguments) {
  const Wanted what = wanted(arguments);
  const std::string format = arguments.choice("format", {"store", "events", "omop"});
  const std::atomic<bool>& interrupted = catch_interrupts();
  const bool of_store = arguments.has("shards") || arguments.has("memory") || arguments.has("disk");
  if (format != "store" && of_store) {
    fail(ErrorCode::kUsage, "--shards, --memory and --disk are for stores; not with",
         "--format " + format);
  }
  if (format == "store" && what.compressed) {
    fail(ErrorCode::kUsage, "--gz is for files; not with", "--format store");
  }
  const Model model;
  try {
    if (format == "store") {
      into_store(what, arguments, model, interrupted);
    } else if (format == "events") {
      into_files<generate::EventsCsvSink>(what, model, interrupted, format,
                                          [&](generate::EventsCsvSink& sink, Source source) {
                                            if (source == what.sources.front()) sink.write_codes();
                                          });
    } else {
      into_files<generate::OmopCsvSink>(what, model, interrupted, format,
                                        [&](generate::OmopCsvSink& sink, Source source) {
                                          sink.write_locations();
                                          if (source == what.sources.front())
                                            sink.write_vocabulary();
                                        });
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCancelled) throw;
    fail(ErrorCode::kCancelled, error.what(),
         format == "store" ? what.target + " has no release of what was not finished"
                           : "the files in " + what.target + " are not complete");
  }
  return 0;
}

}  // namespace

Subcommand generate_subcommand() {
  return {
      .name = "generate",
      .summary = "makes a synthetic population, as a store or as CSV files",
      .synopsis = {"STORE --patients N [--seed N] [--preset lean|optum] [--sources "
                   "all|claims|clinical] [--copies N] [--threads N] [--memory SIZE] [--disk SIZE] "
                   "[--shards N]",
                   "DIRECTORY --format events|omop [--gz] --patients N ..."},
      .details =
          "Invented people with claims of up to 20 years, and clinical records of one in twenty:\n"
          "nobody in them is real, the codes are. docs/population.md says what they look like and\n"
          "what they do not imitate. The same seed gives the same people, on any number of\n"
          "threads. A store gets a release for each source; files of each source go to a\n"
          "directory of its own.\n",
      .example = "  anam generate my-population --patients 1000 --seed 7\n",
      .positional = {"STORE"},
      .options = {{"patients", "N", "how many people"},
                  {"seed", "N", "another seed, other people; default 1"},
                  {"preset", "NAME",
                   "lean (about 42 events a patient; the default) or optum (about 165, with "
                   "standard and source codes, panels of tests, charged and allowed amounts)"},
                  {"sources", "NAME", "all (the default), claims or clinical"},
                  {"copies", "N", "each person this often, under ids of their own; default 1"},
                  {"format", "FORMAT", "store (the default), events or omop"},
                  {"gz", "", "files are compressed"},
                  {"threads", "N", "default: all cores"},
                  {"memory", "SIZE", "of the load, as for anam load"},
                  {"disk", "SIZE", "of the load, as for anam load"},
                  {"shards", "N", "parts of a new store, a power of two; default: by size"}},
      .run = run};
}

}  // namespace anam::cli
