// SPDX-License-Identifier: Apache-2.0
// Decoded pages that were used last.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace anam {

/// Keeps pages up to a number of bytes, and the last one whatever its size. Safe for many threads;
/// a page that is dropped lives on for those who hold it. Page has bytes().
template <typename Page>
class PageCache {
 public:
  explicit PageCache(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// The page, from `make` when it is not here. Two threads may make the same page at the same
  /// time.
  template <typename Make>
  std::shared_ptr<const Page> get(std::size_t number, Make&& make) {
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = where_.find(number); found != where_.end()) {
        pages_.splice(pages_.begin(), pages_, found->second);
        return pages_.front().second;
      }
    }
    std::shared_ptr<const Page> page = std::make_shared<const Page>(make());
    const std::lock_guard lock(mutex_);
    if (where_.contains(number)) return page;
    pages_.emplace_front(number, page);
    where_[number] = pages_.begin();
    bytes_ += page->bytes();
    while (bytes_ > most_bytes_ && pages_.size() > 1) {
      bytes_ -= pages_.back().second->bytes();
      where_.erase(pages_.back().first);
      pages_.pop_back();
    }
    return page;
  }

 private:
  using Pages = std::list<std::pair<std::size_t, std::shared_ptr<const Page>>>;

  const std::size_t most_bytes_;
  std::mutex mutex_;
  Pages pages_;  // the last used first
  std::map<std::size_t, typename Pages::iterator> where_;
  std::size_t bytes_ = 0;
};

}  // namespace anam
