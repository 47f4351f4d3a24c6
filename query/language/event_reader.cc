// SPDX-License-Identifier: Apache-2.0
#include "query/language/event_reader.h"

#include <optional>
#include <utility>

#include "query/language/cohort_reader.h"
#include "query/language/quantity.h"
#include "query/language/words.h"

namespace anam {
namespace {

constexpr std::string_view kCombineHelp =
    "To combine conditions, write all of (..., ...) or any of (..., ...).";

/// Reads one event with its clauses.
class EventReader {
 public:
  /// `counted` is null for an event that is not counted around another one.
  EventReader(const Reading& reading, Around around, EventQuery& query, CountedQuery* counted)
      : reading_(reading),
        cursor_(reading.cursor),
        around_(around),
        query_(query),
        counted_(counted) {}

  void read() {
    query_.place = "line " + std::to_string(cursor_.line());
    if (cursor_.accept("first")) query_.first = true;
    if (cursor_.accept("standard")) {
      query_.role = Role::kStandard;
    } else if (cursor_.accept("source")) {
      query_.role = Role::kSource;
    }
    const std::size_t begin = cursor_.begin();
    if (cursor_.accept("cohort")) {
      query_.cohort = read_cohort_reference(reading_);
      check_cohort_clause(cursor_, begin, query_, counted_);
    } else {
      domain();
    }
    suggest_clauses();
    if (begins_codes(cursor_.peek())) query_.codes = read_codes_in_place(cursor_, reading_.sets);
    for (std::size_t at = cursor_.begin(); clause(); at = cursor_.begin()) {
      check_cohort_clause(cursor_, at, query_, counted_);
    }
    suggest_clauses();
  }

 private:
  void domain() {
    const Token& token = cursor_.peek();
    const auto domain =
        token.kind == TokenKind::kWord ? domain_word(token.text) : std::optional<Domain>();
    if (!domain) {
      for (const Domain known : all_domains()) cursor_.suggest(domain_name(known));
      cursor_.suggest("event");
      cursor_.suggest("cohort");
      const bool codes = token.kind == TokenKind::kCode || reading_.sets.contains(token.text);
      cursor_.fail_expected("what kind of event (condition, drug, procedure, measurement, ...)",
                            codes ? "It stands before the codes, as in: condition t2d" : "");
    }
    query_.domain = *domain;
    cursor_.take();
    // "drug era" is one word here.
    const Token& next = cursor_.peek();
    if (next.kind == TokenKind::kWord && !reading_.sets.contains(next.text)) {
      const std::string joined = std::string(domain_name(*domain)) + '_' + next.text;
      if (domain_word(joined)) {
        cursor_.fail({token.span.begin, next.span.end}, "this kind of event is written in one word",
                     "did you mean \"" + joined + "\"?");
      }
    }
  }

  void suggest_clauses() {
    for (const std::string_view word :
         {"with", "within", "before", "after", "on", "through", "between", "during", "overlapping",
          "starting", "ending", "from", "in", "that", "lasting", "recorded", "dated",
          "containing"}) {
      cursor_.suggest(word);
    }
  }

  bool clause() {
    if (cursor_.at("with")) return with();
    if (begins_source(cursor_)) {
      query_.tests.emplace_back(read_source(cursor_));
    } else if (begins_time(cursor_, 0)) {
      time();
    } else if (cursor_.at("and") && begins_time(cursor_, 1)) {
      cursor_.take();
      time();
    } else if (cursor_.at_any({"in", "on", "within"})) {
      if (cursor_.at_any({"at", "exactly"}, 1)) {
        distinct();
      } else {
        same();
      }
    } else if (cursor_.accept("that")) {
      cursor_.expect("has");
      nested();
    } else if (cursor_.at("lasting")) {
      query_.tests.emplace_back(read_length(cursor_));
    } else if (cursor_.accept("recorded")) {
      cursor_.expect("as");
      query_.source_codes = read_codes_in_place(cursor_, reading_.sets);
    } else if (cursor_.accept("dated")) {
      adjustment();
    } else if (cursor_.accept("containing")) {
      const Day day = read_date(cursor_);
      cursor_.expect("as");
      if (cursor_.accept("start")) {
        query_.contains_start = day;
      } else if (cursor_.accept("end")) {
        query_.contains_end = day;
      } else {
        cursor_.fail_expected("\"start\" or \"end\"");
      }
    } else {
      return false;
    }
    return true;
  }

  /// "with value >= 6.5"; not the "with 365 days of observation" of an index statement.
  bool with() {
    if (cursor_.at_any({"at", "exactly"}, 1)) {
      distinct();
      return true;
    }
    if (!counted_ && around_ == Around::kNothing &&
        (cursor_.peek(1).kind == TokenKind::kNumber || cursor_.at_any({"observation", "or"}, 1))) {
      return false;
    }
    cursor_.take();
    read_tests(reading_, query_.tests);
    return true;
  }

  void time() {
    read_time(cursor_, around_, query_.tests, counted_ ? &counted_->windows : nullptr);
  }

  /// "in the same visit", "on the same claim", "within the same observation period", "in any
  /// observation period".
  void same() {
    const std::size_t begin = cursor_.begin();
    cursor_.take();
    if (cursor_.accept({"any", "observation", "period"})) {
      check_counted(begin);
      counted_->within_period = false;
      return;
    }
    cursor_.accept("the");
    if (!cursor_.accept("same")) cursor_.fail_expected("when, or \"the same visit\"");
    bool CountedQuery::*which = nullptr;
    if (cursor_.accept("visit")) {
      which = &CountedQuery::same_visit;
    } else if (cursor_.accept("claim")) {
      which = &CountedQuery::same_claim;
    } else if (cursor_.accept({"observation", "period"})) {
      which = &CountedQuery::within_period;
    } else {
      cursor_.suggest("observation");
      cursor_.fail_expected("\"visit\", \"claim\" or \"observation period\"");
    }
    check_counted(begin);
    counted_->*which = true;
  }

  /// "on at least 2 distinct days": counts other than events.
  void distinct() {
    const std::size_t begin = cursor_.begin();
    cursor_.take();
    Occurrence occurrence;
    if (cursor_.accept({"at", "least"})) {
      occurrence.kind = Occurrence::Kind::kAtLeast;
    } else if (cursor_.accept({"at", "most"})) {
      occurrence.kind = Occurrence::Kind::kAtMost;
    } else if (cursor_.accept("exactly")) {
      occurrence.kind = Occurrence::Kind::kExactly;
    } else {
      cursor_.fail_expected("\"at least\", \"at most\" or \"exactly\"");
    }
    occurrence.count = read_signed_count(cursor_, "a number");
    if (!cursor_.accept("distinct")) cursor_.fail_expected("\"distinct\"", kCombineHelp);
    read_distinct(reading_, occurrence);
    check_counted(begin);
    counted_->occurrence = occurrence;
  }

  void check_counted(std::size_t begin) const {
    if (!counted_) {
      cursor_.fail({begin, cursor_.end_of_last()}, "this event is not counted around another one",
                   "What must happen around the index event is said with require or exclude.");
    }
  }

  void nested() {
    const Cursor::Depth depth(cursor_);
    Group group = read_condition(reading_, Around::kIt);
    if (query_.nested.empty()) {
      query_.nested.push_back(std::move(group));
    } else {
      Group both;
      both.groups.push_back(std::move(query_.nested.front()));
      both.groups.push_back(std::move(group));
      query_.nested.front() = std::move(both);
    }
  }

  /// Behind "dated": "from start to 30 days after end".
  void adjustment() {
    DateAdjustment dated;
    cursor_.expect("from");
    adjusted_end(dated.start_from, dated.start_offset);
    if (!accept_to(cursor_)) cursor_.fail_expected("\"to\"");
    adjusted_end(dated.end_from, dated.end_offset);
    query_.adjustment = dated;
  }

  void adjusted_end(End& from, int& offset) {
    if (cursor_.peek().kind == TokenKind::kNumber) {
      offset = read_days(cursor_, "a number of days");
      if (cursor_.accept("before")) {
        offset = -offset;
      } else if (!cursor_.accept("after")) {
        cursor_.fail_expected("\"before\" or \"after\"");
      }
    } else {
      offset = 0;
    }
    if (cursor_.accept("end")) {
      from = End::kEnd;
    } else if (cursor_.accept("start")) {
      from = End::kStart;
    } else {
      cursor_.fail_expected("\"start\" or \"end\" of the event");
    }
  }

 public:
  /// Behind "distinct": "days", "codes", ..., or an attribute.
  static void read_distinct(const Reading& reading, Occurrence& occurrence) {
    static constexpr std::pair<std::string_view, ColumnId> kWhat[] = {
        {"days", column::kDay},       {"codes", column::kCode},
        {"visits", column::kVisit},   {"claims", column::kClaim},
        {"sources", column::kSource}, {"lengths", Occurrence::kDuration}};
    occurrence.distinct = true;
    Cursor& cursor = reading.cursor;
    if (cursor.accept({"end", "days"}) || cursor.accept({"end", "day"})) {
      occurrence.distinct_column = column::kEndDay;
      return;
    }
    for (const auto& [what, column] : kWhat) {
      if (cursor.accept(what) || cursor.accept(what.substr(0, what.size() - 1))) {
        occurrence.distinct_column = column;
        return;
      }
    }
    occurrence.distinct_column = read_attribute(reading).column;
  }

 private:
  const Reading& reading_;
  Cursor& cursor_;
  Around around_;
  EventQuery& query_;
  CountedQuery* counted_;
};

/// Reads counts, tests of the person, and groups of them.
class ConditionReader {
 public:
  ConditionReader(const Reading& reading, Around around)
      : reading_(reading), cursor_(reading.cursor), around_(around) {}

  Group read() {
    const Cursor::Depth depth(cursor_);
    Group group;
    if (cursor_.accept("(")) {
      group = read();
      close();
    } else if (!cursor_.accept("always") && !read_group(group)) {
      read_single(group);
    }
    return group;
  }

 private:
  /// "all of (...)" and its like. Takes nothing where none begins.
  bool read_group(Group& group) {
    if (cursor_.accept({"all", "of"})) {
      group.kind = Group::Kind::kAll;
    } else if (cursor_.accept({"any", "of"})) {
      group.kind = Group::Kind::kAny;
    } else if (cursor_.accept({"none", "of"})) {
      group.kind = Group::Kind::kAtMost;
    } else if (cursor_.at("at") && cursor_.at_any({"least", "most"}, 1) && cursor_.at("of", 3)) {
      group.kind = cursor_.at("least", 1) ? Group::Kind::kAtLeast : Group::Kind::kAtMost;
      cursor_.take();
      cursor_.take();
      group.count = read_signed_count(cursor_, "a number");
      cursor_.expect("of");
    } else {
      return false;
    }
    cursor_.expect("(");
    do {
      read_member(group);
    } while (cursor_.accept(",") && !cursor_.at(")"));
    close();
    return true;
  }

  void close() {
    if (!cursor_.accept(")")) {
      cursor_.fail_expected("\",\" or \")\"", cursor_.at_any({"and", "or"}) ? kCombineHelp : "");
    }
  }

  void read_member(Group& group) {
    const bool groups = cursor_.at_any({"(", "always"}) || cursor_.at_any({"of"}, 1) ||
                        (cursor_.at("at") && cursor_.at("of", 3));
    if (groups) {
      // What stands alone in parentheses is what it is without them.
      const bool parenthesis = cursor_.at("(");
      Group inner = read();
      const bool alone = parenthesis && inner.kind == Group::Kind::kAll && inner.groups.empty() &&
                         inner.counts.size() + inner.demographics.size() == 1;
      if (!alone) {
        group.groups.push_back(std::move(inner));
      } else if (inner.counts.empty()) {
        group.demographics.push_back(std::move(inner.demographics.front()));
      } else {
        group.counts.push_back(std::move(inner.counts.front()));
      }
    } else {
      read_single(group);
    }
  }

  void read_single(Group& group) {
    if (begins_person_test(reading_) || cursor_.at_any({"index", "it"})) {
      Demographic person;
      read_person(person.tests);
      while (cursor_.at("and") &&
             (begins_person_test(reading_, 1) || cursor_.at_any({"index", "it"}, 1))) {
        cursor_.take();
        read_person(person.tests);
      }
      group.demographics.push_back(std::move(person));
    } else {
      group.counts.push_back(read_counted());
    }
  }

  /// "age >= 18", "sex female", or when the index event itself took place.
  void read_person(std::vector<EventTest>& tests) {
    if (!cursor_.at_any({"index", "it"})) {
      read_person_test(reading_, tests);
      return;
    }
    if (cursor_.at(around_ == Around::kIndex ? "it" : "index")) read_anchor(cursor_, around_);
    cursor_.take();
    if (cursor_.at("lasting")) {
      tests.emplace_back(read_length(cursor_));
      return;
    }
    if (!begins_time(cursor_, 0)) {
      cursor_.fail_expected("a date condition, such as \"on or after 2015-01-01\"");
    }
    read_time(cursor_, Around::kNothing, tests, nullptr);
  }

  CountedQuery read_counted() {
    if (cursor_.at_end() || cursor_.at(")")) {
      cursor_.fail_expected("a condition", "Such as: age >= 18, or any drug NAME before index.");
    }
    CountedQuery counted;
    counted.within_period = reading_.within_period;
    Occurrence& occurrence = counted.occurrence;
    if (cursor_.accept({"at", "least"})) {
      quantity(occurrence, Occurrence::Kind::kAtLeast);
    } else if (cursor_.accept({"at", "most"})) {
      quantity(occurrence, Occurrence::Kind::kAtMost);
    } else if (cursor_.accept("exactly")) {
      quantity(occurrence, Occurrence::Kind::kExactly);
    } else if (cursor_.accept("no")) {
      occurrence = {.kind = Occurrence::Kind::kExactly, .count = 0};
    } else {
      cursor_.accept("any");
    }
    for (const std::string_view word : {"all", "none", "index", "age"}) cursor_.suggest(word);
    EventReader(reading_, around_, counted.query, &counted).read();
    return counted;
  }

  void quantity(Occurrence& occurrence, Occurrence::Kind kind) {
    occurrence.kind = kind;
    occurrence.count = read_signed_count(cursor_, "a number");
    if (!cursor_.accept("distinct")) return;
    EventReader::read_distinct(reading_, occurrence);
    cursor_.expect("of");
  }

  const Reading& reading_;
  Cursor& cursor_;
  Around around_;
};

}  // namespace

EventQuery read_event(const Reading& reading) {
  const Cursor::Depth depth(reading.cursor);
  EventQuery query;
  reading.cursor.accept("any");
  EventReader(reading, Around::kNothing, query, nullptr).read();
  return query;
}

Group read_condition(const Reading& reading, Around around) {
  return ConditionReader(reading, around).read();
}

bool begins_event(const Cursor& cursor, std::size_t ahead) {
  const Token& token = cursor.peek(ahead);
  return cursor.at_any({"any", "first", "standard", "source", "cohort"}, ahead) ||
         (token.kind == TokenKind::kWord && domain_word(token.text));
}

}  // namespace anam
