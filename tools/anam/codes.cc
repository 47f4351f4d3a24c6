// SPDX-License-Identifier: Apache-2.0
// anam codes: which codes an expression or a text means, and how common they are.
#include <algorithm>
#include <map>
#include <thread>
#include <tuple>

#include "query/language/parser.h"
#include "query/read/store_reader.h"
#include "storage/error.h"
#include "tools/anam/record_writer.h"
#include "tools/anam/subcommand.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

/// A line of the result: a code in one domain.
struct Line {
  std::string vocabulary;
  std::string code;
  std::string name;
  std::string domain;
  std::uint64_t patients = 0;
  std::uint64_t events = 0;
};

CodeIds find_codes(const StoreReader& reader, const std::string& text) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    fail(ErrorCode::kUsage, "anam codes needs an expression over codes or a text to search for");
  if (is_code_expression(text)) return reader.resolve(parse_code_set(text));
  CodeIds ids;
  reader.codes().search_names(text, [&ids](CodeId id) { ids.push_back(id); });
  return ids;
}

std::vector<Line> make_lines(const StoreReader& reader, const CodeIds& ids,
                             const CodeCounts& counts, bool used_only) {
  std::multimap<CodeId, const CodeCount*> by_code;
  for (const CodeCount& count : counts.codes) by_code.emplace(count.code, &count);
  std::vector<Line> lines;
  for (const CodeId id : ids) {
    const auto [begin, end] = by_code.equal_range(id);
    if (begin == end && used_only) continue;
    const CodeRecord record = reader.codes().record(id);
    Line line{record.vocabulary, record.code, record.name, record.domain, 0, 0};
    if (begin == end) lines.push_back(line);
    for (auto at = begin; at != end; ++at) {
      line.domain = domain_name(at->second->domain);
      line.patients = at->second->patients;
      line.events = at->second->events;
      lines.push_back(line);
    }
  }
  std::ranges::sort(lines, [](const Line& a, const Line& b) {
    return std::tie(b.patients, b.events, a.vocabulary, a.code, a.domain) <
           std::tie(a.patients, a.events, b.vocabulary, b.code, b.domain);
  });
  return lines;
}

void write(const std::vector<Line>& lines, const CodeCount& all, std::size_t codes,
           RecordWriter::Format format, Output& output) {
  const bool table = format == RecordWriter::Format::kTable;
  RecordWriter out(
      output, format,
      {{"vocabulary"}, {"code"}, {"name"}, {"domain"}, {"patients", true}, {"events", true}});
  const auto number = [table](std::uint64_t n) { return table ? grouped(n) : std::to_string(n); };
  const auto add = [&](const Line& line) {
    const std::string patients = number(line.patients);
    const std::string events = number(line.events);
    const Cell cells[] = {Cell::of(line.vocabulary),
                          Cell::of(line.code),
                          line.name.empty() ? Cell{} : Cell::of(line.name),
                          line.domain.empty() ? Cell{} : Cell::of(line.domain),
                          Cell::number(patients),
                          Cell::number(events)};
    out.add(cells);
  };
  for (const Line& line : lines) add(line);
  add({"", "", "union of " + grouped(codes) + (codes == 1 ? " code" : " codes"), "", all.patients,
       all.events});
  out.finish();
}

int run(const Arguments& arguments) {
  const RecordWriter::Format format = format_of(arguments);
  const auto threads =
      static_cast<unsigned>(arguments.number("threads", 1, 1024)
                                .value_or(std::max(1U, std::thread::hardware_concurrency())));
  const StoreReader reader(arguments.positional()[0],
                           release_of(arguments, arguments.positional()[0]));
  std::string text;
  for (std::size_t i = 1; i < arguments.positional().size(); ++i)
    text += (i > 1 ? " " : "") + arguments.positional()[i];
  const CodeIds ids = find_codes(reader, text);
  const CodeCounts counts = count_codes(reader, ids, threads);
  Output output(arguments.value("output"));
  write(make_lines(reader, ids, counts, arguments.has("used")), counts.all, ids.size(), format,
        output);
  output.finish();
  return 0;
}

}  // namespace

Subcommand codes_subcommand() {
  return {
      .name = "codes",
      .summary = "lists the codes that an expression or a text means, with counts",
      .synopsis = {"STORE EXPRESSION|TEXT [--used] [--format table|csv|ndjson] [--output FILE] "
                   "[--threads N] [--release N]"},
      .details =
          "An expression is what stands behind `codes NAME =` in a cohort definition. Anything\n"
          "else is searched for in names and synonyms of codes: all its words must be there.\n"
          "The last line is the union of all codes: each patient and event once.\n",
      .example =
          "  anam codes my-store 'ICD10CM:E11* or ICD9CM:250.?0'\n"
          "  anam codes my-store heart failure --used\n",
      .positional = {"STORE", "EXPRESSION or TEXT"},
      .more = true,
      .options = {{"used", "", "only codes that an event has"},
                  format_option(),
                  output_option(),
                  {"threads", "N", "default: all cores"},
                  release_option()},
      .run = run};
}

}  // namespace anam::cli
