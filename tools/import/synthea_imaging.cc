// SPDX-License-Identifier: Apache-2.0
// Imaging studies: the file has a row for each image, the store a procedure for each study, site
// and modality.
#include "ingest/csv/field.h"
#include "storage/attributes.h"
#include "tools/import/keyed_records.h"
#include "tools/import/packed_fields.h"
#include "tools/import/row_writer.h"
#include "tools/import/synthea_rows.h"

namespace anam {
namespace {

/// What makes an event of its own: rows that agree in these are images of the same.
enum Field : std::size_t {
  kPatient,
  kDate,
  kEncounter,
  kProcedure,
  kModality,
  kSite,
  kFields,
};

class ImagingWriter {
 public:
  explicit ImagingWriter(SyntheaImport& import)
      : out_(import.sink),
        codes_(import.sink),
        modality_(import.sink.attribute("modality", ColumnType::kCode)),
        site_(import.sink.attribute("body_site", ColumnType::kCode)) {
    for (const KeptColumn& kept : import.keep) {
      kept_.emplace_back(0, import.sink.attribute(kept.name, kept.type), kept.type, kept.name,
                         import.sink);
    }
  }

  void write(std::string_view record) {
    PackedFields in(record);
    std::string_view fields[kFields];
    for (std::string_view& field : fields) field = in.next();
    const DayTime start = parse_day_time(fields[kDate]).value();
    // Older releases do not say which procedure; the modality then does.
    const bool by_modality = fields[kProcedure].empty();
    EventBatch& batch = out_.next();
    batch.begin(
        fields[kPatient], Domain::kProcedure,
        by_modality ? codes_.id("DCM", fields[kModality]) : codes_.id("SNOMED", fields[kProcedure]),
        start.day);
    if (start.second >= 0) batch.set(column::kSecond, start.second);
    batch.set_key(column::kVisitKey, fields[kEncounter]);
    set_code(batch, modality_, codes_.id("DCM", fields[kModality]));
    set_code(batch, site_, codes_.id("SNOMED", fields[kSite]));
    FileReport counted_already;
    for (AttributeColumn& kept : kept_) {
      kept.parse(in.next(), counted_already);
      kept.set(batch);
    }
  }
  void finish() { out_.finish(); }

 private:
  static void set_code(EventBatch& batch, ColumnId id, CodeId code) {
    if (code != kNoCode) batch.set(id, code);
  }

  RowWriter out_;
  VocabularyCodes codes_;
  ColumnId modality_, site_;
  std::vector<AttributeColumn> kept_;
};

}  // namespace

FileReport read_synthea_imaging(SyntheaImport& import, const SyntheaFile& file) {
  SyntheaRows rows(import, file);
  const auto id = rows.needed({"id"});
  const auto date = rows.needed({"date"});
  const auto patient = rows.needed({"patient"});
  const SyntheaRows::Column columns[kFields] = {
      patient,
      date,
      rows.column({"encounter"}),
      rows.column({"procedure_code"}),
      rows.column({"modality_code"}),
      rows.column({"bodysite_code"}),
  };
  const auto modality_name = rows.column({"modality_description"});
  const auto site_name = rows.column({"bodysite_description"});
  KeyedRecords aside(import.sink.scratch(), size_of_file(file.path) * 8);
  std::string record;
  while (rows.next()) {
    const std::string_view study = rows.needed_text(id, "the study's id is missing");
    rows.needed_text(patient, "the patient is missing");
    rows.needed_moment(date);
    if (rows.text(columns[kProcedure]).empty()) {
      rows.needed_text(columns[kModality], "the procedure is missing, and the modality too");
    }
    if (!rows.good()) continue;
    rows.name("DCM", rows.text(columns[kModality]), rows.text(modality_name));
    rows.name("SNOMED", rows.text(columns[kSite]), rows.text(site_name));
    record.clear();
    for (const SyntheaRows::Column column : columns) pack_field(record, rows.text(column));
    rows.pack_kept(record);
    aside.add(study, record);
  }
  ImagingWriter writer(import);
  for (std::size_t part = 0; part < aside.parts(); ++part) {
    const KeyedRecord* before = nullptr;
    const std::vector<KeyedRecord> records = aside.take(part);
    for (const KeyedRecord& next : records) {
      if (before != nullptr && before->key == next.key && before->record == next.record) {
        ++rows.report().skipped["further image of a study"];
        continue;
      }
      before = &next;
      writer.write(next.record);
      ++rows.report().loaded;
    }
  }
  writer.finish();
  return rows.finish();
}

}  // namespace anam
