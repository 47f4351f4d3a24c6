// SPDX-License-Identifier: Apache-2.0
#include "query/diagnose/diagnosis.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "query/definition_walk.h"
#include "storage/calendar.h"

namespace anam {

namespace {

constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max() / 2;

std::string edge_text(const WindowEdge& edge) {
  const std::int64_t days = *edge.offset;
  const std::string unit = edge.unit == WindowEdge::Unit::kDays ? " days" : " seconds";
  if (days == 0) return "at the index";
  return std::to_string(days < 0 ? -days : days) + unit + (days < 0 ? " before it" : " after it");
}

// What each side of an event's windows allows, by (anchor, end of the event, unit).
using Side = std::tuple<End, End, WindowEdge::Unit>;
struct Allowed {
  std::int64_t from = -kFar;
  std::int64_t to = kFar;
  const WindowEdge* first = nullptr;
  const WindowEdge* last = nullptr;
};

void check_windows(const CountedQuery& counted, std::vector<Warning>& warnings) {
  std::map<Side, Allowed> sides;
  for (const Window& window : counted.windows) {
    for (const bool from : {true, false}) {
      const WindowEdge& edge = from ? window.from : window.to;
      if (!edge.offset) continue;
      Allowed& allowed = sides[{window.anchor, window.event, edge.unit}];
      if (from && *edge.offset > allowed.from) {
        allowed.from = *edge.offset;
        allowed.first = &edge;
      } else if (!from && *edge.offset < allowed.to) {
        allowed.to = *edge.offset;
        allowed.last = &edge;
      }
    }
  }
  for (const auto& [side, allowed] : sides) {
    if (allowed.from <= allowed.to) continue;
    warnings.push_back({counted.query.place, "no event is ever in this window: it begins " +
                                                 edge_text(*allowed.first) + " and ends " +
                                                 edge_text(*allowed.last)});
  }
}

void check_count(const CountedQuery& counted, std::vector<Warning>& warnings) {
  const Occurrence& occurrence = counted.occurrence;
  if (occurrence.kind == Occurrence::Kind::kAtMost) return;
  if (counted.query.first && occurrence.count > 1) {
    warnings.push_back({counted.query.place, "the first event is one, and " +
                                                 std::to_string(occurrence.count) +
                                                 " are asked for: this never holds"});
  } else if (occurrence.kind == Occurrence::Kind::kAtLeast && occurrence.count <= 0) {
    warnings.push_back({counted.query.place, "at least 0 always holds"});
  }
}

void check_group(const Group& group, const std::string& where, std::vector<Warning>& warnings) {
  const std::size_t members = group.counts.size() + group.demographics.size() + group.groups.size();
  if (group.kind == Group::Kind::kAtLeast && members > 0 &&
      group.count > static_cast<std::int64_t>(members)) {
    warnings.push_back({where, "at least " + std::to_string(group.count) + " of " +
                                   std::to_string(members) + " conditions never hold"});
  }
  for (const Group& inner : group.groups) check_group(inner, where, warnings);
}

void check_sets(const CohortDefinition& definition, std::vector<Warning>& warnings) {
  std::vector<bool> used(definition.code_sets.size(), false);
  for_each_code_set(definition, [&](CodeSetIndex set, auto&&...) { used.at(set) = true; });
  for (std::size_t i = 0; i < used.size(); ++i) {
    const CodeSet& set = definition.code_sets[i];
    if (!used[i]) {
      warnings.push_back({code_set_label(set), "nothing asks for this code set"});
    } else if (set.include.empty()) {
      warnings.push_back({code_set_label(set), "this code set has no codes, so nothing is of it"});
    }
  }
}

std::string rule_label(const Rule& rule, std::size_t number) {
  return rule.name.empty() ? "rule " + std::to_string(number + 1) : "rule \"" + rule.name + '"';
}

}  // namespace

std::string code_set_label(const CodeSet& set) {
  if (!set.name.empty()) return "code set \"" + set.name + '"';
  if (set.include.empty() || !set.include.front().nested.empty()) return "an unnamed code set";
  const CodeSetItem& item = set.include.front();
  return "the codes " + (item.vocabulary.empty() ? "*" : item.vocabulary) + ':' + item.pattern +
         (set.include.size() > 1 ? ", ..." : "");
}

std::vector<Warning> diagnose(const CohortDefinition& definition) {
  std::vector<Warning> warnings;
  check_sets(definition, warnings);
  for_each_counted(definition, [&](const CountedQuery& counted) {
    check_windows(counted, warnings);
    check_count(counted, warnings);
  });
  if (definition.additional) check_group(*definition.additional, "the restriction", warnings);
  for (std::size_t i = 0; i < definition.rules.size(); ++i) {
    const Rule& rule = definition.rules[i];
    check_group(rule.group, rule_label(rule, i), warnings);
  }
  if (const auto* after = std::get_if<ExitAfter>(&definition.exit);
      after != nullptr && after->from == End::kStart && after->days < 0) {
    warnings.push_back({"the exit", "every row would end before it starts: nobody is a member"});
  }
  if (definition.censor_from && definition.censor_to &&
      *definition.censor_from > *definition.censor_to) {
    warnings.push_back({"the window of the calendar",
                        "it begins on " + format_day(*definition.censor_from) + " and ends on " +
                            format_day(*definition.censor_to) + ": nobody is a member"});
  }
  return warnings;
}

}  // namespace anam
