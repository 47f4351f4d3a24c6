// SPDX-License-Identifier: Apache-2.0
// Beneficiary summaries: one file a year repeats each person; the years are joined here.
#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "ingest/csv/field.h"
#include "storage/attributes.h"
#include "storage/error.h"
#include "tools/import/keyed_records.h"
#include "tools/import/synpuf_cells.h"
#include "tools/import/synpuf_codes.h"
#include "tools/import/synpuf_coverage.h"
#include "tools/import/synpuf_files.h"

namespace anam {
namespace {

constexpr std::size_t kFlagCount = 12;

enum Cell : std::size_t {
  kPatientCell,
  kBirthCell,
  kDeathCell,
  kSexCell,
  kRaceCell,
  kStateCell,
  kCountyCell,
  kPartACell,
  kPartBCell,
  kPartCCell,
  kPartDCell,
  kFlagCell,
  kCells = kFlagCell + kFlagCount,
};

std::vector<CellRun> summary_runs() {
  std::vector<CellRun> runs = {
      {"desynpuf_id", kPatientCell},
      {"bene_birth_dt", kBirthCell},
      {"bene_death_dt", kDeathCell},
      {"bene_sex_ident_cd", kSexCell},
      {"bene_race_cd", kRaceCell},
      {"sp_state_code", kStateCell},
      {"bene_county_cd", kCountyCell},
      {"bene_hi_cvrage_tot_mons", kPartACell},
      {"bene_smi_cvrage_tot_mons", kPartBCell},
      {"bene_hmo_cvrage_tot_mons", kPartCCell},
      {"plan_cvrg_mos_num", kPartDCell},
  };
  for (const SynpufFlag& flag : synpuf_flags()) runs.push_back({flag.column, runs.size()});
  return runs;
}

/// Whether every cell of a row means something; else `read` knows which does not.
void check_row(CellReader& read) {
  read.needed_text(kPatientCell, "the patient is missing");
  read.day(kBirthCell);
  read.day(kDeathCell);
  for (std::size_t cell = kPartACell; cell <= kPartDCell; ++cell) read.integer(cell);
}

/// "2008|file|cell|cell...": sorts by year.
constexpr char kSeparator = '\x1F';

std::string pack_row(std::int32_t year, std::span<const std::string_view> cells) {
  std::string record = std::to_string(year);
  for (const std::string_view cell : cells.subspan(1)) {
    record += kSeparator;
    record += cell;
  }
  return record;
}

/// One person's summary of one year.
struct Year {
  std::int32_t year = 0;
  std::array<std::string, kCells> cells;
};

Year unpack_row(const KeyedRecord& record) {
  Year year;
  std::string_view rest = record.record;
  const std::size_t after_year = rest.find(kSeparator);
  year.year = static_cast<std::int32_t>(*parse_int64(rest.substr(0, after_year)));
  year.cells[kPatientCell] = record.key;
  rest.remove_prefix(after_year);
  for (std::size_t cell = 1; cell < kCells && !rest.empty(); ++cell) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find(kSeparator), rest.size());
    year.cells[cell] = rest.substr(0, end);
    rest.remove_prefix(end);
  }
  return year;
}

std::string pad(std::string_view digits, std::size_t width) {
  return std::string(width - std::min(width, digits.size()), '0') + std::string(digits);
}

/// Writes a person and what the years say about them. One thread.
class PersonWriter {
 public:
  explicit PersonWriter(ImportSink& sink)
      : out_(sink),
        sexes_(sink, "Gender"),
        races_(sink, "Race"),
        ethnicities_(sink, "Ethnicity"),
        race_fields_(sink, "BENE_RACE_CD"),
        parts_({{{kPartACell, sink.code("SynPUF", "PART_A")},
                 {kPartBCell, sink.code("SynPUF", "PART_B")},
                 {kPartCCell, sink.code("SynPUF", "PART_C")},
                 {kPartDCell, sink.code("SynPUF", "PART_D")}}}) {
    for (const SynpufFlag& flag : synpuf_flags()) flags_.push_back(sink.code("SynPUF", flag.code));
  }

  /// REQUIRES: years ascend, each once.
  void write(std::span<const Year> years) {
    patient_ = years.front().cells[kPatientCell];
    const std::int64_t death = day(latest(years, kDeathCell));
    write_person(years);
    if (death != kNull) out_.next().begin(patient_, Domain::kDeath, kNoCode, death);
    write_coverage(years, death);
    for (const Year& year : years) write_flags(year, death);
  }

  void finish() { out_.finish(); }

  /// Rows in which a year contradicts an earlier one about the person.
  std::uint64_t contradictions() const { return contradictions_; }

 private:
  static std::int64_t day(std::string_view text) {
    const std::optional<std::int32_t> day = parse_day(text);
    return day ? std::int64_t{*day} : kNull;
  }

  static std::int64_t months(const Year& year, std::size_t cell) {
    return parse_int64(year.cells[cell]).value_or(0);
  }

  /// The value of the last year that has one.
  static std::string_view latest(std::span<const Year> years, std::size_t cell) {
    for (std::size_t i = years.size(); i-- > 0;) {
      if (!years[i].cells[cell].empty()) return years[i].cells[cell];
    }
    return {};
  }

  void write_person(std::span<const Year> years) {
    for (std::size_t cell = kBirthCell; cell <= kCountyCell; ++cell) {
      const std::string_view last = latest(years, cell);
      for (const Year& year : years) {
        if (!year.cells[cell].empty() && year.cells[cell] != last) ++contradictions_;
      }
    }
    EventBatch& batch = out_.next();
    batch.begin(patient_, Domain::kPerson, kNoCode, kNull);
    if (const std::int64_t born = day(latest(years, kBirthCell)); born != kNull) {
      const Civil date = civil_of(static_cast<Day>(born));
      batch.set(column::kBirthYear, date.year);
      batch.set(column::kBirthMonth, date.month);
      batch.set(column::kBirthDay, date.day);
    }
    const std::string_view sex = latest(years, kSexCell);
    if (sex == "1" || sex == "2") batch.set(column::kSex, sexes_.id(sex == "1" ? "M" : "F"));
    batch.set_text(column::kSexSource, sex);
    const std::string_view race = latest(years, kRaceCell);
    if (race == "1") batch.set(column::kRace, races_.id("5"));
    if (race == "2") batch.set(column::kRace, races_.id("3"));
    if (race == "5") batch.set(column::kEthnicity, ethnicities_.id("Hispanic"));
    if (!race.empty()) batch.set(column::kRaceSourceCode, race_fields_.id(race));
    const std::string_view state = latest(years, kStateCell);
    const std::string_view postal = ssa_state(state);
    batch.set_text(column::kState, postal.empty() ? state : postal);
    const std::string_view county = latest(years, kCountyCell);
    if (!county.empty()) batch.set_text(column::kCounty, pad(state, 2) + pad(county, 3));
  }

  void write_coverage(std::span<const Year> years, std::int64_t death) {
    covered_.clear();
    for (const Year& year : years) {
      covered_.push_back({year.year, std::max(months(year, kPartACell), months(year, kPartBCell))});
    }
    write_spans(Domain::kEnrollment, kNoCode, death);
    for (const auto& [cell, code] : parts_) {
      covered_.clear();
      for (const Year& year : years) covered_.push_back({year.year, months(year, cell)});
      write_spans(Domain::kPayerPlan, code, death);
    }
  }

  void write_spans(Domain domain, CodeId code, std::int64_t death) {
    for (const CoverageSpan& span : coverage_spans(covered_, death)) {
      EventBatch& batch = out_.next();
      batch.begin(patient_, domain, code, span.start);
      batch.set(column::kEndDay, span.end);
    }
  }

  void write_flags(const Year& year, std::int64_t death) {
    std::int64_t day = *day_of(year.year, 12, 31);
    if (death != kNull) day = std::min(day, death);
    for (std::size_t i = 0; i < flags_.size(); ++i) {
      const std::string& cell = year.cells[kFlagCell + i];
      if (cell == "1" || cell == "Y")
        out_.next().begin(patient_, Domain::kObservation, flags_[i], day);
    }
  }

  RowWriter out_;
  CodeCache sexes_, races_, ethnicities_, race_fields_;
  std::array<std::pair<std::size_t, CodeId>, 4> parts_;
  std::vector<CodeId> flags_;
  std::string patient_;
  std::vector<CoveredYear> covered_;
  std::uint64_t contradictions_ = 0;
};

FileReport set_aside(SynpufImport& import, const SynpufFile& file, KeyedRecords& aside) {
  const std::vector<CellRun> runs = summary_runs();
  InputTable table(import.run, file.path);
  for (const char* name : {"desynpuf_id", "bene_birth_dt"}) table.need(name);
  CellPicker picker(table, runs, {});
  table.report_ignored_columns();
  std::vector<std::string_view> cells;
  while (table.next()) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
      picker.pick(row, cells);
      CellReader read(cells);
      check_row(read);
      if (!read.good()) {
        picker.reject(row, read.wrong_cell(), read.reason());
        continue;
      }
      aside.add(cells[kPatientCell], pack_row(file.year, cells));
      ++table.report().loaded;
    }
  }
  return table.report();
}

}  // namespace

void read_summaries(SynpufImport& import, const std::vector<SynpufFile>& files,
                    std::vector<FileReport>& reports) {
  std::vector<std::size_t> chosen;
  std::uint64_t rows = 0;
  constexpr std::uint64_t kBytesPerRow = 150;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].kind != SynpufKind::kSummary) continue;
    chosen.push_back(i);
    rows += guess_rows(files[i].path, kBytesPerRow);
  }
  if (chosen.empty()) return;
  KeyedRecords aside(import.sink.scratch(), rows * kBytesPerRow);
  import.run.for_each(chosen.size(), [&](std::size_t i) {
    reports[chosen[i]] = set_aside(import, files[chosen[i]], aside);
});
std::uint64_t contradictions = 0;
std::uint64_t repeated = 0;
PersonWriter writer(import.sink);
std::vector<Year> years;
for (std::size_t part = 0; part < aside.parts(); ++part) {
  const std::vector<KeyedRecord> records = aside.take(part);
  for (std::size_t i = 0; i < records.size(); ++i) {
    Year year = unpack_row(records[i]);
    if (!years.empty() && years.back().year == year.year) {
      ++repeated;
      years.back() = std::move(year);
    } else {
      years.push_back(std::move(year));
    }
    if (i + 1 < records.size() && records[i + 1].key == records[i].key) continue;
    writer.write(years);
    years.clear();
  }
}
writer.finish();
contradictions = writer.contradictions();
FileReport& last = reports[chosen.back()];
if (contradictions > 0) last.noted["a later year says otherwise about the person"] = contradictions;
if (repeated > 0) last.noted["person repeated within a year"] = repeated;
}  // namespace anam

}  // namespace anam
