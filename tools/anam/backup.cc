// SPDX-License-Identifier: Apache-2.0
// anam backup: a copy of a store while it is in use.
#include "storage/backup.h"

#include "tools/anam/interrupt.h"
#include "tools/anam/output.h"
#include "tools/anam/progress.h"
#include "tools/anam/subcommand.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

int run(const Arguments& arguments) {
  BackupOptions options;
  options.cancel = &catch_interrupts();
  BackupReport report;
  {
    Progress progress;
    progress.phase("copying", "");
    options.progress = [&progress](std::uint64_t done, std::uint64_t total) {
      progress.update(done, total);
    };
    report = back_up_store(arguments.positional()[0], arguments.positional()[1], options);
  }
  Output output;
  output.write(
      "Copied " + grouped(report.releases) + (report.releases == 1 ? " release, " : " releases, ") +
      grouped(report.files) + " files, " + grouped(report.cohorts) + " saved cohorts, " +
      human_bytes(report.bytes) + " to " + arguments.positional()[1] +
      ".\nTo check every byte of the copy: anam verify " + arguments.positional()[1] + "\n");
  output.finish();
  return 0;
}

}  // namespace

Subcommand backup_subcommand() {
  return {.name = "backup",
          .summary = "copies a store, while others read it and load into it",
          .synopsis = {"STORE DEST"},
          .details =
              "DEST is absent or empty. It gets all releases that STORE has now, and its saved\n"
              "cohorts. A backup that fails or is stopped leaves nothing behind.\n",
          .example = "  anam backup my-store /backups/my-store-2026-01\n",
          .positional = {"STORE", "DEST"},
          .options = {},
          .run = run};
}

}  // namespace anam::cli
