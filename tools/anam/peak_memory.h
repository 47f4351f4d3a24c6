// SPDX-License-Identifier: Apache-2.0
// How much memory this process took.
#pragma once

#include <cstdint>
#include <optional>

namespace anam::cli {

/// The most bytes of memory that this program occupied since it began; empty where the system does
/// not say.
std::optional<std::uint64_t> peak_memory();

}  // namespace anam::cli
