// SPDX-License-Identifier: Apache-2.0
// Public data sets that lie outside of the source tree.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace anam {

/// A folder of the shared data: below $ANAM_SHARED, or "shared" beside the source tree. Empty where
/// there is none; a test then says so with WARN and returns.
inline std::filesystem::path shared_data(const std::string& folder) {
  const char* given = std::getenv("ANAM_SHARED");
  const std::filesystem::path root = given != nullptr
                                         ? std::filesystem::path(given)
                                         : std::filesystem::path(ANAM_SOURCE_DIR) / ".." / "shared";
  const std::filesystem::path path = root / "data" / folder;
  return std::filesystem::exists(path) ? path : std::filesystem::path();
}

}  // namespace anam
