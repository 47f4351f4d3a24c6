// SPDX-License-Identifier: Apache-2.0
// Carrier claims (up to 13 lines in a row) and prescription drug events.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "storage/attributes.h"
#include "tools/import/code_cache.h"
#include "tools/import/synpuf_cells.h"
#include "tools/import/synpuf_codes.h"
#include "tools/import/synpuf_files.h"

namespace anam {
namespace {

constexpr std::size_t kDiagnoses = 8;
constexpr std::size_t kLines = 13;

enum CarrierCell : std::size_t {
  kPatientCell,
  kClaimCell,
  kFromCell,
  kThroughCell,
  kDiagnosisCell,
  kProviderCell = kDiagnosisCell + kDiagnoses,
  kTaxCell = kProviderCell + kLines,
  kLineCell = kTaxCell + kLines,
  kPaidCell = kLineCell + kLines,
  kDeductibleCell = kPaidCell + kLines,
  kPrimaryCell = kDeductibleCell + kLines,
  kCoinsuranceCell = kPrimaryCell + kLines,
  kAllowedCell = kCoinsuranceCell + kLines,
  kProcessingCell = kAllowedCell + kLines,
  kLineDiagnosisCell = kProcessingCell + kLines,
  kCarrierKeptCell = kLineDiagnosisCell + kLines,
};

constexpr CellRun kCarrierRuns[] = {
    {"desynpuf_id", kPatientCell},
    {"clm_id", kClaimCell},
    {"clm_from_dt", kFromCell},
    {"clm_thru_dt", kThroughCell},
    {"icd9_dgns_cd", kDiagnosisCell, kDiagnoses},
    {"prf_physn_npi", kProviderCell, kLines},
    {"tax_num", kTaxCell, kLines},
    {"hcpcs_cd", kLineCell, kLines},
    {"line_nch_pmt_amt", kPaidCell, kLines},
    {"line_bene_ptb_ddctbl_amt", kDeductibleCell, kLines},
    {"line_bene_prmry_pyr_pd_amt", kPrimaryCell, kLines},
    {"line_coinsrnc_amt", kCoinsuranceCell, kLines},
    {"line_alowd_chrg_amt", kAllowedCell, kLines},
    {"line_prcsg_ind_cd", kProcessingCell, kLines},
    {"line_icd9_dgns_cd", kLineDiagnosisCell, kLines},
};

struct Amount {
  ColumnId id;
  std::size_t cell;  // of the first line
};
constexpr std::array<Amount, 5> kAmounts = {{
    {column::kPaid, kPaidCell},
    {column::kDeductible, kDeductibleCell},
    {column::kPaidByPrimary, kPrimaryCell},
    {column::kCoinsurance, kCoinsuranceCell},
    {column::kAllowed, kAllowedCell},
}};

enum DrugCell : std::size_t {
  kDrugPatientCell,
  kEventCell,
  kServiceCell,
  kProductCell,
  kQuantityCell,
  kSupplyCell,
  kPatientPaysCell,
  kTotalCell,
  kDrugKeptCell,
};

constexpr CellRun kDrugRuns[] = {
    {"desynpuf_id", kDrugPatientCell},  {"pde_id", kEventCell},
    {"srvc_dt", kServiceCell},          {"prod_srvc_id", kProductCell},
    {"qty_dspnsd_num", kQuantityCell},  {"days_suply_num", kSupplyCell},
    {"ptnt_pay_amt", kPatientPaysCell}, {"tot_rx_cst_amt", kTotalCell},
};

std::vector<AttributeColumn> kept_columns(SynpufImport& import, std::size_t first) {
  std::vector<AttributeColumn> columns;
  for (std::size_t i = 0; i < import.keep.size(); ++i) {
    const KeptColumn& kept = import.keep[i];
    columns.emplace_back(first + i, import.sink.attribute(kept.name, kept.type), kept.type,
                         kept.name, import.sink);
  }
  return columns;
}

/// Parses the kept cells of a row. False, with the row rejected, when one is wrong.
bool parse_kept(std::vector<AttributeColumn>& kept, std::span<const std::string_view> cells,
                std::size_t row, CellPicker& picker, InputTable& table) {
  for (AttributeColumn& column : kept) {
    if (const char* wrong = column.parse(cells[column.input()], table.report()); wrong != nullptr) {
      picker.reject(row, column.input(), wrong);
      return false;
    }
  }
  return true;
}

/// The values of a carrier claim; texts are views of its cells.
struct CarrierClaim {
  std::span<const std::string_view> cells;
  std::int64_t from, through;
  std::array<std::array<std::int64_t, kAmounts.size()>, kLines> amounts;  // cents

  explicit CarrierClaim(CellReader& read, std::span<const std::string_view> row)
      : cells(row), from(read.day(kFromCell)), through(read.day(kThroughCell)) {
    read.needed_text(kPatientCell, "the patient is missing");
    read.needed_text(kClaimCell, "the claim's number is missing");
    for (std::size_t line = 0; line < kLines; ++line) {
      for (std::size_t a = 0; a < kAmounts.size(); ++a) {
        amounts[line][a] = read.cents(kAmounts[a].cell + line);
      }
    }
    if (from == kNull) from = through;
  }

  std::int64_t paid() const {
    std::int64_t sum = 0;
    for (const auto& line : amounts) sum += line[0] == kNull ? 0 : line[0];
    return sum;
  }
  bool has_money(std::size_t line) const {
    return std::ranges::any_of(amounts[line],
                               [](std::int64_t cents) { return cents != kNull && cents != 0; });
  }
};

class CarrierWriter {
 public:
  explicit CarrierWriter(SynpufImport& import)
      : out_(import.sink),
        diagnoses_(import.sink, "ICD9CM"),
        lines_(import.sink, "HCPCS"),
        visit_(import.sink.code("SynPUF", "CARRIER")),
        line_diagnosis_(import.sink.attribute("line_diagnosis", ColumnType::kCode)) {}

  void write(const CarrierClaim& claim, const std::vector<AttributeColumn>& kept) {
    EventBatch& visit = begin(claim, Domain::kVisit, visit_);
    visit.set(column::kEndDay, claim.through);
    for (const AttributeColumn& column : kept) column.set(visit);
    seen_.clear();
    for (std::size_t i = 0; i < kDiagnoses; ++i) {
      const std::string_view code = claim.cells[kDiagnosisCell + i];
      if (code.empty()) continue;
      const CodeId id = diagnoses_.id(icd9_diagnosis(code));
      seen_.push_back(id);
      begin_diagnosis(claim, id).set(column::kPosition, static_cast<std::int64_t>(i) + 1);
    }
    for (std::size_t line = 0; line < kLines; ++line) write_line(claim, line);
  }

  void finish() { out_.finish(); }

 private:
  EventBatch& begin(const CarrierClaim& claim, Domain domain, CodeId code) {
    EventBatch& batch = out_.next();
    batch.begin(claim.cells[kPatientCell], domain, code, claim.from);
    batch.set_key(column::kVisitKey, claim.cells[kClaimCell]);
    batch.set_key(column::kClaimKey, claim.cells[kClaimCell]);
    batch.set_text(column::kClaimType, synpuf_kind_name(SynpufKind::kCarrier));
    return batch;
  }

  EventBatch& begin_diagnosis(const CarrierClaim& claim, CodeId id) {
    EventBatch& batch = begin(claim, Domain::kCondition, id);
    batch.set(column::kEndDay, claim.through);
    return batch;
  }

  void write_line(const CarrierClaim& claim, std::size_t line) {
    const std::int64_t number = static_cast<std::int64_t>(line) + 1;
    CodeId diagnosis = kNoCode;
    if (const std::string_view code = claim.cells[kLineDiagnosisCell + line]; !code.empty()) {
      diagnosis = diagnoses_.id(icd9_diagnosis(code));
      if (std::ranges::find(seen_, diagnosis) == seen_.end()) {
        seen_.push_back(diagnosis);
        begin_diagnosis(claim, diagnosis).set(column::kClaimLine, number);
      }
    }
    const std::string_view code = claim.cells[kLineCell + line];
    if (code.empty() && !claim.has_money(line)) return;
    EventBatch& batch =
        begin(claim, code.empty() ? Domain::kCost : Domain::kProcedure, lines_.id(code));
    batch.set(column::kClaimLine, number);
    for (std::size_t a = 0; a < kAmounts.size(); ++a) {
      batch.set(kAmounts[a].id, claim.amounts[line][a]);
    }
    if (diagnosis != kNoCode) batch.set(line_diagnosis_, diagnosis);
    batch.set_text(column::kProvider, claim.cells[kProviderCell + line]);
    batch.set_text(column::kCareSite, claim.cells[kTaxCell + line]);
    batch.set_text(column::kStatusSource, claim.cells[kProcessingCell + line]);
  }

  RowWriter out_;
  CodeCache diagnoses_, lines_;
  CodeId visit_;
  ColumnId line_diagnosis_;
  std::vector<CodeId> seen_;  // diagnoses of the claim so far
};

}  // namespace

FileReport read_carrier_claims(SynpufImport& import, const SynpufFile& file) {
  InputTable table(import.run, file.path);
  table.need("desynpuf_id");
  table.need("clm_from_dt");
  CellPicker picker(table, kCarrierRuns, import.keep);
  table.report_ignored_columns();
  std::vector<AttributeColumn> kept = kept_columns(import, kCarrierKeptCell);
  CarrierWriter writer(import);
  PaidAccounts::Account paid;
  std::vector<std::string_view> cells;
  while (table.next()) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
      picker.pick(row, cells);
      CellReader read(cells);
      const CarrierClaim claim(read, cells);
      if (!read.good()) {
        picker.reject(row, read.wrong_cell(), read.reason());
        continue;
      }
      if (!parse_kept(kept, cells, row, picker, table)) continue;
      paid.read += claim.paid();
      if (claim.from == kNull) {
        ++table.report().skipped["undatable: claim without dates"];
        ++paid.undatable_rows;
        paid.undatable += claim.paid();
        continue;
      }
      writer.write(claim, kept);
      ++table.report().loaded;
    }
  }
  writer.finish();
  import.paid.add(SynpufKind::kCarrier, paid);
  return table.report();
}

FileReport read_drug_events(SynpufImport& import, const SynpufFile& file) {
  InputTable table(import.run, file.path);
  table.need("desynpuf_id");
  table.need("srvc_dt");
  table.need("prod_srvc_id");
  CellPicker picker(table, kDrugRuns, import.keep);
  table.report_ignored_columns();
  std::vector<AttributeColumn> kept = kept_columns(import, kDrugKeptCell);
  CodeCache products(import.sink, "NDC");
  RowWriter out(import.sink);
  std::vector<std::string_view> cells;
  while (table.next()) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
      picker.pick(row, cells);
      CellReader read(cells);
      const std::string_view patient = read.needed_text(kDrugPatientCell, "the patient is missing");
      const std::int64_t day = read.day(kServiceCell);
      const std::int64_t quantity = read.decimal(kQuantityCell);
      const std::int64_t supply = read.integer(kSupplyCell);
      const std::int64_t patient_pays = read.cents(kPatientPaysCell);
      const std::int64_t total = read.cents(kTotalCell);
      if (!read.good()) {
        picker.reject(row, read.wrong_cell(), read.reason());
        continue;
      }
      if (!parse_kept(kept, cells, row, picker, table)) continue;
      if (day == kNull) {
        ++table.report().skipped["undatable: drug event without a date"];
        continue;
      }
      EventBatch& batch = out.next();
      batch.begin(patient, Domain::kDrug, products.id(cells[kProductCell]), day);
      batch.set_key(column::kClaimKey, cells[kEventCell]);
      batch.set_text(column::kClaimType, synpuf_kind_name(SynpufKind::kDrug));
      batch.set(column::kQuantity, quantity);
      batch.set(column::kDaysSupply, supply);
      batch.set(column::kPaidByPatient, patient_pays);
      batch.set(column::kAllowed, total);
      for (const AttributeColumn& column : kept) column.set(batch);
      ++table.report().loaded;
    }
  }
  out.finish();
  return table.report();
}

}  // namespace anam
