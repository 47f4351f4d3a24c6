// SPDX-License-Identifier: Apache-2.0
#include "index/radix_sort.h"

#include <array>
#include <numeric>

namespace anam {

std::vector<std::uint32_t> sorted_order(std::span<const std::uint64_t> keys) {
  constexpr int kDigitBits = 11;
  constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
  std::vector<std::uint32_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0U);
  std::uint64_t all_or = 0;
  std::uint64_t all_and = ~std::uint64_t{0};
  bool sorted = true;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    all_or |= keys[i];
    all_and &= keys[i];
    sorted = sorted && (i == 0 || keys[i - 1] <= keys[i]);
  }
  if (sorted) return order;
  const std::uint64_t differing = all_or & ~all_and;

  struct Item {
    std::uint64_t key;
    std::uint32_t index;
  };
  std::vector<Item> from(keys.size());
  std::vector<Item> to(keys.size());
  for (std::uint32_t i = 0; i < from.size(); ++i) from[i] = {keys[i], i};
  for (int shift = 0; shift < 64; shift += kDigitBits) {
    if ((differing >> shift & (kDigits - 1)) == 0) continue;
    std::array<std::uint32_t, kDigits> begin{};
    for (const Item& item : from) ++begin[item.key >> shift & (kDigits - 1)];
    std::uint32_t sum = 0;
    for (std::uint32_t& b : begin) {
      const std::uint32_t count = b;
      b = sum;
      sum += count;
    }
    for (const Item& item : from) to[begin[item.key >> shift & (kDigits - 1)]++] = item;
    from.swap(to);
  }
  for (std::size_t i = 0; i < from.size(); ++i) order[i] = from[i].index;
  return order;
}

}  // namespace anam
