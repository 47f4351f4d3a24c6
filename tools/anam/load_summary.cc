// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/load_summary.h"

#include <algorithm>
#include <string_view>

#include "tools/anam/json_writer.h"
#include "tools/anam/peak_memory.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

std::uint64_t sum(const Counts& counts) {
  std::uint64_t total = 0;
  for (const auto& [name, count] : counts) total += count;
  return total;
}

void write_counts(JsonWriter& json, std::string_view name, const Counts& counts) {
  json.key(name).begin_object();
  for (const auto& [what, count] : counts) json.member(what, count);
  json.end_object();
}

std::string shown_name(Domain domain) { return std::string(domain_name(domain)); }

struct Totals {
  std::uint64_t rows = 0;
  std::uint64_t loaded = 0;
  std::uint64_t bad = 0;
  std::uint64_t skipped = 0;
};

Totals totals_of(const ImportReport& input) {
  Totals totals;
  for (const FileReport& file : input.files) {
    totals.rows += file.rows;
    totals.loaded += file.loaded;
    totals.bad += file.bad;
    totals.skipped += sum(file.skipped);
  }
  return totals;
}

// Names of files without what they have in common, so that the table stays narrow.
std::vector<std::string> short_names(const ImportReport& input) {
  std::size_t common = std::string::npos;
  for (const FileReport& file : input.files) {
    const std::string& first = input.files.front().file;
    std::size_t same = 0;
    while (same < std::min(first.size(), file.file.size()) && first[same] == file.file[same])
      ++same;
    const std::size_t slash = same == 0 ? std::string::npos : first.rfind('/', same - 1);
    common = std::min(common, slash == std::string::npos ? 0 : slash + 1);
  }
  std::vector<std::string> names;
  for (const FileReport& file : input.files) names.push_back(one_line(file.file.substr(common)));
  return names;
}

std::string files_table(const ImportReport& input, const std::vector<std::string>& names,
                        const Totals& totals) {
  TextTable table({{"file"}, {"rows", true}, {"loaded", true}, {"bad", true}, {"skipped", true}});
  for (std::size_t i = 0; i < input.files.size(); ++i) {
    const FileReport& file = input.files[i];
    table.add({names[i], grouped(file.rows), grouped(file.loaded), grouped(file.bad),
               grouped(sum(file.skipped))});
  }
  if (input.files.size() > 1) {
    table.add({"all", grouped(totals.rows), grouped(totals.loaded), grouped(totals.bad),
               grouped(totals.skipped)});
  }
  return table.text();
}

std::string remarks(const ImportReport& input, const std::vector<std::string>& names) {
  std::string text;
  TextTable table({{"file"}, {"rows", true}, {"remark"}});
  for (std::size_t i = 0; i < input.files.size(); ++i) {
    for (const auto& [rule, rows] : input.files[i].skipped)
      table.add({names[i], grouped(rows), "skipped: " + rule});
    for (const auto& [remark, rows] : input.files[i].noted)
      table.add({names[i], grouped(rows), "loaded: " + remark});
  }
  if (!table.empty()) text += "\n" + table.text();
  bool headed = false;
  for (std::size_t i = 0; i < input.files.size(); ++i) {
    if (input.files[i].ignored_columns.empty()) continue;
    if (!headed) text += "\nColumns that were not read (--keep NAME keeps one as an attribute):\n";
    headed = true;
    text += "  " + names[i] + ":";
    const char* separator = " ";
    for (const std::string& column : input.files[i].ignored_columns) {
      text += separator + one_line(column);
      separator = ", ";
    }
    text += "\n";
  }
  if (!input.notes.empty()) text += "\n";
  for (const std::string& note : input.notes) text += one_line(note) + "\n";
  return text;
}

std::string accounts(const Totals& totals) {
  std::string text = "\nRows of the input: " + grouped(totals.rows) + " = " +
                     grouped(totals.loaded) + " loaded + " + grouped(totals.bad) + " bad + " +
                     grouped(totals.skipped) + " skipped by rule. ";
  const std::uint64_t known = totals.loaded + totals.bad + totals.skipped;
  if (known == totals.rows) return text + "Every row is accounted for.\n";
  return text + "These numbers do not add up: please report this as a defect.\n";
}

}  // namespace

std::string exception_rule(const std::string& kind) {
  if (kind == "orphan") return "left out: no row says who the patient is";
  if (kind == "repeated person") return "the last one in the order of all cells holds";
  if (kind == "unmatched amendment") return "left out: the event that it completes is not there";
  if (kind.starts_with("dangling"))
    return "kept: their visit has a number, but no event of its own";
  return "";
}

std::string load_report_json(const std::string& format, const ImportReport& input,
                             const LoadReport& load) {
  const Totals totals = totals_of(input);
  JsonWriter json;
  json.begin_object().member("format", std::string_view(format));
  json.key("rows").begin_object();
  json.member("read", totals.rows).member("loaded", totals.loaded).member("bad", totals.bad);
  json.member("skipped", totals.skipped).end_object();
  json.key("files").begin_array();
  for (const FileReport& file : input.files) {
    json.begin_object().member("file", std::string_view(file.file));
    json.member("rows", file.rows).member("loaded", file.loaded).member("bad", file.bad);
    write_counts(json, "skipped", file.skipped);
    write_counts(json, "noted", file.noted);
    json.key("ignored_columns").begin_array();
    for (const std::string& column : file.ignored_columns) json.value(std::string_view(column));
    json.end_array().end_object();
  }
  json.end_array();
  json.key("notes").begin_array();
  for (const std::string& note : input.notes) json.value(std::string_view(note));
  json.end_array();
  json.member("patients", load.patients).member("new_patients", load.new_patients);
  json.member("persons", load.persons).member("events", load.events);
  json.member("amendments", load.amendments).member("bytes", load.bytes);
  json.key("events_by_domain").begin_object();
  for (const auto& [domain, events] : load.events_by_domain)
    json.member(domain_name(domain), events);
  json.end_object();
  json.key("exceptions").begin_object();
  for (const auto& [kind, domains] : load.exceptions) {
    json.key(kind).begin_object();
    for (const auto& [domain, rows] : domains) json.member(domain_name(domain), rows);
    json.end_object();
  }
  json.end_object().end_object();
  return json.text();
}

std::string load_summary(const ImportReport& input, const LoadReport& load) {
  const Totals totals = totals_of(input);
  const std::vector<std::string> names = short_names(input);
  std::string text = files_table(input, names, totals);
  text += remarks(input, names);
  text += accounts(totals);

  TextTable exceptions({{"exception"}, {"domain"}, {"rows", true}, {"rule"}});
  for (const auto& [kind, domains] : load.exceptions) {
    for (const auto& [domain, rows] : domains) {
      if (rows > 0) exceptions.add({kind, shown_name(domain), grouped(rows), exception_rule(kind)});
    }
  }
  text += exceptions.empty() ? "No row broke a reference.\n" : "\n" + exceptions.text();

  text += "\nPatients: " + grouped(load.patients) + ", " + grouped(load.new_patients) +
          " of them new. Rows about persons: " + grouped(load.persons) +
          ". Rows that completed an event: " + grouped(load.amendments) + ".\n";
  text += "Events: " + grouped(load.events) + ".";
  const char* separator = " ";
  for (const auto& [domain, events] : load.events_by_domain) {
    text += separator + shown_name(domain) + " " + grouped(events);
    separator = ", ";
  }
  text += load.events_by_domain.empty() ? "\n" : ".\n";
  text += "Size: " + human_bytes(load.bytes);
  if (load.events > 0) {
    text += ", " + fixed(static_cast<double>(load.bytes) / static_cast<double>(load.events), 2) +
            " bytes an event";
  }
  return text + ".\n";
}

std::string load_cost(const LoadReport& load, double seconds) {
  std::string text = "Took: " + fixed(seconds, 1) + " s";
  if (load.rows > 0) {
    const double rate = static_cast<double>(load.rows) / std::max(seconds, 0.001);
    text += ", " + grouped(static_cast<std::uint64_t>(rate)) + " rows/s";
  }
  if (const auto memory = peak_memory()) text += "; at most " + human_bytes(*memory) + " of memory";
  return text + "; at most " + human_bytes(load.spill_bytes) + " of scratch files.\n";
}

}  // namespace anam::cli
