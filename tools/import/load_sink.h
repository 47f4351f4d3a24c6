// SPDX-License-Identifier: Apache-2.0
// The sink that is a load.
#pragma once

#include <utility>

#include "tools/import/import_sink.h"

namespace anam {

/// Passes everything on to a load, which must outlive it.
class LoadSink final : public ImportSink {
 public:
  explicit LoadSink(Load& load) : load_(load) {}
  CodeId code(std::string_view vocabulary, std::string_view code) override {
    return load_.code(vocabulary, code);
  }
  ColumnId attribute(std::string_view name, ColumnType type) override {
    return load_.attribute(name, type);
  }
  void define(CodeId code, CodeDefinition definition) override {
    load_.define(code, std::move(definition));
  }
  void add_descendant(CodeId ancestor, CodeId descendant) override {
    load_.add_descendant(ancestor, descendant);
  }
  void add_mapping(CodeId source, CodeId standard) override { load_.add_mapping(source, standard); }
  void replace_hierarchy() override { load_.replace_hierarchy(); }
  void add(EventBatch&& batch) override { load_.add(std::move(batch)); }
  std::filesystem::path scratch() const override { return load_.scratch(); }

 private:
  Load& load_;
};

}  // namespace anam
