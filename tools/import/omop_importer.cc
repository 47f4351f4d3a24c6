// SPDX-License-Identifier: Apache-2.0
#include "tools/import/omop_import.h"

namespace anam {
namespace {

class OmopImporter final : public Importer {
 public:
  explicit OmopImporter(ImportOptions options) : import_(std::move(options)) {}

  void prepare(LoadOptions& options) const override {
    options.require_persons = true;
    options.require_visits = true;
    options.expected_rows = import_.expected_rows();
  }

  ImportReport run(Load& load) override {
    LoadSink sink(load);
    return import_.run(sink);
  }

 private:
  OmopImport import_;
};

}  // namespace

std::unique_ptr<Importer> make_omop_importer(ImportOptions options) {
  return std::make_unique<OmopImporter>(std::move(options));
}

}  // namespace anam
