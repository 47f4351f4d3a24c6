// SPDX-License-Identifier: Apache-2.0
// Little-endian loads and stores, a growing byte buffer, and a reader that checks every bound.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "storage/error.h"

namespace anam {

static_assert(std::endian::native == std::endian::little,
              "all formats are little-endian and read by plain copies");

using Bytes = std::vector<std::byte>;
using ByteSpan = std::span<const std::byte>;

/// Reads a T from possibly unaligned memory (LMDB values are not aligned).
template <typename T>
requires std::is_trivially_copyable_v<T> T load_le(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

template <typename T>
requires std::is_trivially_copyable_v<T>
void store_le(std::byte* to, T value) { std::memcpy(to, &value, sizeof(T)); }

/// Appends a plain value, or a range of bytes, to a buffer.
template <typename T>
requires std::is_trivially_copyable_v<T>
void put(Bytes& out, T value) {
  const std::size_t at = out.size();
  out.resize(at + sizeof(T));
  store_le(out.data() + at, value);
}

inline void put_bytes(Bytes& out, ByteSpan bytes) {
  if (bytes.empty()) return;
  const std::size_t at = out.size();
  out.resize(at + bytes.size());
  std::memcpy(out.data() + at, bytes.data(), bytes.size());
}

inline ByteSpan as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Walks over bytes that came from disk. Every read is checked: running over the end is
/// Error(kCorrupt).
class ByteReader {
 public:
  explicit ByteReader(ByteSpan bytes) : bytes_(bytes) {}

  std::size_t remaining() const { return bytes_.size(); }

  template <typename T>
  T get() {
    return load_le<T>(take(sizeof(T)).data());
  }

  /// The next `size` bytes, a view into the input.
  ByteSpan take(std::size_t size) {
    if (size > bytes_.size()) fail(ErrorCode::kCorrupt, "value ends too early");
    const ByteSpan taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }

 private:
  ByteSpan bytes_;
};

}  // namespace anam
