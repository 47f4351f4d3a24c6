// SPDX-License-Identifier: Apache-2.0
// Checksums of everything on disk: XXH3 with 64 bits (https://xxhash.com, BSD-2-Clause), from the
// system's libxxhash.
#pragma once

#include <cstdint>

#include "storage/bytes.h"

namespace anam {

/// XXH3-64 of the bytes. A value in LMDB passes the checksum of its key as the seed, so that a
/// value under a wrong key is found.
std::uint64_t checksum(ByteSpan bytes, std::uint64_t seed = 0);

}  // namespace anam
