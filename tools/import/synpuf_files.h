// SPDX-License-Identifier: Apache-2.0
// The files of CMS DE-SynPUF (docs/synpuf.md): their kinds, and a reader for each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tools/import/attribute_cell.h"
#include "tools/import/import_run.h"
#include "tools/import/input_table.h"
#include "tools/import/row_writer.h"

namespace anam {

enum class SynpufKind { kSummary, kInpatient, kOutpatient, kCarrier, kDrug, kDescriptions };

/// "inpatient", ...: also the claim_type of a claim's events.
std::string_view synpuf_kind_name(SynpufKind kind);

struct SynpufFile {
  std::filesystem::path path;
  SynpufKind kind;
  std::int32_t year = 0;  // of a summary, which only the file's name tells
};

/// Tells a file's kind from its header (descriptions: from its name). Throws Error(kInput) when it
/// is none, and for a summary without a year in its name.
SynpufFile classify_synpuf_file(const std::filesystem::path& path);

/// Amounts paid, by kind of claim, to be compared with the files'. Thread-safe.
class PaidAccounts {
 public:
  struct Account {
    std::int64_t read = 0;       // cents, in all rows that could be parsed
    std::int64_t undatable = 0;  // of these, in rows left out because nothing gives them a date
    std::uint64_t undatable_rows = 0;
  };

  void add(SynpufKind kind, const Account& more);
  /// "inpatient: paid 56540710.00, all stored".
  std::vector<std::string> notes() const;

 private:
  mutable std::mutex mutex_;
  std::map<SynpufKind, Account> accounts_;
};

/// What the readers of one import share.
struct SynpufImport {
  ImportRun& run;
  ImportSink& sink;
  const std::vector<KeptColumn>& keep;
  PaidAccounts paid;
};

/// The beneficiary summaries of all years: persons, enrolment, plans, chronic conditions, deaths.
void read_summaries(SynpufImport& import, const std::vector<SynpufFile>& files,
                    std::vector<FileReport>& reports);

/// Inpatient and outpatient claims. The files are read twice: once to find claims with a
/// continuation, so that only these are set aside and joined.
void read_institutional_claims(SynpufImport& import, const std::vector<SynpufFile>& files,
                               std::vector<FileReport>& reports);

/// Carrier claims and drug events. May run beside others.
FileReport read_carrier_claims(SynpufImport& import, const SynpufFile& file);
FileReport read_drug_events(SynpufImport& import, const SynpufFile& file);

/// Everything, in an order that makes names and persons known first.
ImportReport read_synpuf_files(ImportRun& run, const std::vector<SynpufFile>& files,
                               const std::vector<KeptColumn>& keep, ImportSink& sink);

}  // namespace anam
