// SPDX-License-Identifier: Apache-2.0
#include "query/circe/test_writer.h"

#include <algorithm>

#include "query/circe/value_writer.h"
#include "storage/error.h"

namespace anam::circe {

namespace {

// A test of a code, or of whether there is one.
struct CodesAsked {
  ColumnId column = 0;
  std::optional<CodeSetIndex> codes;
  bool exclude = false;
};

std::optional<CodesAsked> codes_asked(const EventTest& test) {
  if (const auto* t = std::get_if<AttributeCodes>(&test))
    return {{t->column, t->codes, t->exclude}};
  if (const auto* t = std::get_if<PersonCodes>(&test)) return {{t->column, t->codes, t->exclude}};
  if (const auto* t = std::get_if<AttributePresent>(&test)) {
    return {{t->column, std::nullopt, !t->present}};
  }
  // The column is the visit's number: nothing else tests its codes.
  if (const auto* t = std::get_if<VisitCodes>(&test)) {
    return {{column::kVisit, t->codes, t->exclude}};
  }
  return std::nullopt;
}

bool is_care_site(const EventTest& test) {
  const auto* t = std::get_if<AttributePresent>(&test);
  return t != nullptr && t->column == column::kCareSite && t->present;
}

// Which column's codes the list and the selection of a field test.
struct CodeColumns {
  std::optional<ColumnId> list;
  std::optional<ColumnId> selection;
};
CodeColumns code_columns(const Field& field) {
  switch (field.form) {
    case Form::kSex:
      return {column::kSex, column::kSex};
    case Form::kSexSelection:
      return {{}, column::kSex};
    case Form::kSexByConcepts:
      return {field.column, column::kSex};
    case Form::kConcepts:
    case Form::kTypes:
    case Form::kCareSite:
      return {field.column, field.column};
    case Form::kSelection:
    case Form::kCareSiteSelection:
      return {{}, field.column};
    case Form::kVisit:
      return {column::kVisit, column::kVisit};
    default:
      return {};
  }
}

bool is_at(const EventTest& test, Form form) {
  if (const auto* t = std::get_if<DateIs>(&test)) {
    return form == (t->of == End::kStart ? Form::kStartDate : Form::kEndDate);
  }
  if (const auto* t = std::get_if<AgeIs>(&test)) {
    return !t->exact && whole_number_json(t->test) &&
           form == (t->at == End::kStart ? Form::kAgeAtStart : Form::kAgeAtEnd);
  }
  const auto* t = std::get_if<LengthIs>(&test);
  return t != nullptr && form == Form::kLength && whole_number_json(t->test);
}

bool is_number_of(const EventTest& test, const Field& field) {
  if (const auto* t = std::get_if<AttributeNumber>(&test)) {
    if (t->column != field.column) return false;
    if (field.form == Form::kWholeNumber) return whole_number_json(t->test).has_value();
    return field.form == Form::kDecimal && decimal_json(t->test);
  }
  const auto* t = std::get_if<AttributeRatio>(&test);
  return t != nullptr && field.form == Form::kRatio && t->numerator == column::kValue &&
         t->denominator == field.column && decimal_json(t->test);
}

bool is_text_of(const EventTest& test, const Field& field) {
  const auto* t = std::get_if<AttributeText>(&test);
  return t != nullptr && field.form == Form::kText && t->column == field.column &&
         text_filter_json(t->test);
}

}  // namespace

void refuse_circe(std::string_view what, std::string_view advice, const std::string& where) {
  std::string message = "Circe cannot say " + std::string(what);
  if (!advice.empty()) message += "; " + std::string(advice);
  fail(ErrorCode::kInput, message, where);
}

bool TestWriter::is_abnormal(const EventTest& test) const {
  const auto* any = std::get_if<AnyOfTests>(&test);
  if (any == nullptr || any->tests.size() != 3) return false;
  const auto* low = std::get_if<AttributeOrder>(&any->tests[0]);
  const auto* high = std::get_if<AttributeOrder>(&any->tests[1]);
  const auto* codes = std::get_if<AttributeCodes>(&any->tests[2]);
  return low != nullptr && high != nullptr && codes != nullptr && low->left == column::kValue &&
         low->comparison == Comparison::kLess && low->right == column::kRangeLow &&
         high->left == column::kValue && high->comparison == Comparison::kGreater &&
         high->right == column::kRangeHigh && codes->column == column::kValueCode &&
         !codes->exclude &&
         concepts_.is_exactly(codes->codes,
                              {std::begin(kAbnormalValues), std::end(kAbnormalValues)});
}

void TestWriter::places_for_codes(std::size_t field, const EventTest& test,
                                  std::vector<Place>& places) {
  const auto asked = codes_asked(test);
  if (!asked) return;
  const Field& of = fields_[field];
  if (of.form == Form::kCodesOf) {
    if (asked->codes && asked->column == of.column && !asked->exclude &&
        concepts_.refusal(*asked->codes).empty()) {
      places.push_back({field, Part::kValue});
    }
    return;
  }
  const bool care_site = of.form == Form::kCareSite || of.form == Form::kCareSiteSelection;
  const CodeColumns columns = code_columns(of);
  const bool selectable = columns.selection == asked->column &&
                          (!asked->codes || concepts_.refusal(*asked->codes).empty()) &&
                          (!care_site || care_site_);
  const bool listable = columns.list == asked->column && asked->codes &&
                        (!asked->exclude || of.form == Form::kTypes) &&
                        concepts_.can_list(*asked->codes);
  const bool list_first =
      asked->codes && concepts_.is_list(*asked->codes) && !(care_site && care_site_);
  if (listable && list_first) places.push_back({field, Part::kList});
  if (selectable) places.push_back({field, Part::kSelection});
  if (listable && !list_first) places.push_back({field, Part::kList});
}

std::vector<TestWriter::Place> TestWriter::places_for(const EventTest& test,
                                                      const std::vector<EventTest>& all) {
  std::vector<Place> places;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    places_for_codes(i, test, places);
    bool holds = is_at(test, field.form) || is_number_of(test, field) || is_text_of(test, field) ||
                 (field.form == Form::kAbnormal && is_abnormal(test));
    if (field.form == Form::kGapDays) {
      // Its range is that of the era's length.
      const auto* gap = std::get_if<AttributeNumber>(&test);
      holds = gap != nullptr && gap->column == field.column &&
              std::ranges::any_of(all, [&](const EventTest& other) {
                const auto* length = std::get_if<LengthIs>(&other);
                return length != nullptr && same_test(length->test, gap->test) &&
                       whole_number_json(gap->test);
              });
    }
    if (holds) places.push_back({i, Part::kValue});
  }
  // A list of what a set means in this store is no more than that.
  if (!is_list(test)) {
    std::stable_partition(places.begin(), places.end(),
                          [](const Place& at) { return at.part != Part::kList; });
  }
  return places;
}

bool TestWriter::is_list(const EventTest& test) const {
  const auto asked = codes_asked(test);
  return asked && asked->codes && concepts_.is_list(*asked->codes);
}

void TestWriter::hold(const std::vector<EventTest>& tests, const std::string& where) {
  care_site_ = std::ranges::any_of(tests, is_care_site) &&
               std::ranges::any_of(fields_, [](const Field& field) {
                 return field.form == Form::kCareSite || field.form == Form::kCareSiteSelection;
               });
  struct Candidate {
    const EventTest* test;
    std::vector<Place> places;
  };
  std::vector<Candidate> candidates;
  for (const EventTest& test : tests) {
    if (care_site_ && is_care_site(test)) continue;
    candidates.push_back({&test, places_for(test, tests)});
    if (candidates.back().places.empty()) refuse(test, where);
  }
  // Those that can go to one place only come first, and sets before lists, which may stand as such.
  std::ranges::stable_sort(candidates, {}, [this](const Candidate& c) {
    return std::pair(c.places.size(), is_list(*c.test));
  });
  bool selects_place = false;
  for (const Candidate& candidate : candidates) {
    const auto free = std::ranges::find_if(candidate.places, [&](const Place& place) {
      return std::ranges::none_of(held_, [&](const Held& held) { return held.place == place; });
    });
    if (free == candidate.places.end()) {
      rest_.push_back(*candidate.test);
      continue;
    }
    const Form form = fields_[free->field].form;
    selects_place =
        selects_place || (free->part == Part::kSelection &&
                          (form == Form::kCareSite || form == Form::kCareSiteSelection));
    held_.push_back({*free, *candidate.test});
  }
  if (care_site_ && !selects_place) {
    refuse_circe("that the care site is known, without a set of places of service",
                 "leave out \"care_site is present\"", where);
  }
}

JsonText TestWriter::json(const EventTest& test, const Place& place) {
  const Form form = fields_[place.field].form;
  if (form == Form::kAbnormal) return JsonText::boolean(true);
  if (const auto* t = std::get_if<DateIs>(&test)) return date_range_json(t->test);
  if (const auto* t = std::get_if<LengthIs>(&test)) return *whole_number_json(t->test);
  if (const auto* t = std::get_if<AgeIs>(&test)) return *whole_number_json(t->test);
  if (const auto* t = std::get_if<AttributeRatio>(&test)) return *decimal_json(t->test);
  if (const auto* t = std::get_if<AttributeText>(&test)) return *text_filter_json(t->test);
  if (const auto* t = std::get_if<AttributeNumber>(&test)) {
    return form == Form::kDecimal ? *decimal_json(t->test) : *whole_number_json(t->test);
  }
  const CodesAsked asked = *codes_asked(test);
  if (place.part == Part::kList) return concepts_.list(*asked.codes);
  if (place.part == Part::kValue) return concepts_.id(*asked.codes);
  JsonText selection = JsonText::object();
  if (asked.codes) selection.add("CodesetId", concepts_.id(*asked.codes));
  selection.add("IsExclusion", JsonText::boolean(asked.exclude));
  return selection;
}

void TestWriter::write(const Field& field, JsonText& object) {
  const auto number = static_cast<std::size_t>(&field - fields_.data());
  for (const Part part : {Part::kValue, Part::kList, Part::kSelection}) {
    const auto held = std::ranges::find(held_, Place{number, part}, &Held::place);
    if (held == held_.end()) continue;
    const std::string name(field.name);
    object.add(part == Part::kSelection ? name + "CS" : name, json(held->test, held->place));
    if (part == Part::kList && field.form == Form::kTypes) {
      object.add(name + "Exclude", JsonText::boolean(codes_asked(held->test)->exclude));
    }
  }
}

void TestWriter::refuse(const EventTest& test, const std::string& where) {
  const auto name = [this](ColumnId id) {
    return "\"" + concepts_.concepts().attribute_name(id) + "\"";
  };
  const auto no_field = [&](ColumnId id, bool number) {
    const bool there = std::ranges::any_of(fields_, [&](const Field& field) {
      const CodeColumns columns = code_columns(field);
      return field.column == id || columns.list == id || columns.selection == id;
    });
    if (number && there)
      refuse_circe("this number for " + name(id), "it takes whole numbers or four decimals", where);
    refuse_circe((there ? "this test of " : "a test of ") + name(id),
                 there ? "" : "such criteria have no field for it: leave it out", where);
  };
  if (const auto* t = std::get_if<AgeIs>(&test)) {
    if (t->exact) refuse_circe("an exact age", "write \"age by year\"", where);
    refuse_circe("this age",
                 "give whole years, at the event's start (of eras and periods also its end)",
                 where);
  }
  if (std::holds_alternative<DateIs>(test) || std::holds_alternative<LengthIs>(test)) {
    refuse_circe(
        std::holds_alternative<DateIs>(test) ? "a test of this date" : "a test of this length",
        "such criteria have no field for it: leave it out", where);
  }
  if (std::holds_alternative<SourceIs>(test)) {
    refuse_circe("where an event came from", "leave out \"from source\"", where);
  }
  if (std::holds_alternative<AnyOfTests>(test) || std::holds_alternative<AllOfTests>(test)) {
    refuse_circe("alternatives in the tests of one event",
                 "write them as several events: any of (..., ...)", where);
  }
  if (const auto* t = std::get_if<AttributeOrder>(&test)) {
    refuse_circe("a comparison of " + name(t->left) + " and " + name(t->right),
                 "of measurements it knows value / range_low and value / range_high", where);
  }
  if (const auto* t = std::get_if<AttributeRatio>(&test)) {
    refuse_circe("this ratio of " + name(t->numerator) + " and " + name(t->denominator),
                 "it knows those of a measurement's value to range_low and range_high, to four "
                 "decimals",
                 where);
  }
  if (const auto* t = std::get_if<AttributeText>(&test)) {
    if (!text_filter_json(t->test)) {
      refuse_circe(
          "this text for " + name(t->column) + ": \"%\" and \"_\" are wildcards, and \\' is '",
          "write like, or leave it out", where);
    }
    no_field(t->column, false);
  }
  if (const auto* t = std::get_if<PersonNumber>(&test)) no_field(t->column, false);
  if (const auto* t = std::get_if<PersonText>(&test)) no_field(t->column, false);
  if (const auto* t = std::get_if<AttributeNumber>(&test)) {
    const bool gap = std::ranges::any_of(
        fields_, [&](const Field& f) { return f.form == Form::kGapDays && f.column == t->column; });
    if (gap) {
      refuse_circe("a test of the gap days alone: it takes the range of the era's length for it",
                   "leave it out, or test the length in the same way", where);
    }
    no_field(t->column, true);
  }
  const CodesAsked asked = *codes_asked(test);
  if (asked.codes) {
    const std::string& why = concepts_.refusal(*asked.codes);
    if (!why.empty()) fail(ErrorCode::kInput, "Circe cannot say it, since " + why, where);
  }
  no_field(asked.column, false);
  refuse_circe("this test", "", where);
}

}  // namespace anam::circe
