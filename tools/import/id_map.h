// SPDX-License-Identifier: Apache-2.0
// A flat hash map from outside ids to small values: one probe, no allocation per entry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace anam {

/// Scatters ids that come in sequences. Used for partitions too.
constexpr std::uint64_t scatter(std::uint64_t x) {
  x = (x ^ (x >> 32)) * 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 29)) * 0xBF58476D1CE4E5B9U;
  return x ^ (x >> 32);
}

/// Maps any 64-bit integer. At least two slots an id, of 16 bytes for a value of up to 7. One
/// thread while it changes, then any number.
template <class Value>
class IdMap {
 public:
  std::size_t size() const { return size_; }

  /// Valid until the next insert() or clear().
  const Value* find(std::int64_t id) const {
    if (size_ == 0) return nullptr;
    const Slot& slot = slots_[position(id)];
    return slot.used ? &slot.value : nullptr;
  }

  /// The value of `id`, and true when it was not there: it is then `value`.
  std::pair<Value&, bool> insert(std::int64_t id, Value value) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    Slot& slot = slots_[position(id)];
    if (slot.used) return {slot.value, false};
    slot = {id, value, true};
    ++size_;
    return {slot.value, true};
  }

  void clear() {
    slots_.clear();
    size_ = 0;
  }

 private:
  struct Slot {
    std::int64_t id = 0;
    Value value{};
    bool used = false;
  };

  /// Of the id, or of the empty slot where it belongs.
  std::size_t position(std::int64_t id) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>(scatter(static_cast<std::uint64_t>(id))) & mask;
    while (slots_[at].used && slots_[at].id != id) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 16 : 2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.used) slots_[position(slot.id)] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace anam
