// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "tools/import/import_sink.h"
#include "tools/import/synthea_files.h"

namespace anam {
namespace {

/// Events that the rows of a file become, guessed from its size.
std::uint64_t guess_events(const SyntheaFile& file) {
  switch (file.table) {
    case SyntheaTable::kPayers:
    case SyntheaTable::kProviders:
    case SyntheaTable::kOrganizations:
      return 0;
    case SyntheaTable::kImagingStudies:
      return guess_rows(file.path, 4000);
    case SyntheaTable::kClaims:
      return guess_rows(file.path, 500) * 2;
    case SyntheaTable::kClaimsTransactions:
      return guess_rows(file.path, 1300);  // three or four transactions are a line
    default:
      return guess_rows(file.path, 170);
  }
}

class SyntheaImporter final : public Importer {
 public:
  explicit SyntheaImporter(ImportOptions options)
      : options_(std::move(options)),
        halves_(parse_synthea_halves(options_.tables)),
        keep_(parse_synthea_kept_columns(options_.keep)),
        input_(find_synthea_files(options_.paths, halves_)) {}

  void prepare(LoadOptions& options) const override {
    options.require_persons = true;
    options.require_visits = true;
    options.expected_rows = 0;
    for (const SyntheaFile& file : input_.files) options.expected_rows += guess_events(file);
  }

  ImportReport run(Load& load) override {
    LoadSink sink(load);
    std::uint64_t bytes = 0;
    for (const SyntheaFile& file : input_.files) bytes += size_of_file(file.path);
    ImportRun run(options_, bytes);
    return read_synthea_files(run, input_, halves_, keep_, sink);
  }

 private:
  ImportOptions options_;
  SyntheaHalves halves_;
  std::vector<KeptColumn> keep_;
  SyntheaInput input_;
};

}  // namespace

std::unique_ptr<Importer> make_synthea_importer(ImportOptions options) {
  return std::make_unique<SyntheaImporter>(std::move(options));
}

}  // namespace anam
