// SPDX-License-Identifier: Apache-2.0
// Plain words for codes about persons: female, white, hispanic.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "query/definition.h"

namespace anam {

/// The codes that a word means for an attribute of persons, in the standard vocabulary and as OMOP
/// concepts; empty where the word is not known for it. Case does not count.
std::optional<CodeSet> person_word(ColumnId column, std::string_view word);

/// All words known for an attribute.
std::vector<std::string_view> person_words(ColumnId column);

}  // namespace anam
