// SPDX-License-Identifier: Apache-2.0
// anam verify: checks every byte of a store.
#include "query/read/verify.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "tools/anam/interrupt.h"
#include "tools/anam/output.h"
#include "tools/anam/progress.h"
#include "tools/anam/subcommand.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

std::string summary(const VerifyReport& report, double seconds) {
  std::string text = "Checked in " + fixed(seconds, 1) + " s: " + grouped(report.releases) +
                     (report.releases == 1 ? " release, " : " releases, ") + grouped(report.files) +
                     " files, " + human_bytes(report.bytes) + ", " + grouped(report.values) +
                     " values, " + grouped(report.pages) + " pages, " + grouped(report.events) +
                     " events of " + grouped(report.patients) + " patients.\n";
  for (const std::string& problem : report.problems) text += one_line(problem) + "\n";
  const std::uint64_t more = report.problem_count - report.problems.size();
  if (more > 0) text += "... and " + grouped(more) + " more\n";
  if (report.problem_count == 0) return text + "Nothing is wrong.\n";
  return text + grouped(report.problem_count) +
         (report.problem_count == 1 ? " thing is" : " things are") +
         " wrong. Restore the files named from a copy, or load the data anew.\n";
}

int run(const Arguments& arguments) {
  VerifyOptions options;
  options.release = release_of(arguments, arguments.positional()[0]);
  options.threads =
      static_cast<unsigned>(arguments.number("threads", 1, 1024)
                                .value_or(std::max(1U, std::thread::hardware_concurrency())));
  options.cancel = &catch_interrupts();
  const auto begun = std::chrono::steady_clock::now();
  VerifyReport report;
  {
    Progress progress;
    progress.phase("checking", "");
    options.progress = [&progress](std::uint64_t done, std::uint64_t total) {
      progress.update(done, total);
    };
    report = verify_store(arguments.positional()[0], options);
  }
  Output output;
  output.write(summary(
      report, std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count()));
  output.finish();
  return report.problem_count == 0 ? 0 : 1;
}

}  // namespace

Subcommand verify_subcommand() {
  return {.name = "verify",
          .summary = "checks every byte of a store",
          .synopsis = {"STORE [--release N] [--threads N]"},
          .details =
              "Opens every file of every release, decodes every page, and holds timelines,\n"
              "postings, bitmaps, patients, codes and counts against each other. Problems are\n"
              "named with file and key.\n",
          .example = "  anam verify my-store\n",
          .positional = {"STORE"},
          .options = {{"threads", "N", "files that are checked at a time; default: all cores"},
                      {"release", "N", "checks this release only"}},
          .run = run};
}

}  // namespace anam::cli
