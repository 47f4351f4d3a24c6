// SPDX-License-Identifier: Apache-2.0
// Constants of the store's files that more than one file needs: versions, names, kinds of keys. On
// disk: never renumber, never reuse. docs/format.md has the whole format.
#pragma once

#include <cstdint>
#include <string_view>

namespace anam {

/// Of the store as a whole, kept in the catalog. A reader refuses a newer one.
inline constexpr std::uint32_t kFormatVersion = 1;
/// Of what a file holds of a shard, kept in the shard's header. All are read.
///   1  of the attributes, postings carry the value of measurements only
///   2  they carry those of index/carried.h
inline constexpr std::uint32_t kShardVersion = 2;
/// Of files of codes.
inline constexpr std::uint32_t kCodesVersion = 1;
/// Of the seal of every file.
inline constexpr std::uint32_t kSealVersion = 1;
/// Of files of saved cohorts.
inline constexpr std::uint32_t kSavedCohortVersion = 1;
inline constexpr std::string_view kSealMagic = "ANAMSEAL";
inline constexpr std::string_view kSavedCohortMagic = "ANAMROWS";  // first and last

namespace file_name {

inline constexpr std::string_view kCatalog = "catalog.mdb";
inline constexpr std::string_view kNewCatalog = "catalog.mdb.tmp";  // until it is renamed
inline constexpr std::string_view kWriterLock = "writer.lock";
inline constexpr std::string_view kScratch = "scratch";          // directory of a load's spill
inline constexpr std::string_view kCreating = "store.creating";  // there until the first release
inline constexpr std::string_view kCohorts = "cohorts";          // directory of saved cohorts
inline constexpr std::string_view kCohortExtension = ".rows";
inline constexpr std::string_view kSavingExtension = ".saving";  // until it is renamed

}  // namespace file_name

/// First byte of a key in the catalog; what follows is big-endian.
enum class CatalogKey : std::uint8_t {
  kHeader = 1,     // nothing
  kSource = 2,     // source id, 4 bytes
  kAttribute = 3,  // column id, 2 bytes
  kFile = 4,       // number of the file in this catalog, 4 bytes
  kRelease = 5,    // release number, 4 bytes
};

/// First byte of a key in a file of codes; what follows is big-endian.
enum class CodesKey : std::uint8_t {
  kRecords = 1,      // page number, 4 bytes
  kTexts = 2,        // page number, 4 bytes
  kTextIndex = 3,    // page number, 4 bytes
  kDescendants = 4,  // first ancestor, first descendant of the block, 4 bytes each
  kMapped = 5,       // first standard code, first source code of the block, 4 bytes each
  kSummary = 6,      // nothing
};

/// Limits that a reader checks before it allocates.
inline constexpr std::uint32_t kMaxShardBits = 20;
inline constexpr std::size_t kMaxName = 255;  // of sources, attributes, vocabularies, codes

}  // namespace anam
