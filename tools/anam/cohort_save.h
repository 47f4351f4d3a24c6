// SPDX-License-Identifier: Apache-2.0
// anam cohort --save: the store keeps the rows of definitions while they are evaluated.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "query/read/saved_rows.h"
#include "tools/anam/definition_file.h"
#include "tools/anam/subcommand.h"

namespace anam::cli {

/// The options --save NAME and --replace.
std::vector<Option> save_option_list();

/// Names for the definitions' rows, from --save; empty where it was not given. Throws Error(kUsage)
/// for several definitions under one name, and for what can be no name.
std::vector<std::string> names_to_save(const Arguments& arguments,
                                       const std::vector<std::string>& ids);

/// Saves the rows of one definition. One thread at a time.
class CohortSaver {
 public:
  /// Throws Error(kUsage) when the name is taken and not to be replaced. `reader` must outlive it.
  CohortSaver(const StoreReader& reader, const std::string& name, bool replace)
      : reader_(reader), writer_(reader.store().path(), name, replace) {}

  void add(std::uint32_t shard, ShardData& data, const std::vector<CohortRow>& rows) {
    save_rows(writer_, reader_, data, shard, rows);
  }
  /// Once all shards are there.
  void finish(const std::string& title, const std::vector<DefinitionFiles::Text>& texts);

 private:
  const StoreReader& reader_;
  SavedCohortWriter writer_;
};

}  // namespace anam::cli
