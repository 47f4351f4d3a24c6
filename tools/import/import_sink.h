// SPDX-License-Identifier: Apache-2.0
// What an importer says to a load, as an interface, so that tests can see the rows themselves.
#pragma once

#include <filesystem>

#include "ingest/load.h"

namespace anam {

/// The receiving side of an import. Same meaning and the same rules about threads as in class Load.
class ImportSink {
 public:
  virtual ~ImportSink() = default;
  virtual CodeId code(std::string_view vocabulary, std::string_view code) = 0;
  virtual ColumnId attribute(std::string_view name, ColumnType type) = 0;
  virtual void define(CodeId code, CodeDefinition definition) = 0;
  virtual void add_descendant(CodeId ancestor, CodeId descendant) = 0;
  virtual void add_mapping(CodeId source, CodeId standard) = 0;
  virtual void replace_hierarchy() = 0;
  virtual void add(EventBatch&& batch) = 0;
  virtual std::filesystem::path scratch() const = 0;
};

}  // namespace anam
