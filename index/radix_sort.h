// SPDX-License-Identifier: Apache-2.0
// Sorting of many 64-bit keys.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace anam {

/// The indices of `keys` in the order of the keys; equal keys keep their order.
/// Least-significant-digit radix sort over the digits in which the keys differ; about 100 M keys/s.
std::vector<std::uint32_t> sorted_order(std::span<const std::uint64_t> keys);

}  // namespace anam
