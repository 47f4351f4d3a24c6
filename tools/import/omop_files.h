// SPDX-License-Identifier: Apache-2.0
// Which files of an OMOP export are which table.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/import/attribute_cell.h"
#include "tools/import/omop_tables.h"

namespace anam {

/// One file of a table. A table may be split into several.
struct OmopFile {
  std::string path;
  const OmopTable* table = nullptr;
  std::uint64_t bytes = 0;
};

struct OmopFiles {
  std::vector<OmopFile> files;        // by table, then by path
  std::vector<std::string> not_read;  // what else is there
};

/// Looks through directories and at single files. A file belongs to the table that it is named for,
/// in any case, with .csv, .tsv or .txt and perhaps .gz: PERSON.csv, measurement.csv.gz. A split
/// table is drug_exposure_01.csv, drug_exposure.part-2.csv.gz, or a directory drug_exposure/ of any
/// such files. Throws Error(kUsage) for a path that is not there or a file that names no table,
/// Error(kInput) when the same table is there plain and compressed, and when there is no person
/// table or no table of events.
OmopFiles find_omop_files(std::span<const std::filesystem::path> paths);

/// The first and the last rule of the above: "Drug_Exposure.part-2.csv.gz" -> "drug_exposure".
/// Empty when it is no such file.
std::string omop_table_name(std::string_view file_name);

/// A rough count of a file's rows.
std::uint64_t estimate_omop_rows(const OmopFile& file);

/// A column that --keep names.
struct OmopKeep : KeptColumn {
  ColumnId column = 0;  // of the attribute, once the load has named it
};

/// How the columns of one file are read.
struct OmopBinding {
  struct Column {
    std::size_t index;  // in the header
    OmopColumn what;    // kUnused columns are bound for vocabulary tables only
    std::string_view name;
  };
  std::vector<Column> columns;
  std::vector<std::string> ignored;  // neither known nor named by --keep
  std::vector<std::string> kept;     // named by --keep and there
};

/// `names` are lower case and must outlive the binding. Throws Error(kInput) naming the required
/// columns that are missing and those that are there.
OmopBinding bind_omop_columns(const OmopFile& file, const std::vector<std::string>& names,
                              std::span<const OmopKeep> keep);

}  // namespace anam
