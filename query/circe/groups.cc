// SPDX-License-Identifier: Apache-2.0
#include "query/circe/groups.h"

#include "query/circe/criteria.h"
#include "query/circe/criteria_types.h"
#include "query/circe/ranges.h"
#include "query/circe/words.h"

namespace anam::circe {

namespace {

// An edge at the border of the period is one without an offset; `outward` is the sign that points
// there, and the other sign means the period's other border.
WindowEdge read_edge(const JsonValue& value, std::int32_t outward, bool within_period) {
  JsonObject fields = value.object();
  WindowEdge edge;
  const std::int32_t sign = fields.integer("Coeff", 0);
  if (const auto days = fields.find("Days")) {
    edge.offset = std::int64_t{sign} * days->days();
    if (*edge.offset < -kFarthestDays || *edge.offset > kFarthestDays)
      days->refuse("is too many days", "Coeff multiplies them");
  } else {
    // Circe tells -1 from all other signs.
    edge.opposite = within_period && (sign == -1 ? -1 : 1) != outward;
  }
  fields.finish();
  return edge;
}

Window read_window(const JsonValue& value, bool event_ends, bool within_period) {
  JsonObject fields = value.object();
  Window window;
  window.from = read_edge(fields.need("Start"), -1, within_period);
  window.to = read_edge(fields.need("End"), 1, within_period);
  if (fields.flag("UseIndexEnd")) window.anchor = End::kEnd;
  if (const auto end = fields.find("UseEventEnd")) event_ends = end->boolean();
  if (event_ends) window.event = End::kEnd;
  fields.finish();
  return window;
}

// A window that bounds nothing is none.
void add_window(const Window& window, bool within_period, CountedQuery& counted) {
  if (window.from.offset || window.to.offset || within_period) counted.windows.push_back(window);
}

Occurrence read_occurrence(const JsonValue& value, Domain domain) {
  JsonObject fields = value.object();
  Occurrence occurrence;
  const JsonValue type = fields.need("Type");
  switch (type.integer()) {
    case 0:
      occurrence.kind = Occurrence::Kind::kExactly;
      break;
    case 1:
      occurrence.kind = Occurrence::Kind::kAtMost;
      break;
    case 2:
      occurrence.kind = Occurrence::Kind::kAtLeast;
      break;
    default:
      type.refuse("is no kind of count", "0 is exactly, 1 at most, 2 at least");
  }
  occurrence.count = fields.integer("Count", 0);
  // Circe joins so that a count below nought never sees an event that has no others around it.
  if (occurrence.kind == Occurrence::Kind::kAtLeast && occurrence.count < 0) occurrence.count = 1;
  occurrence.distinct = fields.flag("IsDistinct");
  if (const auto column = fields.find("CountColumn")) {
    const auto counted = counted_column(column->text(), domain);
    if (!counted) {
      column->refuse("is nothing that such events have",
                     "see docs/circe.md for what can be counted");
    }
    if (occurrence.distinct) occurrence.distinct_column = *counted;
  }
  fields.finish();
  return occurrence;
}

CountedQuery read_counted(const JsonValue& value, CodeSets& sets, std::size_t depth) {
  JsonObject fields = value.object();
  CountedQuery counted;
  counted.query = read_criteria(fields.need("Criteria"), sets, depth);
  counted.within_period = !fields.flag("IgnoreObservationPeriod");
  counted.same_visit = fields.flag("RestrictVisit");
  add_window(read_window(fields.need("StartWindow"), false, counted.within_period),
             counted.within_period, counted);
  if (const auto window = fields.find("EndWindow")) {
    add_window(read_window(*window, true, counted.within_period), counted.within_period, counted);
  }
  counted.occurrence = read_occurrence(fields.need("Occurrence"), counted.query.domain);
  fields.finish();
  return counted;
}

}  // namespace

Group read_group(const JsonValue& value, CodeSets& sets, std::size_t depth) {
  if (depth == kMaxGroupDepth) {
    value.refuse("stands in " + std::to_string(kMaxGroupDepth) + " groups, which is too deep");
  }
  JsonObject fields = value.object();
  Group group;
  group.kind = word<Group::Kind>(fields.need("Type"), kGroupWords);
  const bool counts = group.kind == Group::Kind::kAtLeast || group.kind == Group::Kind::kAtMost;
  group.count = counts ? fields.need("Count").integer() : fields.integer("Count", 0);
  if (!counts) group.count = 0;
  if (group.kind == Group::Kind::kAtLeast && group.count < 0) group.count = 1;  // as for counts
  if (const auto list = fields.find("CriteriaList")) {
    for (const JsonValue& item : list->array())
      group.counts.push_back(read_counted(item, sets, depth + 1));
  }
  if (const auto list = fields.find("DemographicCriteriaList")) {
    for (const JsonValue& item : list->array()) {
      group.demographics.push_back(read_demographic(item, sets));
    }
  }
  if (const auto list = fields.find("Groups")) {
    for (const JsonValue& item : list->array())
      group.groups.push_back(read_group(item, sets, depth + 1));
  }
  fields.finish();
  return group;
}

}  // namespace anam::circe
