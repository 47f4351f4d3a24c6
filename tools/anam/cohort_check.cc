// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/cohort_check.h"

#include <iostream>
#include <memory>
#include <vector>

#include "query/diagnose/diagnosis.h"
#include "storage/error.h"
#include "tools/anam/definition_file.h"
#include "tools/anam/query_options.h"
#include "tools/anam/record_writer.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

// More definitions than this are a collection: what is odd about each is not what one waits for.
constexpr std::size_t kFew = 3;
constexpr std::size_t kUnseenShown = 5;

std::vector<Warning> warnings_of(const CohortDefinition& definition, const StoreReader& reader) {
  std::vector<Warning> all = diagnose(definition);
  for (Warning& warning : diagnose_codes(definition, reader)) all.push_back(std::move(warning));
  return all;
}

std::string line_of(const Warning& warning) {
  return one_line(warning.where.empty() ? warning.what : warning.where + ": " + warning.what);
}

std::string unseen_text(const CodeSetUse& use, const StoreReader& reader) {
  std::string text;
  for (std::size_t i = 0; i < use.unseen.size() && i < kUnseenShown; ++i) {
    const CodeRecord record = reader.codes().record(use.unseen[i]);
    text += (i == 0 ? "" : ", ") + record.vocabulary + ':' + record.code;
  }
  if (use.unseen.size() > kUnseenShown) text += ", ...";
  return text;
}

void add_use(const std::string& id, const CodeSetUse& use, const StoreReader& reader,
             RecordWriter& out) {
  const std::string codes = std::to_string(use.codes);
  const std::string seen = std::to_string(use.seen_codes);
  const std::string events = std::to_string(use.events);
  const std::string patients = std::to_string(use.patients);
  const std::string unseen = unseen_text(use, reader);
  const Cell cells[] = {Cell::of(id),
                        Cell::of(use.name),
                        Cell::number(codes),
                        Cell::number(seen),
                        Cell::number(events),
                        Cell::number(patients),
                        Cell::of(use.used ? "yes" : "no"),
                        unseen.empty() ? Cell{} : Cell::of(unseen)};
  out.add(cells);
}

}  // namespace

void warn_of(std::span<const ReadDefinition> definitions, const StoreReader& reader) {
  std::size_t doubtful = 0;
  for (const auto& [file, definition] : definitions) {
    const std::vector<Warning> warnings = warnings_of(*definition, reader);
    doubtful += warnings.empty() ? 0 : 1;
    if (definitions.size() > kFew) continue;
    for (const Warning& warning : warnings)
      std::cerr << "warning: " << file << ": " << line_of(warning) << '\n';
  }
  if (definitions.size() > kFew && doubtful > 0) {
    std::cerr << "warning: " << doubtful << " of " << definitions.size()
              << " definitions have something that may not be meant; --check shows it\n";
  }
}

int check_definitions(const Arguments& arguments) {
  const StoreReader reader(arguments.positional()[0],
                           release_of(arguments, arguments.positional()[0]));
  const unsigned threads = query_options(arguments).threads;
  const RecordWriter::Format format = format_of(arguments);
  Output output(arguments.value("output"));
  RecordWriter out(output, format,
                   {{"cohort_definition_id"},
                    {"code_set"},
                    {"codes", true},
                    {"seen", true},
                    {"events", true},
                    {"patients", true},
                    {"used"},
                    {"never_seen"}});
  DefinitionFiles files(reader);
  int code = 0;
  for (std::size_t i = 1; i < arguments.positional().size(); ++i) {
    const std::string& file = arguments.positional()[i];
    try {
      const std::shared_ptr<const CohortDefinition> definition = files.read(file);
      for (const Warning& warning : warnings_of(*definition, reader))
        std::cerr << "warning: " << file << ": " << line_of(warning) << '\n';
      for (const CodeSetUse& use : count_code_sets(*definition, reader, threads))
        add_use(definition_id(file), use, reader, out);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) throw;
      std::cerr << "anam: " << error.what() << '\n';
      code = 1;
    }
  }
  out.finish();
  output.finish();
  return code;
}

}  // namespace anam::cli
