// SPDX-License-Identifier: Apache-2.0
// Inpatient and outpatient claims. A claim with more lines than a row holds goes on in continuation
// rows (SEGMENT 2 and up), which may stand anywhere in the files.
#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "storage/attributes.h"
#include "storage/decimal.h"
#include "tools/import/code_cache.h"
#include "tools/import/keyed_records.h"
#include "tools/import/synpuf_cells.h"
#include "tools/import/synpuf_codes.h"
#include "tools/import/synpuf_files.h"

namespace anam {
namespace {

constexpr std::size_t kDiagnoses = 10;
constexpr std::size_t kProcedures = 6;
constexpr std::size_t kLines = 45;

// Cells of a row; the deductible and the coinsurance have other names in the two kinds of file.
enum Cell : std::size_t {
  kPatientCell,
  kClaimCell,
  kSegmentCell,
  kFromCell,
  kThroughCell,
  kAdmissionCell,
  kDischargeCell,
  kProviderCell,
  kAttendingCell,
  kOperatingCell,
  kOtherCell,
  kPaidCell,
  kPrimaryCell,
  kPassThroughCell,
  kInpatientDeductibleCell,
  kOutpatientDeductibleCell,
  kInpatientCoinsuranceCell,
  kOutpatientCoinsuranceCell,
  kBloodCell,
  kDaysCell,
  kDrgCell,
  kAdmittingCell,
  kDiagnosisCell,
  kProcedureCell = kDiagnosisCell + kDiagnoses,
  kLineCell = kProcedureCell + kProcedures,
  kKeptCell = kLineCell + kLines,
};

constexpr CellRun kRuns[] = {
    {"desynpuf_id", kPatientCell},
    {"clm_id", kClaimCell},
    {"segment", kSegmentCell},
    {"clm_from_dt", kFromCell},
    {"clm_thru_dt", kThroughCell},
    {"clm_admsn_dt", kAdmissionCell},
    {"nch_bene_dschrg_dt", kDischargeCell},
    {"prvdr_num", kProviderCell},
    {"at_physn_npi", kAttendingCell},
    {"op_physn_npi", kOperatingCell},
    {"ot_physn_npi", kOtherCell},
    {"clm_pmt_amt", kPaidCell},
    {"nch_prmry_pyr_clm_pd_amt", kPrimaryCell},
    {"clm_pass_thru_per_diem_amt", kPassThroughCell},
    {"nch_bene_ip_ddctbl_amt", kInpatientDeductibleCell},
    {"nch_bene_ptb_ddctbl_amt", kOutpatientDeductibleCell},
    {"nch_bene_pta_coinsrnc_lblty_am", kInpatientCoinsuranceCell},
    {"nch_bene_ptb_coinsrnc_amt", kOutpatientCoinsuranceCell},
    {"nch_bene_blood_ddctbl_lblty_am", kBloodCell},
    {"clm_utlztn_day_cnt", kDaysCell},
    {"clm_drg_cd", kDrgCell},
    {"admtng_icd9_dgns_cd", kAdmittingCell},
    {"icd9_dgns_cd", kDiagnosisCell, kDiagnoses},
    {"icd9_prcdr_cd", kProcedureCell, kProcedures},
    {"hcpcs_cd", kLineCell, kLines},
};

/// The values of a row; texts are views of its cells.
struct Segment {
  std::span<const std::string_view> cells;
  std::int64_t number = 1;
  std::int64_t from, through, admission, discharge;
  std::int64_t paid, primary, pass_through, deductible, coinsurance, blood;
  std::int64_t covered_days;

  explicit Segment(CellReader& read, std::span<const std::string_view> row)
      : cells(row),
        from(read.day(kFromCell)),
        through(read.day(kThroughCell)),
        admission(read.day(kAdmissionCell)),
        discharge(read.day(kDischargeCell)),
        paid(read.cents(kPaidCell)),
        primary(read.cents(kPrimaryCell)),
        pass_through(read.cents(kPassThroughCell)),
        deductible(add_amounts(read.cents(kInpatientDeductibleCell),
                               read.cents(kOutpatientDeductibleCell))),
        coinsurance(add_amounts(read.cents(kInpatientCoinsuranceCell),
                                read.cents(kOutpatientCoinsuranceCell))),
        blood(read.cents(kBloodCell)),
        covered_days(read.integer(kDaysCell)) {
    read.needed_text(kPatientCell, "the patient is missing");
    read.needed_text(kClaimCell, "the claim's number is missing");
    if (const std::int64_t n = read.integer(kSegmentCell); n != kNull) number = n;
    if (from == kNull) from = through;
  }

  std::string_view patient() const { return cells[kPatientCell]; }
  std::string_view claim() const { return cells[kClaimCell]; }
  bool dated() const { return from != kNull; }
};

/// Makes events of claims. One thread.
class ClaimWriter {
 public:
  ClaimWriter(SynpufImport& import, SynpufKind kind)
      : kind_(kind),
        out_(import.sink),
        diagnoses_(import.sink, "ICD9CM"),
        procedures_(import.sink, "ICD9Proc"),
        lines_(import.sink, "HCPCS"),
        revenue_(import.sink, "Revenue Code"),
        drgs_(import.sink, "DRG"),
        visit_(import.sink.code("Visit", kind == SynpufKind::kInpatient ? "IP" : "OP")),
        covered_days_(import.sink.attribute("covered_days", ColumnType::kInt)),
        other_provider_(import.sink.attribute("other_provider", ColumnType::kText)) {
    for (std::size_t i = 0; i < import.keep.size(); ++i) {
      const KeptColumn& kept = import.keep[i];
      kept_.emplace_back(kKeptCell + i, import.sink.attribute(kept.name, kept.type), kept.type,
                         kept.name, import.sink);
    }
  }

  /// Why a kept cell of a row cannot be read: its cell and the reason. Remarks go to `report`.
  std::optional<std::pair<std::size_t, const char*>> parse_kept(
      std::span<const std::string_view> cells, FileReport& report) {
    for (AttributeColumn& column : kept_) {
      if (const char* wrong = column.parse(cells[column.input()], report); wrong != nullptr) {
        return std::pair(column.input(), wrong);
      }
    }
    return std::nullopt;
  }

  /// Writes the claim that these segments make up; they are dated, and the first one leads.
  /// REQUIRES: kept cells of the first one were parsed last.
  void write(std::span<const Segment> segments, FileReport& report) {
    write_visit(segments);
    for (const Segment& segment : segments) write_codes(segment, report);
  }

  void finish() { out_.finish(); }

 private:
  EventBatch& begin(const Segment& segment, Domain domain, CodeId code, std::int64_t day) {
    EventBatch& batch = out_.next();
    batch.begin(segment.patient(), domain, code, day);
    batch.set_key(column::kVisitKey, segment.claim());
    batch.set_key(column::kClaimKey, segment.claim());
    batch.set_text(column::kClaimType, synpuf_kind_name(kind_));
    return batch;
  }

  void write_visit(std::span<const Segment> segments) {
    const Segment& first = segments.front();
    // The stay begins with the admission, also on a later claim of the same stay; a continuation's
    // own admission contradicts its first segment's and is not used.
    std::int64_t start = earlier_day(first.from, first.admission);
    std::int64_t end = later_day(first.through, first.discharge);
    std::int64_t paid = kNull, primary = kNull, deductible = kNull, coinsurance = kNull,
                 blood = kNull;
    for (const Segment& segment : segments) {
      start = earlier_day(start, segment.from);
      end = later_day(end, segment.through);
      paid = add_amounts(paid, segment.paid);
      primary = add_amounts(primary, segment.primary);
      deductible = add_amounts(deductible, segment.deductible);
      coinsurance = add_amounts(coinsurance, segment.coinsurance);
      blood = add_amounts(blood, segment.blood);
    }
    EventBatch& batch = begin(first, Domain::kVisit, visit_, start);
    batch.set(column::kEndDay, end);
    batch.set(column::kPaid, paid);
    batch.set(column::kPaidByPrimary, primary);
    batch.set(column::kDeductible, deductible);
    batch.set(column::kCoinsurance, coinsurance);
    batch.set(column::kBloodDeductible, blood);
    batch.set(column::kPassThrough, first.pass_through);  // a daily rate: not to be added up
    batch.set(covered_days_, first.covered_days);
    if (const CodeId drg = drgs_.id(first.cells[kDrgCell]); drg != kNoCode) {
      batch.set(column::kDrg, drg);
    }
    batch.set_text(column::kCareSite, first.cells[kProviderCell]);
    batch.set_text(column::kProvider, first.cells[kAttendingCell]);
    batch.set_text(other_provider_, first.cells[kOtherCell]);
    for (const AttributeColumn& column : kept_) column.set(batch);
  }

  void write_codes(const Segment& segment, FileReport& report) {
    if (const std::string_view code = segment.cells[kAdmittingCell]; !code.empty()) {
      begin_diagnosis(segment, code).set(column::kAdmitting, 1);
    }
    for (std::size_t i = 0; i < kDiagnoses; ++i) {
      const std::string_view code = segment.cells[kDiagnosisCell + i];
      if (code.empty()) continue;
      begin_diagnosis(segment, code).set(column::kPosition, position(segment, i, kDiagnoses));
    }
    for (std::size_t i = 0; i < kProcedures; ++i) {
      const std::string_view code = segment.cells[kProcedureCell + i];
      if (code.empty()) continue;
      if (is_misplaced_diagnosis(code)) {
        ++report.noted["code in a procedure's column is a diagnosis"];
        begin_diagnosis(segment, code);
        continue;
      }
      EventBatch& batch =
          begin(segment, Domain::kProcedure, procedures_.id(icd9_procedure(code)), segment.from);
      batch.set(column::kPosition, position(segment, i, kProcedures));
      const std::string_view operating = segment.cells[kOperatingCell];
      batch.set_text(column::kProvider,
                     operating.empty() ? segment.cells[kAttendingCell] : operating);
    }
    for (std::size_t i = 0; i < kLines; ++i) {
      const std::string_view code = segment.cells[kLineCell + i];
      if (code.empty()) continue;
      const bool revenue = code.size() == 4;  // HCPCS codes have five characters
      if (revenue) ++report.noted["code in a HCPCS column is a revenue centre"];
      const CodeId id = revenue ? revenue_.id(code) : lines_.id(code);
      begin(segment, Domain::kProcedure, id, segment.from)
          .set(column::kClaimLine, position(segment, i, kLines));
    }
  }

  EventBatch& begin_diagnosis(const Segment& segment, std::string_view code) {
    EventBatch& batch =
        begin(segment, Domain::kCondition, diagnoses_.id(icd9_diagnosis(code)), segment.from);
    batch.set(column::kEndDay, segment.through);
    return batch;
  }

  /// Places count on over the segments of a claim.
  static std::int64_t position(const Segment& segment, std::size_t i, std::size_t in_a_row) {
    return (segment.number - 1) * static_cast<std::int64_t>(in_a_row) +
           static_cast<std::int64_t>(i) + 1;
  }

  SynpufKind kind_;
  RowWriter out_;
  CodeCache diagnoses_, procedures_, lines_, revenue_, drgs_;
  CodeId visit_;
  ColumnId covered_days_;
  ColumnId other_provider_;
  std::vector<AttributeColumn> kept_;
};

/// Claims that have a row with SEGMENT over 1, by key_of() their numbers: sorted.
using ContinuedClaims = std::vector<std::int64_t>;

void find_continued_claims(ImportRun& run, const std::filesystem::path& file,
                           ContinuedClaims& claims) {
  InputTable table(run, file, InputTable::BadRowsAre::kLeftOut);  // reported at the second reading
  const std::size_t claim = table.need("clm_id");
  const std::size_t segment = table.need("segment");
  while (table.next()) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const std::string_view number = table.cell(segment, row);
      if (!number.empty() && number != "1") claims.push_back(key_of(table.cell(claim, row)));
    }
  }
}

constexpr char kSeparator = '\x1F';

std::string pack_row(std::size_t file, std::span<const std::string_view> cells) {
  std::string record = std::to_string(file);
  for (const std::string_view cell : cells) {
    record += kSeparator;
    for (const char c : cell) record += c == kSeparator ? ' ' : c;
  }
  return record;
}

/// Splits what pack_row() made; the file's number is the first piece.
std::vector<std::string_view> unpack_row(std::string_view record) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const std::size_t end = record.find(kSeparator);
    pieces.push_back(record.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    record.remove_prefix(end + 1);
  }
}

/// Reads all files of one kind.
class InstitutionalReader {
 public:
  InstitutionalReader(SynpufImport& import, const std::vector<SynpufFile>& files,
                      const std::vector<std::size_t>& chosen, std::vector<FileReport>& reports)
      : import_(import), files_(files), chosen_(chosen), reports_(reports) {}

  void read() {
    std::vector<ContinuedClaims> found(chosen_.size());
    import_.run.for_each(chosen_.size(), [&](std::size_t i) {
      find_continued_claims(import_.run, files_[chosen_[i]].path, found[i]);
    });
    for (const ContinuedClaims& claims : found) {
      continued_.insert(continued_.end(), claims.begin(), claims.end());
    }
    std::sort(continued_.begin(), continued_.end());
    continued_.erase(std::unique(continued_.begin(), continued_.end()), continued_.end());
    constexpr std::uint64_t kBytesPerClaim = 1500;  // its rows, set aside
    aside_ =
        std::make_unique<KeyedRecords>(import_.sink.scratch(), continued_.size() * kBytesPerClaim);
    import_.run.for_each(chosen_.size(), [&](std::size_t i) { read_file(chosen_[i]); });
    join();
  }

 private:
  SynpufKind kind() const { return files_[chosen_.front()].kind; }

  void read_file(std::size_t file) {
    InputTable table(import_.run, files_[file].path);
    table.need("desynpuf_id");
    table.need("clm_from_dt");
    table.need("clm_pmt_amt");
    CellPicker picker(table, kRuns, import_.keep);
    table.report_ignored_columns();
    ClaimWriter writer(import_, kind());
    PaidAccounts::Account paid;
    std::vector<std::string_view> cells;
    while (table.next()) {
      for (std::size_t row = 0; row < table.rows(); ++row) {
        picker.pick(row, cells);
        CellReader read(cells);
        const Segment segment(read, cells);
        if (!read.good()) {
          picker.reject(row, read.wrong_cell(), read.reason());
          continue;
        }
        if (const auto wrong = writer.parse_kept(cells, table.report())) {
          picker.reject(row, wrong->first, wrong->second);
          continue;
        }
        paid.read += segment.paid == kNull ? 0 : segment.paid;
        if (std::binary_search(continued_.begin(), continued_.end(), key_of(segment.claim()))) {
          std::string key(segment.claim());
          key += kSeparator;
          key += segment.patient();
          aside_->add(key, pack_row(file, cells));  // accounted for by join()
        } else if (!segment.dated()) {
          leave_out(table.report(), segment, paid);
        } else {
          writer.write({&segment, 1}, table.report());
          ++table.report().loaded;
        }
      }
    }
    writer.finish();
    import_.paid.add(kind(), paid);
    reports_[file] = table.report();
  }

  static void leave_out(FileReport& report, const Segment& segment, PaidAccounts::Account& paid) {
    ++report.skipped[segment.number > 1 ? "undatable: continuation without a first segment"
                                        : "undatable: claim without dates"];
    ++paid.undatable_rows;
    paid.undatable += segment.paid == kNull ? 0 : segment.paid;
  }

  /// Joins the rows that were set aside to claims.
  void join() {
    ClaimWriter writer(import_, kind());
    PaidAccounts::Account paid;
    for (std::size_t part = 0; part < aside_->parts(); ++part) {
      const std::vector<KeyedRecord> records = aside_->take(part);
      for (std::size_t begin = 0, end = 0; begin < records.size(); begin = end) {
        while (end < records.size() && records[end].key == records[begin].key) ++end;
        join_claim(std::span(records).subspan(begin, end - begin), writer, paid);
      }
    }
    writer.finish();
    import_.paid.add(kind(), paid);
  }

  void join_claim(std::span<const KeyedRecord> records, ClaimWriter& writer,
                  PaidAccounts::Account& paid) {
    struct Row {
      std::size_t file;
      std::vector<std::string_view> pieces;
    };
    std::vector<Row> rows;
    for (const KeyedRecord& record : records) {
      std::vector<std::string_view> pieces = unpack_row(record.record);
      const std::size_t file = std::stoul(std::string(pieces.front()));
      rows.push_back({file, std::move(pieces)});
    }
    std::vector<std::pair<Segment, std::size_t>> segments;  // and the file of each
    for (const Row& row : rows) {
      const std::span<const std::string_view> cells = std::span(row.pieces).subspan(1);
      CellReader read(cells);  // read before, and good
      segments.emplace_back(Segment(read, cells), row.file);
    }
    std::ranges::stable_sort(segments, {}, [](const std::pair<Segment, std::size_t>& s) {
      return std::tuple(!s.first.dated(), s.first.number);
    });
    const Segment lead = segments.front().first;
    if (!lead.dated()) {
      for (const auto& [segment, file] : segments) leave_out(reports_[file], segment, paid);
      return;
    }
    std::vector<Segment> claim;
    for (auto& [segment, file] : segments) {
      if (segment.number > 1) ++reports_[file].noted["continuation joined to its first segment"];
      if (!segment.dated()) {
        segment.from = lead.from;
        segment.through = lead.through;
      }
      ++reports_[file].loaded;
      claim.push_back(segment);
    }
    FileReport remarks;  // of kept cells: counted when the row was read
    writer.parse_kept(lead.cells, remarks);
    writer.write(claim, reports_[segments.front().second]);
  }

  SynpufImport& import_;
  const std::vector<SynpufFile>& files_;
  const std::vector<std::size_t>& chosen_;
  std::vector<FileReport>& reports_;
  ContinuedClaims continued_;
  std::unique_ptr<KeyedRecords> aside_;
};

}  // namespace

void read_institutional_claims(SynpufImport& import, const std::vector<SynpufFile>& files,
                               std::vector<FileReport>& reports) {
  for (const SynpufKind kind : {SynpufKind::kInpatient, SynpufKind::kOutpatient}) {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (files[i].kind == kind) chosen.push_back(i);
    }
    if (!chosen.empty()) InstitutionalReader(import, files, chosen, reports).read();
  }
}

}  // namespace anam
