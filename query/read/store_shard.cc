// SPDX-License-Identifier: Apache-2.0
#include "query/read/store_shard.h"

#include <algorithm>
#include <array>

#include "index/carried.h"
#include "index/patient_table.h"
#include "query/read/read_ahead.h"
#include "query/read/stream_order.h"

namespace anam {
namespace {

constexpr std::array<PostingRole, 3> kAllRoles = {PostingRole::kStandard, PostingRole::kSource,
                                                  PostingRole::kBoth};

// Reading a patient's chunk takes about as long as reading so many events of postings (100 us).
constexpr std::uint64_t kEventsAChunk = 30'000;

/// Sets of codes that are looked up row by row.
class CodeFilter {
 public:
  explicit CodeFilter(const CodeIds& ids) {
    if (!ids.empty()) bits_.resize(ids.back() / 64 + std::size_t{1});
    for (const CodeId id : ids) bits_[id / 64] |= std::uint64_t{1} << (id % 64);
  }
  bool contains(std::int64_t id) const {
    const auto at = static_cast<std::uint64_t>(id);
    return at / 64 < bits_.size() && (bits_[at / 64] >> (at % 64) & 1) != 0;
  }

 private:
  std::vector<std::uint64_t> bits_;
};

}  // namespace

StoreShard::StoreShard(const StoreReader& reader, std::uint32_t shard, std::size_t cache_bytes)
    : reader_(reader), shard_(shard), columns_(cache_bytes) {
  for (const StoreReader::ShardFile& f : reader.shard_files(shard)) {
    files_.push_back({f.file, &f.header, PostingReader(f.file, shard)});
    patients_ = std::max(patients_, f.header.patients);
  }
}

std::vector<PostingRole> StoreShard::roles(const StreamRequest& request) const {
  // Every event is once in a list of its standard code, so that those lists have all events.
  if (request.codes == nullptr || request.role == Role::kStandard)
    return {PostingRole::kStandard, PostingRole::kBoth};
  if (request.role == Role::kSource) return {PostingRole::kSource, PostingRole::kBoth};
  return {kAllRoles.begin(), kAllRoles.end()};
}

std::vector<Domain> StoreShard::domains(const StreamRequest& request) const {
  if (request.domain != Domain::kNone) return {request.domain};
  return {all_domains().begin(), all_domains().end()};
}

bool StoreShard::has(const File& file, Domain domain, PostingRole role) {
  const auto found = file.header->domains.find(domain);
  return found != file.header->domains.end() &&
         (found->second.roles >> static_cast<unsigned>(role) & 1) != 0;
}

void StoreShard::check_ordinals(const std::vector<std::uint32_t>& ordinals) const {
  std::uint32_t greatest = 0;
  for (const std::uint32_t o : ordinals) greatest = std::max(greatest, o);
  if (!ordinals.empty() && greatest >= patients_) {
    fail(ErrorCode::kCorrupt, "postings name patients that are not in their shard",
         "shard " + std::to_string(shard_));
  }
}

PatientSet StoreShard::patients_with(const StreamRequest& request) {
  PatientSet set(patients_);
  const auto list = request.codes != nullptr ? reader_.code_list(*request.codes) : nullptr;
  for (File& file : files_) {
    for (const Domain domain : domains(request)) {
      if (!list) {
        file.postings.domain_patients(domain, set);
        continue;
      }
      for (const PostingRole role : roles(request)) {
        if (has(file, domain, role)) file.postings.patients(domain, role, *list, set);
      }
    }
  }
  return set;
}

bool StoreShard::postings_suffice(const StreamRequest& request) const {
  return std::ranges::all_of(request.columns, [&](ColumnId id) {
    return id == column::kSecond || carried(request.domain, id);
  });
}

bool StoreShard::carried(Domain domain, ColumnId id) const {
  if (id == column::kSource) {
    return std::ranges::all_of(files_,
                               [](const File& file) { return file.header->sources.size() == 1; });
  }
  return !files_.empty() && std::ranges::all_of(files_, [&](const File& file) {
    const auto columns = carried_columns(domain, file.header->version);
    return std::ranges::find(columns, id) != columns.end();
  });
}

bool StoreShard::chunks_cost_less(const StreamRequest& request, std::uint64_t patients) {
  const std::uint64_t events = patients * kEventsAChunk;
  StreamRequest domain = request;
  domain.codes = nullptr;  // cheaper to know
  return events < most_events(domain) &&
         (request.codes == nullptr || events < listed_events(request));
}

std::shared_ptr<const EventStream> StoreShard::events(const StreamRequest& request,
                                                      const PatientSet* among) {
  if (!postings_suffice(request)) {
    PatientSet patients = patients_with(request);
    if (among != nullptr) patients.intersect(*among);
    return from_timelines(request, patients);
  }
  if (among != nullptr && chunks_cost_less(request, among->count())) {
    PatientSet patients = patients_with(request);
    patients.intersect(*among);
    const std::shared_ptr<EventStream> stream = from_timelines(request, patients);
    sort_stream(*stream, true);
    return stream;
  }
  PatientSet ambiguous(patients_);
  std::shared_ptr<EventStream> stream = from_postings(request, among, &ambiguous);
  if (ambiguous.count() > 0) {
    // An event with one code of the set as standard and another as source stands in two lists.
    // Where that may be, its timeline tells.
    if (among != nullptr) ambiguous.intersect(*among);
    const std::shared_ptr<EventStream> exact = from_timelines(request, ambiguous);
    auto merged = std::make_shared<EventStream>();
    const bool ends = !stream->end.empty() || !exact->end.empty();
    for (std::size_t c = 0; c < stream->columns.size(); ++c) {
      merged->columns.push_back({stream->columns[c].id, stream->columns[c].type, {}});
    }
    const auto take = [&](const EventStream& from, bool is_exact) {
      for (std::size_t i = 0; i < from.size(); ++i) {
        if (!is_exact && ambiguous.contains(from.patient[i])) continue;
        merged->patient.push_back(from.patient[i]);
        merged->start.push_back(from.start[i]);
        if (ends) merged->end.push_back(from.end.empty() ? EventStream::kNoEnd : from.end[i]);
        for (std::size_t c = 0; c < merged->columns.size(); ++c) {
          const StreamColumn* column = from.find(merged->columns[c].id);
          merged->columns[c].cells.push_back(column == nullptr ? kNull : column->cells[i]);
        }
      }
    };
    take(*stream, false);
    take(*exact, true);
    sort_stream(*merged, true);
    return merged;
  }
  return stream;
}

std::shared_ptr<EventStream> StoreShard::from_postings(const StreamRequest& request,
                                                       const PatientSet* among,
                                                       PatientSet* ambiguous) {
  const auto list = request.codes != nullptr ? reader_.code_list(*request.codes) : nullptr;
  const auto wants = [&](ColumnId id) {
    return std::ranges::find(request.columns, id) != request.columns.end();
  };
  PostingOptions options{
      .ends = true, .seconds = wants(column::kSecond), .carried = {}, .among = among};
  for (const ColumnId id : request.columns) {
    if (id != column::kSecond && id != column::kSource) options.carried.push_back(id);
  }
  std::vector<std::int64_t> sources;  // of rows, where wanted: each file's is one
  PostingColumns rows;
  rows.carried.resize(options.carried.size());
  std::size_t lists = 0;
  std::vector<std::pair<std::size_t, std::size_t>>
      source_only;  // rows that came from lists of source codes
  for (File& file : files_) {
    for (const Domain domain : domains(request)) {
      for (const PostingRole role : roles(request)) {
        if (!has(file, domain, role)) continue;
        const std::size_t begin = rows.patient.size();
        lists += file.postings.read(domain, role, list.get(), options, rows);
        if (wants(column::kSource) && rows.patient.size() > begin)
          sources.resize(rows.patient.size(), file.header->sources.begin()->first);
        if (role == PostingRole::kSource) source_only.emplace_back(begin, rows.patient.size());
      }
    }
  }
  check_ordinals(rows.patient);
  const std::size_t n = rows.patient.size();

  if (request.role == Role::kEither && !source_only.empty()) {
    // Days on which a patient has an event by its source code only and another one by its standard
    // code only.
    std::vector<std::uint64_t> by_source;
    std::vector<bool> is_source(n);
    for (const auto& [begin, end] : source_only) {
      for (std::size_t i = begin; i < end; ++i) {
        by_source.push_back(time_key(rows.patient[i], rows.start[i]));
        is_source[i] = true;
      }
    }
    std::ranges::sort(by_source);
    for (std::size_t i = 0; i < n; ++i) {
      if (!is_source[i] &&
          std::ranges::binary_search(by_source, time_key(rows.patient[i], rows.start[i]))) {
        ambiguous->add(rows.patient[i]);
      }
    }
  }

  auto stream = std::make_shared<EventStream>();
  stream->patient = std::move(rows.patient);
  stream->start = std::move(rows.start);
  stream->end = std::move(rows.end);
  if (options.seconds) {
    rows.second.resize(n, kNull);
    stream->columns.push_back({column::kSecond, ColumnType::kInt, std::move(rows.second)});
  }
  for (std::size_t i = 0; i < options.carried.size(); ++i) {
    rows.carried[i].resize(n, kNull);
    stream->columns.push_back({options.carried[i], find_builtin_attribute(options.carried[i])->type,
                               std::move(rows.carried[i])});
  }
  if (wants(column::kSource))
    stream->columns.push_back({column::kSource, ColumnType::kInt, std::move(sources)});
  // As timelines give them, so that events of a day come in the same order.
  std::ranges::sort(stream->columns, {}, [&](const StreamColumn& column) {
    return std::ranges::find(request.columns, column.id) - request.columns.begin();
  });
  if (lists > 1 || !is_in_day_order(*stream)) sort_stream(*stream, true);
  return stream;
}

std::shared_ptr<EventStream> StoreShard::from_timelines(const StreamRequest& request,
                                                        const PatientSet& among) {
  auto stream = std::make_shared<EventStream>();
  for (const ColumnId id : request.columns) {
    const auto attribute = reader_.find_attribute(id);
    stream->columns.push_back({id, attribute ? attribute->type : ColumnType::kInt, {}});
  }
  const CodeFilter filter(request.codes != nullptr ? *request.codes : CodeIds());
  const bool by_standard = request.role != Role::kSource;
  const bool by_source = request.role != Role::kStandard;
  ColumnCache::Cells code_cells, cells;  // of the chunk
  const auto read_texts = [&](const TimelineChunk& chunk, ColumnId id) {
    return chunk.read(id, cells, &stream->texts) ? &cells : nullptr;
  };
  std::vector<std::uint32_t> rows;
  std::vector<std::int64_t> places;  // of the rows: by file, then by position
  std::size_t parts = 0;

  for (std::size_t file_number = 0; file_number < files_.size(); ++file_number) {
    const File& file = files_[file_number];
    TimelineCursor cursor(file.file, shard_);
    ReadAhead ahead(file.file, shard_, among);
    bool any = false;
    const auto take_chunk = [&](const TimelineChunk& chunk) {
      const auto* domain_codes = columns_.read(file_number, chunk, column::kCode, code_cells);
      if (domain_codes == nullptr)
        fail(ErrorCode::kCorrupt, "chunk lacks its codes", file.file->path().native());
      const auto* sources = by_source && request.codes != nullptr
                                ? columns_.read(file_number, chunk, column::kSourceCode, cells)
                                : nullptr;
      rows.clear();
      places.clear();
      const std::size_t first_new = stream->patient.size();
      for (std::size_t p = 0; p < chunk.ordinals().size(); ++p) {
        const std::uint32_t patient = chunk.ordinals()[p];
        if (patient >= patients_)
          fail(ErrorCode::kCorrupt, "timelines name patients that are not in their shard",
               file.file->path().native());
        if (!among.contains(patient)) continue;
        for (std::uint32_t row = chunk.offsets()[p]; row < chunk.offsets()[p + 1]; ++row) {
          const std::int64_t cell = (*domain_codes)[row];
          if (request.domain != Domain::kNone && domain_of(cell) != request.domain) continue;
          if (request.codes != nullptr && !(by_standard && filter.contains(code_of(cell))) &&
              !(sources != nullptr && (*sources)[row] != kNull &&
                filter.contains((*sources)[row]))) {
            continue;
          }
          rows.push_back(row);
          places.push_back(static_cast<std::int64_t>(file_number << 40) + chunk.head().skipped +
                           row - chunk.offsets()[p]);
          stream->patient.push_back(patient);
        }
      }
      if (rows.empty()) return;
      any = true;
      const auto* days = columns_.read(file_number, chunk, column::kDay, cells);
      if (days == nullptr)
        fail(ErrorCode::kCorrupt, "chunk lacks its days", file.file->path().native());
      for (const std::uint32_t row : rows) stream->start.push_back(static_cast<Day>((*days)[row]));
      if (const auto* ends = columns_.read(file_number, chunk, column::kEndDay, cells)) {
        stream->end.resize(first_new, EventStream::kNoEnd);
        for (const std::uint32_t row : rows) {
          const std::int64_t end = (*ends)[row];
          stream->end.push_back(end == kNull ? EventStream::kNoEnd : static_cast<Day>(end));
        }
      }
      for (StreamColumn& column : stream->columns) {
        column.cells.resize(first_new, kNull);
        if (column.id == column::kCode) {
          for (const std::uint32_t row : rows) column.cells.push_back((*domain_codes)[row]);
        } else if (column.id == column::kPlace) {
          column.cells.insert(column.cells.end(), places.begin(), places.end());
        } else if (const auto* read = column.type == ColumnType::kText
                                          ? read_texts(chunk, column.id)
                                          : columns_.read(file_number, chunk, column.id, cells)) {
          for (const std::uint32_t row : rows) column.cells.push_back((*read)[row]);
        } else {
          column.cells.resize(stream->patient.size(), kNull);
        }
      }
    };
    std::uint32_t ordinal = next_patient(among, 0);
    bool found = ordinal < patients_ && cursor.seek(ordinal);
    while (found) {
      ahead.reached(ordinal);
      take_chunk(cursor.chunk());
      const std::uint32_t last = cursor.head().last;
      found = cursor.next();
      if (!found) break;
      // The last patient's events may go on in the next chunk; else on to the next patient wanted.
      if (cursor.head().skipped > 0 && cursor.head().first == last && among.contains(last))
        continue;
      ordinal = next_patient(among, last + 1);
      found = ordinal < patients_ && cursor.seek(ordinal);
    }
    parts += any ? 1 : 0;
  }
  if (!stream->end.empty()) stream->end.resize(stream->size(), EventStream::kNoEnd);
  for (StreamColumn& column : stream->columns) column.cells.resize(stream->size(), kNull);
  const bool by_second = stream->find(column::kSecond) != nullptr;
  if (parts > 1 || by_second) sort_stream(*stream, false);
  return stream;
}

std::vector<std::int64_t> StoreShard::person_column(ColumnId column, TextPool* texts) {
  std::vector<std::int64_t> cells(patients_, kNull);
  for (File& file : files_) PatientTable(file.file, *file.header).read(column, cells, texts);
  return cells;
}

std::string StoreShard::patient_id(std::uint32_t ordinal) {
  if (id_numbers_.empty()) {
    id_numbers_.resize(patients_, kNull);
    id_texts_.resize(patients_, kNull);
  }
  if (id_numbers_[ordinal] == kNull && id_texts_[ordinal] == kNull) read_ids(ordinal);
  if (id_numbers_[ordinal] != kNull) return std::to_string(id_numbers_[ordinal]);
  return id_texts_[ordinal] != kNull ? std::string(id_pool_.at(id_texts_[ordinal])) : std::string();
}

// Of the patient and its neighbours: those of few members are in few blocks.
void StoreShard::read_ids(std::uint32_t ordinal) {
  for (const File& file : files_) {
    if (ordinal < file.header->first_new || ordinal >= file.header->patients) continue;
    PatientTable table(file.file, *file.header);
    table.read_block(ordinal, column::kPatient, id_numbers_, nullptr);
    table.read_block(ordinal, column::kPatientText, id_texts_, &id_pool_);
  }
}

std::vector<std::int64_t> StoreShard::source_ids(const SourceIs& test) const {
  const auto has = [](const std::vector<std::string>& list, const std::string& word) {
    return !word.empty() && std::ranges::find(list, word) != list.end();
  };
  std::vector<std::int64_t> ids;
  for (const Source& source : reader_.store().catalog().sources) {
    if (has(test.sources, source.name) || has(test.kinds, source.kind)) ids.push_back(source.id);
  }
  return ids;
}

std::uint64_t StoreShard::count_events(const StreamRequest& request) {
  // Where no event has a source code of its own, each is in one list.
  const bool once = std::ranges::none_of(files_, [&](const File& file) {
    return std::ranges::any_of(
        domains(request), [&](Domain domain) { return has(file, domain, PostingRole::kSource); });
  });
  if (request.codes == nullptr || request.role != Role::kEither || once)
    return listed_events(request);
  return events(request, nullptr)->size();
}

// An event whose two codes are both asked for may count twice.
std::uint64_t StoreShard::listed_events(const StreamRequest& request) {
  const auto list = request.codes != nullptr ? reader_.code_list(*request.codes) : nullptr;
  std::vector<PostingReader::ListSize> sizes;
  for (File& file : files_) {
    for (const Domain domain : domains(request)) {
      for (const PostingRole role : roles(request)) {
        if (has(file, domain, role)) file.postings.list_sizes(domain, role, list.get(), sizes);
      }
    }
  }
  std::uint64_t events = 0;
  for (const auto& size : sizes) events += size.events;
  return events;
}

std::uint64_t StoreShard::most_events(const StreamRequest& request) {
  if (request.cohort != nullptr) return request.cohort->most_rows(*this);
  if (request.codes != nullptr) return listed_events(request);
  std::uint64_t events = 0;
  for (const File& file : files_) {
    for (const Domain domain : domains(request)) {
      const auto found = file.header->domains.find(domain);
      if (found != file.header->domains.end()) events += found->second.events;
    }
  }
  return events;
}

std::map<CodeId, CodeCount> StoreShard::count_codes(Domain domain, const CodeList& codes) {
  std::map<CodeId, CodeCount> counts;
  std::map<CodeId, int> parts;  // in how many lists a code's patients are
  for (File& file : files_) {
    for (const PostingRole role : kAllRoles) {
      if (!has(file, domain, role)) continue;
      std::vector<PostingReader::ListSize> sizes;
      file.postings.list_sizes(domain, role, &codes, sizes);
      for (const auto& size : sizes) {
        CodeCount& count = counts[size.code];
        count.code = size.code;
        count.domain = domain;
        count.events += size.events;
        count.patients += size.patients;
        ++parts[size.code];
      }
    }
  }
  // Patients of a code with several lists are counted once.
  for (const auto& [code, n] : parts) {
    if (n < 2) continue;
    const CodeIds one = {code};
    counts[code].patients =
        patients_with({.domain = domain, .codes = &one, .role = Role::kEither, .columns = {}})
            .count();
  }
  return counts;
}

}  // namespace anam
