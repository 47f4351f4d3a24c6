// SPDX-License-Identifier: Apache-2.0
// From a random case that fails to a small one that a person can read.
#pragma once

#include <functional>

#include "tests/query/evaluate/random_definition.h"

namespace anam::test {

/// A case for which `fails` still holds, and holds for none of those that lack one more part: a
/// rule, a test, a bound, an event, an attribute, ....
RandomCase shrink(RandomCase from, const std::function<bool(const RandomCase&)>& fails);

}  // namespace anam::test
