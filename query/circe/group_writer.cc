// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>

#include "query/circe/criteria_types.h"
#include "query/circe/criteria_writer.h"
#include "query/circe/test_writer.h"
#include "query/circe/words.h"

namespace anam::circe {

namespace {

// `outward` is the sign that points to the border of the period where there is no offset.
JsonText edge_json(const WindowEdge& edge, int outward, bool within_period,
                   const std::string& where) {
  JsonText json = JsonText::object();
  int sign = outward;
  if (edge.offset) {
    if (edge.unit == WindowEdge::Unit::kSeconds) {
      refuse_circe("windows of hours, minutes or seconds", "give them in days", where);
    }
    if (std::abs(*edge.offset) > kFarthestDays) refuse_circe("so many days", "give fewer", where);
    if (*edge.offset != 0) sign = *edge.offset < 0 ? -1 : 1;
    json.add("Days", JsonText::number(std::abs(*edge.offset)));
  } else if (within_period && edge.opposite) {
    sign = -outward;
  }
  return json.add("Coeff", JsonText::number(sign));
}

JsonText window_json(const Window& window, bool within_period, const std::string& where) {
  return JsonText::object()
      .add("Start", edge_json(window.from, -1, within_period, where))
      .add("End", edge_json(window.to, 1, within_period, where))
      .add("UseIndexEnd", JsonText::boolean(window.anchor == End::kEnd))
      .add("UseEventEnd", JsonText::boolean(window.event == End::kEnd));
}

// Without an offset the edge is that of the period, which does not bind a start within it.
bool is_open(const WindowEdge& edge, const Window& window, bool within_period) {
  return !edge.offset && (!within_period || (window.event == End::kStart && !edge.opposite));
}

// Makes one window of two between the same ends, where that is as good.
bool join(Window& window, const Window& other, bool within_period) {
  if (window.anchor != other.anchor || window.event != other.event) return false;
  const auto joinable = [&](const WindowEdge& a, const WindowEdge& b) {
    return is_open(a, window, within_period) || is_open(b, window, within_period) ||
           (a.offset && b.offset && a.unit == b.unit);
  };
  if (!joinable(window.from, other.from) || !joinable(window.to, other.to)) return false;
  const auto narrow = [&](WindowEdge& a, const WindowEdge& b, bool from) {
    if (is_open(b, window, within_period)) return;
    if (is_open(a, window, within_period)) {
      a = b;
    } else {
      a.offset = from ? std::max(*a.offset, *b.offset) : std::min(*a.offset, *b.offset);
    }
  };
  narrow(window.from, other.from, true);
  narrow(window.to, other.to, false);
  return true;
}

// Two at most.
std::vector<Window> windows_of(const CountedQuery& counted, const std::string& where) {
  std::vector<Window> windows = counted.windows;
  if (windows.size() > 2) {
    std::vector<Window> fewer;
    for (const Window& window : windows) {
      const bool joined = std::ranges::any_of(
          fewer, [&](Window& before) { return join(before, window, counted.within_period); });
      if (!joined) fewer.push_back(window);
    }
    windows = std::move(fewer);
  }
  std::erase_if(windows, [&](const Window& window) {
    return is_open(window.from, window, counted.within_period) &&
           is_open(window.to, window, counted.within_period);
  });
  if (windows.size() > 2) {
    refuse_circe("more than two windows for one event", "join them, or leave some out", where);
  }
  if (windows.empty()) windows.emplace_back();
  return windows;
}

JsonText occurrence_json(const Occurrence& occurrence, Domain domain, const std::string& where) {
  using Kind = Occurrence::Kind;
  const int type = occurrence.kind == Kind::kExactly ? 0 : occurrence.kind == Kind::kAtMost ? 1 : 2;
  // Circe counts no events for "at least" a count below nought, and "at least 0" is always so.
  const int count =
      occurrence.kind == Kind::kAtLeast ? std::max(occurrence.count, 0) : occurrence.count;
  JsonText json = JsonText::object();
  json.add("Type", JsonText::number(type))
      .add("Count", JsonText::number(count))
      .add("IsDistinct", JsonText::boolean(occurrence.distinct));
  if (occurrence.distinct) {
    const std::string_view name = counted_name(occurrence.distinct_column, domain);
    if (name.empty()) {
      refuse_circe("a count of such distinct values",
                   "count distinct codes, days, lengths or visits", where);
    }
    json.add("CountColumn", JsonText::text(name));
  }
  return json;
}

JsonText counted_json(const CountedQuery& counted, const Writing& writing,
                      const std::string& where) {
  const std::string here = place_of(counted.query, where);
  if (counted.same_claim) refuse_circe("\"on the same claim\"", "leave it out", here);
  JsonText json = JsonText::object();
  json.add("Criteria", criteria_json(counted.query, writing, where));
  const std::vector<Window> windows = windows_of(counted, here);
  json.add("StartWindow", window_json(windows[0], counted.within_period, here));
  if (windows.size() > 1) {
    json.add("EndWindow", window_json(windows[1], counted.within_period, here));
  }
  json.add("Occurrence", occurrence_json(counted.occurrence, counted.query.domain, here));
  if (counted.same_visit) json.add("RestrictVisit", JsonText::boolean(true));
  if (!counted.within_period) json.add("IgnoreObservationPeriod", JsonText::boolean(true));
  return json;
}

void refuse_too_deep(const Writing& writing, const std::string& where) {
  if (writing.depth < kMaxGroupDepth) return;
  refuse_circe("groups so deep in one another", "write it with fewer", where);
}

JsonText all_of(JsonText people) {
  return JsonText::object()
      .add("Type", JsonText::text(word_of(kGroupWords, Group::Kind::kAll)))
      .add("CriteriaList", JsonText::array())
      .add("DemographicCriteriaList", std::move(people))
      .add("Groups", JsonText::array());
}

}  // namespace

JsonText group_json(const Group& group, const Writing& writing, const std::string& where) {
  refuse_too_deep(writing, where);
  const Writing within = writing.deeper();
  JsonText counts = JsonText::array();
  JsonText people = JsonText::array();
  JsonText groups = JsonText::array();
  for (const CountedQuery& counted : group.counts) counts.add(counted_json(counted, within, where));
  for (const Demographic& demographic : group.demographics) {
    std::vector<JsonText> parts = demographic_json(demographic, writing, where);
    JsonText several = JsonText::array();
    const bool together = parts.size() > 1 && group.kind != Group::Kind::kAll;
    for (JsonText& part : parts) (together ? several : people).add(std::move(part));
    if (!together) continue;
    refuse_too_deep(within, where);
    groups.add(all_of(std::move(several)));
  }
  for (const Group& inner : group.groups) groups.add(group_json(inner, within, where));

  const bool at_least = group.kind == Group::Kind::kAtLeast;
  JsonText json = JsonText::object();
  json.add("Type", JsonText::text(word_of(kGroupWords, group.kind)));
  if (at_least || group.kind == Group::Kind::kAtMost) {
    json.add("Count", JsonText::number(at_least ? std::max(group.count, 0) : group.count));
  }
  json.add("CriteriaList", std::move(counts))
      .add("DemographicCriteriaList", std::move(people))
      .add("Groups", std::move(groups));
  return json;
}

}  // namespace anam::circe
