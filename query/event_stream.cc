// SPDX-License-Identifier: Apache-2.0
#include "query/event_stream.h"

#include <algorithm>
#include <bit>

namespace anam {

PatientSet::PatientSet(std::uint32_t patients, bool all)
    : patients_(patients), words_((std::size_t{patients} + 63) / 64, all ? ~std::uint64_t{0} : 0) {
  if (all && patients % 64 != 0) words_.back() = (std::uint64_t{1} << (patients % 64)) - 1;
}

void PatientSet::intersect(const PatientSet& other) {
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
}

void PatientSet::unite(const PatientSet& other) {
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
}

void PatientSet::subtract(const PatientSet& other) {
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
}

std::uint64_t PatientSet::count() const {
  std::uint64_t n = 0;
  for (const std::uint64_t word : words_) n += static_cast<std::uint64_t>(std::popcount(word));
  return n;
}

const StreamColumn* EventStream::find(ColumnId id) const {
  const auto found = std::ranges::find(columns, id, &StreamColumn::id);
  return found == columns.end() ? nullptr : &*found;
}

}  // namespace anam
