// SPDX-License-Identifier: Apache-2.0
#include <numeric>
#include <utility>

#include "tools/import/events_files.h"
#include "tools/import/import_sink.h"

namespace anam {
namespace {

constexpr std::uint64_t kBytesPerRow = 45;  // of a typical row of events, to guess their number

class EventsImporter final : public Importer {
 public:
  explicit EventsImporter(ImportOptions options)
      : options_(std::move(options)),
        keep_(parse_kept_columns(options_.keep)),
        files_(list_input_files(options_.paths, {".csv", ".csv.gz", ".tsv", ".tsv.gz"})) {
    for (const std::filesystem::path& file : files_) kinds_.push_back(kind_of_events_file(file));
  }

  void prepare(LoadOptions& options) const override {
    options.require_persons = false;
    options.require_visits = false;
    options.expected_rows = 0;
    for (const std::filesystem::path& file : files_) {
      options.expected_rows += guess_rows(file, kBytesPerRow);
    }
  }

  ImportReport run(Load& load) override {
    LoadSink sink(load);
    ImportRun run(options_, std::accumulate(files_.begin(), files_.end(), std::uint64_t{0},
                                            [](std::uint64_t sum, const std::filesystem::path& f) {
                                              return sum + size_of_file(f);
                                            }));
    return read_events_files(run, files_, kinds_, keep_, sink);
  }

 private:
  ImportOptions options_;
  std::vector<KeptColumn> keep_;
  std::vector<std::filesystem::path> files_;
  std::vector<EventsFileKind> kinds_;
};

}  // namespace

std::unique_ptr<Importer> make_events_importer(ImportOptions options) {
  return std::make_unique<EventsImporter>(std::move(options));
}

}  // namespace anam
