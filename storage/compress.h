// SPDX-License-Identifier: Apache-2.0
// Zstandard with contexts that each thread keeps.
#pragma once

#include <cstddef>

#include "storage/bytes.h"

namespace anam {

enum class ZstdEffort {
  kLevel,    // as the level says
  kEntropy,  // no search for matches: Huffman coding only. Faster, and smaller where values come in
             // no order
};

/// Compresses `raw` to one zstd frame of at most `limit` bytes. Returns false, with nothing
/// appended to `out`, when it takes more.
bool zstd_compress(ByteSpan raw, int level, ZstdEffort effort, std::size_t limit, Bytes& out);

/// Replaces `raw` with what the one zstd frame `frame` holds. Throws Error(kCorrupt) when it is no
/// such frame, or says that it holds more than `limit` bytes: nothing larger is allocated.
void zstd_decompress(ByteSpan frame, std::size_t limit, Bytes& raw);

}  // namespace anam
