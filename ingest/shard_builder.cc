// SPDX-License-Identifier: Apache-2.0
#include "ingest/shard_builder.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "index/bitmap.h"
#include "index/patient_table.h"
#include "ingest/links.h"
#include "storage/attributes.h"
#include "storage/calendar.h"
#include "storage/checked_value.h"
#include "storage/shard_key.h"

namespace anam {
namespace {

// Rows of a run, where memory allows more: their columns are put in order within the caches.
constexpr std::uint64_t kRunRows = 500'000;

// Memory of rows in units of their cells: runs are about equal, not quite.
constexpr double kHeldRows = 1.1;
// What is held besides while a run is built, in units of its rows' cells: sort keys and order,
// columns on their way to it, pages.
constexpr double kRunOverhead = 1.2;
// What is left of a row of the runs that are built, for an event in one list or two.
constexpr double kPostingBytes = 48;

// Into how many parts rows must be split, so that one of them and the run at hand fit the memory.
std::uint32_t parts_for(std::uint64_t rows, std::uint64_t cells, std::uint64_t memory) {
  const auto bytes = static_cast<double>(cells);
  const double held = std::max(kHeldRows * bytes, kPostingBytes * static_cast<double>(rows));
  const double run = kRunOverhead * bytes / (static_cast<double>(rows / kRunRows) + 1);
  return static_cast<std::uint32_t>((held + run) / static_cast<double>(memory)) + 1;
}

constexpr std::array<LinkReference, 1> kOfVisits = {{
    {column::kPrecedingVisit, "dangling preceding_visit"},
}};
constexpr std::array<LinkReference, 2> kOfVisitDetails = {{
    {column::kPrecedingVisitDetail, "dangling preceding_visit_detail"},
    {column::kParentVisitDetail, "dangling parent_visit_detail"},
}};
constexpr std::array<LinkKind, 3> kLinks = {{
    {column::kVisitKey, column::kVisit, Domain::kVisit, "dangling visit", kOfVisits},
    {column::kVisitDetailKey, column::kVisitDetail, Domain::kVisitDetail, "dangling visit_detail",
     kOfVisitDetails},
    {column::kClaimKey, column::kClaim, std::nullopt, "", {}},
}};
constexpr std::size_t kLinkKinds = 3;
constexpr std::array<ColumnId, kLinkKinds> kUsed = {column::kVisits, column::kVisitDetails,
                                                    column::kClaims};

/// Counts days by their year. Days that come in order cost a comparison.
class YearCounts {
 public:
  void add(Day day) {
    if (day < begin_ || day >= end_) turn_to(day);
    ++count_;
  }
  std::map<std::int16_t, std::uint64_t> take() {
    if (count_ > 0) counts_[year_] += count_;
    count_ = 0;
    return std::exchange(counts_, {});
  }

 private:
  void turn_to(Day day) {
    if (count_ > 0) counts_[year_] += count_;
    count_ = 0;
    const std::int32_t year = civil_of(day).year;
    year_ = static_cast<std::int16_t>(year);
    begin_ = day_of(year, 1, 1).value();
    end_ = day_of(year, 12, 31).value() + 1;
  }

  Day begin_ = 0;
  Day end_ = 0;
  std::int16_t year_ = 0;
  std::uint64_t count_ = 0;
  std::map<std::int16_t, std::uint64_t> counts_;
};

}  // namespace

void ShardCounts::add(const ShardCounts& other) {
  patients += other.patients;
  new_patients += other.new_patients;
  persons += other.persons;
  amendments += other.amendments;
  for (const auto& [domain, n] : other.events) events[domain] += n;
  for (const auto& [kind, domains] : other.exceptions) {
    for (const auto& [domain, n] : domains) exceptions[kind][domain] += n;
  }
}

/// Patients of earlier releases, by ordinal.
struct ShardBuilder::KnownPatients {
  std::vector<std::int64_t> numbers;
  std::vector<std::int64_t> text_ids;
  TextPool texts;
  std::vector<std::int64_t> person;                        // 1 = a row about the person was loaded
  std::array<std::vector<std::int64_t>, kLinkKinds> used;  // numbers given so far
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash;
};

ShardBuilder::ShardBuilder(std::uint32_t shard, std::uint32_t shard_bits,
                           std::vector<EarlierShard> earlier, const CodeDictionary& codes,
                           ShardBuildOptions options)
    : options_(std::move(options)),
      codes_(codes),
      shard_bits_(shard_bits),
      earlier_(std::move(earlier)) {
  header_.shard = shard;
}

ShardBuilder::~ShardBuilder() = default;

void ShardBuilder::check_cancel() const {
  if (options_.cancel != nullptr && *options_.cancel)
    fail(ErrorCode::kCancelled, "the load was stopped");
}

void ShardBuilder::read_known() {
  known_ = std::make_unique<KnownPatients>();
  for (const EarlierShard& e : earlier_)
    header_.first_new = std::max(header_.first_new, e.header.patients);
  header_.patients = header_.first_new;
  const std::size_t n = header_.first_new;
  known_->numbers.assign(n, kNull);
  known_->text_ids.assign(n, kNull);
  known_->person.assign(n, kNull);
  for (auto& used : known_->used) used.assign(n, kNull);
  for (const EarlierShard& e : earlier_) {
    PatientTable table(e.file, e.header);
    table.read(column::kPatient, known_->numbers, nullptr);
    table.read(column::kPatientText, known_->text_ids, &known_->texts);
    table.read(column::kKnown, known_->person, nullptr);
    for (std::size_t i = 0; i < kLinkKinds; ++i) table.read(kUsed[i], known_->used[i], nullptr);
  }
  known_->by_hash.reserve(n);
  for (std::uint32_t o = 0; o < n; ++o) {
    const std::uint64_t hash = known_->numbers[o] != kNull ? patient_hash(known_->numbers[o])
                               : known_->text_ids[o] != kNull
                                   ? patient_hash(known_->texts.at(known_->text_ids[o]))
                                   : 0;
    known_->by_hash.emplace(hash, o);
  }
}

bool ShardBuilder::build(Spill& spill, std::uint32_t partition, SealedFileWriter& out) {
  if (spill.rows(partition) == 0) return false;
  read_known();
  timeline_ = std::make_unique<TimelineWriter>(header_.shard, [&](ByteSpan key, ByteSpan value) {
    check_cancel();
    out.append(key, value);
    header_.timeline_bytes += value.size();
  });

  const std::uint32_t parts =
      parts_for(spill.rows(partition), spill.memory(partition), options_.memory);
  on_disk_ = parts > 1;
  const auto runs = static_cast<std::uint32_t>(spill.rows(partition) / kRunRows / parts) + 1;
  if (on_disk_) {
    split(spill, partition, parts, runs);
  } else {
    build_runs(spill, partition, {.first = 0, .count = known_runs(runs) + runs, .each = runs});
  }
  timeline_->finish();
  header_.column_bytes = timeline_->bytes_by_column();
  header_.fences = std::move(fences_);
  if (header_.events == 0 && person_blocks_.empty()) return false;

  for (const auto& [key, value] : person_blocks_) {
    out.append(key, value);
    header_.patient_bytes += value.size();
  }
  person_blocks_.clear();
  write_postings(out);
  for (const auto& [domain, ordinals] : domain_patients_) {
    header_.domains[domain].patients = static_cast<std::uint32_t>(ordinals.size());
    const Bytes key = domain_key(header_.shard, domain);
    const Bytes value = checked_value(key, write_bitmap(ordinals));
    header_.bitmap_bytes += value.size();
    out.append(key, value);
  }
  out.append(shard_part_key(header_.shard, ShardPart::kHeader), write_shard_header(header_));
  return true;
}

std::uint32_t ShardBuilder::known_runs(std::uint32_t runs) const {
  return header_.first_new > 0 ? runs : 0;
}

std::vector<std::uint32_t> ShardBuilder::runs_of(RowBuffer& rows, std::uint32_t runs) const {
  rows.column(column::kPatient);  // making one may move the others
  const auto& texts = rows.column(column::kPatientText);
  const auto& numbers = rows.column(column::kPatient);
  const std::uint32_t known = known_runs(runs);
  std::vector<std::uint32_t> of(rows.rows());
  for (std::size_t row = 0; row < of.size(); ++row) {
    RunPatient patient;
    patient.number = numbers[row];
    if (texts[row] != kNull) patient.text = rows.texts().at(texts[row]);
    patient.hash =
        patient.number != kNull ? patient_hash(patient.number) : patient_hash(patient.text);
    const std::uint32_t ordinal = known == 0 ? kDropped : find_known(patient);
    if (ordinal != kDropped) {
      of[row] = static_cast<std::uint32_t>(std::uint64_t{ordinal} * runs / header_.first_new);
    } else {
      const std::uint64_t within = shard_bits_ == 0 ? patient.hash : patient.hash << shard_bits_;
      of[row] = known + static_cast<std::uint32_t>((within >> 32) * runs >> 32);
    }
  }
  return of;
}

void ShardBuilder::split(Spill& spill, std::uint32_t partition, std::uint32_t parts,
                         std::uint32_t runs) {
  const std::uint32_t all = parts * runs;
  Spill on_disk(options_.scratch, "run-" + std::to_string(header_.shard) + "-",
                known_runs(parts) + parts, options_.memory / 4, options_.types, *options_.disk);
  spill.read(partition, [&](const Block& frame) {
    check_cancel();
    RowBuffer rows(options_.types);
    rows.append(frame);
    const std::vector<std::uint32_t> of = runs_of(rows, all);
    on_disk.add(rows, [&](std::size_t row) { return of[row] / runs; });
  });
  spill.remove(partition);
  for (std::uint32_t part = 0; part < on_disk.partitions(); ++part)
    build_runs(on_disk, part, {.first = part * runs, .count = runs, .each = all});
}

void ShardBuilder::build_runs(Spill& spill, std::uint32_t partition, const RunRange& range) {
  std::vector<RowBuffer> runs(range.count, RowBuffer(options_.types));
  for (RowBuffer& run : runs) {
    run.reserve(static_cast<std::size_t>(kHeldRows * static_cast<double>(spill.rows(partition))) /
                range.count);
  }
  std::vector<std::vector<std::uint32_t>> rows_of(range.count);
  spill.read(partition, [&](const Block& frame) {
    check_cancel();
    if (range.count == 1) return runs.front().append(frame);
    RowBuffer rows(options_.types);
    rows.append(frame);
    for (auto& of_run : rows_of) of_run.clear();
    const std::vector<std::uint32_t> of = runs_of(rows, range.each);
    for (std::uint32_t row = 0; row < of.size(); ++row)
      rows_of[of[row] - range.first].push_back(row);
    for (std::size_t run = 0; run < runs.size(); ++run) {
      if (!rows_of[run].empty()) runs[run].append(rows, rows_of[run]);
    }
  });
  spill.remove(partition);
  for (RowBuffer& run : runs) {
    if (run.rows() > 0) build_run(run);
    run.release();
  }
}

std::uint32_t ShardBuilder::find_known(const RunPatient& patient) const {
  const auto [begin, end] = known_->by_hash.equal_range(patient.hash);
  for (auto it = begin; it != end; ++it) {
    const std::uint32_t o = it->second;
    if (patient.number != kNull) {
      if (known_->numbers[o] == patient.number) return o;
    } else if (known_->text_ids[o] != kNull &&
               known_->texts.at(known_->text_ids[o]) == patient.text) {
      return o;
    }
  }
  return kDropped;
}

void ShardBuilder::build_run(RowBuffer& rows) {
  check_cancel();
  // Made before anything points into the columns: an empty one may be missing.
  for (const ColumnId id : {column::kPatient, column::kDay, column::kCode}) rows.column(id);
  if (rows.find(column::kAmends) != nullptr) rows.column(column::kRecordKey);
  for (std::size_t i = 0; i < kLinkKinds; ++i) {
    if (rows.find(kLinks[i].key) != nullptr) rows.column(kLinks[i].number);
  }
  std::vector<Kept> kept;
  std::vector<RowBuffer::Column> persons;
  {
    const PatientRows sorted(rows, codes_);
    check_cancel();
    kept = keep(rows, sorted);
    if (rows.find(column::kAmends) != nullptr) amend(rows, sorted, kept);
    persons = person_cells(rows, sorted, kept);
    // From here on the rows are the events that stay, in their final order.
    std::vector<std::uint32_t> events;
    events.reserve(rows.rows());
    for (const Kept& k : kept) {
      const auto own = sorted.order().subspan(k.patient->end - k.events, k.events);
      events.insert(events.end(), own.begin(), own.end());
    }
    rows.permute(events);
  }
  check_cancel();
  link(rows, kept);
  {
    std::vector<std::uint32_t> ordinals;
    ordinals.reserve(rows.rows());
    for (const Kept& k : kept) ordinals.insert(ordinals.end(), k.events, k.ordinal);
    runs_.push_back(std::make_unique<PostingRun>(rows, ordinals, codes_));
  }
  if (on_disk_) {
    runs_.back()->store(options_.scratch / ("postings-" + std::to_string(header_.shard) + "-" +
                                            std::to_string(runs_.size())));
  }
  check_cancel();
  write_timelines(rows, kept);
  write_persons(std::move(persons), kept, rows.texts());
}

std::vector<ShardBuilder::Kept> ShardBuilder::keep(RowBuffer& rows, const PatientRows& sorted) {
  const auto& days = rows.column(column::kDay);
  const auto& domain_codes = rows.column(column::kCode);
  std::vector<Kept> known;
  std::vector<Kept> fresh;
  for (const RunPatient& patient : sorted.patients()) {
    const auto mine = sorted.order().subspan(patient.begin, patient.end - patient.begin);
    Kept kept{.patient = &patient, .ordinal = find_known(patient)};
    // Rows about the person have the highest domain, so among rows without a day they come last.
    std::uint32_t undated = 0;
    while (undated < mine.size() && days[mine[undated]] == kNull) {
      if (domain_of(domain_codes[mine[undated]]) == Domain::kPerson) ++kept.persons;
      ++undated;
    }
    kept.amendments = undated - kept.persons;
    kept.events = static_cast<std::uint32_t>(mine.size()) - undated;
    kept.fresh = kept.ordinal == kDropped;
    const bool person = kept.persons > 0 || (!kept.fresh && known_->person[kept.ordinal] != kNull);
    if (options_.require_persons && !person) {
      for (const std::uint32_t row : mine)
        ++counts_.exceptions["orphan"][domain_of(domain_codes[row])];
      continue;
    }
    if (undated == mine.size() && kept.persons == 0 && kept.fresh) {
      for (const std::uint32_t row : mine)
        ++counts_.exceptions["unmatched amendment"][domain_of(domain_codes[row])];
      continue;
    }
    if (kept.persons > 1)
      counts_.exceptions["repeated person"][Domain::kPerson] += kept.persons - 1;
    counts_.persons += kept.persons;
    if (!kept.fresh) {
      for (std::size_t i = 0; i < kLinkKinds; ++i) {
        const std::int64_t used = known_->used[i][kept.ordinal];
        kept.used[i] = used == kNull ? 0 : used;
      }
    }
    (kept.fresh ? fresh : known).push_back(kept);
  }
  std::ranges::sort(known, {}, &Kept::ordinal);
  for (Kept& kept : fresh) kept.ordinal = header_.patients++;
  counts_.patients += known.size() + fresh.size();
  counts_.new_patients += fresh.size();
  known.insert(known.end(), fresh.begin(), fresh.end());
  return known;
}

void ShardBuilder::amend(RowBuffer& rows, const PatientRows& sorted,
                         const std::vector<Kept>& kept) {
  Amender amender(rows, codes_);
  for (const Kept& k : kept) {
    const auto mine = sorted.order().subspan(k.patient->begin, k.patient->end - k.patient->begin);
    counts_.amendments += amender.amend(mine.first(k.amendments), mine.last(k.events));
  }
  for (const auto& [domain, n] : amender.unmatched())
    counts_.exceptions["unmatched amendment"][domain] += n;
}

std::vector<RowBuffer::Column> ShardBuilder::person_cells(RowBuffer& rows,
                                                          const PatientRows& sorted,
                                                          const std::vector<Kept>& kept) const {
  std::vector<RowBuffer::Column> cells;
  const bool any = std::ranges::any_of(kept, [](const Kept& k) { return k.persons > 0; });
  for (const RowBuffer::Column& column : rows.columns()) {
    const bool id = column.id == column::kPatient || column.id == column::kPatientText;
    if (!id && (!any || column.id < column::kFirstAttribute)) continue;
    std::vector<std::int64_t> of_patients(kept.size(), kNull);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const Kept& k = kept[i];
      const auto mine = sorted.order().subspan(k.patient->begin, k.patient->end - k.patient->begin);
      if (id) {
        if (k.fresh) of_patients[i] = column.cells[mine.front()];
        continue;
      }
      // Of several rows about a person, the last one's cells; what it does not say, from those
      // before.
      for (const std::uint32_t row : mine.subspan(k.amendments, k.persons)) {
        if (column.cells[row] != kNull) of_patients[i] = column.cells[row];
      }
      if (of_patients[i] != kNull && column.type == ColumnType::kCode) {
        of_patients[i] = codes_.final_id(static_cast<CodeId>(of_patients[i]));
      }
    }
    cells.push_back({column.id, column.type, std::move(of_patients)});
  }
  return cells;
}

void ShardBuilder::link(RowBuffer& events, std::vector<Kept>& kept) {
  std::vector<Linker> linkers;
  linkers.reserve(kLinks.size());
  for (const LinkKind& kind : kLinks) linkers.emplace_back(events, kind, options_.require_visits);
  const auto& days = events.column(column::kDay);
  const auto& domain_codes = events.column(column::kCode);
  if (header_.events == 0 && events.rows() > 0)
    header_.first_day = header_.last_day = static_cast<Day>(days.front());

  YearCounts years;
  std::array<std::uint64_t, 256> events_of{};
  std::size_t row = 0;
  for (Kept& k : kept) {
    const std::size_t end = row + k.events;
    for (std::size_t i = 0; i < kLinkKinds; ++i) {
      const std::int64_t used = linkers[i].number(row, end, k.used[i]);
      k.numbered |= used != k.used[i];
      k.used[i] = used;
    }
    std::uint32_t domains = 0;
    for (; row < end; ++row) {
      const auto domain = static_cast<std::uint8_t>(domain_of(domain_codes[row]));
      ++events_of[domain];
      years.add(static_cast<Day>(days[row]));
      domains |= 1U << domain;
      header_.first_day = std::min(header_.first_day, static_cast<Day>(days[row]));
      header_.last_day = std::max(header_.last_day, static_cast<Day>(days[row]));
    }
    for (const Domain domain : all_domains()) {
      if ((domains >> static_cast<unsigned>(domain) & 1) != 0)
        domain_patients_[domain].push_back(k.ordinal);
    }
    if (k.events > 0) ++header_.touched;
  }
  for (const Domain domain : all_domains()) {
    const std::uint64_t n = events_of[static_cast<std::uint8_t>(domain)];
    if (n > 0) header_.domains[domain].events += n;
  }
  header_.events += events.rows();
  header_.sources[options_.source] += events.rows();
  for (const auto& [year, n] : years.take()) header_.years[{options_.source, year}] += n;
  for (const Linker& linker : linkers) {
    for (const auto& [kind, domains] : linker.dangling()) {
      for (const auto& [domain, n] : domains) counts_.exceptions[kind][domain] += n;
    }
  }
}

void ShardBuilder::write_timelines(RowBuffer& events, const std::vector<Kept>& kept) {
  for (RowBuffer::Column& column : events.columns()) {
    if (column.id == column::kCode) {
      for (std::int64_t& cell : column.cells)
        cell = domain_code(domain_of(cell), codes_.final_id(code_of(cell)));
    } else if (column.type == ColumnType::kCode) {
      for (std::int64_t& cell : column.cells) {
        if (cell != kNull) cell = codes_.final_id(static_cast<CodeId>(cell));
      }
    }
  }
  const std::vector<std::int64_t> source(events.rows(), options_.source);
  std::vector<std::uint32_t> ordinals;
  std::vector<std::uint32_t> counts;
  for (const Kept& k : kept) {
    if (k.events == 0) continue;
    ordinals.push_back(k.ordinal);
    counts.push_back(k.events);
  }
  SortedRows sorted{
      .ordinals = ordinals, .counts = counts, .columns = {}, .texts = &events.texts()};
  for (const RowBuffer::Column& column : events.columns()) {
    const bool on_the_way = column.id >= column::kPatient && column.id < column::kFirstAttribute;
    if (!on_the_way) sorted.columns.push_back({column.id, column.type, column.cells});
  }
  sorted.columns.push_back({column::kSource, ColumnType::kInt, source});
  timeline_->add(sorted);
}

void ShardBuilder::write_persons(std::vector<RowBuffer::Column> cells,
                                 const std::vector<Kept>& kept, const TextPool& texts) {
  const auto add = [&](ColumnId id, auto cell_of) {
    std::vector<std::int64_t> of_patients(kept.size());
    std::ranges::transform(kept, of_patients.begin(), cell_of);
    cells.push_back({id, ColumnType::kInt, std::move(of_patients)});
  };
  add(column::kKnown, [](const Kept& k) { return k.persons > 0 ? 1 : kNull; });
  for (std::size_t i = 0; i < kLinkKinds; ++i) {
    add(kUsed[i], [i](const Kept& k) { return k.numbered ? k.used[i] : kNull; });
  }
  PatientWriter writer(header_.shard, [this](ByteSpan key, ByteSpan value) {
    person_blocks_.emplace_back(Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
  });
  for (const bool fresh : {false, true}) {
    // Of known patients, only those about whom there is something new.
    std::vector<std::size_t> written;
    std::vector<std::uint32_t> ordinals;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (kept[i].fresh != fresh || (!fresh && kept[i].persons == 0 && !kept[i].numbered)) continue;
      written.push_back(i);
      ordinals.push_back(kept[i].ordinal);
    }
    std::vector<std::vector<std::int64_t>> chosen;
    std::vector<RowColumn> columns;
    chosen.reserve(cells.size());
    for (const RowBuffer::Column& column : cells) {
      std::vector<std::int64_t>& to = chosen.emplace_back(written.size());
      std::ranges::transform(written, to.begin(), [&](std::size_t i) { return column.cells[i]; });
      columns.push_back({column.id, column.type, to});
    }
    writer.add(ordinals, columns, &texts, fresh);
  }
  fences_.insert(fences_.end(), writer.fences().begin(), writer.fences().end());
}

void ShardBuilder::write_postings(SealedFileWriter& out) {
  const auto common = static_cast<std::uint32_t>(
      std::max<std::size_t>(kPostingPageEvents / 2, header_.patients / 8));
  PostingWriter writer(header_.shard, common, [&](ByteSpan key, ByteSpan value) {
    check_cancel();
    out.append(key, value);
  });
  merge_postings(runs_, codes_, writer);
  writer.finish();
  header_.posting_bytes = writer.page_bytes();
  header_.bitmap_bytes += writer.bitmap_bytes();
  for (const auto& run : runs_) {
    for (const PostingRun::List& list : run->lists()) {
      header_.domains[PostingRun::domain_of_list(list.key)].roles |= static_cast<std::uint8_t>(
          1U << static_cast<unsigned>(PostingRun::role_of_list(list.key)));
    }
  }
  runs_.clear();
}

}  // namespace anam
