// SPDX-License-Identifier: Apache-2.0
#include "query/read/verify_shard.h"

#include <algorithm>
#include <array>
#include <map>

#include "index/bitmap.h"
#include "index/carried.h"
#include "index/patient_table.h"
#include "index/posting_reader.h"
#include "index/posting_writer.h"
#include "storage/checked_value.h"
#include "storage/error.h"
#include "storage/timeline_reader.h"

namespace anam::verification {
namespace {

using Cells = std::vector<std::int64_t>;

constexpr std::array<PostingRole, 3> kRoles = {PostingRole::kStandard, PostingRole::kSource,
                                               PostingRole::kBoth};
// From so many patients on, a code may have a bitmap.
constexpr std::uint64_t kBitmapPatients = kPostingPageEvents / 2;

std::uint64_t mix(std::uint64_t h, std::uint64_t value) {
  h = (h ^ value) * 0x9E3779B97F4A7C15U;
  return h ^ (h >> 29);
}

/// One event as postings know it, as a number. Sums of them do not depend on the order.
std::uint64_t fingerprint(CodeId code, std::uint32_t patient, Day day, std::int64_t end,
                          std::int64_t second, const CarriedCells& carried) {
  std::uint64_t h = mix(code, patient);
  h = mix(h, static_cast<std::uint32_t>(day));
  h = mix(h, static_cast<std::uint64_t>(end));
  h = mix(h, static_cast<std::uint64_t>(second));
  for (const std::int64_t cell : carried) h = mix(h, static_cast<std::uint64_t>(cell));
  return h;
}

struct Sum {
  std::uint64_t events = 0;
  std::uint64_t fingerprints = 0;

  void add(std::uint64_t f) {
    ++events;
    fingerprints += f;
  }
};

std::string name_of(Domain domain) { return std::string(domain_name(domain)); }

class ShardCheck {
 public:
  ShardCheck(const std::shared_ptr<const SealedFile>& file, const ShardHeader& header,
             const CodeTable& codes, const Problem& problem)
      : file_(file), header_(header), codes_(codes), problem_(problem) {}

  void run() {
    read_timelines();
    check_header();
    for (const Domain domain : all_domains()) {
      check_domain_patients(domain);
      for (const PostingRole role : kRoles) check_postings(domain, role);
    }
  }

 private:
  void report(std::string_view what, std::string_view more = {}) {
    std::string text(what);
    text.append(more).append(": ").append(file_->path().string());
    text.append(", shard ").append(std::to_string(header_.shard));
    problem_(text);
  }

  PatientSet& patients_of(Domain domain) {
    return domain_patients_.try_emplace(domain, header_.patients).first->second;
  }

  void read_timelines() {
    TimelineCursor cursor(file_, header_.shard);
    std::int64_t last = -1;  // ordinal
    for (bool found = cursor.seek(0); found; found = cursor.next()) {
      const TimelineChunk chunk = cursor.chunk();
      read_chunk(chunk, last);
    }
  }

  void read_chunk(const TimelineChunk& chunk, std::int64_t& last) {
    const std::size_t rows = chunk.head().rows;
    Cells domain_codes, days, sources, ends, seconds, origins;
    if (!chunk.read(column::kCode, domain_codes) || !chunk.read(column::kDay, days))
      fail(ErrorCode::kCorrupt, "chunk lacks its codes or days");
    const auto read = [&](ColumnId id, Cells& cells) {
      if (!chunk.read(id, cells)) cells.assign(rows, kNull);
    };
    read(column::kSourceCode, sources);
    read(column::kEndDay, ends);
    read(column::kSecond, seconds);
    std::map<ColumnId, Cells> attributes;
    for (const Domain domain : all_domains()) {
      for (const ColumnId id : carried_columns(domain, header_.version)) {
        const auto [at, added] = attributes.try_emplace(id);
        if (added) read(id, at->second);
      }
    }
    read(column::kSource, origins);
    for (std::size_t p = 0; p < chunk.ordinals().size(); ++p) {
      const std::uint32_t ordinal = chunk.ordinals()[p];
      const bool goes_on = p == 0 && chunk.head().skipped > 0 && last == ordinal;
      if (ordinal >= header_.patients)
        fail(ErrorCode::kCorrupt, "timelines name patients that are not in their shard",
             "ordinal " + std::to_string(ordinal));
      if (!goes_on && last >= ordinal)
        fail(ErrorCode::kCorrupt, "patients of timelines do not ascend",
             "ordinal " + std::to_string(ordinal));
      last = ordinal;
      if (!goes_on) ++touched_;
      for (std::uint32_t row = chunk.offsets()[p]; row < chunk.offsets()[p + 1]; ++row) {
        if (row > chunk.offsets()[p] && days[row] < days[row - 1])
          fail(ErrorCode::kCorrupt, "events of a patient are not in the order of time",
               "ordinal " + std::to_string(ordinal));
        CarriedCells carried = {kNull, kNull, kNull};
        const auto columns = carried_columns(domain_of(domain_codes[row]), header_.version);
        for (std::size_t i = 0; i < columns.size(); ++i)
          carried[i] = attributes.at(columns[i])[row];
        add_event(ordinal, static_cast<Day>(days[row]), domain_codes[row], sources[row], ends[row],
                  seconds[row], carried);
        ++events_by_source_[static_cast<std::uint32_t>(origins[row])];
      }
    }
  }

  void add_event(std::uint32_t ordinal, Day day, std::int64_t domain_code, std::int64_t source,
                 std::int64_t end, std::int64_t second, const CarriedCells& carried) {
    const Domain domain = domain_of(domain_code);
    const CodeId code = code_of(domain_code);
    if (std::ranges::find(all_domains(), domain) == all_domains().end())
      fail(ErrorCode::kCorrupt, "event of an unknown domain", "ordinal " + std::to_string(ordinal));
    if (code > codes_.size() ||
        (source != kNull && static_cast<std::uint64_t>(source) > codes_.size()))
      fail(ErrorCode::kCorrupt, "event with a code that is not in the code table",
           "ordinal " + std::to_string(ordinal));
    first_day_ = events_ == 0 ? day : std::min(first_day_, day);
    last_day_ = events_ == 0 ? day : std::max(last_day_, day);
    ++events_;
    ++events_by_domain_[domain];
    patients_of(domain).add(ordinal);
    const bool same = source != kNull && static_cast<CodeId>(source) == code;
    sums_[{domain, same ? PostingRole::kBoth : PostingRole::kStandard}].add(
        fingerprint(code, ordinal, day, end, second, carried));
    if (source != kNull && !same) {
      sums_[{domain, PostingRole::kSource}].add(
          fingerprint(static_cast<CodeId>(source), ordinal, day, end, second, carried));
    }
  }

  void check_header() {
    const auto compare = [this](const std::string& what, std::uint64_t header,
                                std::uint64_t found) {
      if (header != found) {
        report("header says " + std::to_string(header) + " " + what + ", timelines have " +
               std::to_string(found));
      }
    };
    compare("events", header_.events, events_);
    compare("patients with events", header_.touched, touched_);
    if (events_ > 0 && (header_.first_day != first_day_ || header_.last_day != last_day_))
      report("header and timelines do not agree about the first or last day");
    for (const auto& [domain, summary] : header_.domains) {
      compare("events of domain " + name_of(domain), summary.events, events_by_domain_[domain]);
      compare("patients of domain " + name_of(domain), summary.patients,
              patients_of(domain).count());
    }
    for (const auto& [domain, events] : events_by_domain_) {
      if (!header_.domains.contains(domain))
        compare("events of domain " + name_of(domain), 0, events);
    }
    for (const auto& [source, events] : header_.sources)
      compare("events of source " + std::to_string(source), events, events_by_source_[source]);
  }

  void check_domain_patients(Domain domain) {
    PatientSet found(header_.patients);
    PostingReader(file_, header_.shard).domain_patients(domain, found);
    if (!std::ranges::equal(found.words(), patients_of(domain).words()))
      report("bitmap of the patients of domain " + name_of(domain) + " and timelines do not agree");
  }

  void check_postings(Domain domain, PostingRole role) {
    const std::string place = "postings of domain " + name_of(domain) + ", role " +
                              std::to_string(static_cast<unsigned>(role));
    PostingReader reader(file_, header_.shard);
    std::vector<PostingReader::ListSize> sizes;
    reader.list_sizes(domain, role, nullptr, sizes);
    PostingColumns rows;
    const auto columns = carried_columns(domain, header_.version);
    reader.read(domain, role, nullptr,
                {.ends = true, .seconds = true, .carried = {columns.begin(), columns.end()}}, rows);

    const auto summary = header_.domains.find(domain);
    const bool listed = summary != header_.domains.end() &&
                        (summary->second.roles >> static_cast<unsigned>(role) & 1) != 0;
    if (listed == sizes.empty()) report(place + " are there, or not, against what the header says");

    Sum sum;
    std::size_t begin = 0;
    for (const PostingReader::ListSize& size : sizes) {
      if (size.events > rows.patient.size() - begin) {
        report(place + " have fewer events than their directory says");
        return;
      }
      const std::size_t end = begin + static_cast<std::size_t>(size.events);
      check_list(place, size, rows, begin, end, domain, role, sum);
      begin = end;
    }
    if (begin != rows.patient.size()) report(place + " have more events than their directory says");
    const Sum& expected = sums_[{domain, role}];
    if (sum.events != expected.events) {
      report(place + " have " + std::to_string(sum.events) + " events, timelines have " +
             std::to_string(expected.events));
    } else if (sum.fingerprints != expected.fingerprints) {
      report(place + " and timelines do not have the same events");
    }
  }

  void check_list(const std::string& place, const PostingReader::ListSize& size,
                  const PostingColumns& rows, std::size_t begin, std::size_t end, Domain domain,
                  PostingRole role, Sum& sum) {
    const std::string code = ", code " + std::to_string(size.code);
    if (size.code > codes_.size()) {
      report(place + " name a code that is not in the code table", code);
      return;
    }
    std::uint64_t patients = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t ordinal = rows.patient[i];
      if (ordinal >= header_.patients) {
        report(place + " name a patient that is not in the shard", code);
        return;
      }
      if (i == begin || ordinal != rows.patient[i - 1]) ++patients;
      if (i > begin && (ordinal < rows.patient[i - 1] ||
                        (ordinal == rows.patient[i - 1] && rows.start[i] < rows.start[i - 1]))) {
        report(place + " are not in order", code);
        return;
      }
      const std::int64_t recorded = rows.end.empty() || rows.end[i] == PostingColumns::kNoEnd
                                        ? kNull
                                        : std::int64_t{rows.end[i]};
      CarriedCells carried = {kNull, kNull, kNull};
      for (std::size_t c = 0; c < rows.carried.size(); ++c) {
        if (!rows.carried[c].empty()) carried[c] = rows.carried[c][i];
      }
      sum.add(fingerprint(size.code, ordinal, rows.start[i], recorded,
                          rows.second.empty() ? kNull : rows.second[i], carried));
    }
    if (patients != size.patients)
      report(place + " have other numbers of patients than their directory says", code);
    if (patients >= kBitmapPatients)
      check_bitmap(place + code, size.code, rows, begin, end, domain, role);
  }

  void check_bitmap(const std::string& place, CodeId code, const PostingColumns& rows,
                    std::size_t begin, std::size_t end, Domain domain, PostingRole role) {
    PatientSet expected(header_.patients);
    for (std::size_t i = begin; i < end; ++i) expected.add(rows.patient[i]);
    CodeRecord record;
    if (code != kNoCode) record = codes_.record(code);
    const CodeList list({{record.vocabulary, record.code, code}});
    PatientSet found(header_.patients);
    PostingReader(file_, header_.shard).patients(domain, role, list, found);
    if (!std::ranges::equal(found.words(), expected.words()))
      report(place + ": bitmap and list do not have the same patients");
  }

  std::shared_ptr<const SealedFile> file_;
  const ShardHeader& header_;
  const CodeTable& codes_;
  const Problem& problem_;

  // Of the timelines.
  std::uint64_t events_ = 0;
  std::uint64_t touched_ = 0;
  Day first_day_ = 0;
  Day last_day_ = 0;
  std::map<Domain, std::uint64_t> events_by_domain_;
  std::map<std::uint32_t, std::uint64_t> events_by_source_;
  std::map<Domain, PatientSet> domain_patients_;
  std::map<std::pair<Domain, PostingRole>, Sum> sums_;
};

void check_patients(const std::shared_ptr<const SealedFile>& file, const ShardHeader& header,
                    std::uint32_t shard_bits, const Problem& problem) {
  const auto report = [&](std::string_view patient, std::string_view what) {
    std::string text(patient);
    text.append(what).append(": ").append(file->path().string());
    text.append(", shard ").append(std::to_string(header.shard));
    problem(text);
  };
  const PatientKeys keys = read_patient_keys(file, header);
  for (std::size_t i = 0; i < keys.hashes.size(); ++i) {
    const std::string patient = "patient " + keys.texts[i];
    if (keys.texts[i].empty()) {
      report("a patient has no id, ordinal ", std::to_string(header.first_new + i));
      return;
    }
    if (shard_of(keys.hashes[i], shard_bits) != header.shard) {
      report(patient, " is in a shard that is not its own");
      return;
    }
    if (i > 0 && keys.hashes[i] < keys.hashes[i - 1]) {
      report(patient, " is not in the order of hashes");
      return;
    }
  }
  // The fences are what finds a patient.
  PatientTable table(file, header);
  for (const PatientFence& fence : header.fences) {
    if (fence.first < header.first_new || fence.first >= header.patients ||
        keys.hashes[fence.first - header.first_new] != fence.hash) {
      report("header and persons", " do not agree where a block of persons begins");
      return;
    }
    const std::string& id = keys.texts[fence.first - header.first_new];
    if (table.find(PatientId::parse(id)) != fence.first)
      report(id, " is a patient who is not found by the id");
  }
}

}  // namespace

PatientKeys read_patient_keys(const std::shared_ptr<const SealedFile>& file,
                              const ShardHeader& header) {
  PatientTable table(file, header);
  Cells numbers(header.patients, kNull);
  Cells texts(header.patients, kNull);
  TextPool pool;
  table.read(column::kPatient, numbers, nullptr);
  table.read(column::kPatientText, texts, &pool);
  PatientKeys keys;
  for (std::uint32_t ordinal = header.first_new; ordinal < header.patients; ++ordinal) {
    if (numbers[ordinal] != kNull) {
      keys.texts.push_back(std::to_string(numbers[ordinal]));
      keys.hashes.push_back(patient_hash(numbers[ordinal]));
    } else {
      keys.texts.emplace_back(texts[ordinal] == kNull ? "" : pool.at(texts[ordinal]));
      keys.hashes.push_back(patient_hash(keys.texts.back()));
    }
  }
  return keys;
}

std::uint64_t check_value(const SealedFile& file, ByteSpan key, ByteSpan value, CodeId last_code) {
  if (key.size() < 5) fail(ErrorCode::kCorrupt, "key of no known kind");
  const auto part = static_cast<ShardPart>(key[4]);
  const bool is_bitmap =
      part == ShardPart::kDomains ||
      (part == ShardPart::kPostings && key.size() >= 4 &&
       std::ranges::all_of(key.last(4), [](std::byte b) { return b == std::byte{0xFF}; }));
  if (part == ShardPart::kHeader || is_bitmap) {
    open_checked_value(key, value, file.path());
    return 0;
  }
  if (part != ShardPart::kTimeline && part != ShardPart::kPatients && part != ShardPart::kPostings)
    fail(ErrorCode::kCorrupt, "key of no known kind");
  const Block block(key, value, file.path().native());
  std::uint64_t pages = 0;
  Cells cells;
  TextPool texts;
  for (const ChunkHead& chunk : block.chunks()) {
    for (const PageHead& page : block.pages(chunk)) {
      texts.clear();
      block.read(page, cells, &texts);
      ++pages;
      if (page.type != ColumnType::kCode || page.column == column::kCode) continue;
      for (const std::int64_t cell : cells) {
        if (cell != kNull && (cell < 0 || static_cast<std::uint64_t>(cell) > last_code))
          fail(ErrorCode::kCorrupt, "a code that is not in the code table", std::to_string(cell));
      }
    }
  }
  return pages;
}

void check_shard(const std::shared_ptr<const SealedFile>& file, const ShardHeader& header,
                 std::uint32_t shard_bits, const CodeTable& codes, const Problem& problem) {
  ShardCheck(file, header, codes, problem).run();
  check_patients(file, header, shard_bits, problem);
}

}  // namespace anam::verification
