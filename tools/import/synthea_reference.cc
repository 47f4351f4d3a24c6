// SPDX-License-Identifier: Apache-2.0
#include "tools/import/synthea_reference.h"

#include "tools/import/synthea_rows.h"

namespace anam {
namespace {

constexpr std::string_view kNoInsurance = "NO_INSURANCE";

}  // namespace

FileReport SyntheaPayers::read(SyntheaImport& import, const SyntheaFile& file) {
  SyntheaRows rows(import, file);
  const auto id = rows.needed({"id"});
  const auto name = rows.needed({"name"});
  const auto ownership = rows.column({"ownership"});
  while (rows.next()) {
    const std::string_view payer = rows.needed_text(id, "the payer's id is missing");
    const std::string_view called = rows.needed_text(name, "the payer's name is missing");
    if (!rows.good()) continue;
    const CodeId code = define_code(import.sink, "Synthea Payer", called, called, "Payer");
    const bool insures = called != kNoInsurance && rows.text(ownership) != kNoInsurance;
    if (!payers_.try_emplace(std::string(payer), Payer{code, insures}).second) {
      ++rows.report().skipped["repeated payer"];
      continue;
    }
    ++rows.report().loaded;
  }
  return rows.finish();
}

FileReport SyntheaProviders::read(SyntheaImport& import, const SyntheaFile& file) {
  SyntheaRows rows(import, file);
  const auto id = rows.needed({"id"});
  const auto specialty = rows.column({"speciality", "specialty"});
  while (rows.next()) {
    const std::string_view provider = rows.needed_text(id, "the provider's id is missing");
    if (!rows.good()) continue;
    if (!specialties_.try_emplace(std::string(provider), rows.text(specialty)).second) {
      ++rows.report().skipped["repeated provider"];
      continue;
    }
    ++rows.report().loaded;
  }
  return rows.finish();
}

}  // namespace anam
