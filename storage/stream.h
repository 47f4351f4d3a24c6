// SPDX-License-Identifier: Apache-2.0
// A stream: the numbers of a column page in the smallest of several forms. storage/column_page.cc
// has the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "storage/bytes.h"
#include "storage/codec.h"
#include "storage/compress.h"

namespace anam {

/// How hard to try. Spill blocks are written for speed, stored pages for size.
struct PageOptions {
  bool zstd =
      true;  // compress with zstd where it gains at least 1/32: costs about five times the encoding
  int zstd_level = 1;
  bool thorough =
      true;  // try differences, dictionaries and run lengths; without it, no zstd either
};

/// On-disk ids: never renumber.
enum class StreamForm : std::uint8_t { kLight = 0, kZstd = 1, kTokens = 2, kIndices = 3 };

/// One way to write a stream.
struct StreamPlan {
  StreamForm form = StreamForm::kLight;
  CodecId codec = CodecId::kRaw;           // of kLight, and beneath kZstd
  ZstdEffort effort = ZstdEffort::kLevel;  // of all but kLight
  bool differences = false;                // of kTokens: they are of differences
};

/// What was found best for the stream before. Pages of a column are alike, and looking for the best
/// form costs several times the writing, so a stream is written like the one before it; it is
/// looked for anew every 16th time, and when the bytes a value grow by an eighth. Not thread-safe.
struct StreamMemory {
  std::optional<StreamPlan> plan;
  double bytes_per_value = 0;  // when it was looked for
  unsigned repeats = 0;        // since then
};

/// Zstd frames shorter than this are not tried: they cost about 15 bytes.
inline constexpr std::size_t kLeastToCompress = 48;

/// The most bytes that a frame is worth which replaces `size` bytes: it has to save 1/32.
constexpr std::size_t worth_it(std::size_t size) { return size - size / 32 - 1; }

/// Appends the stream of at least one value. `memory` may be null: the best form is looked for.
void put_stream(std::span<const std::int64_t> values, const PageOptions& options,
                StreamMemory* memory, Bytes& out);

/// Reads a stream of exactly values.size() values. Throws Error(kCorrupt) for bytes that are none.
void get_stream(ByteReader& reader, std::span<std::int64_t> values);

}  // namespace anam
