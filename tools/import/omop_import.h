// SPDX-License-Identifier: Apache-2.0
// Imports a directory of OMOP CDM tables. docs/omop.md says what becomes of them.
#pragma once

#include "tools/import/import_sink.h"
#include "tools/import/importer.h"
#include "tools/import/omop_files.h"

namespace anam {

/// One import. make_omop_importer() wraps it for a load; tests give it a sink of their own.
class OmopImport {
 public:
  /// Finds the files and checks their headers. Throws Error(kInput) or Error(kUsage) that says what
  /// is missing.
  explicit OmopImport(ImportOptions options);

  /// From the files' sizes.
  std::uint64_t expected_rows() const;

  /// Reads all input. Call once.
  ImportReport run(ImportSink& sink);

 private:
  ImportOptions options_;
  OmopFiles found_;
  std::vector<OmopKeep> keep_;
};

}  // namespace anam
