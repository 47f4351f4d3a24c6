// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/distinct_ranges.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "storage/event.h"

namespace anam::evaluation {

namespace {

// Sums of prefixes of a column of numbers that change (a Fenwick tree).
class PrefixSums {
 public:
  explicit PrefixSums(std::size_t size) : sums_(size + 1, 0) {}
  void add(std::size_t position, std::int64_t number) {
    for (std::size_t i = position + 1; i < sums_.size(); i += i & (~i + 1)) sums_[i] += number;
  }
  std::int64_t before(std::size_t position) const {
    std::int64_t sum = 0;
    for (std::size_t i = position; i > 0; i -= i & (~i + 1)) sum += sums_[i];
    return sum;
  }

 private:
  std::vector<std::int64_t> sums_;
};

}  // namespace

// Going over the values, each is marked where it stood last. Of a range that ends here, the marks
// behind its beginning are its distinct values.
std::vector<std::int64_t> count_distinct(std::span<const std::int64_t> values,
                                         std::span<const PositionRange> ranges) {
  std::vector<std::size_t> by_end(ranges.size());
  std::iota(by_end.begin(), by_end.end(), std::size_t{0});
  std::ranges::sort(by_end, {}, [ranges](std::size_t i) { return ranges[i].end; });
  std::vector<std::int64_t> counts(ranges.size(), 0);
  PrefixSums marks(values.size());
  std::unordered_map<std::int64_t, std::size_t> last;
  std::size_t at = 0;
  for (const std::size_t i : by_end) {
    for (; at < ranges[i].end; ++at) {
      if (values[at] == kNull) continue;
      const auto [known, added] = last.try_emplace(values[at], at);
      if (!added) marks.add(known->second, -1);
      known->second = at;
      marks.add(at, 1);
    }
    if (ranges[i].begin < ranges[i].end)
      counts[i] = marks.before(ranges[i].end) - marks.before(ranges[i].begin);
  }
  return counts;
}

}  // namespace anam::evaluation
