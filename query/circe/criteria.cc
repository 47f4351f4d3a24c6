// SPDX-License-Identifier: Apache-2.0
#include "query/circe/criteria.h"

#include <algorithm>

#include "query/circe/criteria_types.h"
#include "query/circe/groups.h"
#include "query/circe/ranges.h"
#include "query/circe/words.h"
#include "query/language/error_text.h"

namespace anam::circe {

namespace {

constexpr std::string_view kDateAdjustment = "DateAdjustment";

AttributePresent presence(ColumnId column, bool present) { return {column, present}; }

// {"CodesetId": 3, "IsExclusion": true}: no id asks whether there is a code at all. Before Circe
// 1.10 it was the id alone.
struct Selection {
  std::optional<CodeSetIndex> codes;
  bool exclude = false;
};
Selection read_selection(const JsonValue& value, bool exclude_id, CodeSets& sets) {
  Selection selection;
  if (!value.is_object()) {
    selection.codes = sets.named(value);
    selection.exclude = exclude_id;
    return selection;
  }
  JsonObject fields = value.object();
  if (const auto id = fields.find("CodesetId")) selection.codes = sets.named(*id);
  selection.exclude = fields.flag("IsExclusion");
  fields.finish();
  return selection;
}

EventTest selection_test(const Selection& selection, ColumnId column) {
  if (!selection.codes) return presence(column, !selection.exclude);
  if (is_person_column(column)) {
    return PersonCodes{column, *selection.codes, selection.exclude};
  }
  return AttributeCodes{column, *selection.codes, selection.exclude};
}

EventTest concepts_test(CodeSetIndex codes, ColumnId column, bool exclude) {
  if (is_person_column(column)) return PersonCodes{column, codes, exclude};
  return AttributeCodes{column, codes, exclude};
}

// The fields of one criteria.
class Reader {
 public:
  Reader(JsonObject& fields, CodeSets& sets, EventQuery& query)
      : fields_(fields), sets_(sets), query_(query) {}

  void read(const Field& field);

 private:
  void add(EventTest test) { query_.tests.push_back(std::move(test)); }
  void concepts(std::string_view name, ColumnId column, bool exclude);
  bool selection(const std::string& name, ColumnId column, bool exclude_id);
  void visit(const Field& field);
  void abnormal();
  void period(const JsonValue& value);
  void gap_days(const Field& field);

  JsonObject& fields_;
  CodeSets& sets_;
  EventQuery& query_;
};

void Reader::concepts(std::string_view name, ColumnId column, bool exclude) {
  const auto list = fields_.find(name);
  if (!list) return;
  const std::vector<JsonValue> concepts = list->array();
  if (!concepts.empty()) add(concepts_test(sets_.listed(concepts), column, exclude));
}

bool Reader::selection(const std::string& name, ColumnId column, bool exclude_id) {
  const auto value = fields_.find(name);
  if (value) add(selection_test(read_selection(*value, exclude_id, sets_), column));
  return value.has_value();
}

void Reader::visit(const Field& field) {
  if (const auto list = fields_.find(field.name)) {
    const std::vector<JsonValue> concepts = list->array();
    if (!concepts.empty()) add(VisitCodes{sets_.listed(concepts), false});
  }
  if (const auto value = fields_.find(std::string(field.name) + "CS")) {
    const Selection selection = read_selection(*value, false, sets_);
    add(VisitCodes{selection.codes, selection.exclude});
  }
}

void Reader::abnormal() {
  if (!fields_.flag("Abnormal")) return;
  AnyOfTests any;
  any.tests.emplace_back(AttributeOrder{column::kValue, Comparison::kLess, column::kRangeLow});
  any.tests.emplace_back(AttributeOrder{column::kValue, Comparison::kGreater, column::kRangeHigh});
  any.tests.emplace_back(AttributeCodes{
      column::kValueCode, sets_.of_ids({std::begin(kAbnormalValues), std::end(kAbnormalValues)}),
      false});
  add(std::move(any));
}

void Reader::period(const JsonValue& value) {
  JsonObject fields = value.object();
  if (const auto start = fields.find("StartDate")) query_.contains_start = date(*start);
  if (const auto end = fields.find("EndDate")) query_.contains_end = date(*end);
  fields.finish();
}

// Circe's SQL holds the gap days against the range of EraLength.
void Reader::gap_days(const Field& field) {
  const auto range = fields_.find(field.name);
  if (!range) return;
  whole_number_range(*range);  // understood, though nothing comes of it
  const auto length = fields_.find("EraLength");
  if (!length) range->refuse("Circe cannot run GapDays without EraLength, whose range it tests");
  add(AttributeNumber{field.column, whole_number_range(*length)});
}

void Reader::read(const Field& field) {
  const auto range = [&]() { return fields_.find(field.name); };
  const std::string selected = std::string(field.name) + "CS";
  switch (field.form) {
    case Form::kCodes:
      if (const auto id = fields_.find(field.name)) query_.codes = sets_.named(*id);
      break;
    case Form::kSourceCodes:
      if (const auto id = fields_.find(field.name)) query_.source_codes = sets_.named(*id);
      break;
    case Form::kCodesOf:
      if (const auto id = fields_.find(field.name)) {
        add(AttributeCodes{field.column, sets_.named(*id), false});
      }
      break;
    case Form::kFirst:
      query_.first = fields_.flag(field.name);
      break;
    case Form::kStartDate:
      if (const auto dates = range()) add(DateIs{End::kStart, date_range(*dates)});
      break;
    case Form::kEndDate:
      if (const auto dates = range()) add(DateIs{End::kEnd, date_range(*dates)});
      break;
    case Form::kLength:
      if (const auto days = range()) add(LengthIs{whole_number_range(*days)});
      break;
    case Form::kAgeAtStart:
      if (const auto years = range()) add(AgeIs{End::kStart, whole_number_range(*years), false});
      break;
    case Form::kAgeAtEnd:
      if (const auto years = range()) add(AgeIs{End::kEnd, whole_number_range(*years), false});
      break;
    case Form::kSex:
      concepts(field.name, column::kSex, false);
      selection(selected, column::kSex, false);
      break;
    case Form::kSexSelection:
      selection(selected, column::kSex, false);
      break;
    case Form::kConcepts:
      concepts(field.name, field.column, false);
      selection(selected, field.column, false);
      break;
    case Form::kTypes:
      concepts(field.name, field.column, fields_.flag(std::string(field.name) + "Exclude"));
      selection(selected, field.column, false);
      break;
    case Form::kSelection:
      selection(selected, field.column, fields_.flag(std::string(field.name) + "Exclude"));
      break;
    case Form::kSexByConcepts:
      concepts(field.name, field.column, false);
      selection(selected, column::kSex, false);
      break;
    case Form::kCareSite:
      concepts(field.name, field.column, false);
      [[fallthrough]];
    case Form::kCareSiteSelection:
      if (selection(selected, field.column, false)) add(presence(column::kCareSite, true));
      break;
    case Form::kVisit:
      visit(field);
      break;
    case Form::kWholeNumber:
      if (const auto number = range()) {
        add(AttributeNumber{field.column, whole_number_range(*number)});
      }
      break;
    case Form::kDecimal:
      if (const auto number = range()) add(AttributeNumber{field.column, decimal_range(*number)});
      break;
    case Form::kRatio:
      if (const auto number = range()) {
        add(AttributeRatio{column::kValue, field.column, decimal_range(*number)});
      }
      break;
    case Form::kText:
      if (const auto filter = range()) add(AttributeText{field.column, text_filter(*filter)});
      break;
    case Form::kAbnormal:
      abnormal();
      break;
    case Form::kPeriod:
      if (const auto dates = range()) period(*dates);
      break;
    case Form::kGapDays:
      gap_days(field);
      break;
    case Form::kIgnored:
      fields_.find(field.name);
      break;
    case Form::kUnsupported:
      if (const auto value = fields_.find(field.name)) {
        value->refuse("is not supported: the store does not keep where a care site is");
      }
      break;
  }
}

DateAdjustment read_adjustment(const JsonValue& value) {
  JsonObject fields = value.object();
  DateAdjustment adjustment;
  if (const auto from = fields.find("StartWith"))
    adjustment.start_from = word<End>(*from, kAdjustedWords);
  adjustment.start_offset = fields.days("StartOffset");
  if (const auto from = fields.find("EndWith"))
    adjustment.end_from = word<End>(*from, kAdjustedWords);
  adjustment.end_offset = fields.days("EndOffset");
  fields.finish();
  return adjustment;
}

[[noreturn]] void refuse_type(const JsonObject::Field& field) {
  std::vector<std::string> names;
  for (const CriteriaType& type : criteria_types()) names.emplace_back(type.name);
  const std::string_view near = nearest(field.key, names);
  std::string why = "there are no such criteria";
  if (!near.empty()) why += "; did you mean \"" + std::string(near) + "\"?";
  field.value.refuse(why);
}

}  // namespace

EventQuery read_criteria(const JsonValue& value, CodeSets& sets, std::size_t depth) {
  const JsonObject::Field only = value.object().only();
  const auto types = criteria_types();
  const auto type = std::ranges::find(types, only.key, &CriteriaType::name);
  if (type == types.end()) refuse_type(only);

  EventQuery query;
  query.domain = type->domain;
  query.role = Role::kStandard;
  query.place = only.value.path();
  JsonObject fields = only.value.object();
  Reader reader(fields, sets, query);
  for (const Field& field : type->fields) reader.read(field);
  if (const auto group = fields.find("CorrelatedCriteria")) {
    query.nested.push_back(read_group(*group, sets, depth));
  }
  if (const auto adjustment = fields.find(kDateAdjustment)) {
    query.adjustment = read_adjustment(*adjustment);
    // Circe leaves the dates of specimens as they are, and starts deaths on their day.
    if (type->domain == Domain::kDeath) query.adjustment->start_from = End::kStart;
    if (type->domain == Domain::kSpecimen) query.adjustment.reset();
  }
  fields.finish();
  return query;
}

Demographic read_demographic(const JsonValue& value, CodeSets& sets) {
  JsonObject fields = value.object();
  EventQuery query;
  Reader reader(fields, sets, query);
  for (const Field& field : demographic_fields()) reader.read(field);
  fields.finish();
  return {std::move(query.tests)};
}

}  // namespace anam::circe
