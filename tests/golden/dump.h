// SPDX-License-Identifier: Apache-2.0
// Everything that a store says, as text.
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace anam::testing {

/// The catalog, and of each release the codes, all timelines, persons, postings and bitmaps. What
/// is long is told by its beginning and a checksum of the rest.
std::string dump_store(const std::filesystem::path& path);

/// Codecs and forms of the streams in all pages of the store's blocks: "codec 3", "form 1".
std::set<std::string> encodings_of(const std::filesystem::path& path);

}  // namespace anam::testing
