// SPDX-License-Identifier: Apache-2.0
// anam releases: what each load brought.
#include <algorithm>
#include <set>

#include "storage/error.h"
#include "storage/store.h"
#include "tools/anam/output.h"
#include "tools/anam/record_writer.h"
#include "tools/anam/store_facts.h"
#include "tools/anam/subcommand.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

/// Bytes of the files that came with the release.
std::uint64_t own_bytes(const Release& release) {
  std::uint64_t bytes = 0;
  for (const StoreFile& file : release.files) {
    if (file.release == release.number) bytes += file.seal.size;
  }
  return bytes;
}

int run(const Arguments& arguments) {
  const RecordWriter::Format format = format_of(arguments);
  const Store store = Store::open(arguments.positional()[0]);
  Output output;
  if (format == RecordWriter::Format::kTable) {
    TextTable table({{"release", true},
                     {"published (UTC)"},
                     {"source"},
                     {"new patients", true},
                     {"new events", true},
                     {"patients", true},
                     {"events", true},
                     {"size", true},
                     {"note"}});
    for (const Release& release : store.catalog().releases) {
      table.add({std::to_string(release.number), format_time(release.time),
                 one_line(release.source), grouped(release.new_patients),
                 grouped(release.new_events), grouped(release.patients), grouped(release.events),
                 human_bytes(own_bytes(release)), one_line(release.note)});
    }
    output.write(table.text());
  } else {
    RecordWriter out(output, format,
                     {{"release", true},
                      {"published"},
                      {"source"},
                      {"new_patients", true},
                      {"new_events", true},
                      {"patients", true},
                      {"events", true},
                      {"bytes", true},
                      {"note"}});
    for (const Release& release : store.catalog().releases) {
      const std::string number = std::to_string(release.number);
      const std::string time = format_time(release.time);
      const std::vector<std::string> counts = {
          std::to_string(release.new_patients), std::to_string(release.new_events),
          std::to_string(release.patients), std::to_string(release.events),
          std::to_string(own_bytes(release))};
      std::vector<Cell> cells = {Cell::number(number), Cell::of(time), Cell::of(release.source)};
      for (const std::string& count : counts) cells.push_back(Cell::number(count));
      cells.push_back(release.note.empty() ? Cell{} : Cell::of(release.note));
      out.add(cells);
    }
    out.finish();
  }
  output.finish();
  return 0;
}

}  // namespace

Subcommand releases_subcommand() {
  return {
      .name = "releases",
      .summary = "lists the releases of a store, and what each brought",
      .synopsis = {"STORE [--format table|csv|ndjson]"},
      .details =
          "A load publishes a release, which never changes. Queries answer from the newest, or\n"
          "from an earlier one with --release N or --release YYYY-MM-DD (the newest of that "
          "day).\n",
      .example =
          "  anam releases my-store\n"
          "  anam cohort my-store metformin.cohort --release 2026-01-31\n",
      .positional = {"STORE"},
      .options = {format_option()},
      .run = run};
}

}  // namespace anam::cli
