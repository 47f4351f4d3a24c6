// SPDX-License-Identifier: Apache-2.0
// The tables that other rows look things up in: provider, care_site, location.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tools/import/id_map.h"
#include "tools/import/omop_row_reader.h"

namespace anam {

/// What one reference table says about each of its ids, in memory: 32 to 64 bytes an id, and each
/// distinct set of values once. Any number of threads may read after one thread has filled it.
class OmopReference {
 public:
  struct Entry {
    std::vector<OmopRow::Cell> cells;
    std::vector<std::pair<ColumnId, std::string>> texts;
  };

  /// Takes the rows of one file. Of rows with the same id the first one counts, the others are
  /// skipped.
  void read(OmopRowReader& reader);

  bool was_read() const { return was_read_; }

  /// Null when there is none.
  const Entry* find(std::int64_t id) const;

  /// Copies what it says about `id` to the row, but for what the row says itself. False when it
  /// does not know the id. The row's views are valid as long as this object.
  bool copy_to(OmopRow& row, std::int64_t id) const;

 private:
  std::uint32_t entry_of(const OmopRow& row);

  IdMap<std::uint32_t> ids_;                      // id -> index into entries_
  std::vector<Entry> entries_;                    // distinct
  std::map<std::string, std::uint32_t> indexes_;  // an entry's bytes -> its index
  bool was_read_ = false;
};

struct OmopReferences {
  OmopReference provider, care_site, location;

  /// The one of that name. REQUIRES: it is one of the three.
  OmopReference& of(const OmopTable& table);
};

}  // namespace anam
