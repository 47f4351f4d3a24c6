// SPDX-License-Identifier: Apache-2.0
#include "index/patient_set.h"

#include <algorithm>

#include "storage/dispatch.h"

namespace anam {
namespace {

// A popcount instruction where there is one.
ANAM_CLONES std::uint64_t count_bits(const std::uint64_t* words, std::size_t size) {
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < size; ++i)
    n += static_cast<std::uint64_t>(__builtin_popcountll(words[i]));
  return n;
}

}  // namespace

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

bool PatientSet::any(std::uint32_t first, std::uint32_t last) const {
  if (patients_ == 0 || first >= patients_ || first > last) return false;
  last = std::min(last, patients_ - 1);
  const std::uint64_t head = ~std::uint64_t{0} << (first & 63);
  const std::uint64_t tail = ~std::uint64_t{0} >> (63 - (last & 63));
  const std::size_t begin = first >> 6;
  const std::size_t end = last >> 6;
  if (begin == end) return (words_[begin] & head & tail) != 0;
  if ((words_[begin] & head) != 0 || (words_[end] & tail) != 0) return true;
  for (std::size_t i = begin + 1; i < end; ++i) {
    if (words_[i] != 0) return true;
  }
  return false;
}

std::uint64_t PatientSet::count() const { return count_bits(words_.data(), words_.size()); }

}  // namespace anam
