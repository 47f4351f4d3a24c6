// SPDX-License-Identifier: Apache-2.0
// The people, and the organizations of which nothing is stored.
#include "ingest/csv/field.h"
#include "storage/attributes.h"
#include "tools/import/row_writer.h"
#include "tools/import/synthea_rows.h"

namespace anam {
namespace {

constexpr std::size_t kZipDigits = 3;  // of five: an area, not a neighbourhood

void set_code(EventBatch& batch, ColumnId id, VocabularyCodes& codes, std::string_view reference) {
  if (const CodeId code = codes.id_of(reference); code != kNoCode) batch.set(id, code);
}

}  // namespace

FileReport read_synthea_patients(SyntheaImport& import, const SyntheaFile& file, bool deaths) {
  SyntheaRows rows(import, file);
  const auto id = rows.needed({"id"});
  const auto birth = rows.column({"birthdate"});
  const auto death = rows.column({"deathdate"});
  const auto race = rows.column({"race"});
  const auto ethnicity = rows.column({"ethnicity"});
  const auto gender = rows.column({"gender"});
  const auto zip = rows.column({"zip"});
  VocabularyCodes codes(import.sink);
  RowWriter out(import.sink);
  while (rows.next()) {
    const std::string_view patient = rows.needed_text(id, "the patient is missing");
    const std::optional<DayTime> born = rows.moment(birth);
    const std::optional<DayTime> died = rows.moment(death);
    if (!rows.good()) continue;
    EventBatch& person = out.next();
    person.begin(patient, Domain::kPerson, kNoCode, kNull);
    if (born) {
      const Civil date = civil_of(born->day);
      person.set(column::kBirthYear, date.year);
      person.set(column::kBirthMonth, date.month);
      person.set(column::kBirthDay, date.day);
    }
    set_code(person, column::kSex, codes, sex_code_of(rows.text(gender)));
    set_code(person, column::kRace, codes, race_code(rows.text(race)));
    set_code(person, column::kEthnicity, codes, ethnicity_code(rows.text(ethnicity)));
    person.set_text(column::kZip, rows.text(zip).substr(0, kZipDigits));
    rows.fill(person);
    if (died && deaths) {
      EventBatch& batch = out.next();
      batch.begin(patient, Domain::kDeath, kNoCode, died->day);
      if (died->second >= 0) batch.set(column::kSecond, died->second);
    }
    ++rows.report().loaded;
  }
  out.finish();
  return rows.finish();
}

FileReport read_synthea_organizations(SyntheaImport& import, const SyntheaFile& file) {
  SyntheaRows rows(import, file);
  const auto id = rows.needed({"id"});
  while (rows.next()) {
    rows.needed_text(id, "the organization's id is missing");
    if (rows.good()) ++rows.report().skipped["nothing of organizations is stored"];
  }
  return rows.finish();
}

}  // namespace anam
