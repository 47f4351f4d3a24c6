// SPDX-License-Identifier: Apache-2.0
// The patients of a shard: their ids, and what is known about the person.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/block.h"
#include "storage/sealed_file.h"
#include "storage/shard_header.h"
#include "storage/timeline_writer.h"

namespace anam {

/// Patients of a block at most.
inline constexpr std::size_t kPatientBlock = 4096;

/// The 64-bit hash of a patient id that decides the shard and the order of new patients. Of an
/// integer: the bijective finalizer of MurmurHash3 (public domain); of any other text: XXH3-64. On
/// disk by its effects: never change.
std::uint64_t patient_hash(std::int64_t id);
std::uint64_t patient_hash(std::string_view id);

/// The shard of a hash: its leading bits.
inline std::uint32_t shard_of(std::uint64_t hash, std::uint32_t shard_bits) {
  return shard_bits == 0 ? 0 : static_cast<std::uint32_t>(hash >> (64 - shard_bits));
}

/// A patient id as people write it: an integer where it reads as one ("17", not "017"), else text.
struct PatientId {
  std::int64_t number = kNull;
  std::string_view text;  // when number is kNull

  /// `text` must outlive the id.
  static PatientId parse(std::string_view text);
  std::uint64_t hash() const { return number != kNull ? patient_hash(number) : patient_hash(text); }
};

/// Writes the rows about persons of one shard, known patients first (ascending ordinals), then new
/// ones (ascending hashes).
class PatientWriter {
 public:
  using Sink = std::function<void(ByteSpan key, ByteSpan value)>;
  PatientWriter(std::uint32_t shard, Sink sink) : shard_(shard), sink_(std::move(sink)) {}

  /// `columns` have a cell for each ordinal. Rows about new patients (`fresh`) have kPatient or
  /// kPatientText. Cuts into blocks.
  void add(std::span<const std::uint32_t> ordinals, std::span<const RowColumn> columns,
           const TextPool* texts, bool fresh);

  const std::vector<PatientFence>& fences() const { return fences_; }

 private:
  std::uint32_t shard_;
  Sink sink_;
  std::vector<PatientFence> fences_;
};

/// Reads the rows about persons that one file has for one shard. Used by one thread at a time.
class PatientTable {
 public:
  PatientTable(std::shared_ptr<const SealedFile> file, const ShardHeader& header);

  /// Sets the cells (by ordinal) that this file knows; others stay. Texts are appended to `texts`.
  void read(ColumnId column, std::span<std::int64_t> cells, TextPool* texts);

  /// The same for the block of up to kPatientBlock patients that has this one, if any has.
  void read_block(std::uint32_t ordinal, ColumnId column, std::span<std::int64_t> cells,
                  TextPool* texts);

  /// The ordinal of a patient that is new with this file.
  std::optional<std::uint32_t> find(const PatientId& id);

 private:
  template <typename F>
  void for_each_chunk(F f);
  void read_chunk(const Block& block, const ChunkHead& head, ColumnId column,
                  std::span<std::int64_t> cells, TextPool* texts) const;

  std::shared_ptr<const SealedFile> file_;
  std::uint32_t shard_;
  std::vector<PatientFence> fences_;
  SealedFile::Cursor cursor_;
};

}  // namespace anam
