// SPDX-License-Identifier: Apache-2.0
// Several texts in one, for records that are set aside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace anam {

/// Appends a text of any bytes behind its length.
inline void pack_field(std::string& record, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  char bytes[sizeof size];
  std::memcpy(bytes, &size, sizeof size);
  record.append(bytes, sizeof size);
  record += text;
}

/// Takes the texts off the front again. The record must outlive them.
class PackedFields {
 public:
  explicit PackedFields(std::string_view record) : rest_(record) {}

  /// Empty behind the last one.
  std::string_view next() {
    std::uint32_t size = 0;
    if (rest_.size() < sizeof size) return {};
    std::memcpy(&size, rest_.data(), sizeof size);
    rest_.remove_prefix(sizeof size);
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(text.size());
    return text;
  }

 private:
  std::string_view rest_;
};

}  // namespace anam
