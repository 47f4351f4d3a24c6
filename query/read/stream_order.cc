// SPDX-License-Identifier: Apache-2.0
#include "query/read/stream_order.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>

#include "index/radix_sort.h"

namespace anam {
namespace {

// Looking for the least of more heads costs more than sorting.
constexpr std::size_t kMostRuns = 8;

/// Which of two events of a patient's day comes first.
class DayOrder {
 public:
  /// By second (date-only first: null is the least number) or, with `by_all`, then by end and all
  /// other columns.
  DayOrder(const EventStream& stream, bool by_all)
      : stream_(stream), seconds_(stream.find(column::kSecond)), by_all_(by_all) {}

  bool needed() const {
    return seconds_ != nullptr || (by_all_ && !(stream_.end.empty() && stream_.columns.empty()));
  }
  bool operator()(std::uint32_t a, std::uint32_t b) const {
    if (seconds_ != nullptr && seconds_->cells[a] != seconds_->cells[b])
      return seconds_->cells[a] < seconds_->cells[b];
    if (!by_all_) return false;
    if (!stream_.end.empty() && stream_.end[a] != stream_.end[b])
      return stream_.end[a] < stream_.end[b];
    for (const StreamColumn& column : stream_.columns) {
      if (column.cells[a] != column.cells[b]) return column.cells[a] < column.cells[b];
    }
    return false;
  }

 private:
  const EventStream& stream_;
  const StreamColumn* seconds_;
  bool by_all_;
};

/// Rows [begin, end).
struct Segment {
  std::size_t begin;
  std::size_t end;
};
using Segments = std::vector<Segment>;

class RowOrder {
 public:
  explicit RowOrder(const EventStream& stream) : patient_(stream.patient), start_(stream.start) {}

  std::uint64_t key(std::size_t row) const { return time_key(patient_[row], start_[row]); }

  /// The rows' ascending runs; nothing when there are more than kMostRuns.
  std::optional<Segments> runs() const {
    Segments runs;
    std::size_t begin = 0;
    const std::size_t n = patient_.size();
    for (std::size_t row = 1; row <= n; ++row) {
      if (row < n && key(row - 1) <= key(row)) continue;
      if (runs.size() == kMostRuns) return std::nullopt;
      runs.push_back({begin, row});
      begin = row;
    }
    return runs;
  }

  /// Segments that ascend when they follow each other; of equal rows, those of earlier runs first.
  Segments merge(Segments runs) const {
    Segments merged;
    while (runs.size() > 1) {
      std::size_t least = 0;
      for (std::size_t i = 1; i < runs.size(); ++i) {
        if (key(runs[i].begin) < key(runs[least].begin)) least = i;
      }
      // As far as no other run has a row that comes before.
      std::uint64_t limit = ~std::uint64_t{0};
      for (std::size_t i = 0; i < runs.size(); ++i) {
        if (i == least) continue;
        const std::uint64_t head = key(runs[i].begin);
        limit = std::min(limit, i < least ? head : head + 1);  // not beyond; patients are ordinals
      }
      Segment& run = runs[least];
      std::size_t row = run.begin + 1;
      while (row < run.end && key(row) < limit) ++row;
      merged.push_back({run.begin, row});
      run.begin = row;
      if (run.begin == run.end) runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(least));
    }
    merged.push_back(runs.front());
    return merged;
  }

 private:
  std::span<const std::uint32_t> patient_;
  std::span<const Day> start_;
};

template <typename F>
void for_each_column(EventStream& stream, F f) {
  f(stream.patient);
  f(stream.start);
  if (!stream.end.empty()) f(stream.end);
  for (StreamColumn& column : stream.columns) {
    if (!column.cells.empty()) f(column.cells);
  }
}

void permute(EventStream& stream, std::span<const std::uint32_t> order) {
  for_each_column(stream, [order](auto& values) {
    auto moved = values;
    for (std::size_t i = 0; i < order.size(); ++i) moved[i] = values[order[i]];
    values = std::move(moved);
  });
}

void permute(EventStream& stream, const Segments& segments) {
  for_each_column(stream, [&segments](auto& values) {
    auto moved = values;
    auto* to = moved.data();
    for (const auto& [begin, end] : segments) {
      for (std::size_t row = begin; row < end; ++row) *to++ = values[row];
    }
    values = std::move(moved);
  });
}

void sort_by_day(EventStream& stream) {
  const RowOrder rows(stream);
  if (const auto runs = rows.runs()) {
    if (runs->size() > 1) permute(stream, rows.merge(*runs));
    return;
  }
  std::vector<std::uint64_t> keys(stream.size());
  for (std::size_t row = 0; row < keys.size(); ++row) keys[row] = rows.key(row);
  permute(stream, sorted_order(keys));
}

/// Of rows in the order of (patient, day).
void sort_within_days(EventStream& stream, bool by_all) {
  const DayOrder earlier(stream, by_all);
  if (!earlier.needed()) return;
  const RowOrder rows(stream);
  std::vector<std::uint32_t> order;  // empty: as they stand
  const std::size_t n = stream.size();
  for (std::size_t i = 0; i < n;) {
    std::size_t j = i + 1;
    bool ascending = true;
    for (; j < n && rows.key(j) == rows.key(i); ++j) {
      ascending &= !earlier(static_cast<std::uint32_t>(j), static_cast<std::uint32_t>(j - 1));
    }
    if (!ascending) {
      if (order.empty()) {
        order.resize(n);
        std::iota(order.begin(), order.end(), 0U);
      }
      std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(i),
                       order.begin() + static_cast<std::ptrdiff_t>(j), earlier);
    }
    i = j;
  }
  if (!order.empty()) permute(stream, order);
}

}  // namespace

void sort_stream(EventStream& stream, bool by_all) {
  sort_by_day(stream);
  sort_within_days(stream, by_all);
}

bool is_in_day_order(const EventStream& stream) {
  const DayOrder earlier(stream, true);
  if (!earlier.needed()) return true;
  for (std::uint32_t i = 1; i < stream.size(); ++i) {
    if (stream.patient[i] == stream.patient[i - 1] && stream.start[i] == stream.start[i - 1] &&
        earlier(i, i - 1)) {
      return false;
    }
  }
  return true;
}

}  // namespace anam
