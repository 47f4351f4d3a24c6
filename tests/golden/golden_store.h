// SPDX-License-Identifier: Apache-2.0
// The store whose files are kept for ever.
#pragma once

#include <filesystem>

namespace anam::testing {

/// Integer ids from here on are one large crowd of much the same patients.
inline constexpr std::int64_t kFirstOfCrowd = 1'000'000;

/// Loads two releases into a new store: all domains, all column types, codes with names, aliases,
/// descendants and mappings, patients with more events than a chunk has, lists longer than a page,
/// a code with a bitmap.
void make_golden_store(const std::filesystem::path& path);

}  // namespace anam::testing
