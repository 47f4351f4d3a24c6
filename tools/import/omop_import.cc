// SPDX-License-Identifier: Apache-2.0
#include "tools/import/omop_import.h"

#include <algorithm>
#include <set>

#include "storage/error.h"
#include "tools/import/attribute_cell.h"
#include "tools/import/omop_costs.h"
#include "tools/import/omop_reference.h"
#include "tools/import/omop_row_reader.h"
#include "tools/import/omop_vocabulary.h"

namespace anam {
namespace {

// Of location_history.domain_id: the domain's name, or the field concept of person.person_id.
constexpr std::string_view kPersonField = "1147314";

bool names_person(std::string_view text) {
  constexpr std::string_view kPerson = "person";
  return text == kPersonField ||
         std::ranges::equal(text, kPerson, [](char a, char b) { return (a | 0x20) == b; });
}

/// The tables whose rows are events or persons, once the other ones are read.
class OmopRows {
 public:
  OmopRows(OmopRun& run, const OmopReferences& references, OmopCosts& costs)
      : run_(run), references_(references), costs_(costs) {}

  FileReport read(const OmopFile& file, const std::shared_ptr<CsvReader>& csv) const {
    OmopRowReader reader(run_, file, csv);
    const OmopTable& table = *file.table;
    const bool has_costs = costs_.concern(table.domain);
    EventBatch batch;
    while (OmopRow* row = reader.next()) {
      if (table.kind == OmopKind::kLocationHistory && !take_location(reader, *row)) continue;
      look_up(reader, *row);
      row->put(batch, table.domain, row->record == kNull ? ColumnId{0} : table.key_column);
      put_places(batch, *row);
      if (table.domain != Domain::kPerson) batch.set(column::kSequence, row->record);
      if (has_costs && row->record != kNull) {
        batch.set(column::kRecordKey, row->record);
        costs_.add_event(table.domain, row->record, row->person);
      }
      reader.loaded();
      if (batch.rows() >= EventBatch::kFull) {
        run_.sink.add(std::move(batch));
        batch = EventBatch();
      }
    }
    if (!batch.empty()) run_.sink.add(std::move(batch));
    return reader.report();
  }

 private:
  /// Whether the row of location_history is an event.
  static bool take_location(OmopRowReader& reader, OmopRow& row) {
    if (!names_person(row.entity_domain)) {
      reader.skipped("location of something other than a person");
      return false;
    }
    if (row.person == kNull) {
      reader.skipped("no entity_id");
      return false;
    }
    return true;
  }

  void look_up(OmopRowReader& reader, OmopRow& row) const {
    const auto copy = [&](const OmopReference& reference, std::int64_t id, OmopRemark remark) {
      if (id != kNull && !reference.copy_to(row, id) && reference.was_read()) reader.remark(remark);
    };
    const Domain domain = reader.table().domain;
    if (domain != Domain::kPerson) {  // whose provider and care site say nothing about an event
      copy(references_.provider, row.provider, OmopRemark::kNoProvider);
      copy(references_.care_site, row.care_site, OmopRemark::kNoCareSite);
    }
    copy(references_.location, row.location, OmopRemark::kNoLocation);
    if (domain == Domain::kLocation) {
      const std::int64_t region = row.cell(column::kRegion);
      row.code = region == kNull ? kNoCode : static_cast<CodeId>(region);
    }
  }

  static void put_places(EventBatch& batch, const OmopRow& row) {
    if (row.provider != kNull) batch.set_text(column::kProvider, std::to_string(row.provider));
    if (row.care_site != kNull) batch.set_text(column::kCareSite, std::to_string(row.care_site));
  }

  OmopRun& run_;
  const OmopReferences& references_;
  OmopCosts& costs_;
};

std::vector<OmopKeep> to_keep(const std::vector<std::string>& options) {
  std::vector<OmopKeep> keep;
  for (const KeptColumn& column : parse_kept_columns(options)) keep.push_back({column});
  return keep;
}

std::vector<const OmopFile*> files_of(const OmopFiles& found, OmopKind kind) {
  std::vector<const OmopFile*> files;
  for (const OmopFile& file : found.files) {
    if (file.table->kind == kind) files.push_back(&file);
  }
  return files;
}

}  // namespace

OmopImport::OmopImport(ImportOptions options)
    : options_(std::move(options)),
      found_(find_omop_files(options_.paths)),
      keep_(to_keep(options_.keep)) {
  std::set<std::string> kept;
  for (const OmopFile& file : found_.files) {
    const CsvReader reader = open_omop_table(file);
    const OmopBinding binding = bind_omop_columns(file, reader.lower_names(), keep_);
    kept.insert(binding.kept.begin(), binding.kept.end());
  }
  for (const OmopKeep& keep : keep_) {
    if (!kept.contains(keep.name)) {
      fail(ErrorCode::kUsage, "no OMOP table here has the column to keep", keep.name);
    }
  }
}

std::uint64_t OmopImport::expected_rows() const {
  std::uint64_t rows = 0;
  for (const OmopFile& file : found_.files) {
    if (file.table->kind == OmopKind::kRows) rows += estimate_omop_rows(file);
  }
  return rows;
}

ImportReport OmopImport::run(ImportSink& sink) {
  std::uint64_t total = 0;
  for (const OmopFile& file : found_.files) total += file.bytes;
  std::vector<OmopKeep> keep = keep_;
  for (OmopKeep& kept : keep) kept.column = sink.attribute(kept.name, kept.type);
  OmopRun run(options_, sink, std::move(keep), total);
  ImportReport report;

  std::vector<OmopFile> vocabulary;
  for (const OmopFile* file : files_of(found_, OmopKind::kVocabulary)) vocabulary.push_back(*file);
  report.files = read_omop_vocabulary(run, vocabulary);

  // What other rows look up: provider, care_site, location, and which events have costs.
  const auto reference_files = files_of(found_, OmopKind::kReference);
  const auto cost_files = files_of(found_, OmopKind::kCost);
  auto row_files = files_of(found_, OmopKind::kRows);
  std::uint64_t cost_rows = 0;
  std::uint64_t event_rows = 0;
  for (const OmopFile* file : cost_files) cost_rows += estimate_omop_rows(*file);
  for (const OmopFile* file : row_files) event_rows += estimate_omop_rows(*file);
  OmopReferences references;
  OmopCosts costs(run, cost_files, cost_rows, event_rows);
  std::vector<FileReport> reference_reports(reference_files.size());
  run.for_each(cost_files.size() + 1, [&](std::size_t job) {
    if (job < cost_files.size()) return costs.read(job);
    for (std::size_t i = 0; i < reference_files.size(); ++i) {
      OmopRowReader reader(run, *reference_files[i]);
      references.of(reader.table()).read(reader);
      reference_reports[i] = reader.report();
    }
  });

  // The largest file first, so that the threads end together.
  const auto history_files = files_of(found_, OmopKind::kLocationHistory);
  row_files.insert(row_files.end(), history_files.begin(), history_files.end());
  std::vector<std::size_t> order(row_files.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, std::greater(),
                           [&](std::size_t i) { return row_files[i]->bytes; });
  std::vector<std::filesystem::path> paths;
  for (const std::size_t i : order) paths.emplace_back(row_files[i]->path);
  const OmopRows rows(run, references, costs);
  std::vector<FileReport> in_order = run.read_files(
      paths,
      [&](std::size_t k) {
        return std::make_shared<CsvReader>(open_omop_table(*row_files[order[k]]));
      },
      [&](std::size_t k, const std::shared_ptr<CsvReader>& csv) {
        return rows.read(*row_files[order[k]], csv);
      });
  std::vector<FileReport> row_reports(row_files.size());
  for (std::size_t k = 0; k < order.size(); ++k) row_reports[order[k]] = std::move(in_order[k]);
  costs.join();

  for (const auto& some : {reference_reports, costs.reports(), row_reports}) {
    report.files.insert(report.files.end(), some.begin(), some.end());
  }
  if (!found_.not_read.empty()) {
    std::string note = "not read, for they are no tables of events, persons or vocabulary:";
    for (const std::string& name : found_.not_read) note += " " + name;
    report.notes.push_back(std::move(note));
  }
  if (costs.shared_ids() != 0) {
    report.notes.push_back(
        std::to_string(costs.shared_ids()) +
        " events have the id of another patient's event: costs that name it went "
        "to the patient with the smallest id");
  }
  if (run.bad_rows().count() != 0) {
    report.notes.push_back(std::to_string(run.bad_rows().count()) +
                           " rows could not be read; see " + run.bad_rows().file().string());
  }
  return report;
}

}  // namespace anam
