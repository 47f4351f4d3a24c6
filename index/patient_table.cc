// SPDX-License-Identifier: Apache-2.0
#include "index/patient_table.h"

#include <algorithm>
#include <charconv>

#include "index/read_ahead.h"
#include "storage/checked_value.h"
#include "storage/checksum.h"
#include "storage/shard_key.h"

namespace anam {

std::uint64_t patient_hash(std::int64_t id) {
  auto h = static_cast<std::uint64_t>(id);
  h ^= h >> 33;
  h *= 0xFF51AFD7ED558CCDU;
  h ^= h >> 33;
  h *= 0xC4CEB9FE1A85EC53U;
  h ^= h >> 33;
  return h;
}

std::uint64_t patient_hash(std::string_view id) { return checksum(as_bytes(id)); }

PatientId PatientId::parse(std::string_view text) {
  PatientId id{kNull, text};
  if (text.empty() || text.size() > 20) return id;
  const std::string_view digits = text.front() == '-' ? text.substr(1) : text;
  if (digits.empty() || (digits.front() == '0' && text.size() > 1)) return id;
  std::int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec == std::errc() && result.ptr == text.data() + text.size() && number != kNull)
    id.number = number;
  return id;
}

void PatientWriter::add(std::span<const std::uint32_t> ordinals, std::span<const RowColumn> columns,
                        const TextPool* texts, bool fresh) {
  std::vector<std::int64_t> gaps;
  for (std::size_t begin = 0; begin < ordinals.size(); begin += kPatientBlock) {
    const std::size_t size = std::min(kPatientBlock, ordinals.size() - begin);
    const auto part = ordinals.subspan(begin, size);
    BlockBuilder block;
    block.begin_chunk({.first = part.front(),
                       .last = part.back(),
                       .patients = static_cast<std::uint32_t>(size),
                       .rows = static_cast<std::uint32_t>(size)});
    if (part.back() - part.front() + 1 != size) {
      gaps.assign(size, 0);
      for (std::size_t i = 1; i < size; ++i) gaps[i] = part[i] - part[i - 1];
      block.add(column::kOrdinal, ColumnType::kInt, gaps);
    }
    std::uint64_t hash = 0;
    for (const RowColumn& column : columns) {
      const auto cells = column.cells.subspan(begin, size);
      if (std::ranges::all_of(cells, [](std::int64_t cell) { return cell == kNull; })) continue;
      block.add(column.id, column.type, cells, texts);
      if (column.id == column::kPatient && cells[0] != kNull) hash = patient_hash(cells[0]);
      if (column.id == column::kPatientText && cells[0] != kNull)
        hash = patient_hash(texts->at(cells[0]));
    }
    if (fresh) fences_.push_back({hash, part.front()});
    const Bytes key = patients_key(shard_, part.front());
    sink_(key, block.finish(key));
  }
}

PatientTable::PatientTable(std::shared_ptr<const SealedFile> file, const ShardHeader& header)
    : file_(std::move(file)),
      shard_(header.shard),
      fences_(header.fences),
      cursor_(file_->cursor()) {}

template <typename F>
void PatientTable::for_each_chunk(F f) {
  const Bytes prefix = shard_part_key(shard_, ShardPart::kPatients);
  std::vector<KeyValue> blocks;
  for (bool found = cursor_.seek_ge(prefix); found && has_prefix(cursor_.key(), prefix);
       found = cursor_.next()) {
    blocks.push_back({cursor_.key(), cursor_.value()});
  }
  read_ahead(*file_, blocks, [&](const KeyValue& entry) {
    const Block block(entry.key, entry.value, file_->path().native());
    for (const ChunkHead& head : block.chunks()) f(block, head);
  });
}

void PatientTable::read(ColumnId column, std::span<std::int64_t> cells, TextPool* texts) {
  for_each_chunk([&](const Block& block, const ChunkHead& head) {
    read_chunk(block, head, column, cells, texts);
  });
}

void PatientTable::read_block(std::uint32_t ordinal, ColumnId column, std::span<std::int64_t> cells,
                              TextPool* texts) {
  const Bytes prefix = shard_part_key(shard_, ShardPart::kPatients);
  if (!cursor_.seek_le(patients_key(shard_, ordinal)) || !has_prefix(cursor_.key(), prefix)) return;
  const Block block(cursor_.key(), cursor_.value(), file_->path().native());
  for (const ChunkHead& head : block.chunks()) read_chunk(block, head, column, cells, texts);
}

void PatientTable::read_chunk(const Block& block, const ChunkHead& head, ColumnId column,
                              std::span<std::int64_t> cells, TextPool* texts) const {
  std::vector<std::int64_t> page;
  std::vector<std::int64_t> gaps;
  if (!block.read(head, column, page, texts)) return;
  const bool sparse = block.read(head, column::kOrdinal, gaps);
  if (page.size() != head.patients || (sparse && gaps.size() != head.patients)) {
    fail(ErrorCode::kCorrupt, "column about persons has the wrong length", file_->path().native());
  }
  const auto check = [&](std::int64_t ordinal) {
    if (ordinal < 0 || static_cast<std::uint64_t>(ordinal) >= cells.size()) {
      fail(ErrorCode::kCorrupt, "rows about persons name patients that are not in their shard",
           file_->path().native());
    }
    return static_cast<std::size_t>(ordinal);
  };
  if (!sparse) {
    if (page.empty()) return;
    const std::size_t first = check(head.first);
    check(std::int64_t{head.first} + static_cast<std::int64_t>(page.size()) - 1);
    for (std::size_t i = 0; i < page.size(); ++i)
      cells[first + i] = page[i] != kNull ? page[i] : cells[first + i];
    return;
  }
  std::int64_t ordinal = head.first;
  for (std::size_t i = 0; i < page.size(); ++i) {
    if (i > 0) ordinal += gaps[i];
    const std::size_t at = check(ordinal);
    if (page[i] != kNull) cells[at] = page[i];
  }
}

std::optional<std::uint32_t> PatientTable::find(const PatientId& id) {
  const std::uint64_t hash = id.hash();
  // Blocks whose first hash is not above; an equal hash may lie at the end of the block before.
  auto fence = std::ranges::upper_bound(fences_, hash, {}, &PatientFence::hash);
  std::vector<std::int64_t> cells;
  while (fence != fences_.begin()) {
    --fence;
    const Bytes key = patients_key(shard_, fence->first);
    const auto value = file_->find(key);
    if (!value)
      fail(ErrorCode::kCorrupt, "block of persons is missing",
           file_->path().native() + ", key " + to_hex(key));
    const Block block(key, *value, file_->path().native());
    for (const ChunkHead& head : block.chunks()) {
      if (id.number != kNull) {
        if (!block.read(head, column::kPatient, cells)) continue;
        const auto found = std::ranges::find(cells, id.number);
        if (found != cells.end())
          return head.first + static_cast<std::uint32_t>(found - cells.begin());
      } else {
        TextPool texts;
        if (!block.read(head, column::kPatientText, cells, &texts)) continue;
        for (std::size_t i = 0; i < cells.size(); ++i) {
          if (cells[i] != kNull && texts.at(cells[i]) == id.text)
            return head.first + static_cast<std::uint32_t>(i);
        }
      }
    }
    if (fence->hash < hash) break;
  }
  return std::nullopt;
}

}  // namespace anam
