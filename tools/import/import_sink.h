// SPDX-License-Identifier: Apache-2.0
// What an importer says to a load, as an interface, so that tests can see the rows themselves.
#pragma once

#include <filesystem>
#include <utility>

#include "ingest/load.h"

namespace anam {

/// The receiving side of an import. Same meaning and the same rules about threads as in class Load.
class ImportSink {
 public:
  virtual ~ImportSink() = default;
  virtual CodeId code(std::string_view vocabulary, std::string_view code) = 0;
  virtual ColumnId attribute(std::string_view name, ColumnType type) = 0;
  virtual void define(CodeId code, const CodeDefinition& definition) = 0;
  virtual void add_descendant(CodeId ancestor, CodeId descendant) = 0;
  virtual void add_mapping(CodeId source, CodeId standard) = 0;
  virtual void replace_hierarchy() = 0;
  virtual void add(EventBatch&& batch) = 0;
  virtual std::filesystem::path scratch() const = 0;
};

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
  void define(CodeId code, const CodeDefinition& definition) override {
    load_.define(code, definition);
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
