// SPDX-License-Identifier: Apache-2.0
// The files of a Synthea CSV export (docs/synthea.md), and what the readers of one import share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tools/import/attribute_cell.h"
#include "tools/import/import_run.h"
#include "tools/import/synthea_codes.h"
#include "tools/import/synthea_columns.h"
#include "tools/import/synthea_reference.h"

namespace anam {

/// Reads --tables: "clinical", "claims" or nothing for both. Throws Error(kUsage) for anything
/// else.
SyntheaHalves parse_synthea_halves(std::string_view tables);

/// parse_kept_columns(), and Error(kUsage) for a column that is an identifier in any table or is
/// read already.
std::vector<KeptColumn> parse_synthea_kept_columns(const std::vector<std::string>& keep);

/// True for a name that --keep may ask for.
bool can_be_kept(std::string_view lower_name);

struct SyntheaFile {
  std::filesystem::path path;
  SyntheaTable table;
};

struct SyntheaInput {
  std::vector<SyntheaFile> files;
  std::vector<std::string> notes;  // files that are not read, and why
};

/// Finds the tables that are to be read. Throws Error(kInput) when a table is there twice, when the
/// patients or all tables of events are missing, or when a file that is named is no table.
SyntheaInput find_synthea_files(const std::vector<std::filesystem::path>& paths,
                                const SyntheaHalves& halves);

/// Lines for the summary, from several threads, in an order that does not depend on them.
class ImportNotes {
 public:
  void add(std::string note);
  std::vector<std::string> take();  // sorted

 private:
  std::mutex mutex_;
  std::vector<std::string> notes_;
};

/// What the readers of one import share.
struct SyntheaImport {
  ImportRun& run;
  ImportSink& sink;
  const std::vector<KeptColumn>& keep;
  SyntheaPayers payers{};
  SyntheaProviders providers{};
  CodeNames names{};
  ImportNotes notes{};
};

/// patients: persons and, where wanted, deaths.
FileReport read_synthea_patients(SyntheaImport& import, const SyntheaFile& file, bool deaths);
/// organizations: every row is left out, since nothing of them is stored.
FileReport read_synthea_organizations(SyntheaImport& import, const SyntheaFile& file);
/// Any table of the medical record but imaging_studies. May run beside others.
FileReport read_synthea_record(SyntheaImport& import, const SyntheaFile& file);
/// imaging_studies: one procedure a study, site and modality.
FileReport read_synthea_imaging(SyntheaImport& import, const SyntheaFile& file);
/// claims and claims_transactions (either may be null), joined on disk by claim.
void read_synthea_claims(SyntheaImport& import, const SyntheaFile* claims,
                         const SyntheaFile* transactions, FileReport* claims_report,
                         FileReport* transactions_report);
/// The attributes that they fill. Before any thread reads.
void name_claim_attributes(ImportSink& sink);
/// payer_transitions: payer plans, and enrollment from those who have one.
FileReport read_synthea_coverage(SyntheaImport& import, const SyntheaFile& file);

/// Everything.
ImportReport read_synthea_files(ImportRun& run, const SyntheaInput& input,
                                const SyntheaHalves& halves, const std::vector<KeptColumn>& keep,
                                ImportSink& sink);

}  // namespace anam
