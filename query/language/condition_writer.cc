// SPDX-License-Identifier: Apache-2.0
#include "query/language/condition_writer.h"

#include <algorithm>
#include <utility>

#include "query/language/quoting.h"
#include "query/language/time_writer.h"
#include "storage/calendar.h"

namespace anam {
namespace {

constexpr int kMaxCount = 1'000'000'000;  // what the language reads

std::string count_text(int count) {
  return std::to_string(std::clamp(count, -kMaxCount, kMaxCount));
}

std::size_t size(const Group& group) {
  return group.counts.size() + group.demographics.size() + group.groups.size();
}

/// Whether a group of one is that one.
bool is_met_by_its_only(const Group& group) {
  return size(group) == 1 && (group.kind == Group::Kind::kAll || group.kind == Group::Kind::kAny ||
                              (group.kind == Group::Kind::kAtLeast && group.count == 1));
}

Group plain_group(const Group& group);

/// Tests of a person that the language can join by "and"; disjunctions become groups.
void add_demographic(const Demographic& demographic, Group& to) {
  const std::vector<EventTest> tests = plain_tests(demographic.tests);
  const auto splits = [](const EventTest& test) {
    const auto* any = std::get_if<AnyOfTests>(&test);
    return any && !any->tests.empty() && !TestWriter::is_text_list(test);
  };
  if (tests.empty()) {
    to.groups.emplace_back();
    return;
  }
  if (std::ranges::none_of(tests, splits)) {
    to.demographics.push_back({tests});
    return;
  }
  Group all;
  Demographic together;
  for (const EventTest& test : tests) {
    if (!splits(test)) {
      together.tests.push_back(test);
      continue;
    }
    Group any;
    any.kind = Group::Kind::kAny;
    for (const EventTest& each : std::get<AnyOfTests>(test).tests) {
      any.demographics.push_back({std::vector<EventTest>{each}});
    }
    all.groups.push_back(std::move(any));
  }
  if (!together.tests.empty()) all.demographics.push_back(std::move(together));
  to.groups.push_back(plain_group(all));
}

/// Adds a group, or what it has only one of.
void add_group(Group group, Group& to) {
  while (is_met_by_its_only(group) && !group.groups.empty() && size(group.groups.front()) > 0) {
    Group inner = std::move(group.groups.front());
    group = std::move(inner);
  }
  if (!is_met_by_its_only(group) || !group.groups.empty()) {
    to.groups.push_back(std::move(group));
  } else if (!group.counts.empty()) {
    to.counts.push_back(std::move(group.counts.front()));
  } else {
    to.demographics.push_back(std::move(group.demographics.front()));
  }
}

/// The same without groups of one.
Group plain_group(const Group& group) {
  Group out;
  if (size(group) == 0) return out;
  out.kind = group.kind;
  out.count = group.count;
  out.counts = group.counts;
  std::vector<Group> groups;
  Group split;
  for (const Demographic& each : group.demographics) add_demographic(each, split);
  out.demographics = std::move(split.demographics);
  for (Group& each : split.groups) add_group(std::move(each), out);
  for (const Group& each : group.groups) add_group(plain_group(each), out);
  return out;
}

std::string distinct_text(const Occurrence& occurrence, const TestWriter& tests) {
  switch (occurrence.distinct_column) {
    case column::kDay:
      return "days";
    case column::kEndDay:
      return "end days";
    case column::kCode:
      return "codes";
    case column::kVisit:
      return "visits";
    case column::kClaim:
      return "claims";
    case column::kSource:
      return "sources";
    case Occurrence::kDuration:
      return "lengths";
    default:
      return tests.name(occurrence.distinct_column);
  }
}

std::string cohort_text(const CohortReference& reference) {
  if (reference.name.empty()) return "cohort file " + quoted(reference.file);
  std::string text = "cohort " + name_or_quoted(reference.name);
  if (reference.release) text += " as of release " + std::to_string(*reference.release);
  return text;
}

std::string moved(End from, int offset) {
  std::string end = from == End::kStart ? "start" : "end";
  if (offset == 0) return end;
  return days_text(std::abs(std::int64_t{offset})) + (offset < 0 ? " before " : " after ") + end;
}

}  // namespace

Phrase ConditionWriter::event(const EventQuery& query, bool closed) const {
  std::vector<Phrase> parts;
  parts.push_back(subject(query.first ? "" : "any", query));
  add_moves(query, parts);
  add_nested(query, closed, parts);
  return Phrase::sentence(std::move(parts));
}

Phrase ConditionWriter::condition(const Group& given, Around around, bool at_least) const {
  Group only;
  add_group(plain_group(given), only);
  if (only.groups.empty()) return simple(only, around, at_least);
  return group(only.groups.front(), around);
}

/// A group of one count or of tests of the person.
Phrase ConditionWriter::simple(const Group& group, Around around, bool at_least) const {
  if (group.counts.empty()) return tests_.person(group.demographics.front().tests, around);
  return counted(group.counts.front(), around, at_least);
}

Phrase ConditionWriter::group(const Group& group, Around around) const {
  if (size(group) == 0) return Phrase::words("always");
  std::vector<Phrase> members;
  for (const CountedQuery& each : group.counts) members.push_back(counted(each, around, false));
  for (const Demographic& each : group.demographics)
    members.push_back(tests_.person(each.tests, around));
  for (const Group& each : group.groups) members.push_back(this->group(each, around));
  for (std::size_t i = 1; i < members.size(); ++i) {
    const std::string word = members[i].first_word();
    if (sets_.is_name(word) || word.starts_with('"'))
      members[i - 1] = Phrase::list("", {std::move(members[i - 1])}, "");
  }
  std::string head = "all of ";
  if (group.kind == Group::Kind::kAny) {
    head = "any of ";
  } else if (group.kind == Group::Kind::kAtLeast) {
    head = "at least " + count_text(group.count) + " of ";
  } else if (group.kind == Group::Kind::kAtMost) {
    head = group.count == 0 ? "none of " : "at most " + count_text(group.count) + " of ";
  }
  return Phrase::list(head, std::move(members), ",");
}

Phrase ConditionWriter::counted(const CountedQuery& counted, Around around, bool at_least) const {
  std::vector<Phrase> parts;
  parts.push_back(quantity_of(counted, at_least));
  for (Phrase& clause : tests_.clauses(counted.query.tests)) parts.push_back(std::move(clause));
  const std::vector<std::string> windows =
      window_texts(counted.windows, around, counted.within_period);
  const bool ending = std::ranges::any_of(
      windows, [](const std::string& text) { return text.starts_with("ending "); });
  for (std::size_t i = 0; i < windows.size(); ++i) {
    std::string text = windows[i];
    const bool plain = !text.starts_with("ending ") && !text.starts_with("during ") &&
                       !text.starts_with("overlapping ");
    if (ending && plain) text.insert(0, "starting ");
    parts.push_back(Phrase::words(i > 0 ? "and " + text : text));
  }
  if (counted.same_visit) parts.push_back(Phrase::words("in the same visit"));
  if (counted.same_claim) parts.push_back(Phrase::words("on the same claim"));
  if (counted.within_period != within_period_) {
    parts.push_back(Phrase::words(counted.within_period ? "within the same observation period"
                                                        : "in any observation period"));
  }
  EventQuery rest = counted.query;
  rest.tests.clear();
  add_moves(rest, parts);
  add_nested(rest, false, parts);
  return Phrase::sentence(std::move(parts));
}

Phrase ConditionWriter::quantity_of(const CountedQuery& counted, bool at_least) const {
  const Occurrence& occurrence = counted.occurrence;
  std::string text = occurrence.kind == Occurrence::Kind::kExactly  ? "exactly "
                     : occurrence.kind == Occurrence::Kind::kAtMost ? "at most "
                                                                    : "at least ";
  text += count_text(occurrence.count);
  if (occurrence.distinct) {
    text += " distinct " + distinct_text(occurrence, tests_) + " of";
  } else if (occurrence.kind == Occurrence::Kind::kAtLeast && occurrence.count == 1) {
    if (counted.query.first) {
      text.clear();
    } else if (!at_least) {
      text = "any";
    }
  } else if (occurrence.kind == Occurrence::Kind::kExactly && occurrence.count == 0) {
    text = "no";
  }
  return subject(text, counted.query);
}

/// "any first source drug metformin".
Phrase ConditionWriter::subject(std::string text, const EventQuery& query) const {
  const auto add = [&text](std::string_view word) {
    if (!text.empty()) text += ' ';
    text += word;
  };
  if (query.first) add("first");
  if (query.cohort) {
    add(cohort_text(*query.cohort));
    return Phrase::words(std::move(text));
  }
  if (query.codes && query.role == Role::kStandard) add("standard");
  if (query.codes && query.role == Role::kSource) add("source");
  add(query.domain == Domain::kNone ? "event" : domain_name(query.domain));
  std::vector<Phrase> parts;
  parts.push_back(Phrase::words(std::move(text)));
  if (query.codes) parts.push_back(sets_.in_place(*query.codes));
  return Phrase::sentence(std::move(parts));
}

/// What stands behind an event and is no window: tests, moved dates.
void ConditionWriter::add_moves(const EventQuery& query, std::vector<Phrase>& parts) const {
  for (Phrase& clause : tests_.clauses(query.tests)) parts.push_back(std::move(clause));
  if (query.source_codes) {
    parts.push_back(
        Phrase::together({Phrase::words("recorded as"), sets_.in_place(*query.source_codes)}));
  }
  if (query.adjustment) {
    const DateAdjustment& dated = *query.adjustment;
    parts.push_back(Phrase::words("dated from " + moved(dated.start_from, dated.start_offset) +
                                  " to " + moved(dated.end_from, dated.end_offset)));
  }
  const auto day = [](Day at) { return format_day(std::clamp(at, kFirstDay, kLastDay)); };
  if (query.contains_start)
    parts.push_back(Phrase::words("containing " + day(*query.contains_start) + " as start"));
  if (query.contains_end)
    parts.push_back(Phrase::words("containing " + day(*query.contains_end) + " as end"));
}

void ConditionWriter::add_nested(const EventQuery& query, bool closed,
                                 std::vector<Phrase>& parts) const {
  for (const Group& nested : query.nested) {
    Phrase has = condition(nested, Around::kIt, true);
    if (closed) {
      parts.push_back(Phrase::list("that has ", {std::move(has)}, ""));
    } else {
      parts.push_back(Phrase::together({Phrase::words("that has"), std::move(has)}));
    }
  }
}

}  // namespace anam
