// SPDX-License-Identifier: Apache-2.0
#include "query/language/time_clause.h"

#include <optional>

#include "query/language/event_tests.h"
#include "query/language/quantity.h"
#include "storage/calendar.h"

namespace anam {
namespace {

WindowEdge edge(TimeSpan span, std::int64_t offset) {
  return {.unit = span.seconds ? WindowEdge::Unit::kSeconds : WindowEdge::Unit::kDays,
          .offset = offset};
}
WindowEdge day_edge(std::int64_t offset) { return edge({}, offset); }

/// One side of "from ... to ...".
struct Edge {
  std::optional<Day> date = {};         // or else:
  std::optional<End> observation = {};  // of the period of observation; or else:
  WindowEdge offset = {};
  End anchor = End::kStart;
};

class TimeReader {
 public:
  TimeReader(Cursor& cursor, Around around, std::vector<EventTest>& tests,
             std::vector<Window>* windows)
      : cursor_(cursor), around_(around), tests_(tests), windows_(windows) {}

  void read() {
    if (cursor_.accept({"at", "any", "time"})) return;
    if (cursor_.accept("during")) {
      if (cursor_.peek().kind == TokenKind::kDate) return calendar_range();
      if (cursor_.peek().kind == TokenKind::kNumber) return year();
      read_anchor(cursor_, around_);
      add(day_edge(0), {}, End::kStart, End::kStart);
      add({}, day_edge(0), End::kEnd, End::kStart);
    } else if (cursor_.accept("overlapping")) {
      read_anchor(cursor_, around_);
      add({}, day_edge(0), End::kEnd, End::kStart);
      add(day_edge(0), {}, End::kStart, End::kEnd);
    } else {
      if (cursor_.accept("ending")) {
        event_ = End::kEnd;
        // Where counts are kept within the period, this says more than nothing.
        if (windows_ && cursor_.accept({"at", "any", "time"})) {
          return add({}, {}, End::kStart, End::kEnd);
        }
      } else {
        cursor_.accept("starting");
      }
      read_when();
    }
  }

 private:
  void read_when() {
    const bool negated = cursor_.at("not") && cursor_.at_any({"on", "between"}, 1);
    if (negated) cursor_.take();
    if (cursor_.accept({"on", "or", "before"}) || cursor_.accept("through")) {
      point(Comparison::kLessEqual, {}, day_edge(0));
    } else if (cursor_.accept({"on", "or", "after"})) {
      point(Comparison::kGreaterEqual, day_edge(0), {});
    } else if (cursor_.accept("on")) {
      if (negated && cursor_.peek().kind != TokenKind::kDate) cursor_.fail_expected("a date");
      point(negated ? Comparison::kNotEqual : Comparison::kEqual, day_edge(0), day_edge(0));
    } else if (cursor_.accept("before")) {
      point(Comparison::kLess, {}, day_edge(-1));
    } else if (cursor_.accept("after")) {
      point(Comparison::kGreater, day_edge(1), {});
    } else if (cursor_.accept("within")) {
      within();
    } else if (cursor_.accept("between")) {
      between(negated);
    } else if (cursor_.accept({"at", "least"})) {
      beyond(0);
    } else if (cursor_.accept({"more", "than"})) {
      beyond(1);
    } else if (cursor_.accept("from")) {
      from_to();
    } else if (cursor_.accept({"up", "to"})) {
      upper_edge(read_edge());
    } else if (cursor_.accept("in")) {
      year();
    } else {
      cursor_.fail_expected("a time, such as \"before index\" or \"within 30 days after index\"");
    }
  }

  /// An anchor, or a date where `comparison` is meant.
  void point(Comparison comparison, WindowEdge from, WindowEdge to) {
    if (cursor_.peek().kind == TokenKind::kDate) {
      add_date({.comparison = comparison, .value = cursor_.take().day});
      return;
    }
    const End anchor = anchor_or("a date");
    add(from, to, anchor, event_);
  }

  void within() {
    const TimeSpan span = read_time_span(cursor_);
    if (cursor_.accept("of")) {
      const End anchor = read_anchor(cursor_, around_);
      add(edge(span, -span.length), edge(span, span.length), anchor, event_);
      return;
    }
    const bool before = before_or_after("\"before\", \"after\" or \"of\"");
    const End anchor = read_anchor(cursor_, around_);
    const std::int64_t near = or_on(anchor) ? 0 : 1;
    if (before) {
      add(edge(span, -span.length), edge(span, -near), anchor, event_);
    } else {
      add(edge(span, near), edge(span, span.length), anchor, event_);
    }
  }

  /// "or on index" behind a window that touches the index.
  bool or_on(End anchor) {
    if (!cursor_.at("or") || !cursor_.at("on", 1) || !cursor_.at_any({"index", "it"}, 2)) {
      cursor_.suggest("or");
      return false;
    }
    cursor_.take();
    cursor_.take();
    const TextSpan span = cursor_.peek().span;
    if (read_anchor(cursor_, around_) != anchor) {
      cursor_.fail({span.begin, cursor_.end_of_last()}, "this is another day than the one before",
                   "\"or on\" takes up what stands before it, as in: within 30 days before index "
                   "end or on index end");
    }
    return true;
  }

  void between(bool negated) {
    const std::size_t begin = cursor_.begin();
    if (cursor_.peek().kind == TokenKind::kDate) {
      const Day from = read_date(cursor_);
      cursor_.expect("and");
      const Day to = read_date(cursor_);
      check_order(from <= to, begin);
      add_date({.comparison = negated ? Comparison::kNotBetween : Comparison::kBetween,
                .value = from,
                .upper = to});
      return;
    }
    if (negated) cursor_.fail_expected("a date");
    const int near = read_count(cursor_, "a number of days or a date");
    cursor_.expect("and");
    const int far = read_count(cursor_, "a number of days");
    const TimeSpan span = read_time_unit(cursor_, far);
    const std::int64_t factor = far ? span.length / far : 1;
    check_order(near <= far, begin);
    const bool before = before_or_after("\"before\" or \"after\"");
    const End anchor = read_anchor(cursor_, around_);
    if (before) {
      add(edge(span, -span.length), edge(span, -near * factor), anchor, event_);
    } else {
      add(edge(span, near * factor), edge(span, span.length), anchor, event_);
    }
  }

  /// "at least" (0) or "more than" (1) so long before or after.
  void beyond(std::int64_t further) {
    const TimeSpan span = read_time_span(cursor_);
    const bool before = before_or_after("\"before\" or \"after\"");
    const End anchor = read_anchor(cursor_, around_);
    if (before) {
      add({}, edge(span, -span.length - further), anchor, event_);
    } else {
      add(edge(span, span.length + further), {}, anchor, event_);
    }
  }

  Edge read_edge() {
    if (cursor_.peek().kind == TokenKind::kDate) return {.date = cursor_.take().day};
    if (windows_) {
      if (cursor_.accept({"start", "of", "observation"})) return {.observation = End::kStart};
      if (cursor_.accept({"end", "of", "observation"})) return {.observation = End::kEnd};
    }
    if (cursor_.peek().kind != TokenKind::kNumber) {
      return {.offset = day_edge(0), .anchor = anchor_or("a date, a number of days")};
    }
    const TimeSpan span = read_time_span(cursor_);
    const bool before = before_or_after("\"before\" or \"after\"");
    const End anchor = read_anchor(cursor_, around_);
    return {.offset = edge(span, before ? -span.length : span.length), .anchor = anchor};
  }

  void from_to() {
    const std::size_t begin = cursor_.begin();
    Edge from = read_edge();
    if (!accept_to(cursor_)) {
      lower_edge(from);
      return;
    }
    Edge to = read_edge();
    if (from.observation && !to.date) from.anchor = to.anchor;
    if (to.observation && !from.date) to.anchor = from.anchor;
    if (from.date && to.date) {
      check_order(*from.date <= *to.date, begin);
      add_date({.comparison = Comparison::kBetween, .value = *from.date, .upper = *to.date});
    } else if (!from.date && !to.date && from.anchor == to.anchor) {
      check_order(from.observation || to.observation || from.offset.unit != to.offset.unit ||
                      *from.offset.offset <= *to.offset.offset,
                  begin);
      add(lower(from), upper(to), from.anchor, event_);
    } else {
      lower_edge(from);
      upper_edge(to);
    }
  }

  void lower_edge(const Edge& from) {
    if (from.date) {
      add_date({.comparison = Comparison::kGreaterEqual, .value = *from.date});
    } else {
      add(lower(from), {}, from.anchor, event_);
    }
  }

  void upper_edge(const Edge& to) {
    if (to.date) {
      add_date({.comparison = Comparison::kLessEqual, .value = *to.date});
    } else {
      add({}, upper(to), to.anchor, event_);
    }
  }

  // The period's nearer edge is what bounds a window without an offset.
  static WindowEdge lower(const Edge& from) {
    if (from.observation) return {.offset = {}, .opposite = *from.observation == End::kEnd};
    return from.offset;
  }
  static WindowEdge upper(const Edge& to) {
    if (to.observation) return {.offset = {}, .opposite = *to.observation == End::kStart};
    return to.offset;
  }

  void year() {
    const TextSpan span = cursor_.peek().span;
    const int year = read_count(cursor_, "a year");
    if (year < 1 || year > 9999) cursor_.fail(span, "there is no such year", "Say 1 to 9999.");
    add_date({.comparison = Comparison::kBetween,
              .value = *day_of(year, 1, 1),
              .upper = *day_of(year, 12, 31)});
  }

  void calendar_range() {
    const std::size_t begin = cursor_.begin();
    const Day from = read_date(cursor_);
    if (!accept_to(cursor_)) cursor_.fail_expected("\"to\" and the last date");
    const Day to = read_date(cursor_);
    check_order(from <= to, begin);
    add_date({.comparison = Comparison::kBetween, .value = from, .upper = to});
  }

  bool before_or_after(std::string_view what) {
    if (cursor_.accept("before")) return true;
    if (!cursor_.accept("after")) cursor_.fail_expected(what);
    return false;
  }

  End anchor_or(std::string_view what) {
    if (!cursor_.at_any({"index", "it"})) {
      if (around_ == Around::kIndex) cursor_.suggest("index");
      cursor_.fail_expected(std::string(what) + (around_ == Around::kNothing ? ""
                                                 : around_ == Around::kIndex ? " or \"index\""
                                                                             : " or \"it\""));
    }
    return read_anchor(cursor_, around_);
  }

  void check_order(bool ordered, std::size_t begin) const {
    if (!ordered) {
      cursor_.fail({begin, cursor_.end_of_last()}, "no day lies in this range",
                   "The earlier (or the smaller) bound stands first.");
    }
  }

  void add(WindowEdge from, WindowEdge to, End anchor, End event) {
    windows_->push_back({.from = from, .to = to, .anchor = anchor, .event = event});
  }
  void add_date(DayTest test) { tests_.push_back(DateIs{.of = event_, .test = test}); }

  Cursor& cursor_;
  Around around_;
  std::vector<EventTest>& tests_;
  std::vector<Window>* windows_;
  End event_ = End::kStart;
};

}  // namespace

bool begins_time(const Cursor& cursor, std::size_t ahead) {
  if (cursor.at_any({"in"}, ahead)) return cursor.peek(ahead + 1).kind == TokenKind::kNumber;
  if (cursor.at("at", ahead)) {
    return cursor.at("least", ahead + 1) ||
           (cursor.at("any", ahead + 1) && cursor.at("time", ahead + 2));
  }
  if (cursor.at("not", ahead)) return cursor.at_any({"on", "between"}, ahead + 1);
  if (cursor.at("from", ahead)) return !begins_source(cursor, ahead);
  if (cursor.at_any({"on", "within"}, ahead)) {
    return !cursor.at_any({"the", "same", "at", "exactly"}, ahead + 1);
  }
  return cursor.at_any({"after", "before", "between", "during", "ending", "more", "overlapping",
                        "starting", "through", "up"},
                       ahead);
}

void read_time(Cursor& cursor, Around around, std::vector<EventTest>& tests,
               std::vector<Window>* windows) {
  TimeReader(cursor, around, tests, windows).read();
}

End read_anchor(Cursor& cursor, Around around) {
  const TextSpan span = cursor.peek().span;
  switch (around) {
    case Around::kNothing:
      if (cursor.at_any({"index", "it"}) || cursor.peek().kind == TokenKind::kDate) {
        cursor.fail(span, "there is no other event here to be near to",
                    "Say before, after, on or between dates; what must happen around the "
                    "index event is said with require or exclude.");
      }
      cursor.fail_expected("a date");
    case Around::kIndex:
      if (cursor.at("it")) {
        cursor.fail(span, "\"it\" is the event before \"that has\"", "Say \"index\" here.");
      }
      cursor.expect("index");
      break;
    case Around::kIt:
      if (cursor.at("index")) {
        cursor.fail(span, "inside \"that has\", time is counted from \"it\"",
                    "\"it\" is the event before \"that has\"; conditions on that event itself "
                    "stand before \"that has\", or behind it when what it has is in parentheses.");
      }
      cursor.expect("it");
      break;
  }
  if (cursor.accept("end")) return End::kEnd;
  cursor.accept("start");
  return End::kStart;
}

Day read_date(Cursor& cursor) {
  if (cursor.peek().kind != TokenKind::kDate) {
    cursor.fail_expected("a date", "Dates are written 2015-01-31.");
  }
  return cursor.take().day;
}

}  // namespace anam
