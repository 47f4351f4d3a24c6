// SPDX-License-Identifier: Apache-2.0
// Columns that are hard on codecs.
#pragma once

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace anam::test {

struct NamedColumn {
  std::string name;
  std::vector<std::int64_t> values;
};

/// A random column: a random shape of random width with random outliers.
inline std::vector<std::int64_t> random_column(std::mt19937_64& random, std::size_t count) {
  std::vector<std::int64_t> values(count);
  const auto shape = random() % 6;
  const auto bits = static_cast<unsigned>(random() % 65);
  const std::uint64_t mask = bits == 0 ? 0 : ~std::uint64_t{0} >> (64 - bits);
  const auto offset = random() % 3 == 0 ? random() : random() % 1000;
  const std::uint64_t outliers = random() % 3 == 0 ? 20 : 0;
  std::uint64_t last = offset;
  for (auto& value : values) {
    switch (shape) {
      case 0:  // uniform
        last = offset + (random() & mask);
        break;
      case 1:  // ascending
        last += random() & mask & 0xfff;
        break;
      case 2:  // long runs
        if (random() % 50 == 0) last = offset + (random() & mask);
        break;
      case 3:  // few distinct
        last = offset + (random() % 7) * (mask / 7);
        break;
      case 4:  // skewed
        last = offset + ((random() & mask) >> (random() % 64));
        break;
      default:  // two values
        last = last == offset ? offset + mask : offset;
    }
    value = static_cast<std::int64_t>(outliers > 0 && random() % outliers == 0 ? random() : last);
  }
  return values;
}

/// The columns that every codec has to survive, in lengths around the block.
inline std::vector<NamedColumn> hard_columns() {
  constexpr auto kLow = std::numeric_limits<std::int64_t>::min();
  constexpr auto kHigh = std::numeric_limits<std::int64_t>::max();
  std::vector<NamedColumn> columns;
  for (const std::size_t count : {1U, 2U, 3U, 127U, 128U, 129U, 256U, 300U, 4096U}) {
    const auto add = [&](const std::string& name, auto value_at) {
      std::vector<std::int64_t> values(count);
      for (std::size_t i = 0; i < count; ++i) values[i] = value_at(static_cast<std::int64_t>(i));
      columns.push_back({name + " x " + std::to_string(count), std::move(values)});
    };
    add("zeros", [](std::int64_t) { return 0; });
    add("lowest", [](std::int64_t) { return kLow; });
    add("lowest and highest", [](std::int64_t i) { return i % 2 == 0 ? kLow : kHigh; });
    add("lowest in threes", [](std::int64_t i) { return i % 3 == 0 ? kLow : i; });
    add("highest at the end",
        [=](std::int64_t i) { return i + 1 == std::int64_t(count) ? kHigh : 5; });
    add("ascending", [](std::int64_t i) { return i; });
    add("descending by sevens", [](std::int64_t i) { return 1000 - 7 * i; });
    add("0 and 1", [](std::int64_t i) { return i % 2; });
    add("-1 among days", [](std::int64_t i) { return i % 40 == 0 ? -1 : 17000 + i * 37 % 365; });
    add("timelines", [](std::int64_t i) { return 14000 + i % 42 * 60 + i * i % 31; });
    add("32 bits", [](std::int64_t i) { return i * 2654435761 % 4294967296; });
    add("33 bits", [](std::int64_t i) { return i * 2654435761 % 8589934592; });
    add("int32 extremes", [](std::int64_t i) {
      return i % 2 == 0 ? std::int64_t{std::numeric_limits<std::int32_t>::min()}
                        : std::int64_t{std::numeric_limits<std::int32_t>::max()};
    });
    add("runs", [](std::int64_t i) { return i / 100 * 1000003; });
    add("few large", [](std::int64_t i) { return i * i % 11 * 1234567890123; });
  }
  return columns;
}

}  // namespace anam::test
