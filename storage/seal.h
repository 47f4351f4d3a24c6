// SPDX-License-Identifier: Apache-2.0
// The seal behind the last LMDB page of a sealed file. Private to the library.
//
//   LMDB pages                          page_count * page_size bytes
//   list                                list_size entries: page number, its checksum (8 bytes each)
//   footer                              kSealFooterSize bytes
//
// The list names every page that is not a large value's: LMDB's meta, branch and leaf pages, and
// those that it left unused. A page's checksum is seeded with its number.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/lmdb.h"
#include "storage/posix_file.h"
#include "storage/sealed_file.h"

namespace anam {

inline constexpr std::size_t kSealEntrySize = 16;
inline constexpr std::size_t kSealFooterSize = 56;

/// What the footer says. On disk in this order, little-endian, between the magic (8 bytes) and the
/// checksum (8 bytes), which covers the list and the footer before it.
struct SealFooter {
  std::uint32_t version = 0;
  std::uint32_t page_size = 0;   // of LMDB
  std::uint64_t page_count = 0;  // of LMDB
  std::uint64_t list_size = 0;   // entries
  std::uint64_t keys = 0;        // in the file
  std::uint64_t reserved = 0;    // 0
};

struct VerifiedSeal {
  SealFooter footer;
  Seal seal;
};

/// Appends the seal to LMDB's pages. `sizes` is what LMDB knows of them, to check against.
Seal write_seal(const PosixFile& file, std::uint32_t page_size, std::uint64_t page_count,
                const lmdb::TreeSizes& sizes);

/// Throws Error(kCorrupt) unless this is a plain file of the seal's size.
void check_size(const PosixFile& file, const Seal& expected);

/// Checks the size, the seal, and each page that it lists.
VerifiedSeal verify_seal(const PosixFile& file, const std::optional<Seal>& expected);

}  // namespace anam
