// SPDX-License-Identifier: Apache-2.0
// Records set aside on disk, by a hash of their key, so that those of one key can be joined in
// bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tools/import/partitioned_rows.h"

namespace anam {

/// A key and a record of any bytes.
struct KeyedRecord {
  std::string key;
  std::string record;
};

/// Records in parts of the keys. add() may be called by several threads; take() after the last
/// add().
class KeyedRecords {
 public:
  /// `expected_bytes` decides the number of parts, so that one takes about 32 MiB.
  KeyedRecords(const std::filesystem::path& directory, std::uint64_t expected_bytes);

  /// Throws Error(kIo) or Error(kFull) when the disk refuses.
  void add(std::string_view key, std::string_view record);

  std::size_t parts() const { return rows_.partitions(); }

  /// All records of a part, sorted by key, then by record: the order in which they were added does
  /// not show.
  std::vector<KeyedRecord> take(std::size_t part);

 private:
  PartitionedRows rows_;
};

}  // namespace anam
