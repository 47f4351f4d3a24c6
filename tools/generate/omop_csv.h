// SPDX-License-Identifier: Apache-2.0
// A population as tables of the OMOP CDM (docs/omop.md).
#pragma once

#include "tools/generate/arrival.h"
#include "tools/generate/csv_folder.h"

namespace anam::generate {

/// Writes person, location and a directory of a file for each year for every table of events.
class OmopCsvSink final : public WindowSink {
 public:
  OmopCsvSink(const Model& model, const Settings& settings, CsvFolder& folder);
  void take(Window& window) override;
  /// concept, concept_ancestor and concept_relationship.
  void write_vocabulary();
  /// location: every place where somebody may live.
  void write_locations();

 private:
  void add(CsvFolder::Texts& texts, const std::string& year, const Event& event) const;
  void add_cost(std::string& text, const Event& event, std::int64_t id, const char* domain) const;

  const Model& model_;
  const Settings& settings_;
  CsvFolder& folder_;
};

}  // namespace anam::generate
