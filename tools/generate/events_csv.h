// SPDX-License-Identifier: Apache-2.0
// A population as files of the `events` format (docs/events.md).
#pragma once

#include "tools/generate/arrival.h"
#include "tools/generate/csv_folder.h"

namespace anam::generate {

/// Writes patients, and a file for each feed and year: claims as members, medical-2005, ...,
/// pharmacy-2005, ..., laboratory-2005, ...; clinical records as records-2010, ...
class EventsCsvSink final : public WindowSink {
 public:
  EventsCsvSink(const Model& model, const Settings& settings, CsvFolder& folder);
  void take(Window& window) override;
  /// codes, hierarchy and mappings.
  void write_codes();

 private:
  std::string code(CodeIndex index) const;
  void add(std::string& text, const Event& event) const;

  const Model& model_;
  const Settings& settings_;
  CsvFolder& folder_;
};

}  // namespace anam::generate
