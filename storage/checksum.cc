// SPDX-License-Identifier: Apache-2.0
#include "storage/checksum.h"

#include <xxhash.h>

namespace anam {

std::uint64_t checksum(ByteSpan bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace anam
