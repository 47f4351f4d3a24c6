// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/dump.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <functional>
#include <vector>

#include "index/carried.h"
#include "index/patient_table.h"
#include "index/posting_reader.h"
#include "query/read/store_reader.h"
#include "query/read/store_shard.h"
#include "query/read/timelines.h"
#include "storage/attributes.h"
#include "storage/calendar.h"
#include "storage/checked_value.h"
#include "storage/checksum.h"
#include "storage/codec/varint.h"
#include "storage/decimal.h"
#include "tests/golden/golden_store.h"

namespace anam::testing {
namespace {

constexpr std::size_t kMostLines = 12;  // of one list

std::string number(std::int64_t value) { return value == kNull ? "-" : std::to_string(value); }

/// The lines, or the first ones and a checksum of all.
std::string shortened(const std::vector<std::string>& lines) {
  std::string text;
  for (std::size_t i = 0; i < std::min(lines.size(), kMostLines); ++i) text += lines[i] + "\n";
  if (lines.size() <= kMostLines) return text;
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  char sum[24];
  std::snprintf(sum, sizeof(sum), "%016" PRIx64, checksum(as_bytes(all)));
  return text + "... " + std::to_string(lines.size()) + " lines, checksum " + sum + "\n";
}

class Dump {
 public:
  explicit Dump(const std::filesystem::path& path) : path_(path) {}

  std::string run() {
    const Catalog catalog = Store::open(path_).catalog();
    dump_catalog(catalog);
    for (const Release& release : catalog.releases) {
      text_ += "\n== release " + std::to_string(release.number) + "\n";
      const StoreReader reader(path_, release.number);
      dump_codes(reader.codes());
      for (std::uint32_t shard = 0; shard < reader.shards(); ++shard) dump_shard(reader, shard);
      dump_finding(reader);
    }
    return text_;
  }

 private:
  void line(const std::string& text) { text_ += text + "\n"; }

  void dump_catalog(const Catalog& catalog) {
    line("== catalog");
    line("format " + std::to_string(catalog.format_version) + ", shard bits " +
         std::to_string(catalog.shard_bits) + ", id " +
         to_hex(std::as_bytes(std::span(catalog.id))));
    for (const Source& s : catalog.sources) line("source " + std::to_string(s.id) + " " + s.name);
    for (const LocalAttribute& a : catalog.attributes) {
      line("attribute " + std::to_string(a.id) + " " + a.name + " type " +
           std::to_string(static_cast<int>(a.type)));
    }
    for (const Release& r : catalog.releases) {
      line("release " + std::to_string(r.number) + " time " + std::to_string(r.time) + " note '" +
           r.note + "' source '" + r.source + "' vocabulary '" + r.vocabulary_version +
           "' patients " + std::to_string(r.patients) + " new " + std::to_string(r.new_patients) +
           " events " + std::to_string(r.events) + " new " + std::to_string(r.new_events) +
           " codes " + r.codes_file + " report '" + r.report + "'");
      for (const DomainCount& d : r.domains)
        line("  " + std::string(domain_name(d.domain)) + " " + std::to_string(d.events));
      for (const StoreFile& f : r.files) {
        std::string shards;
        for (const std::uint32_t shard : f.shards) shards += " " + std::to_string(shard);
        line("  file " + f.name + " of release " + std::to_string(f.release) + " shards" + shards);
      }
    }
  }

  void dump_codes(const CodeTable& codes) {
    line("codes " + std::to_string(codes.size()));
    for (const VocabularyCount& v : codes.vocabularies()) {
      line("vocabulary " + v.name + " " + std::to_string(v.codes) + " " +
           std::to_string(v.aliases));
    }
    codes.for_each_record([&](CodeId id, const CodeRecord& r) {
      std::string synonyms = r.synonyms;
      std::ranges::replace(synonyms, '\n', '/');
      line("code " + std::to_string(id) + " " + r.vocabulary + ":" + r.code + "|" + r.name + "|" +
           synonyms + "|" + r.domain + "|" + r.concept_class + "|" + r.alias_vocabulary + ":" +
           r.alias_code + "|" + (r.defined ? "d" : "") + (r.standard ? "s" : "") +
           (r.invalid ? "i" : ""));
    });
    codes.for_each_text(
        [&](std::string_view vocabulary, std::string_view code, CodeId id, bool alias) {
          line("text " + std::string(vocabulary) + ":" + std::string(code) + " " +
               std::to_string(id) + (alias ? " alias" : ""));
        });
    codes.for_each_descendant([&](CodeId a, CodeId d) {
      line("descendant " + std::to_string(a) + " " + std::to_string(d));
    });
    codes.for_each_mapped(
        [&](CodeId s, CodeId o) { line("mapped " + std::to_string(s) + " " + std::to_string(o)); });
  }

  static std::string cell(ColumnType type, std::int64_t value, const TextPool& texts) {
    if (type == ColumnType::kText) return "'" + std::string(texts.at(value)) + "'";
    if (type == ColumnType::kDecimal) return format_decimal(value);
    if (type == ColumnType::kMoney) return format_cents(value);
    return std::to_string(value);
  }

  /// The events of each patient of the shard.
  static std::vector<std::vector<std::string>> timelines(const StoreReader& reader,
                                                         std::uint32_t shard,
                                                         std::uint32_t patients) {
    std::vector<PatientPlace> places;
    for (std::uint32_t o = 0; o < patients; ++o) places.push_back({shard, o});
    std::vector<std::vector<std::string>> all(patients);
    read_timelines(reader, places, {}, [&](TimelineBatch&& batch) {
      for (std::size_t i = 0; i < batch.patients.size(); ++i) {
        for (std::size_t row = batch.offsets[i]; row < batch.offsets[i + 1]; ++row)
          all[batch.patients[i].ordinal].push_back(event(batch, row));
      }
    });
    return all;
  }

  static std::string event(const TimelineBatch& batch, std::size_t row) {
    std::string text = "  " + format_day(batch.day[row]) + " " +
                       std::string(domain_name(domain_of(batch.domain_code[row]))) + " " +
                       std::to_string(code_of(batch.domain_code[row]));
    for (const StreamColumn& column : batch.columns) {
      if (column.cells[row] == kNull) continue;
      text +=
          " " + std::to_string(column.id) + "=" + cell(column.type, column.cells[row], batch.texts);
    }
    return text;
  }

  void dump_shard(const StoreReader& reader, std::uint32_t shard) {
    line("-- shard " + std::to_string(shard));
    const auto data = reader.shard(shard);
    std::vector<std::string> crowd;
    std::vector<std::vector<std::int64_t>> persons;
    constexpr std::array kPersonColumns = {column::kSex, column::kBirthYear};
    for (const ColumnId id : kPersonColumns) persons.push_back(data->person_column(id, nullptr));
    TextPool states;
    const auto state = data->person_column(column::kState, &states);
    const auto events = timelines(reader, shard, data->patients());
    for (std::uint32_t o = 0; o < data->patients(); ++o) {
      const std::string id = data->patient_id(o);
      std::string head = "patient " + std::to_string(o) + " '" + id + "'";
      for (const auto& cells : persons) head += " " + number(cells.empty() ? kNull : cells[o]);
      if (!state.empty() && state[o] != kNull) head += " " + std::string(states.at(state[o]));
      const auto& lines = events[o];
      const PatientId parsed = PatientId::parse(id);
      if (parsed.number != kNull && parsed.number >= kFirstOfCrowd) {
        crowd.push_back(head + (lines.empty() ? "" : lines.front()));
      } else {
        line(head);
        text_ += shortened(lines);
      }
    }
    text_ += shortened(crowd);
    for (const auto& file : reader.shard_files(shard)) dump_file(file);
  }

  void dump_file(const StoreReader::ShardFile& file) {
    const ShardHeader& h = file.header;
    line("file " + file.file->path().filename().string() + " patients " +
         std::to_string(h.patients) + " new from " + std::to_string(h.first_new) + " touched " +
         std::to_string(h.touched) + " events " + std::to_string(h.events) + " days " +
         format_day(h.first_day) + " " + format_day(h.last_day));
    for (const auto& [source, events] : h.sources)
      line("  source " + std::to_string(source) + " " + std::to_string(events));
    for (const PatientFence& f : h.fences)
      line("  fence " + std::to_string(f.hash) + " " + std::to_string(f.first));
    PostingReader postings(file.file, h.shard);
    for (const auto& [domain, d] : h.domains) {
      PatientSet with(h.patients);
      postings.domain_patients(domain, with);
      line("  domain " + std::string(domain_name(domain)) + " events " + std::to_string(d.events) +
           " patients " + std::to_string(d.patients) + " bitmap " + std::to_string(with.count()));
      for (const PostingRole role :
           {PostingRole::kStandard, PostingRole::kSource, PostingRole::kBoth}) {
        if ((d.roles >> static_cast<unsigned>(role) & 1) == 0) continue;
        dump_postings(postings, h.version, domain, role);
      }
    }
  }

  void dump_postings(PostingReader& postings, std::uint32_t version, Domain domain,
                     PostingRole role) {
    std::vector<PostingReader::ListSize> sizes;
    postings.list_sizes(domain, role, nullptr, sizes);
    for (const auto& size : sizes) {
      line("  role " + std::to_string(static_cast<int>(role)) + " code " +
           std::to_string(size.code) + " events " + std::to_string(size.events) + " patients " +
           std::to_string(size.patients));
    }
    PostingColumns all;
    const auto columns = carried_columns(domain, version);
    postings.read(domain, role, nullptr,
                  {.seconds = true, .carried = {columns.begin(), columns.end()}}, all);
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < all.patient.size(); ++i) {
      std::string text = "    " + std::to_string(all.patient[i]) + " " + format_day(all.start[i]);
      if (!all.end.empty() && all.end[i] != PostingColumns::kNoEnd)
        text += " to " + format_day(all.end[i]);
      if (!all.second.empty()) text += " " + number(all.second[i]);
      for (std::size_t c = 0; c < columns.size(); ++c) {
        if (all.carried[c].empty() || all.carried[c][i] == kNull) continue;
        const bool decimal = find_builtin_attribute(columns[c])->type == ColumnType::kDecimal;
        text += " " + (decimal ? format_decimal(all.carried[c][i]) : number(all.carried[c][i]));
      }
      lines.push_back(std::move(text));
    }
    text_ += shortened(lines);
  }

  void dump_finding(const StoreReader& reader) {
    for (const char* id :
         {"1", "-2", "p3", "007", "7", "33", "1000000", "person alone", "nobody"}) {
      const auto place = reader.find_patient(id);
      line(
          "find '" + std::string(id) + "' " +
          (place ? std::to_string(place->shard) + " " + std::to_string(place->ordinal) : "absent"));
    }
    const StoreReader& r = reader;
    const auto standard = r.codes().find("OMOP", "201826");
    const auto visit = r.codes().find("Visit", "9202");
    for (const auto& code : {standard, visit}) {
      const CodeCounts counts = count_codes(r, {code.value()}, 1);
      line("count " + std::to_string(code.value()) + " events " +
           std::to_string(counts.all.events) + " patients " + std::to_string(counts.all.patients));
    }
  }

  std::filesystem::path path_;
  std::string text_;
};

/// Codecs and forms of a page's null marks and of its first stream of values, but of texts.
void add_encodings(const PageHead& page, ByteSpan bytes, std::set<std::string>& found) {
  ByteReader reader(bytes);
  const auto flags = reader.get<std::uint8_t>();
  found.insert("flags " + std::to_string(flags));
  found.insert("type " + std::to_string(static_cast<int>(page.type)));
  if (flags == 2) return;
  const int streams = (flags == 1 ? 1 : 0) + (page.type == ColumnType::kText ? 0 : 1);
  for (int i = 0; i < streams; ++i) {
    const std::uint64_t head = get_varint(reader);
    const ByteSpan stream = reader.take(head / 4);
    found.insert("form " + std::to_string(head % 4));
    if (head % 4 == 0) found.insert("codec " + std::to_string(std::to_integer<int>(stream[0])));
  }
}

}  // namespace

std::string dump_store(const std::filesystem::path& path) { return Dump(path).run(); }

std::set<std::string> encodings_of(const std::filesystem::path& path) {
  std::set<std::string> found;
  const Store store = Store::open(path);
  for (const StoreFile& stored : store.release().files) {
    if (stored.kind != StoreFile::Kind::kShards) continue;
    SealedFile::Cursor cursor = store.file(stored.name)->cursor();
    while (cursor.next()) {
      const ByteSpan value = cursor.value();
      if (value.size() < 16 || as_text(value.subspan(8, 4)) != "ANB1") continue;
      const Block block(cursor.key(), value, stored.name);
      const std::size_t body = 16 + load_le<std::uint32_t>(value.data() + 12);
      found.insert("blocks");
      for (const ChunkHead& chunk : block.chunks()) {
        if (chunk.skipped > 0) found.insert("a patient over two chunks or pages");
        for (const PageHead& page : block.pages(chunk))
          add_encodings(page, value.subspan(body + page.offset, page.size), found);
      }
    }
  }
  return found;
}

}  // namespace anam::testing
