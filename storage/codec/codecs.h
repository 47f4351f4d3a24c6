// SPDX-License-Identifier: Apache-2.0
// The codecs behind encode_ints() and decode_ints(). Each has the same two functions: encode
// appends the codec's own bytes (without the id), decode takes exactly those bytes and the exact
// number of values, and throws Error(kCorrupt) for bytes that cannot be theirs. Encodings are the
// same whether values are 32 or 64 bits wide.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "storage/codec.h"
#include "storage/codec/frames.h"

namespace anam::codec {

using Values = std::span<const std::int64_t>;

/// How much of the statistics is needed: frames for kFor, differences for kDelta and kRunLength.
/// Each costs about as much as what precedes it.
enum class Detail : std::uint8_t { kRange, kFrames, kDifferences };

/// What one pass over at least one value tells.
struct Statistics {
  explicit Statistics(Values values, Detail detail = Detail::kDifferences);

  Range range{};
  std::size_t runs = 1;  // of equal values; with differences
  std::int64_t start =
      0;  // what the first difference is taken from: chosen so that it equals the second
  std::vector<Frame> frames;        // of the values; empty without frames
  std::vector<Frame> delta_frames;  // of the differences; empty without them
};

/// Exact sizes without the id.
std::size_t raw_size(Values values, const Statistics& statistics);
std::size_t frame_of_reference_size(Values values, const Statistics& statistics);
std::size_t delta_size(Values values, const Statistics& statistics);

/// 1, 2, 4 or 8 bytes a value, sign-extended; which, the size tells.
void encode_raw(Values values, const Statistics& statistics, Bytes& out);
template <typename T>
void decode_raw(ByteSpan in, std::span<T> out);

/// The value: zigzag varint.
void encode_constant(Values values, const Statistics& statistics, Bytes& out);
template <typename T>
void decode_constant(ByteSpan in, std::span<T> out);

/// Frames of the values (storage/codec/frames.h).
void encode_frame_of_reference(Values values, const Statistics& statistics, Bytes& out);
template <typename T>
void decode_frame_of_reference(ByteSpan in, std::span<T> out);

/// Start: zigzag varint; then frames of the differences, the first of them from the start.
void encode_delta(Values values, const Statistics& statistics, Bytes& out);
template <typename T>
void decode_delta(ByteSpan in, std::span<T> out);

/// Number d of distinct values: varint; bytes of their encoding: varint; the encoding of the
/// distinct values, ascending (an id and a codec's bytes: no dictionary or run-length again); to
/// the end, the encoding of an index for each value. Returns false and appends nothing when it
/// would take `limit` bytes or more.
bool encode_dictionary(Values values, const Statistics& statistics, std::size_t limit, Bytes& out);
template <typename T>
void decode_dictionary(ByteSpan in, std::span<T> out);

/// Number of runs: varint; bytes of the encoded values: varint; the encoding of the run's values;
/// to the end, the encoding of each run's length less one. The encodings are as in a dictionary.
/// Returns false as encode_dictionary does.
bool encode_run_length(Values values, const Statistics& statistics, std::size_t limit, Bytes& out);
template <typename T>
void decode_run_length(ByteSpan in, std::span<T> out);

struct Dictionary {
  std::vector<std::int64_t> distinct;  // ascending
  std::vector<std::int64_t> indices;   // of each value in `distinct`
};

/// The dictionary of the values, if they have at most `most` distinct ones.
std::optional<Dictionary> build_dictionary(Values values, std::size_t most);

/// Appends the id and bytes of the smallest codec for the values; those that nest another encoding
/// only if `nested`.
void encode_smallest(Values values, const Statistics& statistics, bool nested, Bytes& out);

/// Decodes an id and a codec's bytes; ids of codecs that nest another encoding are corrupt unless
/// `nested`.
template <typename T>
void decode_any(ByteSpan in, bool nested, std::span<T> out);

}  // namespace anam::codec
