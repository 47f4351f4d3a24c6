// SPDX-License-Identifier: Apache-2.0
// anam sources: who the data are from, and what is known about them.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "storage/calendar.h"
#include "storage/error.h"
#include "storage/store.h"
#include "tools/anam/output.h"
#include "tools/anam/record_writer.h"
#include "tools/anam/source_facts.h"
#include "tools/anam/subcommand.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

std::string kinds_text() {
  std::string text;
  for (const std::string_view kind : source_kinds())
    text += (text.empty() ? "" : ", ") + std::string(kind);
  return text;
}

std::string read_terms(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) fail(ErrorCode::kInput, "cannot read the terms", path);
  return text.str();
}

std::optional<Day> read_day(std::string_view text, const std::string& covers) {
  if (text.empty()) return std::nullopt;
  const auto day = parse_day(text);
  if (!day)
    fail(ErrorCode::kUsage, "--covers wants FIRST..LAST, such as 2010-01-01..2024-12-31; got",
         covers);
  return day;
}

/// Changes what the options say. True when they say anything.
bool change(const Arguments& arguments, Source& source) {
  bool any = false;
  if (const auto kind = arguments.value("kind")) {
    if (!is_source_kind(*kind))
      fail(ErrorCode::kUsage, "--kind is one of " + kinds_text() + "; got", *kind);
    source.kind = *kind;
    any = true;
  }
  if (const auto owner = arguments.value("owner")) {
    source.owner = *owner;
    any = true;
  }
  if (const auto covers = arguments.value("covers")) {
    const std::size_t dots = covers->find("..");
    if (dots == std::string::npos) read_day("?", *covers);
    source.first_day = read_day(std::string_view(*covers).substr(0, dots), *covers);
    source.last_day = read_day(std::string_view(*covers).substr(dots + 2), *covers);
    any = true;
  }
  if (const auto terms = arguments.value("terms")) {
    source.terms = read_terms(*terms);
    any = true;
  }
  return any;
}

void set(const Arguments& arguments, const std::string& path, const std::string& name) {
  Store::open(path);  // so that a mistyped path is told as such, and nothing is created
  StoreWriter writer(path);
  Catalog catalog = writer.catalog().value();
  const auto source = std::ranges::find(catalog.sources, name, &Source::name);
  if (source == catalog.sources.end())
    fail(ErrorCode::kUsage, "the store has no such source", name);
  if (!change(arguments, *source))
    fail(ErrorCode::kUsage, "anam sources set needs at least one of",
         "--kind, --owner, --covers, --terms");
  check_catalog(catalog);
  writer.publish(catalog);
}

void list(const Store& store, RecordWriter::Format format, Output& output) {
  const SourceCounts counts = count_sources(store);
  const auto years = [](const SourceFacts& facts) {
    if (facts.events_by_year.empty()) return std::string();
    return std::to_string(facts.events_by_year.begin()->first) + ".." +
           std::to_string(facts.events_by_year.rbegin()->first);
  };
  if (format == RecordWriter::Format::kTable) {
    TextTable table({{"source"},
                     {"kind"},
                     {"owner"},
                     {"covers"},
                     {"patients", true},
                     {"events", true},
                     {"years of events"},
                     {"terms"}});
    for (const SourceFacts& facts : counts.sources) {
      const Source& source = facts.source;
      table.add({one_line(source.name), source.kind, one_line(source.owner), coverage_text(source),
                 grouped(facts.patients), grouped(facts.events), years(facts),
                 one_line(source.terms).substr(0, 40)});
    }
    output.write(table.text());
    return;
  }
  RecordWriter out(output, format,
                   {{"source"},
                    {"kind"},
                    {"owner"},
                    {"first_day"},
                    {"last_day"},
                    {"patients", true},
                    {"events", true},
                    {"terms"}});
  const auto text = [](const std::string& value) {
    return value.empty() ? Cell{} : Cell::of(value);
  };
  for (const SourceFacts& facts : counts.sources) {
    const Source& source = facts.source;
    const std::string first = source.first_day ? format_day(*source.first_day) : "";
    const std::string last = source.last_day ? format_day(*source.last_day) : "";
    const std::string patients = std::to_string(facts.patients);
    const std::string events = std::to_string(facts.events);
    const std::vector<Cell> cells = {
        text(source.name), text(source.kind),      text(source.owner),   text(first),
        text(last),        Cell::number(patients), Cell::number(events), text(source.terms)};
    out.add(cells);
  }
  out.finish();
}

int run(const Arguments& arguments) {
  const std::vector<std::string>& words = arguments.positional();
  const std::string verb = words.size() > 1 ? words[1] : "list";
  if (verb == "set") {
    if (words.size() != 3) fail(ErrorCode::kUsage, "anam sources set needs", "NAME");
    set(arguments, words[0], words[2]);
    return 0;
  }
  if (verb != "list" || words.size() > 2)
    fail(ErrorCode::kUsage, "anam sources does not know what to do with",
         words.back() + "; list or set NAME (see anam sources --help)");
  const RecordWriter::Format format = format_of(arguments);
  const Store store = Store::open(words[0], release_of(arguments, words[0]));
  Output output;
  list(store, format, output);
  output.finish();
  return 0;
}

}  // namespace

Subcommand sources_subcommand() {
  return {.name = "sources",
          .summary = "lists who the data are from, and sets what is known about them",
          .synopsis = {"STORE [list] [--release N] [--format table|csv|ndjson]",
                       "STORE set NAME [--kind KIND] [--owner TEXT] [--covers FIRST..LAST] "
                       "[--terms FILE]"},
          .details =
              "Every load names its source (anam load --source); definitions can ask for events\n"
              "\"from source NAME\", or of all sources of a kind, as \"from claims\". Kinds are "
              "claims,\n"
              "clinical, registry, laboratory, pharmacy, survey, mortality and other.\n",
          .example =
              "  anam sources my-store\n"
              "  anam sources my-store set payer --kind claims --covers 2010-01-01..2024-12-31\n",
          .positional = {"STORE", "list|set", "NAME"},
          .options = {release_option(),
                      format_option(),
                      {"kind", "KIND", "what kind of source it is"},
                      {"owner", "TEXT", "who answers for the data"},
                      {"covers", "FIRST..LAST", "days that the data cover; either may be absent"},
                      {"terms", "FILE", "terms of use, kept as text"}},
          .run = run,
          .optional = 2};
}

}  // namespace anam::cli
