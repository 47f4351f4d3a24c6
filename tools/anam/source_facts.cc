// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/source_facts.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <utility>

#include "index/patient_set.h"
#include "index/posting_reader.h"
#include "storage/calendar.h"
#include "storage/shard_header.h"

namespace anam::cli {
namespace {

/// The parts of one shard, in all files of the release.
struct ShardParts {
  std::vector<std::pair<std::shared_ptr<SealedFile>, ShardHeader>> files;
  std::uint32_t patients = 0;
};

std::size_t place_of(const Catalog& catalog, std::uint32_t id) {
  const auto found = std::ranges::find(catalog.sources, id, &Source::id);
  if (found == catalog.sources.end())
    fail(ErrorCode::kCorrupt, "shard names a source that the catalog does not have",
         std::to_string(id));
  return static_cast<std::size_t>(found - catalog.sources.begin());
}

std::uint64_t count_both(const PatientSet& a, const PatientSet& b) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < a.words().size(); ++i)
    count += static_cast<std::uint64_t>(std::popcount(a.words()[i] & b.words()[i]));
  return count;
}

/// Every load is of one source, so that the patients of a file's domains are those of its source.
void add_patients(const ShardParts& parts, std::uint32_t shard, const Catalog& catalog,
                  std::vector<PatientSet>& sets) {
  for (const auto& [file, header] : parts.files) {
    if (header.events == 0) continue;
    if (header.sources.size() != 1)
      fail(ErrorCode::kCorrupt, "file has events of several sources", file->path().native());
    PatientSet& set = sets[place_of(catalog, header.sources.begin()->first)];
    PostingReader postings(file, shard);
    for (const auto& [domain, summary] : header.domains) postings.domain_patients(domain, set);
  }
}

}  // namespace

SourceCounts count_sources(const Store& store) {
  const Catalog& catalog = store.catalog();
  SourceCounts counts;
  for (const Source& source : catalog.sources) counts.sources.push_back({.source = source});
  for (std::size_t second = 1; second < counts.sources.size(); ++second) {
    for (std::size_t first = 0; first < second; ++first)
      counts.overlaps.push_back({.first = first, .second = second});
  }

  std::map<std::uint32_t, ShardParts> shards;
  for (const StoreFile& stored : store.release().files) {
    if (stored.kind == StoreFile::Kind::kCodes) continue;
    const std::shared_ptr<SealedFile>& file = store.file(stored.name);
    for (const std::uint32_t shard : stored.shards) {
      ShardParts& parts = shards[shard];
      parts.files.emplace_back(file, read_shard_header(*file, shard));
      const ShardHeader& header = parts.files.back().second;
      parts.patients = std::max(parts.patients, header.patients);
      for (const auto& [source, events] : header.sources)
        counts.sources[place_of(catalog, source)].events += events;
      for (const auto& [of, events] : header.years)
        counts.sources[place_of(catalog, of.first)].events_by_year[of.second] += events;
    }
  }
  for (const auto& [shard, parts] : shards) {
    std::vector<PatientSet> sets(counts.sources.size(), PatientSet(parts.patients));
    add_patients(parts, shard, catalog, sets);
    for (std::size_t i = 0; i < sets.size(); ++i) counts.sources[i].patients += sets[i].count();
    for (SourceOverlap& overlap : counts.overlaps)
      overlap.patients += count_both(sets[overlap.first], sets[overlap.second]);
  }
  return counts;
}

std::string coverage_text(const Source& source) {
  if (!source.first_day && !source.last_day) return "";
  const auto text = [](const std::optional<Day>& day) { return day ? format_day(*day) : ""; };
  return text(source.first_day) + ".." + text(source.last_day);
}

}  // namespace anam::cli
