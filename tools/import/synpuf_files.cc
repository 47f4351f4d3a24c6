// SPDX-License-Identifier: Apache-2.0
#include "tools/import/synpuf_files.h"

#include <utility>

#include "ingest/csv/csv_reader.h"
#include "storage/decimal.h"
#include "storage/error.h"
#include "tools/import/synpuf_codes.h"

namespace anam {
namespace {

std::int32_t year_in_name(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  std::size_t digits = 0;
  for (std::size_t i = 0; i <= name.size(); ++i) {
    if (i < name.size() && name[i] >= '0' && name[i] <= '9') {
      ++digits;
      continue;
    }
    if (digits == 4) {
      const std::int32_t year = std::stoi(name.substr(i - 4, 4));
      if (year >= 1965 && year <= 2100) return year;  // Medicare began in 1965
    }
    digits = 0;
  }
  fail(ErrorCode::kInput, "a beneficiary summary's file name must tell its year (..._2008_...)",
       path.string());
}

}  // namespace

std::string_view synpuf_kind_name(SynpufKind kind) {
  switch (kind) {
    case SynpufKind::kSummary:
      return "summary";
    case SynpufKind::kInpatient:
      return "inpatient";
    case SynpufKind::kOutpatient:
      return "outpatient";
    case SynpufKind::kCarrier:
      return "carrier";
    case SynpufKind::kDrug:
      return "drug";
    case SynpufKind::kDescriptions:
      break;
  }
  return "descriptions";
}

SynpufFile classify_synpuf_file(const std::filesystem::path& path) {
  if (is_description_file(path)) return {path, SynpufKind::kDescriptions};
  const CsvReader csv(path.string());
  const auto has = [&csv](std::string_view name) { return csv.find(name).has_value(); };
  if (has("desynpuf_id")) {
    if (has("bene_birth_dt")) return {path, SynpufKind::kSummary, year_in_name(path)};
    if (has("pde_id")) return {path, SynpufKind::kDrug};
    if (has("line_nch_pmt_amt_1")) return {path, SynpufKind::kCarrier};
    if (has("clm_id") && has("segment")) {
      return {path, has("clm_admsn_dt") ? SynpufKind::kInpatient : SynpufKind::kOutpatient};
    }
  }
  fail(ErrorCode::kInput,
       "not a file of DE-SynPUF: its header is that of no beneficiary summary, inpatient, "
       "outpatient, "
       "carrier or prescription drug file (descriptions are told by names like "
       "CMS32_DESC_LONG_DX.txt)",
       path.string());
}

void PaidAccounts::add(SynpufKind kind, const Account& more) {
  const std::lock_guard lock(mutex_);
  Account& account = accounts_[kind];
  account.read += more.read;
  account.undatable += more.undatable;
  account.undatable_rows += more.undatable_rows;
}

std::vector<std::string> PaidAccounts::notes() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> notes;
  for (const auto& [kind, account] : accounts_) {
    std::string note = std::string(synpuf_kind_name(kind)) + ": paid " + format_cents(account.read);
    if (account.undatable_rows == 0) {
      note += ", all of it stored";
    } else {
      note += ", of which " + format_cents(account.read - account.undatable) + " stored and " +
              format_cents(account.undatable) + " in " + std::to_string(account.undatable_rows) +
              " rows that nothing gives a date";
    }
    notes.push_back(std::move(note));
  }
  return notes;
}

ImportReport read_synpuf_files(ImportRun& run, const std::vector<SynpufFile>& files,
                               const std::vector<KeptColumn>& keep, ImportSink& sink) {
  ImportReport report;
  report.files.resize(files.size());
  SynpufImport import{run, sink, keep, {}};
  define_synpuf_codes(sink);
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].kind == SynpufKind::kDescriptions) {
      report.files[i] = read_descriptions(run, files[i].path, sink);
    } else if (files[i].kind == SynpufKind::kCarrier || files[i].kind == SynpufKind::kDrug) {
      rest.push_back(i);
    }
  }
  read_summaries(import, files, report.files);
  read_institutional_claims(import, files, report.files);
  run.for_each(rest.size(), [&](std::size_t k) {
    const SynpufFile& file = files[rest[k]];
    report.files[rest[k]] = file.kind == SynpufKind::kCarrier ? read_carrier_claims(import, file)
                                                              : read_drug_events(import, file);
  });
  report.notes = import.paid.notes();
  return report;
}

}  // namespace anam
