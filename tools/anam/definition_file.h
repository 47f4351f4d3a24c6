// SPDX-License-Identifier: Apache-2.0
// Cohort definitions from files.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "query/definition.h"
#include "query/read/store_reader.h"

namespace anam::cli {

/// The file's name without directories and extension: the cohort_definition_id.
std::string definition_id(const std::string& file);

/// Reads definitions, .cohort files (the text language) and .json files (Circe), and those in other
/// files that they refer to: each file once, so that all who refer to it share one definition. One
/// thread at a time.
class DefinitionFiles {
 public:
  /// Knows the store's attributes. `reader` must outlive it.
  explicit DefinitionFiles(const StoreReader& reader) : reader_(&reader) {}
  /// Knows the built-in attributes only.
  DefinitionFiles() = default;

  /// Throws Error(kInput) with the place in the file, also for files that refer to each other.
  std::shared_ptr<const CohortDefinition> read(const std::string& file);

  /// What a definition was written as: its own text first, then those of the files that it refers
  /// to, each once. REQUIRES: read(file) returned.
  struct Text {
    std::string file;
    std::string text;
  };
  std::vector<Text> texts(const std::string& file) const;

 private:
  struct Known {
    Text text;
    std::vector<std::filesystem::path> refers_to;
    std::shared_ptr<const CohortDefinition> definition;  // null: still being read
  };
  std::shared_ptr<const CohortDefinition> compile(const std::string& file, Known& known);

  const StoreReader* reader_ = nullptr;
  std::map<std::filesystem::path, Known> known_;  // by the file itself, whatever its names
  std::vector<std::filesystem::path> reading_;    // each refers to the next
};

/// Reads one definition by itself.
std::shared_ptr<const CohortDefinition> read_definition(const std::string& file,
                                                        const StoreReader& reader);

}  // namespace anam::cli
