// SPDX-License-Identifier: Apache-2.0
// anam timeline: what happened to one patient, or to all members of a cohort.
#include <unistd.h>

#include <algorithm>
#include <tuple>

#include "index/patient_table.h"
#include "query/evaluate/cohort_run.h"
#include "query/language/parser.h"
#include "query/read/ordered_work.h"
#include "query/read/timelines.h"
#include "storage/attributes.h"
#include "storage/calendar.h"
#include "storage/error.h"
#include "tools/anam/definition_file.h"
#include "tools/anam/keep_memory.h"
#include "tools/anam/progress.h"
#include "tools/anam/query_options.h"
#include "tools/anam/subcommand.h"
#include "tools/anam/text_table.h"
#include "tools/anam/timeline_writer.h"

namespace anam::cli {
namespace {

/// What to print, of whom.
struct Wanted {
  RecordWriter::Format format = RecordWriter::Format::kTable;
  std::optional<std::vector<TimelineField>> fields;
  std::optional<CodeIds> codes;
  TimelineOptions options;
};

std::optional<Day> day_option(const Arguments& arguments, const char* option) {
  const auto text = arguments.value(option);
  if (!text) return std::nullopt;
  const auto day = parse_day(*text);
  if (!day) {
    fail(ErrorCode::kUsage, std::string("--") + option + " must be a date, such as 2020-01-31",
         "'" + *text + "'");
  }
  return day;
}

Wanted what_is_wanted(const Arguments& arguments, const StoreReader& reader) {
  Wanted wanted;
  wanted.format = format_of(arguments);
  if (const auto names = arguments.value("columns")) wanted.fields = choose_fields(reader, *names);
  if (const auto set = arguments.value("codes"))
    wanted.codes = reader.resolve(parse_code_set(*set));
  if (const auto day = day_option(arguments, "from")) wanted.options.from = *day;
  if (const auto day = day_option(arguments, "to")) wanted.options.to = *day;
  return wanted;
}

// What is known about a person, for people.
std::string person_text(const StoreReader& reader, PatientPlace place) {
  const std::unique_ptr<ShardData> shard = reader.shard(place.shard);
  TimelineText texts(reader);
  std::string all;
  for (const AttributeInfo& info : builtin_attributes()) {
    if (info.id < column::kSex || info.id > column::kBirthSecond) continue;
    TimelineBatch person;
    StreamColumn cells{info.id, info.type, shard->person_column(info.id, &person.texts)};
    TimelineField field;
    field.column = info.id;
    field.type = info.type;
    field.vocabulary = info.vocabulary;
    std::string value;
    if (!texts.get(field, person, place.ordinal, &cells, value)) continue;
    if (info.type == ColumnType::kCode) {
      const auto& code = texts.code(static_cast<CodeId>(cells.cells[place.ordinal]));
      if (!code.name.empty()) value += " (" + code.name + ")";
    }
    all += ", " + std::string(info.name) + "=" + one_line(value);
  }
  return all;
}

void print_patient(const StoreReader& reader, const std::string& id, const Wanted& wanted,
                   Output& output) {
  const auto place = reader.find_patient(id);
  if (!place) {
    fail(ErrorCode::kInput,
         "the store has no such patient (ids are those of the data that were loaded)", id);
  }
  TimelineOptions options = wanted.options;
  if (wanted.codes) options.codes = &*wanted.codes;
  TimelineWriter writer(reader, output, wanted.format, wanted.fields, false);
  options.columns = writer.columns();
  const TimelineBatch batch = read_timeline(reader, *place, options);
  if (wanted.format == RecordWriter::Format::kTable) {
    output.write("patient " + one_line(id) + person_text(reader, *place) + ": " +
                 grouped(batch.events()) + (batch.events() == 1 ? " event" : " events") + "\n");
  }
  writer.add(batch, 0, id, std::nullopt);
  writer.finish();
}

/// A patient and a start of its membership.
struct Member {
  std::uint64_t hash = 0;
  std::string id;
  Day start = 0;
  std::uint32_t ordinal = 0;
};

/// Prints the members of one shard after the other, in the order of the hashes of their ids, which
/// depends on nothing else.
class CohortTimelines {
 public:
  CohortTimelines(const StoreReader& reader, const Wanted& wanted, Output& output, unsigned threads)
      : reader_(reader),
        writer_(reader, output, wanted.format, wanted.fields, true),
        options_(wanted.options),
        threads_(threads) {
    if (wanted.codes) options_.codes = &*wanted.codes;
    options_.columns = writer_.columns();
  }

  /// Members of a shard, in order.
  void print_shard(std::uint32_t shard, const std::vector<Member>& members,
                   const std::function<void()>& check, const std::function<void()>& printed) {
    // Neighbours by hash are neighbours within each release, so that little is decoded twice.
    const std::size_t size = part_size(members.size(), threads_);
    std::vector<std::span<const Member>> groups;
    for (std::size_t begin = 0; begin < members.size();) {
      std::size_t end = std::min(begin + size, members.size());
      while (end < members.size() && members[end].ordinal == members[end - 1].ordinal) ++end;
      groups.push_back(std::span(members).subspan(begin, end - begin));
      begin = end;
    }
    work_in_order(
        threads_, groups.size(),
        [&](std::size_t i) {
          check();
          return read_group(shard, groups[i]);
        },
        [&, next = std::size_t{0}](const std::vector<TimelineBatch>& batches) mutable {
          print_group(groups[next++], batches);
          printed();
        });
  }

  void finish() { writer_.finish(); }
  std::uint64_t events() const { return writer_.events(); }

 private:
  std::vector<TimelineBatch> read_group(std::uint32_t shard,
                                        std::span<const Member> members) const {
    std::vector<PatientPlace> places;
    for (const Member& member : members) places.push_back({shard, member.ordinal});
    std::ranges::sort(places);
    places.erase(std::unique(places.begin(), places.end()), places.end());
    std::vector<TimelineBatch> batches;
    read_timelines(reader_, places, options_,
                   [&](TimelineBatch&& batch) { batches.push_back(std::move(batch)); });
    return batches;
  }

  void print_group(std::span<const Member> members, const std::vector<TimelineBatch>& batches) {
    using Found = std::tuple<std::uint32_t, std::size_t, std::size_t>;  // ordinal, batch, place
    std::vector<Found> found;
    for (std::size_t b = 0; b < batches.size(); ++b) {
      for (std::size_t p = 0; p < batches[b].patients.size(); ++p)
        found.emplace_back(batches[b].patients[p].ordinal, b, p);
    }
    for (const Member& member : members) {
      const auto at = std::ranges::lower_bound(found, Found(member.ordinal, 0, 0));
      writer_.add(batches[std::get<1>(*at)], std::get<2>(*at), member.id, member.start);
    }
  }

  const StoreReader& reader_;
  TimelineWriter writer_;
  TimelineOptions options_;
  unsigned threads_;
};

std::vector<Member> find_members(const StoreReader& reader, const CohortShards& cohort,
                                 std::uint32_t shard) {
  std::vector<Member> members;
  if (reader.shard_files(shard).empty()) return members;
  const std::unique_ptr<ShardData> data = reader.shard(shard);
  for (const CohortRow& row : cohort.run(*data)) {
    Member& member = members.emplace_back();
    member.id = data->patient_id(row.ordinal);
    member.hash = PatientId::parse(member.id).hash();
    member.start = row.start;
    member.ordinal = row.ordinal;
  }
  std::ranges::sort(members, [](const Member& a, const Member& b) {
    return std::tie(a.hash, a.id, a.start) < std::tie(b.hash, b.id, b.start);
  });
  return members;
}

void print_cohort(const StoreReader& reader, const std::string& file, const Wanted& wanted,
                  const CohortRunOptions& options, bool show_progress, Output& output) {
  const auto definition = read_definition(file, reader);
  std::optional<Progress> progress;
  if (show_progress) {
    progress.emplace();
    progress->phase("writing timelines", "events");
  }
  const CohortShards cohort(reader, *definition, options);
  CohortTimelines timelines(reader, wanted, output, options.threads);
  const auto check = [&options] { check_stop(options); };
  // As many shards as threads are evaluated, then their members are printed.
  for (std::uint32_t first = 0; first < reader.shards(); first += cohort.threads()) {
    const std::uint32_t count = std::min(cohort.threads(), reader.shards() - first);
    std::vector<std::vector<Member>> members;
    work_in_order(
        cohort.threads(), count,
        [&](std::size_t i) {
          check();
          return find_members(reader, cohort, first + static_cast<std::uint32_t>(i));
        },
        [&](std::vector<Member>&& some) { members.push_back(std::move(some)); });
    for (std::uint32_t i = 0; i < count; ++i) {
      timelines.print_shard(first + i, members[i], check, [&] {
        if (progress) progress->count(timelines.events());
      });
      members[i] = {};
      if (progress) progress->update(first + i + 1, reader.shards());
    }
  }
  timelines.finish();
}

int run(const Arguments& arguments) {
  keep_freed_memory();
  const auto cohort = arguments.value("cohort");
  const bool patient = arguments.positional().size() > 1;
  if (patient == cohort.has_value()) {
    fail(ErrorCode::kUsage, "anam timeline needs",
         "either PATIENT or --cohort DEFINITION (see anam timeline --help)");
  }
  const CohortRunOptions options = query_options(arguments);
  const StoreReader reader(arguments.positional()[0],
                           release_of(arguments, arguments.positional()[0]));
  const Wanted wanted = what_is_wanted(arguments, reader);
  const auto file = arguments.value("output");
  Output output(file);
  if (patient) {
    print_patient(reader, arguments.positional()[1], wanted, output);
  } else {
    const bool on_screen = isatty(STDOUT_FILENO) == 1 && !file;
    print_cohort(reader, *cohort, wanted, options, !on_screen, output);
  }
  output.finish();
  return 0;
}

}  // namespace

Subcommand timeline_subcommand() {
  std::vector<Option> options = {
      {"cohort", "DEFINITION", "the timelines of all members of the cohort in this .cohort file"},
      {"codes", "SET", "only events with these codes, such as 'ICD10CM:E11*'"},
      {"from", "DATE", "only events that start on this day or later"},
      {"to", "DATE", "only events that start on this day or earlier"},
      {"columns", "NAME,...",
       "these columns alone: date, time, end_date, end_time, domain, vocabulary, code, name, "
       "source_vocabulary, source_code, source, visit, visit_detail, claim, or an attribute"},
      format_option(),
      output_option()};
  for (Option& option : query_option_list()) options.push_back(std::move(option));
  return {.name = "timeline",
          .summary = "prints what happened to a patient, or to all members of a cohort",
          .synopsis = {"STORE PATIENT [--codes SET] [--from DATE] [--to DATE] [--columns NAME,...] "
                       "[--format table|csv|ndjson] [--output FILE] [--release N]",
                       "STORE --cohort DEFINITION [the same] [--threads N] [--memory SIZE] "
                       "[--timeout SECONDS]"},
          .details =
              "An event a line, in time order. As csv and ndjson every event of every patient has\n"
              "the same columns: date and code, then each attribute that the store has, by name.\n"
              "With --cohort, cohort_start is a member's index day, and days_from_index says how\n"
              "far from it the event starts; a patient who enters twice is printed twice. Members\n"
              "come in the order of the hashes of their ids.\n",
          .example =
              "  anam timeline my-store 17 --codes 'ICD10CM:E11*' --from 2019-01-01\n"
              "  anam timeline my-store --cohort metformin.cohort --format ndjson\n",
          .positional = {"STORE", "PATIENT"},
          .options = std::move(options),
          .run = run,
          .optional = 1};
}

}  // namespace anam::cli
