// SPDX-License-Identifier: Apache-2.0
// How the language learns which attributes there are.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "storage/attributes.h"

namespace anam {

struct Attribute {
  ColumnId column;
  ColumnType type;
};

/// Finds an attribute by name: a built-in one, or one that a store's catalog names.
using AttributeLookup = std::function<std::optional<Attribute>(std::string_view name)>;

/// The lookup where no store is at hand: knows the built-in attributes only.
std::optional<Attribute> builtin_attribute(std::string_view name);

}  // namespace anam
