// SPDX-License-Identifier: Apache-2.0
#include "ingest/shard_builder.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "index/bitmap.h"
#include "index/patient_table.h"
#include "ingest/links.h"
#include "storage/checked_value.h"
#include "storage/shard_key.h"

namespace anam {
namespace {

// Memory of a run in units of its rows' cells: the cells, sort keys and order, postings.
constexpr double kRunOverhead = 2.2;
// Events gathered at once for the timeline writer.
constexpr std::size_t kSlabEvents = 131072;

constexpr std::array<LinkKind, 3> kLinks = {{
    {column::kVisitKey, column::kVisit, Domain::kVisit, "dangling visit"},
    {column::kVisitDetailKey, column::kVisitDetail, Domain::kVisitDetail, "dangling visit_detail"},
    {column::kClaimKey, column::kClaim, std::nullopt, ""},
}};
constexpr std::size_t kLinkKinds = 3;
constexpr std::array<ColumnId, kLinkKinds> kUsed = {column::kVisits, column::kVisitDetails,
                                                    column::kClaims};

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
    out.append(key, value);
    header_.timeline_bytes += value.size();
  });

  const auto needed = static_cast<double>(spill.memory(partition)) * kRunOverhead;
  in_runs_ = needed > static_cast<double>(options_.memory);
  if (in_runs_) {
    split(spill, partition, [this](RowBuffer& rows) { build_run(rows); });
  } else {
    RowBuffer rows(options_.types);
    spill.read(partition, [&](const Block& frame) { rows.append(frame); });
    spill.remove(partition);
    build_run(rows);
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

void ShardBuilder::split(Spill& spill, std::uint32_t partition,
                         const std::function<void(RowBuffer&)>& run) {
  // Known patients by ordinal, then new ones by hash: so the runs follow each other in the order of
  // ordinals.
  const auto needed = static_cast<double>(spill.memory(partition)) * kRunOverhead;
  const auto parts = static_cast<std::uint32_t>(needed / static_cast<double>(options_.memory)) + 1;
  const std::uint32_t known_parts = header_.first_new > 0 ? parts : 0;
  Spill runs(options_.scratch, "run-" + std::to_string(header_.shard) + "-", known_parts + parts,
             options_.memory / 4, options_.types);
  spill.read(partition, [&](const Block& frame) {
    check_cancel();
    RowBuffer rows(options_.types);
    rows.append(frame);
    rows.column(column::kPatient);  // making one may move the others
    const auto& texts = rows.column(column::kPatientText);
    const auto& numbers = rows.column(column::kPatient);
    runs.add(rows, [&](std::size_t row) -> std::uint32_t {
      RunPatient patient;
      patient.number = numbers[row];
      if (texts[row] != kNull) patient.text = rows.texts().at(texts[row]);
      patient.hash =
          patient.number != kNull ? patient_hash(patient.number) : patient_hash(patient.text);
      const std::uint32_t ordinal = find_known(patient);
      if (ordinal != kDropped) {
        return static_cast<std::uint32_t>(std::uint64_t{ordinal} * parts / header_.first_new);
      }
      const std::uint64_t within = shard_bits_ == 0 ? patient.hash : patient.hash << shard_bits_;
      return known_parts + static_cast<std::uint32_t>((within >> 32) * parts >> 32);
    });
  });
  spill.remove(partition);
  for (std::uint32_t p = 0; p < runs.partitions(); ++p) {
    RowBuffer rows(options_.types);
    runs.read(p, [&](const Block& frame) { rows.append(frame); });
    runs.remove(p);
    if (rows.rows() > 0) run(rows);
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
  const PatientRows sorted(rows, codes_);
  check_cancel();
  std::vector<Kept> kept = keep(rows, sorted);
  const RunEvents events = link(rows, sorted, kept);
  write_timelines(rows, events);
  check_cancel();
  write_persons(rows, sorted, kept);
  runs_.push_back(std::make_unique<PostingRun>(rows, events, codes_));
  if (in_runs_) {
    runs_.back()->store(options_.scratch / ("postings-" + std::to_string(header_.shard) + "-" +
                                            std::to_string(runs_.size())));
  }
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

RunEvents ShardBuilder::link(RowBuffer& rows, const PatientRows& sorted, std::vector<Kept>& kept) {
  std::vector<Linker> linkers;
  for (std::size_t i = 0; i < kLinkKinds; ++i)
    linkers.emplace_back(rows, kLinks[i], options_.require_visits);
  const bool amends = rows.find(column::kAmends) != nullptr;
  Amender amender(rows);
  const auto& days = rows.column(column::kDay);
  const auto& domain_codes = rows.column(column::kCode);

  RunEvents events;
  events.rows.reserve(rows.rows());
  events.ordinals.reserve(rows.rows());
  for (Kept& k : kept) {
    const auto mine = sorted.order().subspan(k.patient->begin, k.patient->end - k.patient->begin);
    const auto own_events = mine.subspan(k.persons + k.amendments);
    if (amends) counts_.amendments += amender.amend(mine.first(k.amendments), own_events);
    for (std::size_t i = 0; i < kLinkKinds; ++i) {
      const std::int64_t used = linkers[i].number(own_events, k.used[i]);
      k.numbered |= used != k.used[i];
      k.used[i] = used;
    }
    std::uint32_t domains = 0;
    for (const std::uint32_t row : own_events) {
      const Domain domain = domain_of(domain_codes[row]);
      ++header_.domains[domain].events;
      domains |= 1U << static_cast<unsigned>(domain);
      const Day day = static_cast<Day>(days[row]);
      header_.first_day = header_.events == 0 ? day : std::min(header_.first_day, day);
      header_.last_day = header_.events == 0 ? day : std::max(header_.last_day, day);
      ++header_.events;
    }
    for (const Domain domain : all_domains()) {
      if ((domains >> static_cast<unsigned>(domain) & 1) != 0)
        domain_patients_[domain].push_back(k.ordinal);
    }
    if (!own_events.empty()) ++header_.touched;
    events.rows.insert(events.rows.end(), own_events.begin(), own_events.end());
    events.ordinals.insert(events.ordinals.end(), own_events.size(), k.ordinal);
  }
  header_.sources[options_.source] += events.rows.size();
  for (const auto& [domain, n] : amender.unmatched())
    counts_.exceptions["unmatched amendment"][domain] += n;
  for (const Linker& linker : linkers) {
    for (const auto& [domain, n] : linker.dangling())
      counts_.exceptions[linker.kind().dangling][domain] += n;
  }
  return events;
}

void ShardBuilder::write_timelines(RowBuffer& rows, const RunEvents& events) {
  struct Gathered {
    const RowBuffer::Column* from;
    std::vector<std::int64_t> cells;
  };
  std::vector<Gathered> gathered;
  for (const RowBuffer::Column& column : rows.columns()) {
    const bool on_the_way = column.id >= column::kPatient && column.id < column::kFirstAttribute;
    if (!on_the_way) gathered.push_back({&column, {}});
  }
  const std::vector<std::int64_t> source(std::min(kSlabEvents * 2, events.rows.size()),
                                         options_.source);

  std::vector<std::uint32_t> ordinals;
  std::vector<std::uint32_t> counts;
  for (std::size_t begin = 0; begin < events.rows.size();) {
    check_cancel();
    // Whole patients, about a slab of events.
    ordinals.clear();
    counts.clear();
    std::size_t end = begin;
    while (end < events.rows.size() && end - begin < kSlabEvents) {
      const std::uint32_t ordinal = events.ordinals[end];
      const std::size_t first = end;
      while (end < events.rows.size() && events.ordinals[end] == ordinal) ++end;
      ordinals.push_back(ordinal);
      counts.push_back(static_cast<std::uint32_t>(end - first));
    }
    const auto slab = std::span(events.rows).subspan(begin, end - begin);
    SortedRows sorted{
        .ordinals = ordinals, .counts = counts, .columns = {}, .texts = &rows.texts()};
    for (Gathered& g : gathered) {
      const auto& from = g.from->cells;
      g.cells.resize(slab.size());
      if (g.from->id == column::kCode) {
        for (std::size_t i = 0; i < slab.size(); ++i) {
          const std::int64_t cell = from[slab[i]];
          g.cells[i] = domain_code(domain_of(cell), codes_.final_id(code_of(cell)));
        }
      } else if (g.from->type == ColumnType::kCode) {
        for (std::size_t i = 0; i < slab.size(); ++i) {
          const std::int64_t cell = from[slab[i]];
          g.cells[i] = cell == kNull ? kNull : codes_.final_id(static_cast<CodeId>(cell));
        }
      } else {
        for (std::size_t i = 0; i < slab.size(); ++i) g.cells[i] = from[slab[i]];
      }
      sorted.columns.push_back({g.from->id, g.from->type, g.cells});
    }
    std::vector<std::int64_t> more_source;
    std::span<const std::int64_t> source_cells(source);
    if (slab.size() > source.size()) {
      more_source.assign(slab.size(), options_.source);
      source_cells = more_source;
    }
    sorted.columns.push_back({column::kSource, ColumnType::kInt, source_cells.first(slab.size())});
    timeline_->add(sorted);
    begin = end;
  }
}

void ShardBuilder::write_persons(RowBuffer& rows, const PatientRows& sorted,
                                 const std::vector<Kept>& kept) {
  PatientWriter writer(header_.shard, [this](ByteSpan key, ByteSpan value) {
    person_blocks_.emplace_back(Bytes(key.begin(), key.end()), Bytes(value.begin(), value.end()));
  });
  for (const bool fresh : {false, true}) {
    std::vector<const Kept*> written;
    for (const Kept& k : kept) {
      if (k.fresh == fresh && (fresh || k.persons > 0 || k.numbered)) written.push_back(&k);
    }
    std::vector<std::uint32_t> ordinals;
    for (const Kept* k : written) ordinals.push_back(k->ordinal);
    std::vector<std::pair<RowColumn, std::vector<std::int64_t>>> columns;
    const auto add = [&](ColumnId id, ColumnType type, auto cell_of) {
      std::vector<std::int64_t> cells(written.size());
      std::ranges::transform(written, cells.begin(), [&](const Kept* k) { return cell_of(*k); });
      columns.emplace_back(RowColumn{id, type, {}}, std::move(cells));
    };
    const auto row_of = [&](const Kept& k) { return sorted.order()[k.patient->begin]; };
    if (fresh) {
      add(column::kPatient, ColumnType::kInt, [](const Kept& k) { return k.patient->number; });
      if (const auto* texts = rows.find(column::kPatientText); texts != nullptr) {
        add(column::kPatientText, ColumnType::kText,
            [&](const Kept& k) { return (*texts)[row_of(k)]; });
      }
    }
    add(column::kKnown, ColumnType::kInt, [](const Kept& k) { return k.persons > 0 ? 1 : kNull; });
    for (std::size_t i = 0; i < kLinkKinds; ++i) {
      add(kUsed[i], ColumnType::kInt,
          [i](const Kept& k) { return k.numbered ? k.used[i] : kNull; });
    }
    // Of several rows about a person, the last one's cells; what it does not say, from those
    // before.
    for (const RowBuffer::Column& column : rows.columns()) {
      if (column.id < column::kFirstAttribute) continue;
      add(column.id, column.type, [&](const Kept& k) {
        std::int64_t cell = kNull;
        const std::uint32_t begin = k.patient->begin + k.amendments;
        for (std::uint32_t i = begin; i < begin + k.persons; ++i) {
          const std::int64_t own = column.cells[sorted.order()[i]];
          if (own != kNull) cell = own;
        }
        return cell != kNull && column.type == ColumnType::kCode
                   ? codes_.final_id(static_cast<CodeId>(cell))
                   : cell;
      });
    }
    std::vector<RowColumn> row_columns;
    for (auto& [column, cells] : columns) row_columns.push_back({column.id, column.type, cells});
    writer.add(ordinals, row_columns, &rows.texts(), fresh);
  }
  fences_.insert(fences_.end(), writer.fences().begin(), writer.fences().end());
}

void ShardBuilder::write_postings(SealedFileWriter& out) {
  const auto common = static_cast<std::uint32_t>(
      std::max<std::size_t>(kPostingPageEvents / 2, header_.patients / 32));
  PostingWriter writer(header_.shard, common,
                       [&](ByteSpan key, ByteSpan value) { out.append(key, value); });
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
