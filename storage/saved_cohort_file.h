// SPDX-License-Identifier: Apache-2.0
// What the writer and the reader of saved cohorts share. Private to the library.
//
//   head           magic (8), version (4), 0 (4)
//   chunks         of one shard after the other, in any order of shards
//   directory      a FlatBuffers table (saved_cohort.fbs)
//   tail           size of the directory (8), checksum (8) of head, directory and that size, magic
//
// A chunk:
//   0   checksum of what follows in the chunk, seeded with the chunk's offset in the file
//   8   size of the chunk
//   12  rows
//   16  patients
//   20  sizes of the six pages
//   44  pages: ordinals, rows of each patient, starts, lengths, ids (numbers), ids (texts)
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "storage/format.h"

namespace anam::saved_cohort {

inline constexpr std::size_t kHeadSize = 16;
inline constexpr std::size_t kTailSize = 24;
inline constexpr std::size_t kPages = 6;
inline constexpr std::size_t kChunkHeadSize = 20 + 4 * kPages;
inline constexpr std::uint32_t kMaxChunkRows = 1U << 16;  // and patients
inline constexpr std::uint64_t kMaxChunkSize = std::uint64_t{1} << 30;

inline std::filesystem::path directory(const std::filesystem::path& store) {
  return store / file_name::kCohorts;
}

inline std::filesystem::path file(const std::filesystem::path& store, std::string_view name) {
  std::filesystem::path path = directory(store) / name;
  path += file_name::kCohortExtension;
  return path;
}

}  // namespace anam::saved_cohort
