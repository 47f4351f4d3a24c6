// SPDX-License-Identifier: Apache-2.0
// Variable-length integers: 7 bits a byte, low bits first, the high bit says that more follow. At
// most 10 bytes.
#pragma once

#include <bit>
#include <cstdint>

#include "storage/bytes.h"

namespace anam {

/// 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
}

inline void put_varint(Bytes& out, std::uint64_t value) {
  for (; value >= 128; value >>= 7) out.push_back(static_cast<std::byte>(value | 128));
  out.push_back(static_cast<std::byte>(value));
}

constexpr std::size_t varint_size(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

inline std::uint64_t get_varint(ByteReader& reader) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = reader.get<std::uint8_t>();
    if (shift == 63 && byte > 1) break;
    value |= std::uint64_t{byte & 127U} << shift;
    if (byte < 128) return value;
  }
  fail(ErrorCode::kCorrupt, "variable-length number exceeds 64 bits");
}

}  // namespace anam
