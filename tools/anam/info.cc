// SPDX-License-Identifier: Apache-2.0
// anam info: what a store holds, and where its bytes are.
#include <algorithm>
#include <set>

#include "storage/attributes.h"
#include "storage/calendar.h"
#include "storage/store.h"
#include "tools/anam/json_writer.h"
#include "tools/anam/load_summary.h"
#include "tools/anam/output.h"
#include "tools/anam/store_facts.h"
#include "tools/anam/subcommand.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

std::string store_id(const Catalog& catalog) {
  std::string text;
  for (const std::uint8_t byte : catalog.id) {
    text += kHex[byte >> 4];
    text += kHex[byte & 0xF];
  }
  return text;
}

std::string_view type_name(ColumnType type) {
  switch (type) {
    case ColumnType::kInt:
      return "int";
    case ColumnType::kMoney:
      return "money";
    case ColumnType::kDecimal:
      return "decimal";
    case ColumnType::kCode:
      return "code";
    case ColumnType::kText:
      return "text";
  }
  return "unknown";
}

std::string per_event(std::uint64_t bytes, const Release& release) {
  if (release.events == 0) return "";
  return fixed(static_cast<double>(bytes) / static_cast<double>(release.events), 2);
}

std::string share(std::uint64_t bytes, std::uint64_t all) {
  if (all == 0) return "";
  return fixed(100 * static_cast<double>(bytes) / static_cast<double>(all), 1) + " %";
}

std::string head(const Store& store, const StoreFacts& facts) {
  const Release& release = store.release();
  const Catalog& catalog = store.catalog();
  std::string text = "store     " + store.path().string() + "\n";
  text += "id        " + store_id(catalog) + ", format " + std::to_string(catalog.format_version) +
          ", " + grouped(std::uint64_t{1} << catalog.shard_bits) +
          (catalog.shard_bits == 0 ? " shard\n" : " shards\n");
  text += "release   " + std::to_string(release.number) + " of " +
          std::to_string(catalog.releases.back().number) + "\n";
  text += "patients  " + grouped(release.patients) + "\n";
  text += "events    " + grouped(release.events);
  if (facts.any_events)
    text += ", from " + format_day(facts.first_day) + " to " + format_day(facts.last_day);
  text += "\nsize      " + human_bytes(facts.bytes);
  if (release.events > 0) text += ", " + per_event(facts.bytes, release) + " bytes an event";
  return text + "\n";
}

std::string releases_table(const Store& store) {
  TextTable table({{"release", true},
                   {"published (UTC)"},
                   {"source"},
                   {"new patients", true},
                   {"new events", true},
                   {"note"}});
  for (const Release& release : store.catalog().releases) {
    table.add({std::to_string(release.number), format_time(release.time), one_line(release.source),
               grouped(release.new_patients), grouped(release.new_events), one_line(release.note)});
  }
  return "\n" + table.text();
}

// Sources with their patients; of several, the patients that two of them share; years.
std::string sources_tables(const SourceCounts& counts) {
  TextTable sources({{"source"}, {"patients", true}, {"events", true}, {"kind"}, {"covers"}});
  for (const SourceFacts& facts : counts.sources) {
    sources.add({one_line(facts.source.name), grouped(facts.patients), grouped(facts.events),
                 facts.source.kind, coverage_text(facts.source)});
  }
  std::string text = sources.text();
  TextTable overlaps({{"patients of both"}, {"and"}, {"patients", true}});
  for (const SourceOverlap& overlap : counts.overlaps) {
    overlaps.add({one_line(counts.sources[overlap.first].source.name),
                  one_line(counts.sources[overlap.second].source.name), grouped(overlap.patients)});
  }
  if (!overlaps.empty()) text += "\n" + overlaps.text();

  std::set<std::int16_t> years;
  std::vector<TextTable::Column> columns = {{"year", true}};
  for (const SourceFacts& facts : counts.sources) {
    columns.push_back({"events, " + one_line(facts.source.name), true});
    for (const auto& [year, events] : facts.events_by_year) years.insert(year);
  }
  TextTable by_year(columns);
  for (const std::int16_t year : years) {
    std::vector<std::string> cells = {std::to_string(year)};
    for (const SourceFacts& facts : counts.sources) {
      const auto found = facts.events_by_year.find(year);
      cells.push_back(found == facts.events_by_year.end() ? "" : grouped(found->second));
    }
    by_year.add(std::move(cells));
  }
  if (!by_year.empty()) text += "\n" + by_year.text();
  return text;
}

void write_sources(JsonWriter& json, const SourceCounts& counts) {
  json.key("sources").begin_array();
  for (const SourceFacts& facts : counts.sources) {
    const Source& source = facts.source;
    json.begin_object().member("name", std::string_view(source.name));
    if (!source.kind.empty()) json.member("kind", std::string_view(source.kind));
    if (!source.owner.empty()) json.member("owner", std::string_view(source.owner));
    if (source.first_day) json.member("first_day", std::string_view(format_day(*source.first_day)));
    if (source.last_day) json.member("last_day", std::string_view(format_day(*source.last_day)));
    json.member("patients", facts.patients).member("events", facts.events);
    json.key("events_by_year").begin_object();
    for (const auto& [year, events] : facts.events_by_year)
      json.member(std::to_string(year), events);
    json.end_object().end_object();
  }
  json.end_array().key("shared_patients").begin_array();
  for (const SourceOverlap& overlap : counts.overlaps) {
    json.begin_object();
    json.member("first", std::string_view(counts.sources[overlap.first].source.name));
    json.member("second", std::string_view(counts.sources[overlap.second].source.name));
    json.member("patients", overlap.patients).end_object();
  }
  json.end_array();
}

std::string events_tables(const Store& store, const StoreFacts& facts) {
  TextTable domains({{"domain"}, {"events", true}});
  for (const DomainCount& count : store.release().domains)
    domains.add({std::string(domain_name(count.domain)), grouped(count.events)});
  return "\n" + domains.text() + "\n" + sources_tables(facts.sources);
}

std::string sizes_table(const Store& store, const StoreFacts& facts) {
  TextTable table({{"part"}, {"bytes", true}, {"per event", true}, {"share", true}});
  const auto add = [&](const std::string& indent, const PartSize& part) {
    table.add({indent + part.name, grouped(part.bytes), per_event(part.bytes, store.release()),
               share(part.bytes, facts.bytes)});
  };
  for (const PartSize& part : facts.parts) {
    add("", part);
    if (part.name != "timelines") continue;
    for (const PartSize& column : facts.columns) add("  ", column);
  }
  return "\n" + table.text();
}

std::string names_tables(const Store& store, const StoreFacts& facts) {
  std::string text;
  TextTable vocabularies({{"vocabulary"}, {"codes", true}, {"as another name", true}});
  for (const VocabularyCount& count : facts.vocabularies)
    vocabularies.add({one_line(count.name), grouped(count.codes), grouped(count.aliases)});
  if (!vocabularies.empty()) text += "\n" + vocabularies.text();
  TextTable attributes({{"attribute of this store"}, {"type"}});
  for (const LocalAttribute& attribute : store.catalog().attributes)
    attributes.add({attribute.name, std::string(type_name(attribute.type))});
  if (!attributes.empty()) text += "\n" + attributes.text();
  return text;
}

std::string exceptions_table(const StoreFacts& facts) {
  TextTable table({{"release", true}, {"exception"}, {"domain"}, {"rows", true}, {"rule"}});
  for (const ReportedException& exception : facts.exceptions) {
    table.add({std::to_string(exception.release), one_line(exception.kind),
               one_line(exception.domain), grouped(exception.rows),
               exception_rule(exception.kind)});
  }
  return table.empty() ? "" : "\n" + table.text();
}

void write_sizes(JsonWriter& json, std::string_view name, const std::vector<PartSize>& parts) {
  json.key(name).begin_object();
  for (const PartSize& part : parts) json.member(part.name, part.bytes);
  json.end_object();
}

std::string as_json(const Store& store, const StoreFacts& facts) {
  const Release& current = store.release();
  const Catalog& catalog = store.catalog();
  JsonWriter json;
  json.begin_object();
  json.member("store", std::string_view(store.path().native()));
  json.member("id", std::string_view(store_id(catalog)));
  json.member("format", std::uint64_t{catalog.format_version});
  json.member("shards", std::uint64_t{1} << catalog.shard_bits);
  json.member("release", std::uint64_t{current.number});
  json.member("patients", current.patients).member("events", current.events);
  if (facts.any_events) {
    json.member("first_day", std::string_view(format_day(facts.first_day)));
    json.member("last_day", std::string_view(format_day(facts.last_day)));
  }
  json.member("bytes", facts.bytes);
  if (current.events > 0) json.key("bytes_per_event").raw(per_event(facts.bytes, current));
  json.key("events_by_domain").begin_object();
  for (const DomainCount& count : current.domains)
    json.member(domain_name(count.domain), count.events);
  json.end_object().key("events_by_source").begin_object();
  for (const SourceFacts& source : facts.sources.sources)
    json.member(source.source.name, source.events);
  json.end_object();
  write_sources(json, facts.sources);
  write_sizes(json, "bytes_by_part", facts.parts);
  write_sizes(json, "timeline_bytes_by_column", facts.columns);
  json.key("vocabularies").begin_array();
  for (const VocabularyCount& count : facts.vocabularies) {
    json.begin_object().member("name", std::string_view(count.name));
    json.member("codes", count.codes).member("aliases", count.aliases).end_object();
  }
  json.end_array().key("attributes").begin_array();
  for (const LocalAttribute& attribute : catalog.attributes) {
    json.begin_object().member("name", std::string_view(attribute.name));
    json.member("type", type_name(attribute.type)).end_object();
  }
  json.end_array().key("releases").begin_array();
  for (const Release& release : catalog.releases) {
    json.begin_object().member("number", std::uint64_t{release.number});
    json.member("published", std::string_view(format_time(release.time)));
    json.member("source", std::string_view(release.source));
    json.member("note", std::string_view(release.note));
    json.member("new_patients", release.new_patients).member("new_events", release.new_events);
    json.member("patients", release.patients).member("events", release.events);
    if (release.report.starts_with('{')) json.key("report").raw(release.report);
    json.end_object();
  }
  json.end_array().end_object();
  return json.text() + "\n";
}

int run(const Arguments& arguments) {
  const std::string format = arguments.choice("format", {"table", "json"});
  const Store store =
      Store::open(arguments.positional()[0], release_of(arguments, arguments.positional()[0]));
  const StoreFacts facts = gather_facts(store);
  Output output;
  if (format == "json") {
    output.write(as_json(store, facts));
  } else {
    output.write(head(store, facts));
    output.write(releases_table(store));
    output.write(events_tables(store, facts));
    output.write(sizes_table(store, facts));
    output.write(names_tables(store, facts));
    output.write(exceptions_table(facts));
  }
  output.finish();
  return 0;
}

}  // namespace

Subcommand info_subcommand() {
  return {.name = "info",
          .summary = "tells what a store holds, and where its bytes are",
          .synopsis = {"STORE [--release N] [--format table|json]"},
          .details =
              "Releases, patients, events by domain, source and year, the patients that sources\n"
              "share, sizes, vocabularies, and the rows that broke a reference when loaded.\n",
          .example = "  anam info my-store\n",
          .positional = {"STORE"},
          .options = {release_option(), {"format", "FORMAT", "table (default) or json"}},
          .run = run};
}

}  // namespace anam::cli
