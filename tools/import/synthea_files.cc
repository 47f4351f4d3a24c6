// SPDX-License-Identifier: Apache-2.0
#include "tools/import/synthea_files.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "storage/error.h"

namespace anam {
namespace {

using Table = SyntheaTable;

/// Tables from which no events come, only what rows of others say.
constexpr bool is_reference(Table table) {
  return table == Table::kPayers || table == Table::kProviders || table == Table::kOrganizations;
}

/// "claims" for "Claims.csv.gz".
std::string table_name(const std::filesystem::path& path) {
  std::string name = path.filename().string();
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const std::string_view ending : {".gz", ".csv"}) {
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  }
  return name;
}

const SyntheaTableInfo* table_of(const std::filesystem::path& path) {
  const std::span<const SyntheaTableInfo> tables = synthea_tables();
  const auto found = std::ranges::find(tables, table_name(path), &SyntheaTableInfo::name);
  return found == tables.end() ? nullptr : &*found;
}

/// Identifiers of the tables that are read, for the summary.
std::string identifiers_of(const std::vector<SyntheaFile>& files) {
  std::set<std::string_view> names;
  for (const SyntheaFile& file : files) {
    for (const SyntheaColumn& column : synthea_table(file.table).columns) {
      if (column.what == SyntheaClass::kIdentifier) names.insert(column.name);
    }
  }
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

/// Names all attributes before any thread reads: a load takes new ones from one thread only, and
/// their numbers shall not depend on who comes first.
void name_attributes(SyntheaImport& import, const std::vector<SyntheaFile>& files) {
  for (const SyntheaFile& file : files) {
    for (const SyntheaColumn& column : synthea_table(file.table).columns) {
      if (const std::optional<ColumnType> type = attribute_type(column)) {
        import.sink.attribute(column.attribute, *type);
      }
    }
    if (file.table == Table::kClaims || file.table == Table::kClaimsTransactions) {
      name_claim_attributes(import.sink);
    }
  }
  for (const KeptColumn& kept : import.keep) import.sink.attribute(kept.name, kept.type);
}

}  // namespace

SyntheaHalves parse_synthea_halves(std::string_view tables) {
  if (tables.empty()) return {true, true};
  if (tables == "clinical") return {true, false};
  if (tables == "claims") return {false, true};
  fail(ErrorCode::kUsage, "--tables knows clinical and claims; without it both are read",
       std::string(tables));
}

bool can_be_kept(std::string_view lower_name) {
  bool known = false;
  bool of_events = false;
  for (const SyntheaTableInfo& info : synthea_tables()) {
    const SyntheaColumn* column = find_synthea_column(info.table, lower_name);
    if (column == nullptr) continue;
    if (column->what != SyntheaClass::kNotNeeded) return false;
    known = true;
    of_events = of_events || !is_reference(info.table);
  }
  return !known || of_events;
}

std::vector<KeptColumn> parse_synthea_kept_columns(const std::vector<std::string>& keep) {
  std::vector<KeptColumn> columns = parse_kept_columns(keep);
  for (const KeptColumn& column : columns) {
    for (const SyntheaTableInfo& info : synthea_tables()) {
      const SyntheaColumn* known = find_synthea_column(info.table, column.name);
      if (known != nullptr && known->what == SyntheaClass::kIdentifier) {
        fail(ErrorCode::kUsage, "--keep cannot keep an identifier: it never reaches the store",
             column.name + " of " + std::string(info.name));
      }
    }
    if (!can_be_kept(column.name)) {
      fail(ErrorCode::kUsage,
           "--keep is for columns that are not read anyway (docs/synthea.md has what they become)",
           column.name);
    }
  }
  return columns;
}

void ImportNotes::add(std::string note) {
  const std::lock_guard lock(mutex_);
  notes_.push_back(std::move(note));
}

std::vector<std::string> ImportNotes::take() {
  const std::lock_guard lock(mutex_);
  std::ranges::sort(notes_);
  return std::exchange(notes_, {});
}

SyntheaInput find_synthea_files(const std::vector<std::filesystem::path>& paths,
                                const SyntheaHalves& halves) {
  SyntheaInput input;
  std::string strange;
  std::string other_half;
  for (const std::filesystem::path& path : list_input_files(paths, {".csv", ".csv.gz"})) {
    const std::string name = path.filename().string();
    const SyntheaTableInfo* info = table_of(path);
    if (info == nullptr) {
      if (std::ranges::find(paths, path) != paths.end()) {
        fail(ErrorCode::kInput, "not a table of Synthea's CSV export, by its name", path.string());
      }
      strange += (strange.empty() ? "" : ", ") + name;
      continue;
    }
    if (!(halves.clinical && info->halves.clinical) && !(halves.claims && info->halves.claims)) {
      other_half += (other_half.empty() ? "" : ", ") + name;
      continue;
    }
    for (const SyntheaFile& known : input.files) {
      if (known.table == info->table) {
        fail(ErrorCode::kInput, "a table is there twice",
             known.path.string() + " and " + path.string());
      }
    }
    input.files.push_back({path, info->table});
  }
  const auto has = [&input](Table table) {
    return std::ranges::find(input.files, table, &SyntheaFile::table) != input.files.end();
  };
  if (!has(Table::kPatients)) {
    fail(ErrorCode::kInput, "patients.csv is missing", paths.front().string());
  }
  if (std::ranges::all_of(input.files, [](const SyntheaFile& file) {
        return file.table == Table::kPatients || is_reference(file.table);
      })) {
    fail(ErrorCode::kInput, "there is no table of events beside patients.csv",
         paths.front().string());
  }
  if (!strange.empty()) input.notes.push_back("Not read, no table that is known: " + strange);
  if (!other_half.empty()) {
    input.notes.push_back(std::string("Not read, since --tables ") +
                          (halves.clinical ? "clinical" : "claims") + ": " + other_half);
  }
  input.notes.push_back("Identifiers, which are never read: " + identifiers_of(input.files));
  return input;
}

ImportReport read_synthea_files(ImportRun& run, const SyntheaInput& input,
                                const SyntheaHalves& halves, const std::vector<KeptColumn>& keep,
                                ImportSink& sink) {
  ImportReport report;
  report.files.resize(input.files.size());
  report.notes = input.notes;
  SyntheaImport import{run, sink, keep};
  define_synthea_codes(sink);

  name_attributes(import, input.files);

  std::vector<std::optional<std::size_t>> at(synthea_tables().size());
  for (std::size_t i = 0; i < input.files.size(); ++i) {
    at[static_cast<std::size_t>(input.files[i].table)] = i;
  }
  const auto find = [&at](Table table) { return at[static_cast<std::size_t>(table)]; };
  if (const auto i = find(Table::kPayers)) {
    report.files[*i] = import.payers.read(import, input.files[*i]);
  }
  if (const auto i = find(Table::kProviders)) {
    report.files[*i] = import.providers.read(import, input.files[*i]);
  }
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < input.files.size(); ++i) {
    const Table table = input.files[i].table;
    const bool joined = table == Table::kClaims || table == Table::kClaimsTransactions;
    if (!joined && table != Table::kPayers && table != Table::kProviders) rest.push_back(i);
  }
  run.for_each(rest.size(), [&](std::size_t k) {
    const std::size_t i = rest[k];
    const SyntheaFile& file = input.files[i];
    switch (file.table) {
      case Table::kPatients:
        report.files[i] = read_synthea_patients(import, file, halves.clinical);
        break;
      case Table::kOrganizations:
        report.files[i] = read_synthea_organizations(import, file);
        break;
      case Table::kImagingStudies:
        report.files[i] = read_synthea_imaging(import, file);
        break;
      case Table::kPayerTransitions:
        report.files[i] = read_synthea_coverage(import, file);
        break;
      default:
        report.files[i] = read_synthea_record(import, file);
    }
  });
  const auto claims = find(Table::kClaims);
  const auto transactions = find(Table::kClaimsTransactions);
  if (claims || transactions) {
    read_synthea_claims(import, claims ? &input.files[*claims] : nullptr,
                        transactions ? &input.files[*transactions] : nullptr,
                        claims ? &report.files[*claims] : nullptr,
                        transactions ? &report.files[*transactions] : nullptr);
  }
  import.names.define(sink);
  for (std::string& note : import.notes.take()) report.notes.push_back(std::move(note));
  return report;
}

}  // namespace anam
