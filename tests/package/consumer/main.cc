// SPDX-License-Identifier: Apache-2.0
// Uses the installed library from outside: a header that includes others, and code that needs a dependency at link time.
#include <array>
#include <cstddef>
#include <iostream>

#include "storage/checksum.h"
#include "storage/error.h"

int main() {
  const std::array<std::byte, 3> bytes{std::byte{1}, std::byte{2}, std::byte{3}};
  if (anam::checksum(bytes) == anam::checksum(bytes, 1)) {
    std::cerr << "checksum ignores its seed\n";
    return 1;
  }
  try {
    anam::fail(anam::ErrorCode::kUsage, "thrown across the library's edge");
  } catch (const anam::Error& error) {
    return error.code() == anam::ErrorCode::kUsage ? 0 : 1;
  }
}
