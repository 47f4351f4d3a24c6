// SPDX-License-Identifier: Apache-2.0
#include "query/circe/criteria_writer.h"

#include <algorithm>

#include "query/circe/criteria_types.h"
#include "query/circe/test_writer.h"
#include "query/circe/words.h"
#include "storage/calendar.h"
#include "storage/error.h"

namespace anam::circe {

namespace {

const CriteriaType* type_of(Domain domain) {
  const auto types = criteria_types();
  const auto type = std::ranges::find(types, domain, &CriteriaType::domain);
  return type == types.end() ? nullptr : &*type;
}

bool has(const CriteriaType& type, Form form) {
  return std::ranges::find(type.fields, form, &Field::form) != type.fields.end();
}

// Holds the sets of a query against what its kind of criteria asks for.
struct Codes {
  std::optional<CodeSetIndex> standard;
  std::optional<CodeSetIndex> source;
};

class CriteriaWriter {
 public:
  CriteriaWriter(const EventQuery& query, const CriteriaType& type, const Writing& writing,
                 std::string where)
      : query_(query), type_(type), writing_(writing), where_(std::move(where)) {}

  JsonText write() {
    std::vector<EventTest> tests = query_.tests;
    sort_codes(tests);
    check();
    TestWriter writer(type_.fields, writing_.concepts);
    writer.hold(tests, where_);
    if (!writer.rest().empty()) {
      refuse_circe("two tests of one field in the same criteria",
                   "join them, or count two events: all of (..., ...)", where_);
    }
    JsonText fields = JsonText::object();
    for (const Field& field : type_.fields) write(field, writer, fields);
    if (!query_.nested.empty() && !is_empty(query_.nested.front())) {
      fields.add("CorrelatedCriteria", group_json(query_.nested.front(), writing_, where_));
    }
    if (query_.adjustment) fields.add("DateAdjustment", adjustment());
    return JsonText::object().add(type_.name, std::move(fields));
  }

 private:
  static bool is_empty(const Group& group) {
    return group.counts.empty() && group.demographics.empty() && group.groups.empty();
  }

  // Which sets the event's standard and source code are held against. Where there is no field for
  // the set, a test of the code serves, unless the first of the set's events is meant.
  void sort_codes(std::vector<EventTest>& tests) {
    codes_.source = query_.source_codes;
    if (query_.codes) {
      if (query_.role == Role::kEither) {
        refuse_circe("codes that are standard or source codes",
                     "write \"standard\" or \"source\" in front of \"" +
                         std::string(domain_name(type_.domain)) + "\"",
                     where_);
      }
      if (query_.role == Role::kSource && codes_.source) {
        refuse_circe("two sets for the source code", "write one that has the codes of both",
                     where_);
      }
      (query_.role == Role::kSource ? codes_.source : codes_.standard) = query_.codes;
    }
    const auto as_test = [&](std::optional<CodeSetIndex>& set, Form form, ColumnId id) {
      if (!set || has(type_, form)) return;
      if (query_.first) {
        refuse_circe(
            "the first of events with these codes",
            "\"" + std::string(type_.name) + "\" has no field for them: leave out \"first\"",
            where_);
      }
      tests.emplace_back(AttributeCodes{id, *set, false});
      set.reset();
    };
    as_test(codes_.standard, Form::kCodes, column::kCode);
    as_test(codes_.source, Form::kSourceCodes, column::kSourceCode);
  }

  void check() const {
    if (query_.first && !writing_.by_record) {
      refuse_circe("which of several events of a day is the first by their times",
                   "write \"order by record\"", where_);
    }
    if (query_.first && !has(type_, Form::kFirst)) {
      refuse_circe("first of such events", "leave out \"first\"", where_);
    }
    if ((query_.contains_start || query_.contains_end) && !has(type_, Form::kPeriod)) {
      refuse_circe("\"containing\" of such events", "it is for periods", where_);
    }
  }

  JsonText set_id(CodeSetIndex set) const {
    const std::string& why = writing_.concepts.refusal(set);
    if (!why.empty()) fail(ErrorCode::kInput, "Circe cannot say it, since " + why, where_);
    return writing_.concepts.id(set);
  }

  void write(const Field& field, TestWriter& writer, JsonText& fields) const {
    if (field.form == Form::kCodes) {
      if (codes_.standard) fields.add(field.name, set_id(*codes_.standard));
    } else if (field.form == Form::kSourceCodes) {
      if (codes_.source) fields.add(field.name, set_id(*codes_.source));
    } else if (field.form == Form::kFirst) {
      if (query_.first) fields.add(field.name, JsonText::boolean(true));
    } else if (field.form == Form::kPeriod) {
      if (!query_.contains_start && !query_.contains_end) return;
      JsonText period = JsonText::object();
      if (query_.contains_start) {
        period.add("StartDate", JsonText::text(format_day(*query_.contains_start)));
      }
      if (query_.contains_end) {
        period.add("EndDate", JsonText::text(format_day(*query_.contains_end)));
      }
      fields.add(field.name, std::move(period));
    } else {
      writer.write(field, fields);
    }
  }

  JsonText adjustment() const {
    const DateAdjustment& by = *query_.adjustment;
    if (type_.domain == Domain::kSpecimen) {
      refuse_circe("moved dates of specimens", "leave out \"dated\"", where_);
    }
    if (type_.domain == Domain::kDeath && by.start_from == End::kEnd) {
      refuse_circe("a death moved from its end", "move it from its start", where_);
    }
    return JsonText::object()
        .add("StartWith", JsonText::text(word_of(kAdjustedWords, by.start_from)))
        .add("StartOffset", JsonText::number(by.start_offset))
        .add("EndWith", JsonText::text(word_of(kAdjustedWords, by.end_from)))
        .add("EndOffset", JsonText::number(by.end_offset));
  }

  const EventQuery& query_;
  const CriteriaType& type_;
  const Writing& writing_;
  std::string where_;
  Codes codes_;
};

}  // namespace

std::string place_of(const EventQuery& query, const std::string& where) {
  std::string place = where + ", ";
  if (query.cohort) {
    place += "cohort";
  } else {
    place += query.domain == Domain::kNone ? "event" : domain_name(query.domain);
  }
  if (!query.place.empty()) place += " (" + query.place + ')';
  return place;
}

JsonText criteria_json(const EventQuery& query, const Writing& writing, const std::string& where) {
  std::string here = place_of(query, where);
  if (query.cohort) {
    refuse_circe("the rows of another cohort", "write that cohort's events in its place", here);
  }
  const CriteriaType* type = type_of(query.domain);
  if (type == nullptr) {
    refuse_circe("events of this kind", "name one of condition, drug, procedure, measurement, ...",
                 here);
  }
  return CriteriaWriter(query, *type, writing, std::move(here)).write();
}

std::vector<JsonText> demographic_json(const Demographic& demographic, const Writing& writing,
                                       const std::string& where) {
  std::vector<JsonText> all;
  std::vector<EventTest> tests = demographic.tests;
  do {
    TestWriter writer(demographic_fields(), writing.concepts);
    writer.hold(tests, where + ", the person");
    tests = writer.rest();
    JsonText fields = JsonText::object();
    for (const Field& field : demographic_fields()) writer.write(field, fields);
    all.push_back(std::move(fields));
  } while (!tests.empty());
  return all;
}

}  // namespace anam::circe
