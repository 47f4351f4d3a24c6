// SPDX-License-Identifier: Apache-2.0
#include "query/language/event_tests.h"

#include <utility>

#include "query/language/person_words.h"
#include "query/language/quantity.h"
#include "query/language/time_clause.h"
#include "query/language/words.h"
#include "storage/catalog.h"

namespace anam {
namespace {

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

class TestReader {
 public:
  explicit TestReader(const Reading& reading)
      : reading_(reading), cursor_(reading.cursor), sets_(reading.sets) {}

  void conjunction(std::vector<EventTest>& tests) {
    test(tests);
    // Outside of parentheses, time goes on behind the tests.
    while (cursor_.at("and") && (depth_ > 0 || !begins_time(cursor_, 1))) {
      cursor_.take();
      test(tests);
    }
    cursor_.suggest("and");
  }

  void test(std::vector<EventTest>& tests) {
    if (cursor_.accept("(")) {
      disjunction(tests);
    } else if (cursor_.accept("age")) {
      age(tests);
    } else if (cursor_.accept("never")) {
      tests.emplace_back(AnyOfTests{});
    } else if (depth_ == 0 || !event_test(tests)) {
      attribute_test(tests);
    }
  }

  Attribute attribute() {
    const Token token = cursor_.peek();
    if (token.kind != TokenKind::kWord && token.kind != TokenKind::kText) {
      cursor_.fail_expected("the name of an attribute");
    }
    auto found = reading_.attributes(token.text);
    if (!found && token.text == "code") found = {column::kCode, ColumnType::kCode};
    if (!found) {
      cursor_.suggest("age");
      for (const AttributeInfo& info : builtin_attributes()) cursor_.suggest(info.name);
      cursor_.fail_unknown("unknown attribute " + in_quotes(token.text), "");
    }
    cursor_.take();
    return *found;
  }

 private:
  /// Behind "(": alternatives, each of them one test or several joined by "and".
  void disjunction(std::vector<EventTest>& tests) {
    const Cursor::Depth depth(cursor_);
    ++depth_;
    AnyOfTests any;
    do {
      std::vector<EventTest> all;
      conjunction(all);
      if (all.size() == 1) {
        any.tests.push_back(std::move(all.front()));
      } else {
        any.tests.emplace_back(AllOfTests{std::move(all)});
      }
    } while (cursor_.accept("or"));
    if (!cursor_.accept(")")) cursor_.fail_expected("\"and\", \"or\" or \")\"");
    --depth_;
    if (any.tests.size() > 1) {
      tests.emplace_back(std::move(any));
    } else if (auto* all = std::get_if<AllOfTests>(&any.tests.front())) {
      for (EventTest& each : all->tests) tests.push_back(std::move(each));
    } else {
      tests.push_back(std::move(any.tests.front()));
    }
  }

  /// What else stands behind "with" or without it only: dates, lengths and sources. Takes nothing
  /// where none begins.
  bool event_test(std::vector<EventTest>& tests) {
    if (begins_time(cursor_, 0)) {
      read_time(cursor_, Around::kNothing, tests, nullptr);
    } else if (cursor_.at("lasting")) {
      tests.emplace_back(read_length(cursor_));
    } else if (begins_source(cursor_)) {
      tests.emplace_back(read_source(cursor_));
    } else {
      return false;
    }
    return true;
  }

  void age(std::vector<EventTest>& tests) {
    AgeIs age;
    age.exact = true;
    if (cursor_.accept({"by", "year"})) age.exact = false;
    age.test = read_number_test(cursor_);
    if (cursor_.at("at") && cursor_.at_any({"index", "it", "start", "end"}, 1)) {
      cursor_.take();
      if (cursor_.at_any({"index", "it"})) cursor_.take();
      if (cursor_.accept("end")) {
        age.at = End::kEnd;
      } else {
        cursor_.accept("start");
      }
    }
    tests.emplace_back(age);
  }

  void attribute_test(std::vector<EventTest>& tests) {
    const std::string name = cursor_.peek().text;
    const Attribute attribute = this->attribute();
    if (cursor_.accept({"is", "present"})) {
      tests.emplace_back(AttributePresent{attribute.column, true});
      return;
    }
    if (cursor_.accept({"is", "absent"})) {
      tests.emplace_back(AttributePresent{attribute.column, false});
      return;
    }
    if (attribute.column == column::kVisit && visit_codes(tests)) return;
    switch (attribute.type) {
      case ColumnType::kInt:
      case ColumnType::kMoney:
      case ColumnType::kDecimal:
        number(attribute, tests);
        break;
      case ColumnType::kText:
        texts(attribute, tests);
        break;
      case ColumnType::kCode:
        codes(attribute, name, tests);
        break;
    }
  }

  // A number of the event like `first`.
  Attribute second_number(Attribute first, const std::string& example) {
    const TextSpan span = cursor_.peek().span;
    const Attribute second = attribute();
    if (second.type != first.type || is_person_column(second.column) ||
        is_person_column(first.column)) {
      cursor_.fail(span, "two numbers of the event and of one kind are needed here",
                   "Such as " + example + ".");
    }
    return second;
  }

  void number(Attribute attribute, std::vector<EventTest>& tests) {
    if (cursor_.accept("/")) {
      const Attribute below = second_number(attribute, "value / range_high >= 2");
      tests.emplace_back(AttributeRatio{attribute.column, below.column, read_number_test(cursor_)});
      return;
    }
    const Token& next = cursor_.peek(1);
    if (next.kind == TokenKind::kWord ||
        (next.kind == TokenKind::kText && reading_.attributes(next.text))) {
      if (const auto comparison = accept_sign(cursor_)) {
        const Attribute right = second_number(attribute, "value > range_high");
        tests.emplace_back(AttributeOrder{attribute.column, *comparison, right.column});
        return;
      }
    }
    const NumberTest test = read_number_test(cursor_);
    if (is_person_column(attribute.column)) {
      tests.emplace_back(PersonNumber{attribute.column, test});
      return;
    }
    tests.emplace_back(AttributeNumber{attribute.column, test});
    if (cursor_.peek().kind != TokenKind::kText) return;
    if (attribute.column != column::kValue && attribute.column != column::kDose) {
      cursor_.fail(cursor_.peek().span, "a unit can follow a value or a dose only",
                   "Other attributes have no unit; money is in the currency of the source.");
    }
    const ColumnId unit = attribute.column == column::kValue ? column::kUnit : column::kDoseUnit;
    tests.emplace_back(AttributeCodes{unit, literal_codes(*find_builtin_attribute(unit))});
  }

  /// Of the visit that an event belongs to: "visit in inpatient_codes".
  bool visit_codes(std::vector<EventTest>& tests) {
    const bool exclude = cursor_.accept({"not", "in"});
    if (!exclude && !cursor_.accept("in")) return false;
    if (cursor_.accept("any")) {
      tests.emplace_back(VisitCodes{std::nullopt, exclude});
      return true;
    }
    tests.emplace_back(VisitCodes{read_codes_in_place(cursor_, sets_), exclude});
    return true;
  }

  void texts(Attribute attribute, std::vector<EventTest>& tests) {
    TextTest test;
    if (cursor_.accept("does")) {
      cursor_.expect("not");
      test.negated = true;
    }
    if (cursor_.accept("contains") || (test.negated && cursor_.accept("contain"))) {
      test.kind = TextTest::Kind::kContains;
    } else if (cursor_.accept({"starts", "with"}) ||
               (test.negated && cursor_.accept({"start", "with"}))) {
      test.kind = TextTest::Kind::kStartsWith;
    } else if (cursor_.accept({"ends", "with"}) ||
               (test.negated && cursor_.accept({"end", "with"}))) {
      test.kind = TextTest::Kind::kEndsWith;
    } else if (test.negated) {
      cursor_.fail_expected("\"contain\", \"start with\" or \"end with\"");
    } else if (cursor_.accept("like")) {
      test.like = true;
    } else if (cursor_.accept({"not", "like"})) {
      test.negated = true;
      test.like = true;
    } else if (cursor_.accept("!=") || cursor_.accept({"is", "not"})) {
      test.negated = true;
    } else if (!cursor_.accept("=") && !cursor_.accept("is") &&
               cursor_.peek().kind != TokenKind::kText) {
      cursor_.fail_expected("a comparison with a text",
                            "Texts are compared as in = \"A\", != \"A\", contains \"A\", starts "
                            "with \"A\", ends with \"A\", like \"%A_\", is present.");
    }
    std::vector<EventTest> alternatives;
    do {
      if (cursor_.peek().kind != TokenKind::kText) cursor_.fail_expected("a text in quotes");
      test.text = cursor_.take().text;
      if (is_person_column(attribute.column)) {
        alternatives.emplace_back(PersonText{attribute.column, test});
      } else {
        alternatives.emplace_back(AttributeText{attribute.column, test});
      }
    } while (accept_or_text());
    // "is not A or B" is neither of them.
    if (alternatives.size() == 1 || test.negated) {
      for (EventTest& each : alternatives) tests.push_back(std::move(each));
    } else {
      tests.emplace_back(AnyOfTests{std::move(alternatives)});
    }
  }

  bool accept_or_text() {
    if (cursor_.peek(1).kind != TokenKind::kText) return false;
    return cursor_.accept("or") || cursor_.accept(",");
  }

  void codes(Attribute attribute, const std::string& name, std::vector<EventTest>& tests) {
    const bool exclude =
        cursor_.accept({"not", "in"}) || cursor_.accept({"is", "not"}) || cursor_.accept("!=");
    if (!exclude && !cursor_.accept("in") && !cursor_.accept("is")) cursor_.accept("=");
    const CodeSetIndex codes = attribute_codes(attribute, name);
    if (is_person_column(attribute.column)) {
      tests.emplace_back(PersonCodes{attribute.column, codes, exclude});
    } else {
      tests.emplace_back(AttributeCodes{attribute.column, codes, exclude});
    }
  }

  /// A code expression; or a plain word such as "female"; or codes without their vocabulary, for
  /// attributes that have one of their own: place_of_service 21.
  CodeSetIndex attribute_codes(Attribute attribute, const std::string& name) {
    const Token& token = cursor_.peek();
    const bool plain = token.kind == TokenKind::kWord || token.kind == TokenKind::kText;
    if (plain && sets_.contains(token.text)) return read_codes_in_place(cursor_, sets_);
    if (plain) {
      if (auto set = person_word(attribute.column, token.text)) {
        set->name = name + ' ' + token.text;
        cursor_.take();
        return sets_.add_unnamed(std::move(*set));
      }
    }
    const AttributeInfo* info = find_builtin_attribute(attribute.column);
    if (token.kind == TokenKind::kText || token.kind == TokenKind::kNumber) {
      if (info && !info->vocabulary.empty()) return literal_codes(*info);
      if (token.kind == TokenKind::kText || !info) {
        cursor_.fail(token.span, "the vocabulary of this code is missing",
                     "Codes of " + in_quotes(name) +
                         " are written VOCABULARY:" + in_quotes(token.text) + ".");
      }
    }
    for (const std::string_view word : person_words(attribute.column)) cursor_.suggest(word);
    return read_codes_in_place(cursor_, sets_);
  }

  /// Codes of the attribute's own vocabulary: "mg/dL" or "mmol/L".
  CodeSetIndex literal_codes(const AttributeInfo& info) {
    CodeSet set;
    const auto is_literal = [](const Token& token) {
      return token.kind == TokenKind::kText || token.kind == TokenKind::kNumber;
    };
    do {
      const Token& token = cursor_.take();
      set.name +=
          (set.name.empty() ? std::string(info.name) + ' ' : " or ") + in_quotes(token.text);
      set.include.push_back(code_item(std::string(info.vocabulary), token.text, true));
    } while (is_literal(cursor_.peek(1)) && (cursor_.accept("or") || cursor_.accept(",")));
    return sets_.add_unnamed(std::move(set));
  }

  const Reading& reading_;
  Cursor& cursor_;
  CodeSetTable& sets_;
  int depth_ = 0;  // of parentheses
};

bool names_source(const Token& token) {
  return token.kind == TokenKind::kText ||
         (token.kind == TokenKind::kWord && !is_reserved(token.text));
}

bool names_kind(const Token& token) {
  return token.kind == TokenKind::kWord && is_source_kind(token.text);
}

}  // namespace

LengthIs read_length(Cursor& cursor) {
  cursor.expect("lasting");
  const LengthIs test{read_number_test(cursor)};
  if (!cursor.accept("day")) cursor.expect("days");
  return test;
}

bool begins_source(const Cursor& cursor, std::size_t ahead) {
  const std::size_t from = cursor.at("not", ahead) ? ahead + 1 : ahead;
  return cursor.at("from", from) && (cursor.at("source", from + 1) || cursor.at("any", from + 1) ||
                                     names_kind(cursor.peek(from + 1)));
}

SourceIs read_source(Cursor& cursor) {
  SourceIs test;
  test.exclude = cursor.accept("not");
  cursor.expect("from");
  if (cursor.accept("any")) {  // in place of "none of no sources"
    test.exclude = !test.exclude;
    cursor.expect("source");
    return test;
  }
  if (names_kind(cursor.peek())) {
    do {
      test.kinds.push_back(cursor.take().text);
    } while (names_kind(cursor.peek(1)) && cursor.accept("or"));
    if (!cursor.at("or") || !cursor.at("source", 1)) return test;
    cursor.expect("or");
  }
  cursor.expect("source");
  do {
    if (!names_source(cursor.peek())) cursor.fail_expected("the name of a data source");
    test.sources.push_back(cursor.take().text);
  } while (names_source(cursor.peek(1)) && cursor.accept("or"));
  return test;
}

void read_tests(const Reading& reading, std::vector<EventTest>& tests) {
  TestReader(reading).conjunction(tests);
}

bool begins_person_test(const Reading& reading, std::size_t ahead) {
  const Token& token = reading.cursor.peek(ahead);
  if (token.kind != TokenKind::kWord) return false;
  if (token.text == "age" || token.text == "never") return true;
  if (is_reserved(token.text)) return false;
  const auto attribute = reading.attributes(token.text);
  return attribute && is_person_column(attribute->column);
}

void read_person_test(const Reading& reading, std::vector<EventTest>& tests) {
  TestReader(reading).test(tests);
}

Attribute read_attribute(const Reading& reading) { return TestReader(reading).attribute(); }

}  // namespace anam
