// SPDX-License-Identifier: Apache-2.0
#include "query/read/saved_rows.h"

#include <algorithm>
#include <ctime>
#include <numeric>
#include <string>
#include <unordered_map>

#include "index/patient_table.h"
#include "storage/error.h"

namespace anam {
namespace {

constexpr std::uint32_t kNobody = UINT32_MAX;

void check_same_store(const StoreReader& reader, const SavedCohort& cohort) {
  const Catalog& catalog = reader.store().catalog();
  const SavedCohortFacts& facts = cohort.facts();
  const auto release = std::ranges::find(catalog.releases, facts.release, &Release::number);
  // Two copies of a store go on with releases of the same numbers.
  const bool other = release != catalog.releases.end() && release->time != facts.release_time;
  if (facts.store != catalog.id || facts.shard_bits != catalog.shard_bits || other)
    fail(ErrorCode::kInput, "saved cohort was made of another store; save it again here",
         cohort.name());
}

// Whether the ordinals that the rows were saved with are those of the open release.
bool same_ordinals(const std::vector<StoreReader::ShardFile>& files, std::uint64_t saved) {
  PatientFiles known;
  return std::ranges::any_of(files, [&](const StoreReader::ShardFile& file) {
    known.add(file.file->seal());
    return known.value() == saved;
  });
}

// Ordinals of the patients in this release, by their ids; kNobody where it does not know one.
std::vector<std::uint32_t> find_ordinals(const SavedShardRows& saved, ShardData& shard) {
  std::unordered_map<std::string, std::uint32_t> places;
  for (std::uint32_t i = 0; i < saved.ordinals.size(); ++i) {
    const std::int64_t number = saved.id_number[i];
    places.emplace(
        number != kNull ? std::to_string(number) : std::string(saved.texts.at(saved.id_text[i])),
        i);
  }
  std::vector<std::uint32_t> found(saved.ordinals.size(), kNobody);
  for (std::uint32_t ordinal = 0; ordinal < shard.patients(); ++ordinal) {
    const auto at = places.find(shard.patient_id(ordinal));
    if (at != places.end()) found[at->second] = ordinal;
  }
  return found;
}

// Rows in the order of this release's ordinals.
void renumber(SavedShardRows& saved, ShardData& shard) {
  const std::vector<std::uint32_t> found = find_ordinals(saved, shard);
  std::vector<CohortRow> rows;
  std::size_t patient = 0;
  for (std::size_t i = 0; i < saved.patient.size(); ++i) {
    while (saved.ordinals[patient] != saved.patient[i]) ++patient;
    if (found[patient] != kNobody) rows.push_back({found[patient], saved.start[i], saved.end[i]});
  }
  std::ranges::sort(rows);
  saved.patient.clear();
  saved.start.clear();
  saved.end.clear();
  for (const CohortRow& row : rows) {
    saved.patient.push_back(row.ordinal);
    saved.start.push_back(row.start);
    saved.end.push_back(row.end);
  }
}

PatientFiles patient_files(const StoreReader& reader, std::uint32_t shard) {
  PatientFiles files;
  for (const StoreReader::ShardFile& file : reader.shard_files(shard)) files.add(file.file->seal());
  return files;
}

}  // namespace

SavedRows::SavedRows(const StoreReader& reader, std::shared_ptr<const SavedCohort> cohort,
                     std::optional<std::uint32_t> release)
    : reader_(reader), cohort_(std::move(cohort)) {
  check_same_store(reader, *cohort_);
  const std::string made = std::to_string(cohort_->facts().release);
  const std::uint32_t open = reader.store().release().number;
  if (release.value_or(open) == cohort_->facts().release) return;
  if (release) {
    fail(ErrorCode::kInput,
         "saved cohort is of release " + made + ", not of release " + std::to_string(*release),
         cohort_->name());
  }
  fail(ErrorCode::kInput,
       "saved cohort is of release " + made + " and release " + std::to_string(open) +
           " is asked: save it again (anam cohort ... --save --replace), ask its release "
           "(--release " +
           made + "), or write that its rows of then are meant (cohort " + cohort_->name() +
           " as of release " + made + ")",
       cohort_->name());
}

std::shared_ptr<const EventStream> SavedRows::rows(ShardData& shard,
                                                   const PatientSet* /*among*/) const {
  auto stream = std::make_shared<EventStream>();
  const SavedCohort::Shard* section = cohort_->find(shard.number());
  if (section == nullptr) return stream;
  const bool same = same_ordinals(reader_.shard_files(shard.number()), section->files);
  SavedShardRows saved = cohort_->read(*section, !same);
  if (!same) renumber(saved, shard);
  if (!saved.patient.empty() && saved.patient.back() >= shard.patients())
    fail(ErrorCode::kCorrupt, "saved cohort has a patient that the store does not have",
         cohort_->name());
  stream->patient = std::move(saved.patient);
  stream->start = std::move(saved.start);
  stream->end = std::move(saved.end);
  return stream;
}

std::uint64_t SavedRows::most_rows(ShardData& shard) const {
  const SavedCohort::Shard* section = cohort_->find(shard.number());
  return section == nullptr ? 0 : section->rows;
}

SavedCohortFacts facts_of(const StoreReader& reader) {
  SavedCohortFacts facts;
  facts.store = reader.store().catalog().id;
  facts.shard_bits = reader.store().catalog().shard_bits;
  facts.release = reader.store().release().number;
  facts.release_time = reader.store().release().time;
  facts.time = std::time(nullptr);
  return facts;
}

void save_rows(SavedCohortWriter& writer, const StoreReader& reader, ShardData& shard,
               std::uint32_t number, const std::vector<CohortRow>& rows) {
  std::vector<SavedRow> saved;
  saved.reserve(rows.size());
  for (const CohortRow& row : rows) saved.push_back({row.ordinal, row.start, row.end});
  writer.add(number, patient_files(reader, number), saved, [&shard](std::uint32_t ordinal) {
    const std::string text = shard.patient_id(ordinal);
    const PatientId id = PatientId::parse(text);
    return SavedId{id.number, id.number == kNull ? text : std::string()};
  });
}

}  // namespace anam
