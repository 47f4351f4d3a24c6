// SPDX-License-Identifier: Apache-2.0
// Codes as CMS writes them: ICD-9 without dots, SSA states, code descriptions.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tools/import/import_run.h"
#include "tools/import/row_writer.h"

namespace anam {

/// Restores the dot: "25000" is 250.00, "V1254" V12.54, "E8889" E888.9, "486" 486. Anything that is
/// no ICD-9-CM diagnosis ("OTHER", as SynPUF masks rare ones) stays as it is.
std::string icd9_diagnosis(std::string_view code);

/// "8154" is 81.54. Anything that is no ICD-9-CM procedure stays as it is.
std::string icd9_procedure(std::string_view code);

/// Whether a code in a procedure's column can only be a diagnosis: 5 characters, or V or E in
/// front. (SynPUF has many.)
bool is_misplaced_diagnosis(std::string_view code);

/// Postal abbreviation of an SSA state code: "05" and "5" are CA. "other" for SynPUF's 54, empty
/// for an unknown one.
std::string_view ssa_state(std::string_view code);

/// One chronic condition flag of a beneficiary summary, or the flag of end-stage renal disease.
struct SynpufFlag {
  std::string_view column;  // lower case
  std::string_view code;    // in the vocabulary SynPUF
  std::string_view name;
};
std::span<const SynpufFlag> synpuf_flags();

/// Defines the codes that the importer makes up itself, with their names.
void define_synpuf_codes(ImportSink& sink);

/// Whether this is a file of code descriptions, by its name: CMS32_DESC_LONG_DX.txt, ..._SG.txt,
/// also .gz.
bool is_description_file(const std::filesystem::path& file);

/// Defines the names of ICD-9 codes: "0010  Cholera due to vibrio cholerae" on each line.
FileReport read_descriptions(ImportRun& run, const std::filesystem::path& file, ImportSink& sink);

}  // namespace anam
