// SPDX-License-Identifier: Apache-2.0
#include "storage/stream.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "storage/codec/codecs.h"
#include "storage/codec/tokens.h"
#include "storage/codec/varint.h"

namespace anam {
namespace {

using codec::Detail;
using codec::Statistics;
using codec::Values;

// Longer ones are not compressed, so that a damaged size cannot ask for much more memory than the
// column itself takes.
constexpr std::size_t most_stream_bytes(std::size_t count) { return 64 + 16 * count; }

// The most distinct values of a stream of form kIndices.
constexpr std::size_t kMostByteIndices = 256;

// Streams shorter than this say little about others.
constexpr std::size_t kLeastToRemember = 256;
constexpr unsigned kMostRepeats = 15;
constexpr double kGrowth = 1.125;

class StreamEncoder {
 public:
  StreamEncoder(Values values, const PageOptions& options) : values_(values), options_(options) {}

  /// Looks for the smallest form.
  void search() {
    const Statistics statistics(values_,
                                options_.thorough ? Detail::kDifferences : Detail::kFrames);
    best_.clear();
    codec::encode_smallest(values_, statistics, options_.thorough, best_);
    plan_ = {.form = StreamForm::kLight, .codec = static_cast<CodecId>(best_[0])};
    if (options_.zstd && options_.thorough && best_.size() >= kLeastToCompress)
      compress(statistics);
  }

  /// Writes as planned. False where these values do not allow it.
  bool repeat(const StreamPlan& plan) {
    plan_ = plan;
    switch (plan.form) {
      case StreamForm::kLight:
        return encode_light(plan.codec);
      case StreamForm::kZstd: {
        if (!encode_light(plan.codec)) return false;
        const Bytes light = std::exchange(best_, {});
        return frame({}, light, worth_it(light.size()));
      }
      case StreamForm::kTokens: {
        const Statistics statistics(values_, Detail::kRange);
        if (statistics.range.min == statistics.range.max) return false;
        Bytes plain;
        Bytes tokens;
        codec::encode_tokens(values_, statistics, plan.differences, plain, tokens);
        return frame(with_size(plain), tokens, codec::raw_size(values_, statistics));
      }
      case StreamForm::kIndices: {
        const auto dictionary = codec::build_dictionary(values_, kMostByteIndices);
        if (!dictionary) return false;
        return frame(indices_head(*dictionary), index_bytes(*dictionary),
                     sizeof(std::int64_t) * values_.size());
      }
    }
    return false;
  }

  const StreamPlan& plan() const { return plan_; }
  double bytes_per_value() const {
    return static_cast<double>(best_.size()) / static_cast<double>(values_.size());
  }

  void append_to(Bytes& out) const {
    put_varint(out, 4 * best_.size() + static_cast<unsigned>(plan_.form));
    put_bytes(out, best_);
  }

 private:
  bool encode_light(CodecId id) {
    const bool by_differences = id == CodecId::kDelta || id == CodecId::kRunLength;
    const Statistics statistics(values_, by_differences        ? Detail::kDifferences
                                         : id == CodecId::kFor ? Detail::kFrames
                                                               : Detail::kRange);
    best_.clear();
    put(best_, id);
    switch (id) {
      case CodecId::kRaw:
        codec::encode_raw(values_, statistics, best_);
        return true;
      case CodecId::kConstant:
        codec::encode_constant(values_, statistics, best_);
        return statistics.range.min == statistics.range.max;
      case CodecId::kFor:
        codec::encode_frame_of_reference(values_, statistics, best_);
        return true;
      case CodecId::kDelta:
        codec::encode_delta(values_, statistics, best_);
        return true;
      case CodecId::kDictionary:
        return codec::encode_dictionary(values_, statistics, codec::raw_size(values_, statistics),
                                        best_);
      case CodecId::kRunLength:
        return codec::encode_run_length(values_, statistics, codec::raw_size(values_, statistics),
                                        best_);
    }
    return false;
  }

  // `raw` in one frame behind `head`, of `limit` bytes at most.
  bool frame(const Bytes& head, const Bytes& raw, std::size_t limit) {
    if (head.size() >= limit || raw.size() > most_stream_bytes(values_.size())) return false;
    best_ = head;
    return zstd_compress(raw, options_.zstd_level, plan_.effort, limit - head.size(), best_);
  }

  // Measured on claims and clinical records: light encodings of few bits repeat as bytes; of more,
  // zstd gains more on tokens, and it costs less there than on the byte planes of values, which it
  // makes no smaller.
  void compress(const Statistics& statistics) {
    const Bytes light = best_;
    limit_ = worth_it(light.size());
    const CodecId codec = plan_.codec;
    if (light.size() * 8 <= 3 * values_.size())
      attempt({.form = StreamForm::kZstd, .codec = codec}, {}, light);
    if (light.size() * 8 <= values_.size()) return;
    Bytes plain;
    Bytes bytes;
    const bool differences = codec::encode_tokens(values_, statistics, plain, bytes);
    attempt({.form = StreamForm::kTokens, .differences = differences}, with_size(plain), bytes);
    if (codec != CodecId::kDictionary) return;
    const auto dictionary = codec::build_dictionary(values_, kMostByteIndices);
    if (!dictionary) return;
    attempt({.form = StreamForm::kIndices}, indices_head(*dictionary), index_bytes(*dictionary));
  }

  void attempt(StreamPlan plan, const Bytes& head, const Bytes& raw) {
    if (raw.size() > most_stream_bytes(values_.size())) return;
    for (const ZstdEffort effort : {ZstdEffort::kEntropy, ZstdEffort::kLevel}) {
      if (head.size() >= limit_) return;
      Bytes bytes = head;
      if (!zstd_compress(raw, options_.zstd_level, effort, limit_ - head.size(), bytes)) continue;
      limit_ = bytes.size() - 1;
      plan.effort = effort;
      plan_ = plan;
      best_ = std::move(bytes);
    }
  }

  static Bytes with_size(const Bytes& plain) {
    Bytes head;
    put_varint(head, plain.size());
    put_bytes(head, plain);
    return head;
  }

  static Bytes indices_head(const codec::Dictionary& dictionary) {
    Bytes plain;
    codec::encode_smallest(dictionary.distinct, Statistics(dictionary.distinct), false, plain);
    Bytes head = with_size(plain);
    put_varint(head, dictionary.distinct.size());
    return head;
  }

  static Bytes index_bytes(const codec::Dictionary& dictionary) {
    Bytes bytes(dictionary.indices.size());
    std::ranges::transform(dictionary.indices, bytes.begin(),
                           [](std::int64_t index) { return static_cast<std::byte>(index); });
    return bytes;
  }

  Values values_;
  const PageOptions& options_;
  Bytes best_;
  StreamPlan plan_;
  std::size_t limit_ = 0;  // the most bytes that are better than `best_`
};

// One byte for each number of a stream.
void get_bytes(ByteReader& reader, std::size_t count, Bytes& buffer) {
  zstd_decompress(reader.take(reader.remaining()), count, buffer);
  if (buffer.size() != count) fail(ErrorCode::kCorrupt, "stream has too few tokens or indices");
}

}  // namespace

void put_stream(Values values, const PageOptions& options, StreamMemory* memory, Bytes& out) {
  assert(!values.empty());
  StreamEncoder encoder(values, options);
  if (memory == nullptr || values.size() < kLeastToRemember) {
    encoder.search();
  } else if (memory->plan && memory->repeats < kMostRepeats && encoder.repeat(*memory->plan) &&
             encoder.bytes_per_value() <= kGrowth * memory->bytes_per_value) {
    ++memory->repeats;
  } else {
    encoder.search();
    *memory = {.plan = encoder.plan(), .bytes_per_value = encoder.bytes_per_value()};
  }
  encoder.append_to(out);
}

void get_stream(ByteReader& reader, std::span<std::int64_t> values) {
  thread_local Bytes buffer;
  const std::uint64_t head = get_varint(reader);
  const ByteSpan bytes = reader.take(head / 4);
  ByteReader parts(bytes);
  switch (static_cast<StreamForm>(head % 4)) {
    case StreamForm::kLight:
      return decode_ints(bytes, values);
    case StreamForm::kZstd:
      zstd_decompress(bytes, most_stream_bytes(values.size()), buffer);
      return decode_ints(ByteSpan(buffer), values);
    case StreamForm::kTokens: {
      const ByteSpan plain = parts.take(get_varint(parts));
      get_bytes(parts, values.size(), buffer);
      return codec::decode_tokens(plain, buffer, values);
    }
    case StreamForm::kIndices: {
      const ByteSpan plain = parts.take(get_varint(parts));
      const std::uint64_t count = get_varint(parts);
      if (count > kMostByteIndices)
        fail(ErrorCode::kCorrupt, "stream has too many distinct values");
      std::array<std::int64_t, kMostByteIndices> distinct{};
      decode_ints(plain, std::span(distinct).first(count));
      get_bytes(parts, values.size(), buffer);
      std::size_t greatest = 0;
      for (std::size_t i = 0; i < values.size(); ++i) {
        const auto index = static_cast<std::size_t>(buffer[i]);
        greatest = std::max(greatest, index);
        values[i] = distinct[index];
      }
      if (greatest >= count) fail(ErrorCode::kCorrupt, "index points outside of its dictionary");
      return;
    }
  }
}

}  // namespace anam
