// SPDX-License-Identifier: Apache-2.0
#include "query/language/time_writer.h"

#include <algorithm>
#include <optional>

#include "storage/calendar.h"
#include "storage/decimal.h"

namespace anam {
namespace {

constexpr std::int64_t kMaxNumber = 1'000'000'000;  // what the language reads

std::string count_of(std::int64_t number, std::string_view unit) {
  number = std::clamp(number, -kMaxNumber, kMaxNumber);
  return std::to_string(number) + ' ' + std::string(unit) + (number == 1 ? "" : "s");
}

/// A length of time from 0 on.
std::string span_text(std::int64_t length, bool seconds) {
  if (!seconds) return days_text(length);
  if (length % 3600 == 0 && length != 0) return count_of(length / 3600, "hour");
  if (length % 60 == 0 && length != 0) return count_of(length / 60, "minute");
  return count_of(length, "second");
}

/// Writes one window.
class WindowWriter {
 public:
  WindowWriter(const Window& window, Around around)
      : window_(window), anchor_(anchor_text(around, window.anchor)) {}

  std::string text() const {
    const std::string when = words();
    return window_.event == End::kEnd ? "ending " + when : when;
  }

  std::string from() const {
    if (!window_.from.offset) return window_.from.opposite ? "end of observation" : "";
    return edge(window_.from);
  }
  std::string to() const {
    if (!window_.to.offset) return window_.to.opposite ? "start of observation" : "";
    return edge(window_.to);
  }

 private:
  std::string words() const {
    const auto& from = window_.from.offset;
    const auto& to = window_.to.offset;
    if (window_.from.opposite || window_.to.opposite) return general();
    if (from && to) return bounded(*from, *to);
    if (from) return lower(*from);
    return to ? upper(*to) : "at any time";
  }

  std::string lower(std::int64_t from) const {
    const bool seconds = window_.from.unit == WindowEdge::Unit::kSeconds;
    if (!seconds && from == 1) return "after " + anchor_;
    if (!seconds && from == 0) return "on or after " + anchor_;
    if (from > 0) return "at least " + span_text(from, seconds) + " after " + anchor_;
    return "from " + edge(window_.from);
  }

  std::string upper(std::int64_t to) const {
    const bool seconds = window_.to.unit == WindowEdge::Unit::kSeconds;
    if (!seconds && to == -1) return "before " + anchor_;
    if (!seconds && to == 0) return "on or before " + anchor_;
    if (to < 0) return "at least " + span_text(-to, seconds) + " before " + anchor_;
    return "up to " + edge(window_.to);
  }

  std::string bounded(std::int64_t from, std::int64_t to) const {
    if (window_.from.unit != window_.to.unit) return general();
    const bool seconds = window_.from.unit == WindowEdge::Unit::kSeconds;
    if (!seconds && from == 0 && to == 0) return "on " + anchor_;
    if (from < 0 && to == -from) return within(to, seconds, " of ");
    if (from < 0 && to == -1) return within(-from, seconds, " before ");
    if (from < 0 && to == 0) return within(-from, seconds, " before ") + " or on " + anchor_;
    if (from == 1 && to >= 1) return within(to, seconds, " after ");
    if (from == 0 && to > 0) return within(to, seconds, " after ") + " or on " + anchor_;
    if (!seconds && from > 1 && to >= from && to <= kMaxNumber) {
      return "between " + std::to_string(from) + " and " + count_of(to, "day") + " after " +
             anchor_;
    }
    if (!seconds && to < -1 && from <= to && from >= -kMaxNumber) {
      return "between " + std::to_string(-to) + " and " + count_of(-from, "day") + " before " +
             anchor_;
    }
    return general();
  }

  std::string within(std::int64_t length, bool seconds, std::string_view relation) const {
    return "within " + span_text(length, seconds) + std::string(relation) + anchor_;
  }

  std::string general() const {
    const std::string low = from();
    const std::string high = to();
    if (high.empty()) return "from " + low;
    if (low.empty()) return "up to " + high;
    return "from " + low + " to " + high;
  }

  std::string edge(const WindowEdge& edge) const {
    const std::int64_t offset = *edge.offset;
    const bool seconds = edge.unit == WindowEdge::Unit::kSeconds;
    if (offset == 0 && !seconds) return anchor_;
    return offset < 0 ? span_text(-offset, seconds) + " before " + anchor_
                      : span_text(offset, seconds) + " after " + anchor_;
  }

  const Window& window_;
  std::string anchor_;
};

bool is_open(const WindowEdge& edge) { return !edge.offset && !edge.opposite; }
bool is_anchor_day(const WindowEdge& edge) {
  return edge.offset == 0 && edge.unit == WindowEdge::Unit::kDays;
}
bool is_lower(const Window& window, End anchor, End event) {
  return is_anchor_day(window.from) && is_open(window.to) && window.anchor == anchor &&
         window.event == event;
}
bool is_upper(const Window& window, End anchor, End event) {
  return is_open(window.from) && is_anchor_day(window.to) && window.anchor == anchor &&
         window.event == event;
}

/// The windows that say something; those that nothing can be inside of as two.
std::vector<Window> plain(const std::vector<Window>& windows, bool within_period) {
  std::vector<Window> out;
  for (Window window : windows) {
    for (WindowEdge* edge : {&window.from, &window.to}) {
      if (edge->offset || !within_period) edge->opposite = false;
      if (!edge->offset) edge->unit = WindowEdge::Unit::kDays;
    }
    if (is_open(window.from) && is_open(window.to)) {
      if (!within_period || window.event == End::kStart) continue;
    }
    if (!window.from.offset && !window.to.offset) window.anchor = End::kStart;
    const bool reversed = window.from.offset && window.to.offset &&
                          window.from.unit == window.to.unit &&
                          *window.from.offset > *window.to.offset;
    if (!reversed) {
      out.push_back(window);
      continue;
    }
    out.push_back({window.from, {}, window.anchor, window.event});
    out.push_back({{}, window.to, window.anchor, window.event});
  }
  return out;
}

}  // namespace

std::string days_text(std::int64_t days) {
  constexpr std::int64_t kYear = 365;
  if (days >= 2 * kYear && days % kYear == 0) return count_of(days / kYear, "year");
  return count_of(days, "day");
}

std::string number_text(const NumberTest& test, bool brief) {
  static constexpr std::string_view kSigns[] = {"<", "<=", "=", "!=", ">=", ">"};
  const std::string value = format_decimal(test.value);
  const std::string upper = format_decimal(test.upper);
  switch (test.comparison) {
    case Comparison::kBetween:
      return brief ? value + " to " + upper : "between " + value + " and " + upper;
    case Comparison::kNotBetween:
      return "not between " + value + " and " + upper;
    default:
      return std::string(kSigns[static_cast<std::size_t>(test.comparison)]) + ' ' + value;
  }
}

std::string date_text(const DateIs& test) {
  const auto text = [](Day day) { return format_day(std::clamp(day, kFirstDay, kLastDay)); };
  const std::string value = text(test.test.value);
  const std::string upper = text(test.test.upper);
  const std::string range = "between " + value + " and " + upper;
  std::string words;
  switch (test.test.comparison) {
    case Comparison::kLess:
      words = "before " + value;
      break;
    case Comparison::kLessEqual:
      words = "on or before " + value;
      break;
    case Comparison::kEqual:
      words = "on " + value;
      break;
    case Comparison::kNotEqual:
      words = "not on " + value;
      break;
    case Comparison::kGreaterEqual:
      words = "on or after " + value;
      break;
    case Comparison::kGreater:
      words = "after " + value;
      break;
    case Comparison::kBetween: {
      const std::string year = value.substr(0, 4);
      const bool whole = value == year + "-01-01" && upper == year + "-12-31";
      words = whole ? "in " + year : range;
      break;
    }
    case Comparison::kNotBetween:
      words = "not " + range;
      break;
  }
  return test.of == End::kEnd ? "ending " + words : words;
}

std::vector<std::string> window_texts(const std::vector<Window>& windows, Around around,
                                      bool within_period) {
  const std::vector<Window> all = plain(windows, within_period);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Window& window = all[i];
    const Window* next = i + 1 < all.size() ? &all[i + 1] : nullptr;
    if (next && is_lower(window, End::kStart, End::kStart) &&
        is_upper(*next, End::kEnd, End::kStart)) {
      texts.push_back("during " + anchor_text(around, End::kStart));
      ++i;
    } else if (next && is_upper(window, End::kEnd, End::kStart) &&
               is_lower(*next, End::kStart, End::kEnd)) {
      texts.push_back("overlapping " + anchor_text(around, End::kStart));
      ++i;
    } else if (next && window.from.offset && is_open(window.to) && is_open(next->from) &&
               next->to.offset && window.anchor != next->anchor && window.event == next->event) {
      texts.push_back((window.event == End::kEnd ? "ending from " : "from ") +
                      WindowWriter(window, around).from() + " to " +
                      WindowWriter(*next, around).to());
      ++i;
    } else {
      texts.push_back(WindowWriter(window, around).text());
    }
  }
  return texts;
}

std::string anchor_text(Around around, End end) {
  return std::string(around == Around::kIt ? "it" : "index") + (end == End::kEnd ? " end" : "");
}

}  // namespace anam
