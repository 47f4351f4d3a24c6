// SPDX-License-Identifier: Apache-2.0
// anam cohort: who belongs to cohorts, when, and how many each step of a definition leaves.
#include <algorithm>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <numeric>
#include <thread>

#include "query/evaluate/cohort_run.h"
#include "storage/calendar.h"
#include "storage/error.h"
#include "tools/anam/cohort_check.h"
#include "tools/anam/cohort_print.h"
#include "tools/anam/cohort_reasons.h"
#include "tools/anam/cohort_rows.h"
#include "tools/anam/cohort_save.h"
#include "tools/anam/definition_file.h"
#include "tools/anam/interrupt.h"
#include "tools/anam/keep_memory.h"
#include "tools/anam/progress.h"
#include "tools/anam/query_options.h"
#include "tools/anam/record_writer.h"
#include "tools/anam/row_sorter.h"
#include "tools/anam/subcommand.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

enum class Show : std::uint8_t { kSummary, kCount, kRows, kAttrition, kReasons };

/// A definition, from its file to its result.
struct Asked {
  std::string file;
  std::string id;
  std::string title;
  CohortOutcome outcome;
  std::string saved_as;                // empty: not to be saved
  std::unique_ptr<CohortSaver> saver;  // until it has finished
};

Show what_to_show(const Arguments& arguments) {
  Show show = Show::kSummary;
  int given = 0;
  for (const auto& [option, meaning] : {std::pair("count", Show::kCount),
                                        {"rows", Show::kRows},
                                        {"attrition", Show::kAttrition},
                                        {"reasons", Show::kReasons}}) {
    if (!arguments.has(option)) continue;
    show = meaning;
    ++given;
  }
  if (given > 1)
    fail(ErrorCode::kUsage, "anam cohort shows one thing at a time",
         "--count, --rows, --attrition or --reasons (see anam cohort --help)");
  for (const char* option : {"patient", "events"}) {
    if (arguments.has(option) && show != Show::kReasons)
      fail(ErrorCode::kUsage, "this option goes with --reasons", "--" + std::string(option));
  }
  return show;
}

// In the order of ids, each of which may stand there once.
std::vector<Asked> list_definitions(const Arguments& arguments) {
  std::vector<Asked> asked;
  for (std::size_t i = 1; i < arguments.positional().size(); ++i) {
    const std::string& file = arguments.positional()[i];
    Asked& one = asked.emplace_back();
    one.file = file;
    one.id = definition_id(file);
  }
  std::ranges::stable_sort(asked, {}, &Asked::id);
  for (std::size_t i = 1; i < asked.size(); ++i) {
    if (asked[i].id == asked[i - 1].id) {
      fail(ErrorCode::kUsage, "two definitions have the same name without its extension",
           asked[i - 1].file + ", " + asked[i].file);
    }
  }
  return asked;
}

void report(const Asked& asked) {
  try {
    std::rethrow_exception(asked.outcome.error);
  } catch (const Error& error) {
    std::string message = error.what();
    // Messages about a place in the text name the file themselves.
    if (message.find(asked.file) == std::string::npos) message = asked.file + ": " + message;
    std::cerr << "anam: " << message << '\n';
  }
}

void write_counts(const std::vector<Asked>& asked, RecordWriter& out) {
  for (const Asked& a : asked) {
    if (a.outcome.error) continue;
    const std::string patients = std::to_string(a.outcome.patients);
    const std::string rows = std::to_string(a.outcome.rows);
    out.add(std::vector<Cell>{Cell::of(a.id), Cell::number(patients), Cell::number(rows)});
  }
}

void write_attrition(const std::vector<Asked>& asked, RecordWriter& out) {
  for (const Asked& a : asked) {
    if (a.outcome.error) continue;
    for (const AttritionRow& row : a.outcome.attrition.circe_rows()) {
      std::vector<std::string> texts;
      const auto text = [](const auto& number) {
        return number ? std::to_string(*number) : std::string();
      };
      texts.push_back(text(row.mode_id));
      texts.push_back(text(row.rule_sequence));
      texts.push_back(row.inclusion_rule_mask);
      for (const auto& number : {row.person_count, row.gain_count, row.person_total, row.base_count,
                                 row.final_count, row.lost_count}) {
        texts.push_back(text(number));
      }
      std::vector<Cell> cells = {Cell::of(a.id), Cell::of(row.kind)};
      for (const std::string& t : texts) cells.push_back(t.empty() ? Cell{} : Cell::number(t));
      out.add(cells);
    }
  }
}

void write_people_view(const std::vector<Asked>& asked, Show show, Output& output) {
  bool first = true;
  for (const Asked& a : asked) {
    if (a.outcome.error) continue;
    if (!first) output.write("\n");
    first = false;
    output.write(a.id + (a.title.empty() ? "" : ": " + one_line(a.title)) + "\n");
    output.write(a.outcome.attrition.table());
    if (show == Show::kSummary) {
      output.write(grouped(a.outcome.patients) + " patients, " + grouped(a.outcome.rows) + " rows" +
                   (a.saved_as.empty() ? "" : ", saved as " + a.saved_as) + "\n");
    }
  }
}

void write_rows(const std::vector<Asked>& asked, RowSorter& rows, RecordWriter& out) {
  rows.for_each([&](const OutputRow& row, std::string_view /*attached*/) {
    const Asked& a = asked[row.definition];
    if (!a.outcome.error) write_cohort_row(a.id, row, out);
  });
}

void name_saved(const Arguments& arguments, std::vector<Asked>& asked) {
  std::vector<std::string> ids;
  for (const Asked& a : asked) ids.push_back(a.id);
  const std::vector<std::string> names = names_to_save(arguments, ids);
  for (std::size_t i = 0; i < names.size(); ++i) asked[i].saved_as = names[i];
}

// What cannot be saved is reported as what cannot be evaluated is.
void finish_saving(Asked& a, const DefinitionFiles& files) {
  const std::unique_ptr<CohortSaver> saver = std::move(a.saver);
  if (saver == nullptr || a.outcome.error) return;
  try {
    saver->finish(a.title, files.texts(a.file));
  } catch (const Error&) {
    a.outcome.error = std::current_exception();
  }
}

std::vector<RecordWriter::Column> columns_of(Show show) {
  if (show == Show::kRows) return cohort_row_columns();
  if (show == Show::kAttrition) {
    return {{"cohort_definition_id"},
            {"kind"},
            {"mode_id", true},
            {"rule_sequence", true},
            {"inclusion_rule_mask", true},
            {"person_count", true},
            {"gain_count", true},
            {"person_total", true},
            {"base_count", true},
            {"final_count", true},
            {"lost_count", true}};
  }
  return {{"cohort_definition_id"}, {"patients", true}, {"rows", true}};
}

// Explains a definition; where that fails, the others go on.
void explain_one(Asked& asked, const std::function<void()>& explain) {
  try {
    explain();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) throw;
    asked.outcome.error = std::current_exception();
  }
}

int run(const Arguments& arguments) {
  keep_freed_memory();
  if (arguments.has("print")) return print_definitions(arguments);
  if (arguments.positional().size() < 2)
    fail(ErrorCode::kUsage, "anam cohort needs", "DEFINITION (see anam cohort --help)");
  if (arguments.has("check")) return check_definitions(arguments);
  const Show show = what_to_show(arguments);
  const RecordWriter::Format format = format_of(arguments);
  std::vector<Asked> asked = list_definitions(arguments);
  name_saved(arguments, asked);
  CohortRunOptions options = query_options(arguments);
  const bool for_people = format == RecordWriter::Format::kTable &&
                          (show == Show::kSummary || show == Show::kAttrition);
  options.attrition = for_people || show == Show::kAttrition;

  const StoreReader reader(arguments.positional()[0],
                           release_of(arguments, arguments.positional()[0]));
  DefinitionFiles files(reader);
  std::vector<CohortDefinition> definitions;
  std::vector<std::size_t> number;  // of each of these in `asked`
  for (std::size_t i = 0; i < asked.size(); ++i) {
    try {
      const std::shared_ptr<const CohortDefinition> definition = files.read(asked[i].file);
      asked[i].title = definition->title;
      if (!asked[i].saved_as.empty()) {
        asked[i].saver =
            std::make_unique<CohortSaver>(reader, asked[i].saved_as, arguments.has("replace"));
      }
      definitions.push_back(*definition);
      number.push_back(i);
    } catch (const Error&) {
      asked[i].outcome.error = std::current_exception();
    }
  }

  std::vector<ReadDefinition> read;
  for (std::size_t i = 0; i < definitions.size(); ++i)
    read.push_back({asked[number[i]].file, &definitions[i]});
  warn_of(read, reader);

  const std::uint64_t memory_of_output = options.memory / 4;
  options.memory = std::max<std::uint64_t>(options.memory - memory_of_output, 1);
  RowSorter rows(memory_of_output);
  ReasonReport reasons(reader, format, memory_of_output);
  std::optional<PatientPlace> patient;
  if (const auto id = arguments.value("patient")) patient = place_of(reader, *id);
  if (show == Show::kReasons) {
    options.reasons.events = static_cast<std::size_t>(
        arguments.number("events", 0, 1'000'000'000).value_or(options.reasons.events));
    options.take_reasons = [&](std::size_t definition, ShardData& data,
                               std::vector<RowReasons>&& found) {
      reasons.add(static_cast<std::uint32_t>(number[definition]), definitions[definition], data,
                  found);
    };
  }
  if (patient) {
    for (std::size_t i = 0; i < definitions.size(); ++i) {
      Asked& a = asked[number[i]];
      check_stop(options);
      explain_one(a, [&] {
        explain_patient(reader, *patient, definitions[i], static_cast<std::uint32_t>(number[i]),
                        options, reasons);
      });
    }
  } else {
    Progress progress;
    progress.phase("evaluating", "");
    options.progress = [&progress](std::uint64_t done, std::uint64_t shards) {
      progress.update(done, shards);
    };
    const auto take = [&](std::size_t definition, std::uint32_t shard, ShardData& data,
                          std::vector<CohortRow>&& found) {
      if (const auto& saver = asked[number[definition]].saver) saver->add(shard, data, found);
      if (show != Show::kRows) return;
      for (const CohortRow& row : found) {
        rows.add(static_cast<std::uint32_t>(number[definition]), data.patient_id(row.ordinal),
                 row.start, row.end);
      }
    };
    std::vector<CohortOutcome> outcomes = run_cohorts(reader, definitions, options, take);
    for (std::size_t i = 0; i < outcomes.size(); ++i)
      asked[number[i]].outcome = std::move(outcomes[i]);
    for (Asked& a : asked) finish_saving(a, files);
  }

  Output output(arguments.value("output"));
  if (show == Show::kReasons) {
    std::vector<ReasonReport::Heading> headings;
    headings.reserve(asked.size());
    for (const Asked& a : asked) headings.push_back({a.id, a.title, a.outcome.error != nullptr});
    reasons.write(headings, output);
  } else if (for_people) {
    write_people_view(asked, show, output);
  } else {
    RecordWriter out(output, format, columns_of(show));
    if (show == Show::kRows) {
      write_rows(asked, rows, out);
    } else if (show == Show::kAttrition) {
      write_attrition(asked, out);
    } else {
      write_counts(asked, out);
    }
    out.finish();
  }
  output.finish();

  int code = 0;
  for (const Asked& a : asked) {
    if (!a.outcome.error) continue;
    report(a);
    code = 1;
  }
  return code;
}

}  // namespace

Subcommand cohort_subcommand() {
  std::vector<Option> options = {
      {"count", "", "patients and rows of each cohort"},
      {"rows", "", "who belongs, from when to when, sorted by definition, patient and start"},
      {"attrition", "",
       "events and patients that each step leaves; as csv, counts by rule and mask"},
      {"reasons", "",
       "for each row: the index events, which events met which rule, and what ended it"},
      {"patient", "ID",
       "with --reasons: this patient alone, with the index events that became no row, and why"},
      {"events", "N", "with --reasons: how many events are shown of each count; default: 5"},
      {"check", "",
       "what looks wrong about the definitions, and how much of their code sets the store has"},
      {.name = "print",
       .value = "text",
       .help = "the definitions themselves, without evaluating them: as text, for which a store is "
               "not needed, but names the codes; or as json (OHDSI's Circe)",
       .value_optional = true},
      format_option(),
      output_option()};
  for (Option& option : save_option_list()) options.push_back(std::move(option));
  for (Option& option : query_option_list()) options.push_back(std::move(option));
  return {
      .name = "cohort",
      .summary = "evaluates cohort definitions",
      .synopsis =
          {"STORE DEFINITION... [--count|--rows|--attrition|--reasons "
           "[--patient ID] [--events N]] [--save NAME [--replace]] [--format table|csv|ndjson] "
           "[--output FILE] [--threads N] [--memory SIZE] [--timeout SECONDS] [--release N]",
           "STORE DEFINITION... --check [--format table|csv|ndjson] [--output FILE]",
           "[STORE] DEFINITION... --print[=text|json] [--output FILE]"},
      .details =
          "A DEFINITION is a .cohort file (the text language) or a .json file (OHDSI's Circe);\n"
          "several are evaluated in one pass and share work.\n"
          "A cohort is called by its file's name without the extension. One that cannot be\n"
          "evaluated is reported at the end, and the others are shown.\n"
          "Without --count, --rows, --attrition or --reasons: the attrition and the count, for\n"
          "people.\n",
      .example =
          "  anam cohort my-store metformin.cohort --rows --format csv\n"
          "  anam cohort my-store metformin.cohort --reasons --patient 1043\n"
          "  anam cohort metformin.cohort --print\n",
      .positional = {"STORE", "DEFINITION"},
      .more = true,
      .options = std::move(options),
      .run = run,
      .optional = 1};
}

}  // namespace anam::cli
