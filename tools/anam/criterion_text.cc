// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/criterion_text.h"

#include "storage/attributes.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

std::string days_text(int days) { return std::to_string(days) + (days == 1 ? " day" : " days"); }

std::string set_name(const CohortDefinition& definition, CodeSetIndex index) {
  return index < definition.code_sets.size() ? one_line(definition.code_sets[index].name)
                                             : std::string();
}

std::string distinct_text(const StoreReader& reader, ColumnId column) {
  switch (column) {
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
      return attribute_text(reader, column);
  }
}

}  // namespace

std::string event_text(const CohortDefinition& definition, const EventQuery& query) {
  std::string text;
  if (query.first) text += "first ";
  if (query.cohort) {
    return text + "cohort " +
           one_line(query.cohort->name.empty() ? query.cohort->file : query.cohort->name);
  }
  if (query.codes && query.role == Role::kStandard) text += "standard ";
  if (query.codes && query.role == Role::kSource) text += "source ";
  text += query.domain == Domain::kNone ? "event" : domain_name(query.domain);
  if (query.codes) text.append(" ").append(set_name(definition, *query.codes));
  if (query.source_codes)
    text.append(" recorded as ").append(set_name(definition, *query.source_codes));
  return text;
}

std::string count_text(const CohortDefinition& definition, const CountedQuery& counted,
                       const StoreReader& reader) {
  using Kind = Occurrence::Kind;
  const Occurrence& occurrence = counted.occurrence;
  const std::string number = std::to_string(occurrence.count);
  std::string text;
  if (occurrence.kind == Kind::kAtLeast) {
    text = occurrence.count == 1 && !occurrence.distinct ? "any" : "at least " + number;
  } else if (occurrence.kind == Kind::kAtMost) {
    text = "at most " + number;
  } else {
    text = occurrence.count == 0 && !occurrence.distinct ? "no" : "exactly " + number;
  }
  if (occurrence.distinct)
    text += " distinct " + distinct_text(reader, occurrence.distinct_column) + " of";
  return text + " " + event_text(definition, counted.query);
}

std::string group_text(const Group& group) {
  switch (group.kind) {
    case Group::Kind::kAll:
      return "all of";
    case Group::Kind::kAny:
      return "any of";
    case Group::Kind::kAtLeast:
      return "at least " + std::to_string(group.count) + " of";
    default:
      return group.count == 0 ? "none of" : "at most " + std::to_string(group.count) + " of";
  }
}

std::string exit_text(const CohortDefinition& definition, const Exit& exit) {
  if (const auto* after = std::get_if<ExitAfter>(&exit)) {
    std::string of = after->from == End::kStart ? "index" : "index end";
    if (after->days == 0) return of;
    return after->days > 0 ? days_text(after->days) + " after " + of
                           : days_text(-after->days) + " before " + of;
  }
  if (const auto* era = std::get_if<ExitWhenEraEnds>(&exit)) {
    std::string text = "drug " + set_name(definition, era->codes) + " stops";
    if (era->offset != 0) text += ", adding " + days_text(era->offset);
    return text;
  }
  return "end of observation";
}

std::string attribute_text(const StoreReader& reader, ColumnId column) {
  if (const AttributeInfo* info = find_builtin_attribute(column)) return std::string(info->name);
  const auto attribute = reader.find_attribute(column);
  return attribute ? attribute->name : "attribute " + std::to_string(column);
}

}  // namespace anam::cli
