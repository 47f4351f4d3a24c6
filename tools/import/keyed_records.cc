// SPDX-License-Identifier: Apache-2.0
#include "tools/import/keyed_records.h"

#include <algorithm>
#include <array>
#include <functional>
#include <tuple>

namespace anam {
namespace {

constexpr std::uint64_t kPartBytes = 32 << 20;
constexpr std::uint64_t kMostParts = 1024;
constexpr std::size_t kBlockRows = 256;  // of each part, in memory while adding

std::size_t parts_for(std::uint64_t bytes) {
  return std::clamp<std::uint64_t>(bytes / kPartBytes, 1, kMostParts);
}

}  // namespace

KeyedRecords::KeyedRecords(const std::filesystem::path& directory, std::uint64_t expected_bytes)
    : rows_(directory, {ColumnType::kText, ColumnType::kText}, parts_for(expected_bytes),
            kBlockRows) {}

void KeyedRecords::add(std::string_view key, std::string_view record) {
  TextPool texts;
  const std::array<std::int64_t, 2> cells = {texts.add(key), texts.add(record)};
  rows_.add(std::hash<std::string_view>()(key), cells, &texts);
}

std::vector<KeyedRecord> KeyedRecords::take(std::size_t part) {
  std::vector<KeyedRecord> records;
  rows_.read(part, [&records](const PartitionedRows::Block& block) {
    for (std::size_t row = 0; row < block.rows; ++row) {
      records.push_back({std::string(block.texts.at(block.columns[0][row])),
                         std::string(block.texts.at(block.columns[1][row]))});
    }
  });
  std::ranges::sort(records, {},
                    [](const KeyedRecord& record) { return std::tie(record.key, record.record); });
  return records;
}

}  // namespace anam
