// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/candidates.h"

namespace anam::evaluation {

namespace {

// Patients that have what is needed; empty = could be anyone.
using Needed = std::optional<PatientSet>;

void intersect(Needed& with, const Needed& other) {
  if (!other) return;
  if (with) {
    with->intersect(*other);
  } else {
    with = other;
  }
}

Needed for_group(const CompiledGroup& group, bool met, ShardReader& reader);

Needed for_selector(std::size_t index, ShardReader& reader) {
  const Selector& selector = reader.plan().selectors[index];
  Needed needed = reader.patients_with(selector.stream);
  if (selector.nested) intersect(needed, for_group(*selector.nested, true, reader));
  return needed;
}

// For the count to be as asked for (`met`), or to be not.
Needed for_count(const CompiledCount& count, bool met, ShardReader& reader) {
  const Occurrence& occurrence = count.occurrence;
  const bool with_none = occurrence.kind == Occurrence::Kind::kAtMost    ? occurrence.count >= 0
                         : occurrence.kind == Occurrence::Kind::kExactly ? occurrence.count == 0
                                                                         : occurrence.count <= 0;
  if (with_none == met) return std::nullopt;
  return for_selector(count.selector, reader);
}

Needed for_group(const CompiledGroup& group, bool met, ShardReader& reader) {
  using Kind = Group::Kind;
  if (group.size() == 0) return std::nullopt;
  // Members must all hold (or all fail), or one of them at least must, or nothing follows.
  const int members = static_cast<int>(group.size());
  bool every;
  bool holding = met;
  switch (group.kind) {
    case Kind::kAll:
      every = met;
      break;
    case Kind::kAny:
      every = !met;
      break;
    case Kind::kAtLeast:
      if (!met || group.count <= 0) return std::nullopt;
      every = group.count >= members;
      break;
    default:  // kAtMost
      if (met || group.count < 0) return std::nullopt;
      every = false;
      holding = true;
  }
  Needed result;
  auto one_of = [&result, first = true](const Needed& needed) mutable {
    if (first) {
      result = needed;
    } else if (!needed) {
      result.reset();
    } else if (result) {
      result->unite(*needed);
    }
    first = false;
  };
  if (!every && !group.demographics.empty()) return std::nullopt;
  for (const CompiledCount& count : group.counts) {
    const Needed needed = for_count(count, holding, reader);
    if (every) {
      intersect(result, needed);
    } else {
      one_of(needed);
    }
  }
  for (const CompiledGroup& inner : group.groups) {
    const Needed needed = for_group(inner, holding, reader);
    if (every) {
      intersect(result, needed);
    } else {
      one_of(needed);
    }
  }
  return result;
}

}  // namespace

PatientSet find_candidates(ShardReader& reader, bool all_index_events) {
  const Plan& plan = reader.plan();
  PatientSet candidates(reader.shard().patients());
  for (const std::size_t selector : plan.index) {
    candidates.unite(*for_selector(selector, reader));
  }
  if (all_index_events) return candidates;
  Needed needed = candidates;
  if (plan.index_in_period) needed->intersect(reader.patients_with(Plan::kPeriods));
  if (plan.additional) intersect(needed, for_group(*plan.additional, true, reader));
  for (const CompiledRule& rule : plan.rules) {
    intersect(needed, for_group(rule.group, !rule.negated, reader));
  }
  return *needed;
}

}  // namespace anam::evaluation
