// SPDX-License-Identifier: Apache-2.0
// Keys of sealed files: a kind, then big-endian numbers, so that the order of bytes is that of
// numbers.
#pragma once

#include <concepts>
#include <cstdint>

#include "storage/bytes.h"

namespace anam {

template <std::unsigned_integral T>
void put_be(Bytes& key, T number) {
  for (unsigned shift = 8 * sizeof(T); shift > 0;) {
    shift -= 8;
    key.push_back(static_cast<std::byte>(number >> shift & 0xFF));
  }
}

/// REQUIRES: sizeof(T) bytes at `from`.
template <std::unsigned_integral T>
T load_be(const std::byte* from) {
  T number = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    number = static_cast<T>(std::uint64_t{number} << 8 | std::to_integer<std::uint8_t>(from[i]));
  }
  return number;
}

/// The kind's byte and the numbers.
template <typename Kind, std::unsigned_integral... T>
Bytes make_key(Kind kind, T... numbers) {
  Bytes key;
  key.reserve(1 + (0 + ... + sizeof(T)));
  key.push_back(static_cast<std::byte>(kind));
  (put_be(key, numbers), ...);
  return key;
}

}  // namespace anam
