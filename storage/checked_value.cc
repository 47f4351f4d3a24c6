// SPDX-License-Identifier: Apache-2.0
#include "storage/checked_value.h"

#include "storage/checksum.h"

namespace anam {

Bytes checked_value(ByteSpan key, ByteSpan payload) {
  Bytes value;
  value.reserve(kCheckedValueOverhead + payload.size());
  put(value, checksum(payload, checksum(key)));
  put_bytes(value, payload);
  return value;
}

ByteSpan open_checked_value(ByteSpan key, ByteSpan value, const std::filesystem::path& file) {
  if (value.size() < kCheckedValueOverhead) {
    fail(ErrorCode::kCorrupt, "value is too short for its checksum",
         file.string() + ", key " + to_hex(key) + ", " + std::to_string(value.size()) + " bytes");
  }
  const auto expected = load_le<std::uint64_t>(value.data());
  const ByteSpan payload = value.subspan(kCheckedValueOverhead);
  const std::uint64_t found = checksum(payload, checksum(key));
  if (found != expected) {
    Bytes sums;
    put(sums, expected);
    put(sums, found);
    fail(ErrorCode::kCorrupt, "value is not what was written",
         file.string() + ", key " + to_hex(key) + ", checksum " + to_hex(ByteSpan(sums).first(8)) +
             " expected, " + to_hex(ByteSpan(sums).last(8)) + " found");
  }
  return payload;
}

std::string to_hex(ByteSpan bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    text.push_back(kDigits[value >> 4]);
    text.push_back(kDigits[value & 15]);
  }
  return text;
}

}  // namespace anam
