// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/store_facts.h"

// property_tree of Boost 1.74 draws in a header that complains of itself otherwise.
#define BOOST_BIND_GLOBAL_PLACEHOLDERS

#include <algorithm>
#include <boost/property_tree/json_parser.hpp>
#include <sstream>

#include "storage/attributes.h"
#include "storage/calendar.h"
#include "storage/error.h"
#include "storage/shard_header.h"

namespace anam::cli {
namespace {

void add_exceptions(const Release& release, std::vector<ReportedException>& out) {
  if (release.report.empty()) return;
  boost::property_tree::ptree report;
  try {
    std::istringstream in(release.report);
    boost::property_tree::read_json(in, report);
  } catch (const boost::property_tree::json_parser_error&) {
    return;  // another program's load may have described itself in its own way
  }
  const auto exceptions = report.find("exceptions");
  if (exceptions == report.not_found()) return;
  for (const auto& [kind, domains] : exceptions->second) {
    for (const auto& [domain, rows] : domains) {
      const auto count = rows.get_value_optional<std::uint64_t>();
      if (count && *count > 0) out.push_back({release.number, kind, domain, *count});
    }
  }
}

}  // namespace

std::string column_name(const Catalog& catalog, ColumnId column) {
  if (const AttributeInfo* info = find_builtin_attribute(column)) return std::string(info->name);
  for (const LocalAttribute& attribute : catalog.attributes) {
    if (attribute.id == column) return attribute.name;
  }
  switch (column) {
    case column::kCounts:
      return "counts";
    case column::kDay:
      return "day";
    case column::kSecond:
      return "second";
    case column::kEndDay:
      return "end day";
    case column::kEndSecond:
      return "end second";
    case column::kCode:
      return "code";
    case column::kSourceCode:
      return "source code";
    case column::kSource:
      return "source";
    case column::kVisit:
      return "visit";
    case column::kVisitDetail:
      return "visit detail";
    case column::kClaim:
      return "claim";
    case column::kRecord:
      return "record";
    case column::kBorn:
      return "born";
    case column::kRetired:
      return "retired";
    case column::kOrdinal:
      return "patients";
    case column::kDomains:
    case column::kRowDomains:
      return "domain";
    default:
      return "column " + std::to_string(column);
  }
}

std::string format_time(std::int64_t seconds) {
  std::int64_t day = seconds / 86400;
  std::int64_t second = seconds % 86400;
  if (second < 0) {
    second += 86400;
    --day;
  }
  if (day < kFirstDay || day > kLastDay) return std::to_string(seconds);
  return format_day(static_cast<Day>(day)) + " " + format_second(static_cast<std::int32_t>(second));
}

StoreFacts gather_facts(const Store& store) {
  StoreFacts facts;
  const Catalog& catalog = store.catalog();
  std::map<ColumnId, std::uint64_t> columns;
  std::uint64_t timelines = 0;
  std::uint64_t postings = 0;
  std::uint64_t bitmaps = 0;
  std::uint64_t patients = 0;
  std::uint64_t codes = 0;
  for (const StoreFile& stored : store.release().files) {
    facts.bytes += stored.seal.size;
    if (stored.kind == StoreFile::Kind::kCodes) {
      codes += stored.seal.size;
      continue;
    }
    const std::shared_ptr<SealedFile>& file = store.file(stored.name);
    for (const std::uint32_t shard : stored.shards) {
      const ShardHeader header = read_shard_header(*file, shard);
      if (header.events > 0) {
        if (!facts.any_events || header.first_day < facts.first_day)
          facts.first_day = header.first_day;
        if (!facts.any_events || header.last_day > facts.last_day) facts.last_day = header.last_day;
        facts.any_events = true;
      }
      for (const auto& [column, bytes] : header.column_bytes) columns[column] += bytes;
      timelines += header.timeline_bytes;
      postings += header.posting_bytes;
      bitmaps += header.bitmap_bytes;
      patients += header.patient_bytes;
    }
  }
  facts.sources = count_sources(store);
  facts.parts = {{"timelines", timelines},
                 {"postings", postings},
                 {"bitmaps", bitmaps},
                 {"patients", patients},
                 {"codes", codes}};
  std::uint64_t known = 0;
  for (const PartSize& part : facts.parts) known += part.bytes;
  if (known < facts.bytes) facts.parts.push_back({"keys and padding", facts.bytes - known});
  std::erase_if(facts.parts, [](const PartSize& part) { return part.bytes == 0; });
  for (const auto& [column, bytes] : columns) {
    const std::string name = column_name(catalog, column);
    const auto same = std::ranges::find(facts.columns, name, &PartSize::name);
    if (same != facts.columns.end()) {
      same->bytes += bytes;
    } else {
      facts.columns.push_back({name, bytes});
    }
  }
  std::ranges::stable_sort(facts.columns, std::ranges::greater{}, &PartSize::bytes);
  facts.vocabularies = CodeTable(store.codes_file()).vocabularies();
  for (const Release& release : catalog.releases) {
    if (release.number <= store.release().number) add_exceptions(release, facts.exceptions);
  }
  return facts;
}

}  // namespace anam::cli
