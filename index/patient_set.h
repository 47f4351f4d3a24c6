// SPDX-License-Identifier: Apache-2.0
// Sets of patients of one shard.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace anam {

/// A set of patients of a shard: one bit per ordinal. What queries compute with; on disk they are
/// Roaring bitmaps (bitmap.h).
class PatientSet {
 public:
  explicit PatientSet(std::uint32_t patients, bool all = false);
  bool contains(std::uint32_t ordinal) const {
    return (words_[ordinal >> 6] >> (ordinal & 63)) & 1;
  }
  void add(std::uint32_t ordinal) { words_[ordinal >> 6] |= std::uint64_t{1} << (ordinal & 63); }
  void remove(std::uint32_t ordinal) {
    words_[ordinal >> 6] &= ~(std::uint64_t{1} << (ordinal & 63));
  }
  void intersect(const PatientSet& other);
  void unite(const PatientSet& other);
  void subtract(const PatientSet& other);
  /// True when the set has a patient from `first` to `last`, both included; ordinals beyond the
  /// shard do not count.
  bool any(std::uint32_t first, std::uint32_t last) const;
  std::uint32_t patients() const { return patients_; }  // of the shard
  std::uint64_t count() const;                          // in the set
  std::span<const std::uint64_t> words() const { return words_; }
  std::span<std::uint64_t> words() { return words_; }

 private:
  std::uint32_t patients_;
  std::vector<std::uint64_t> words_;
};

}  // namespace anam
