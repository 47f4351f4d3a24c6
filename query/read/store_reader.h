// SPDX-License-Identifier: Apache-2.0
// A release of a store, open for queries.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/posting_reader.h"
#include "query/definition.h"
#include "query/event_stream.h"
#include "storage/code_table.h"
#include "storage/shard_header.h"
#include "storage/store.h"

namespace anam {

/// Where a patient is: the shard, and the ordinal in it. Holds for one release of one store.
struct PatientPlace {
  std::uint32_t shard = 0;
  std::uint32_t ordinal = 0;
  auto operator<=>(const PatientPlace&) const = default;
};

/// Opens a release; cheap to share between threads by reference. Files and what they hold of a
/// shard are read when first asked for. Everything throws Error(kCorrupt) for bytes that are not
/// what was written.
class StoreReader {
 public:
  explicit StoreReader(const std::filesystem::path& path,
                       std::optional<std::uint32_t> release = std::nullopt);
  ~StoreReader();
  StoreReader(const StoreReader&) = delete;
  StoreReader& operator=(const StoreReader&) = delete;

  const Store& store() const;
  const CodeTable& codes() const;
  std::uint32_t shards() const;

  /// What the release's files hold of a shard, in the order of releases; empty for a shard without
  /// patients.
  struct ShardFile {
    std::shared_ptr<const SealedFile> file;
    ShardHeader header;
  };
  const std::vector<ShardFile>& shard_files(std::uint32_t shard) const;

  /// Name and type of an attribute, built in or local; empty when there is none.
  struct Attribute {
    ColumnId id;
    ColumnType type;
    std::string name;
  };
  std::optional<Attribute> find_attribute(std::string_view name) const;
  std::optional<Attribute> find_attribute(ColumnId id) const;

  /// A shard for one thread's use. The reader must outlive it. Up to `cache_bytes` of decoded
  /// columns are kept for those who read the same timelines again.
  std::unique_ptr<ShardData> shard(std::uint32_t shard, std::size_t cache_bytes = 0) const;

  /// The ids that a code set means, sorted. `others` resolves references to sets by name or index
  /// (see definition.h).
  CodeIds resolve(const CodeSet& set) const;
  /// All code sets of a definition, in their order.
  std::vector<CodeIds> resolve(const CohortDefinition& definition) const;

  /// The codes as postings are searched for; made once for equal ids and kept.
  std::shared_ptr<const CodeList> code_list(const CodeIds& ids) const;

  /// Where a patient is, by the outside id as people write it; empty when the store does not know
  /// it.
  std::optional<PatientPlace> find_patient(std::string_view id) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Counts of one code in the release.
struct CodeCount {
  CodeId code = kNoCode;
  Domain domain = Domain::kNone;
  std::uint64_t events = 0;  // as standard or source code, each event once
  std::uint64_t patients = 0;
};

/// Patients and events of each of the codes, and of their union (in `all`: an event counts once,
/// whichever of its codes matches). Shards run on `threads` threads.
struct CodeCounts {
  std::vector<CodeCount> codes;  // by (code, domain); only those that occur
  CodeCount all;
};
CodeCounts count_codes(const StoreReader& reader, const CodeIds& codes, unsigned threads);

}  // namespace anam
