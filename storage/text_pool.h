// SPDX-License-Identifier: Apache-2.0
// Texts of a batch: cells of text columns are indices into a pool.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace anam {

/// Holds texts back to back. Index 0 is the first text added; equal texts are not merged here.
class TextPool {
 public:
  std::int64_t add(std::string_view text) {
    chars_.append(text);
    ends_.push_back(chars_.size());
    return static_cast<std::int64_t>(ends_.size() - 1);
  }

  /// Valid until the next add() or clear(). REQUIRES: 0 <= index < size().
  std::string_view at(std::int64_t index) const {
    const auto i = static_cast<std::size_t>(index);
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(chars_).substr(begin, ends_[i] - begin);
  }

  std::size_t size() const { return ends_.size(); }
  std::size_t bytes() const { return chars_.size() + ends_.size() * sizeof(ends_[0]); }

  void clear() {
    chars_.clear();
    ends_.clear();
  }

 private:
  std::string chars_;
  std::vector<std::size_t> ends_;
};

}  // namespace anam
