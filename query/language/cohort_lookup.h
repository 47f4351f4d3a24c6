// SPDX-License-Identifier: Apache-2.0
// How the language reads the other definitions that a text names.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "query/definition.h"

namespace anam {

/// Reads the definition in a file that is named as the text names it (relative to the text's own
/// file). Throws Error when it cannot.
using CohortFileLookup =
    std::function<std::shared_ptr<const CohortDefinition>(std::string_view file)>;

}  // namespace anam
