// SPDX-License-Identifier: Apache-2.0
#include "storage/bitpack.h"

#include <catch2/catch.hpp>
#include <random>

using anam::Bytes;
using anam::ByteSpan;
using anam::kBlockValues;
using anam::packed_size;

namespace {

std::uint64_t mask_of(unsigned bits) { return bits == 0 ? 0 : ~std::uint64_t{0} >> (64 - bits); }

// The layout as the header describes it, bit by bit.
template <typename Word>
Bytes slow_block(const std::vector<std::uint64_t>& values, unsigned bits) {
  constexpr unsigned kWordBits = 8 * sizeof(Word);
  constexpr std::size_t kLanes = 128 / kWordBits;
  std::vector<Word> words(16 * bits / sizeof(Word));
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (unsigned bit = 0; bit < bits; ++bit) {
      const std::size_t at = i / kLanes * bits + bit;
      const auto set = static_cast<Word>(values[i] >> bit & 1);
      words[at / kWordBits * kLanes + i % kLanes] |= static_cast<Word>(set << at % kWordBits);
    }
  }
  Bytes bytes;
  anam::put_bytes(bytes, std::as_bytes(std::span(words)));
  return bytes;
}

}  // namespace

TEST_CASE("full blocks of every width have the documented layout and come back", "[storage]") {
  std::mt19937_64 random(1);
  for (unsigned bits = 0; bits <= 32; ++bits) {
    INFO("bits " << bits);
    std::vector<std::uint64_t> wide(kBlockValues);
    std::vector<std::uint32_t> values(kBlockValues);
    for (std::size_t i = 0; i < kBlockValues; ++i) {
      values[i] = static_cast<std::uint32_t>(random());  // bits above `bits` are to be ignored
      wide[i] = values[i] & mask_of(bits);
    }
    Bytes packed(packed_size(kBlockValues, bits));
    anam::pack_block(values.data(), bits, packed.data());
    CHECK(packed == slow_block<std::uint32_t>(wide, bits));

    std::vector<std::uint32_t> out(kBlockValues);
    std::vector<std::uint64_t> out_wide(kBlockValues);
    anam::unpack_block(packed.data(), bits, 0xfffffff0U, out.data());
    anam::unpack_block(packed.data(), bits, ~std::uint64_t{0}, out_wide.data());
    for (std::size_t i = 0; i < kBlockValues; ++i) {
      REQUIRE(out[i] == static_cast<std::uint32_t>(wide[i] + 0xfffffff0U));
      REQUIRE(out_wide[i] == wide[i] - 1);
    }
  }
}

TEST_CASE("wide blocks have the documented layout and come back", "[storage]") {
  std::mt19937_64 random(2);
  for (unsigned bits = 33; bits <= 64; ++bits) {
    INFO("bits " << bits);
    std::vector<std::uint64_t> values(kBlockValues);
    for (auto& value : values) value = random();
    Bytes packed(packed_size(kBlockValues, bits));
    anam::pack_block_wide(values.data(), bits, packed.data());
    for (auto& value : values) value &= mask_of(bits);
    CHECK(packed == slow_block<std::uint64_t>(values, bits));
    std::vector<std::uint64_t> out(kBlockValues);
    anam::unpack_block_wide(packed.data(), bits, 7, out.data());
    for (std::size_t i = 0; i < kBlockValues; ++i) REQUIRE(out[i] == values[i] + 7);
  }
}

TEST_CASE("streams of every width and length come back and stay within their bytes", "[storage]") {
  std::mt19937_64 random(3);
  for (unsigned bits = 0; bits <= 64; ++bits) {
    for (std::size_t count = 0; count < kBlockValues; count += 1 + count / 9) {
      INFO("bits " << bits << ", count " << count);
      std::vector<std::uint64_t> values(count);
      for (auto& value : values) value = random();
      Bytes packed(packed_size(count, bits));  // exactly: the sanitizer sees a byte beyond
      anam::pack_stream(values, bits, packed.data());
      std::vector<std::uint64_t> out(count, 99);
      anam::unpack_stream(packed, bits, out);
      for (std::size_t i = 0; i < count; ++i) REQUIRE(out[i] == (values[i] & mask_of(bits)));
    }
  }
}

TEST_CASE("running sums wrap around and carry", "[storage]") {
  std::mt19937_64 random(4);
  for (std::size_t count = 0; count <= kBlockValues; ++count) {
    std::vector<std::uint32_t> narrow(count);
    std::vector<std::uint64_t> wide(count);
    for (auto& value : narrow) value = static_cast<std::uint32_t>(random());
    for (auto& value : wide) value = random();
    const auto narrow_in = narrow;
    const auto wide_in = wide;
    const std::uint32_t narrow_last = anam::prefix_sum(5U, std::span(narrow));
    const std::uint64_t wide_last = anam::prefix_sum(std::uint64_t{5}, std::span(wide));
    std::uint32_t narrow_sum = 5;
    std::uint64_t wide_sum = 5;
    for (std::size_t i = 0; i < count; ++i) {
      REQUIRE(narrow[i] == (narrow_sum += narrow_in[i]));
      REQUIRE(wide[i] == (wide_sum += wide_in[i]));
    }
    CHECK(narrow_last == narrow_sum);
    CHECK(wide_last == wide_sum);
  }
}
