// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "tools/import/import_sink.h"
#include "tools/import/synpuf_files.h"

namespace anam {
namespace {

/// Events that a row of each kind becomes, and the bytes that it takes, to guess the number of
/// events from the size of the files.
std::uint64_t guess_events(const SynpufFile& file) {
  switch (file.kind) {
    case SynpufKind::kSummary:
      return guess_rows(file.path, 150) * 5;
    case SynpufKind::kInpatient:
      return guess_rows(file.path, 250) * 12;
    case SynpufKind::kOutpatient:
      return guess_rows(file.path, 220) * 9;
    case SynpufKind::kCarrier:
      return guess_rows(file.path, 500) * 7;
    case SynpufKind::kDrug:
      return guess_rows(file.path, 75);
    case SynpufKind::kDescriptions:
      break;
  }
  return 0;
}

class SynpufImporter final : public Importer {
 public:
  explicit SynpufImporter(ImportOptions options)
      : options_(std::move(options)), keep_(parse_kept_columns(options_.keep)) {
    const std::vector<std::filesystem::path> paths =
        list_input_files(options_.paths, {".csv", ".csv.gz", ".txt", ".txt.gz"});
    for (const std::filesystem::path& path : paths) files_.push_back(classify_synpuf_file(path));
    // Names from short descriptions give way to those from long ones.
    std::ranges::stable_sort(files_, {}, [](const SynpufFile& file) {
      return file.kind == SynpufKind::kDescriptions &&
             file.path.filename().string().find("LONG") != std::string::npos;
    });
  }

  void prepare(LoadOptions& options) const override {
    options.require_persons = false;
    options.require_visits = false;
    options.expected_rows = 0;
    for (const SynpufFile& file : files_) options.expected_rows += guess_events(file);
  }

  ImportReport run(Load& load) override {
    LoadSink sink(load);
    std::uint64_t bytes = 0;
    for (const SynpufFile& file : files_) {
      const bool twice =
          file.kind == SynpufKind::kInpatient || file.kind == SynpufKind::kOutpatient;
      bytes += size_of_file(file.path) * (twice ? 2 : 1);
    }
    ImportRun run(options_, bytes);
    return read_synpuf_files(run, files_, keep_, sink);
  }

 private:
  ImportOptions options_;
  std::vector<KeptColumn> keep_;
  std::vector<SynpufFile> files_;
};

}  // namespace

std::unique_ptr<Importer> make_synpuf_importer(ImportOptions options) {
  return std::make_unique<SynpufImporter>(std::move(options));
}

}  // namespace anam
