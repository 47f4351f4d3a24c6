// SPDX-License-Identifier: Apache-2.0
// anam cohorts: the cohorts that a store keeps.
#include <algorithm>
#include <iostream>

#include "storage/error.h"
#include "storage/saved_cohort.h"
#include "storage/store.h"
#include "tools/anam/cohort_rows.h"
#include "tools/anam/query_options.h"
#include "tools/anam/record_writer.h"
#include "tools/anam/store_facts.h"
#include "tools/anam/subcommand.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

constexpr std::string_view kVerbs[] = {"list", "show", "rows", "drop"};

/// What the user wants, whichever of the store and the verb was written first.
struct Wanted {
  std::string store;
  std::string verb = "list";
  std::vector<std::string> names;
};

Wanted what_is_wanted(const Arguments& arguments) {
  std::vector<std::string> words = arguments.positional();
  const auto is_verb = [](const std::string& word) {
    return std::ranges::find(kVerbs, word) != std::end(kVerbs);
  };
  if (words.size() > 1 && is_verb(words[0]) && !is_verb(words[1])) std::swap(words[0], words[1]);
  Wanted wanted;
  wanted.store = words[0];
  if (words.size() > 1) wanted.verb = words[1];
  if (!is_verb(wanted.verb))
    fail(ErrorCode::kUsage, "anam cohorts does not know what to do with",
         wanted.verb + "; list, show NAME, rows NAME or drop NAME (see anam cohorts --help)");
  if (words.size() > 2) wanted.names.assign(words.begin() + 2, words.end());
  const bool list = wanted.verb == "list";
  if (list && !wanted.names.empty())
    fail(ErrorCode::kUsage, "anam cohorts list takes no name", wanted.names[0]);
  if (!list && wanted.names.empty())
    fail(ErrorCode::kUsage, "anam cohorts " + wanted.verb + " needs", "NAME");
  if (wanted.verb == "show" && wanted.names.size() > 1)
    fail(ErrorCode::kUsage, "anam cohorts show takes one name at a time", wanted.names[1]);
  return wanted;
}

/// Whether the newest release is the one that the rows were made of.
std::string_view state_of(const Store& store, const SavedCohortFacts& facts) {
  const Catalog& catalog = store.catalog();
  const auto made = std::ranges::find(catalog.releases, facts.release, &Release::number);
  const bool same = made != catalog.releases.end() && made->time == facts.release_time;
  if (facts.store != catalog.id || !same) return "of another store";
  return facts.release == catalog.releases.back().number ? "current" : "older release";
}

/// Everything about a saved cohort, in texts that live as long as this.
struct Facts {
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<bool> numbers;

  void add(std::string name, std::string value, bool number = false) {
    fields.emplace_back(std::move(name), std::move(value));
    numbers.push_back(number);
  }
};

Facts facts_of(const Store& store, const SavedCohort& cohort, bool definition) {
  const SavedCohortFacts& from = cohort.facts();
  Facts facts;
  facts.add("name", cohort.name());
  facts.add("state", std::string(state_of(store, from)));
  facts.add("release", std::to_string(from.release), true);
  facts.add("saved", format_time(from.time));
  facts.add("patients", std::to_string(from.patients), true);
  facts.add("rows", std::to_string(from.rows), true);
  facts.add("bytes", std::to_string(cohort.bytes()), true);
  facts.add("version", from.program);
  facts.add("definition_file", from.definition.empty() ? "" : from.definition[0].file);
  facts.add("title", from.title);
  if (definition) {
    std::string text;
    for (std::size_t i = 0; i < from.definition.size(); ++i) {
      if (i > 0) text += "\n# " + from.definition[i].file + "\n";
      text += from.definition[i].text;
    }
    facts.add("definition", text);
  }
  return facts;
}

void write(const Facts& facts, RecordWriter& out) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < facts.fields.size(); ++i) {
    const std::string& value = facts.fields[i].second;
    cells.push_back(value.empty()      ? Cell{}
                    : facts.numbers[i] ? Cell::number(value)
                                       : Cell::of(value));
  }
  out.add(cells);
}

std::vector<RecordWriter::Column> columns_of(const Facts& facts) {
  std::vector<RecordWriter::Column> columns;
  for (std::size_t i = 0; i < facts.fields.size(); ++i)
    columns.push_back({facts.fields[i].first, facts.numbers[i]});
  return columns;
}

// Those that cannot be read are reported, and the others are shown. Returns the exit code.
int list(const Store& store, RecordWriter::Format format, Output& output) {
  const bool people = format == RecordWriter::Format::kTable;
  int code = 0;
  std::vector<Facts> all;
  for (const std::string& name : list_saved_cohorts(store.path())) {
    try {
      all.push_back(facts_of(store, *SavedCohort::open(store.path(), name), false));
    } catch (const Error& error) {
      std::cerr << "anam: " << error.what() << '\n';
      code = 1;
    }
  }
  if (people) {
    TextTable table({{"name"},
                     {"state"},
                     {"release", true},
                     {"saved"},
                     {"patients", true},
                     {"rows", true},
                     {"title"}});
    for (const Facts& facts : all) {
      const auto field = [&facts](std::size_t i) { return facts.fields[i].second; };
      table.add({field(0), field(1), field(2), field(3), grouped(std::stoull(field(4))),
                 grouped(std::stoull(field(5))), one_line(field(9))});
    }
    output.write(all.empty() ? "no saved cohorts\n" : table.text());
    return code;
  }
  RecordWriter out(output, format,
                   {{"name"},
                    {"state"},
                    {"release", true},
                    {"saved"},
                    {"patients", true},
                    {"rows", true},
                    {"bytes", true},
                    {"version"},
                    {"definition_file"},
                    {"title"}});
  for (const Facts& facts : all) write(facts, out);
  out.finish();
  return code;
}

void show(const Store& store, const std::string& name, RecordWriter::Format format,
          Output& output) {
  const auto cohort = SavedCohort::open(store.path(), name);
  const Facts facts = facts_of(store, *cohort, true);
  if (format != RecordWriter::Format::kTable) {
    RecordWriter out(output, format, columns_of(facts));
    write(facts, out);
    out.finish();
    return;
  }
  for (std::size_t i = 0; i + 1 < facts.fields.size(); ++i) {
    const auto& [field, value] = facts.fields[i];
    if (value.empty()) continue;
    std::string line = field;
    line.resize(17, ' ');
    output.write(line + (facts.numbers[i] ? grouped(std::stoull(value)) : one_line(value)) + "\n");
  }
  output.write("\n" + facts.fields.back().second);
  if (!facts.fields.back().second.ends_with('\n')) output.write("\n");
}

void print_rows(const Store& store, std::vector<std::string> names, RecordWriter::Format format,
                const CohortRunOptions& options, Output& output) {
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  RowSorter sorter(options.memory / 4);
  for (std::uint32_t number = 0; number < names.size(); ++number) {
    const auto cohort = SavedCohort::open(store.path(), names[number]);
    for (const SavedCohort::Shard& shard : cohort->shards()) {
      check_stop(options);
      const SavedShardRows rows = cohort->read(shard, true);
      std::size_t patient = 0;
      for (std::size_t i = 0; i < rows.patient.size(); ++i) {
        while (rows.ordinals[patient] != rows.patient[i]) ++patient;
        const std::int64_t id = rows.id_number[patient];
        const std::string text =
            id != kNull ? std::to_string(id) : std::string(rows.texts.at(rows.id_text[patient]));
        sorter.add(number, text, rows.start[i], rows.end[i]);
      }
    }
  }
  RecordWriter out(output, format, cohort_row_columns());
  sorter.for_each([&](const OutputRow& row, std::string_view /*attached*/) {
    write_cohort_row(names[row.definition], row, out);
  });
  out.finish();
}

int run(const Arguments& arguments) {
  const RecordWriter::Format format = format_of(arguments);
  const Wanted wanted = what_is_wanted(arguments);
  const CohortRunOptions options = query_options(arguments);
  const Store store = Store::open(wanted.store);
  if (wanted.verb == "drop") {
    for (const std::string& name : wanted.names) drop_saved_cohort(store.path(), name);
    return 0;
  }
  Output output(arguments.value("output"));
  int code = 0;
  if (wanted.verb == "list") {
    code = list(store, format, output);
  } else if (wanted.verb == "show") {
    show(store, wanted.names[0], format, output);
  } else {
    print_rows(store, wanted.names, format, options, output);
  }
  output.finish();
  return code;
}

}  // namespace

Subcommand cohorts_subcommand() {
  return {
      .name = "cohorts",
      .summary = "lists, shows and drops the cohorts that a store keeps",
      .synopsis = {"STORE [list] [--format table|csv|ndjson] [--output FILE]",
                   "STORE show NAME [--format table|csv|ndjson] [--output FILE]",
                   "STORE rows NAME... [--format table|csv|ndjson] [--output FILE] "
                   "[--memory SIZE] [--timeout SECONDS]",
                   "STORE drop NAME..."},
      .details =
          "anam cohort STORE DEFINITION --save NAME keeps the rows of a cohort with the release\n"
          "and the definition that they came from; other definitions refer to them as\n"
          "cohort NAME. A cohort of an older release stays what it was: save it again\n"
          "(--replace) to bring it up to date. show prints where one came from, and its\n"
          "definition; rows prints its rows, as anam cohort --rows does.\n",
      .example =
          "  anam cohort my-store metformin.cohort --save metformin\n"
          "  anam cohorts my-store\n"
          "  anam cohorts my-store show metformin\n",
      .positional = {"STORE", "list|show|rows|drop", "NAME"},
      .more = true,
      .options = {format_option(),
                  output_option(),
                  {"memory", "SIZE", "such as 512M or 4GiB; default: a 60th of the machine's"},
                  {"timeout", "SECONDS", "ends the command when it takes longer"}},
      .run = run,
      .optional = 2};
}

}  // namespace anam::cli
