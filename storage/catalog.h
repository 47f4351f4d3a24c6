// SPDX-License-Identifier: Apache-2.0
// What a store knows about itself: sources, attributes, releases and their files.
//
// The catalog is a sealed file that is replaced whole: a new one is written beside it, synced and
// renamed over it, and that rename is the publication of a release. So readers need no lock and no
// permission to write, every byte is checked before LMDB sees it, and a crash leaves the old
// catalog whole.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/event.h"
#include "storage/sealed_file.h"

namespace anam {

/// A data file as releases name it.
struct StoreFile {
  enum class Kind : std::uint8_t { kShards = 1, kCodes = 2 };  // on disk: never renumber

  std::string name;  // within the store's directory; see shards_file_name() and codes_file_name()
  Kind kind = Kind::kShards;
  Seal seal;
  std::vector<std::uint32_t> shards;  // kShards: which it holds, ascending
  std::uint32_t release = 0;          // that brought it

  friend bool operator==(const StoreFile&, const StoreFile&) = default;
};

/// Where events came from. All but id and name may be empty: not known.
struct Source {
  std::uint32_t id = 0;  // as in column::kSource, from 1
  std::string name;
  std::string kind{};              // one of source_kinds()
  std::string owner{};             // who answers for the data
  std::optional<Day> first_day{};  // what its data cover, as the owner says
  std::optional<Day> last_day{};   // inclusive
  std::string terms{};             // of use, as text

  friend bool operator==(const Source&, const Source&) = default;
};

/// What kinds of source there are: "claims", "clinical", ...
std::span<const std::string_view> source_kinds();
bool is_source_kind(std::string_view word);

/// An attribute that this store alone knows.
struct LocalAttribute {
  ColumnId id = 0;  // from column::kFirstLocalColumn
  std::string name;
  ColumnType type = ColumnType::kInt;

  friend bool operator==(const LocalAttribute&, const LocalAttribute&) = default;
};

struct DomainCount {
  Domain domain = Domain::kNone;
  std::uint64_t events = 0;  // in the store

  friend bool operator==(const DomainCount&, const DomainCount&) = default;
};

/// What one load published.
struct Release {
  std::uint32_t number = 0;  // from 1
  std::int64_t time = 0;     // of publication, seconds since 1970
  std::string note;
  std::string source;              // name of the source loaded
  std::string vocabulary_version;  // as the vocabulary names itself; may be empty
  std::uint64_t patients = 0;      // in the store, this release included
  std::uint64_t new_patients = 0;  // that this release brought
  std::uint64_t events = 0;        // in the store
  std::uint64_t new_events = 0;
  std::vector<DomainCount> domains;
  std::vector<StoreFile> files;  // all that answer this release, older ones too, by name
  std::string codes_file;        // the one of them that holds the codes
  std::string report;            // the load's summary as JSON, for people

  friend bool operator==(const Release&, const Release&) = default;
};

struct Catalog {
  std::uint32_t format_version = 0;
  std::array<std::uint8_t, 16> id{};       // of the store, chosen at random when it was created
  std::uint32_t shard_bits = 0;            // the store has 2^shard_bits shards
  std::vector<Source> sources;             // by id
  std::vector<LocalAttribute> attributes;  // by id
  std::vector<Release> releases;           // by number

  friend bool operator==(const Catalog&, const Catalog&) = default;
};

/// A catalog without releases, with a new random id and this program's version.
Catalog make_catalog(std::uint32_t shard_bits);

/// Throws Error(kUsage) when a part of the catalog breaks a rule (order, limits, names, a file that
/// is described in two ways): "what: value".
void check_catalog(const Catalog& catalog);
/// The same, as text; empty when nothing is wrong.
std::optional<std::string> find_fault(const Catalog& catalog);

/// Writes a sealed file. REQUIRES: check_catalog() passes.
Seal write_catalog(const std::filesystem::path& path, const Catalog& catalog);

/// Reads and checks a catalog. Throws Error(kVersion) for one of a newer format, kCorrupt for one
/// that is not what was written.
Catalog read_catalog(const SealedFile& file);

/// Names of data files: "shards-000012-00034.mdb", "codes-000012.mdb".
std::string shards_file_name(std::uint32_t release, std::uint32_t part);
std::string codes_file_name(std::uint32_t release);
/// True for names that these functions give.
bool is_data_file_name(std::string_view name);

}  // namespace anam
