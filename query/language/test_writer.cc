// SPDX-License-Identifier: Apache-2.0
#include "query/language/test_writer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "query/language/quoting.h"
#include "query/language/time_writer.h"
#include "storage/decimal.h"
#include "storage/error.h"

namespace anam {
namespace {

/// Of a range whose bounds are not in order: two tests that both must hold or, negated, one of
/// which must.
template <typename Test, typename Bounds>
std::optional<std::vector<EventTest>> reversed(const Test& test, Bounds Test::*bounds, bool is) {
  const Comparison comparison = (test.*bounds).comparison;
  if (comparison < Comparison::kBetween || !is) return std::nullopt;
  const bool negated = comparison == Comparison::kNotBetween;
  Test low = test;
  (low.*bounds).comparison = negated ? Comparison::kLess : Comparison::kGreaterEqual;
  Test high = test;
  (high.*bounds).comparison = negated ? Comparison::kGreater : Comparison::kLessEqual;
  (high.*bounds).value = (test.*bounds).upper;
  if (!negated) return std::vector<EventTest>{low, high};
  return std::vector<EventTest>{AnyOfTests{{low, high}}};
}

template <typename Test>
auto reversed_number(const Test& test) {
  return reversed(test, &Test::test, compare_decimals(test.test.value, test.test.upper) > 0);
}

std::optional<std::vector<EventTest>> ordered(const EventTest& test) {
  if (const auto* t = std::get_if<AttributeNumber>(&test)) return reversed_number(*t);
  if (const auto* t = std::get_if<AttributeRatio>(&test)) return reversed_number(*t);
  if (const auto* t = std::get_if<LengthIs>(&test)) return reversed_number(*t);
  if (const auto* t = std::get_if<AgeIs>(&test)) return reversed_number(*t);
  if (const auto* t = std::get_if<PersonNumber>(&test)) return reversed_number(*t);
  if (const auto* t = std::get_if<DateIs>(&test))
    return reversed(*t, &DateIs::test, t->test.value > t->test.upper);
  return std::nullopt;
}

void add_plain(const EventTest& test, std::vector<EventTest>& out);

/// Alternatives of which none is a disjunction itself.
void add_alternatives(const std::vector<EventTest>& tests, std::vector<EventTest>& out,
                      bool& always) {
  for (const EventTest& each : tests) {
    std::vector<EventTest> all;
    add_plain(each, all);
    if (all.empty()) {
      always = true;
    } else if (all.size() > 1) {
      out.emplace_back(AllOfTests{std::move(all)});
    } else if (auto* inner = std::get_if<AnyOfTests>(&all.front())) {
      for (EventTest& one : inner->tests) out.push_back(std::move(one));
    } else {
      out.push_back(std::move(all.front()));
    }
  }
}

void add_plain(const EventTest& test, std::vector<EventTest>& out) {
  if (const auto* all = std::get_if<AllOfTests>(&test)) {
    for (const EventTest& each : all->tests) add_plain(each, out);
    return;
  }
  if (const auto parts = ordered(test)) {
    for (const EventTest& each : *parts) out.push_back(each);
    return;
  }
  const auto* any = std::get_if<AnyOfTests>(&test);
  if (!any) {
    out.push_back(test);
    return;
  }
  AnyOfTests plain;
  bool always = false;
  add_alternatives(any->tests, plain.tests, always);
  if (always) return;
  if (plain.tests.size() != 1) {
    out.emplace_back(std::move(plain));
  } else if (auto* all = std::get_if<AllOfTests>(&plain.tests.front())) {
    for (EventTest& each : all->tests) out.push_back(std::move(each));
  } else {
    out.push_back(std::move(plain.tests.front()));
  }
}

/// A pattern of LIKE as the language says it: with no word for where it stands.
TextTest plain_text(const TextTest& test) {
  if (!test.like) return test;
  TextTest out = test;
  if (test.text.find_first_of("%_") == std::string::npos) {
    out.like = false;
    return out;
  }
  using Kind = TextTest::Kind;
  if (test.kind == Kind::kContains || test.kind == Kind::kEndsWith) out.text.insert(0, "%");
  if (test.kind == Kind::kContains || test.kind == Kind::kStartsWith) out.text += '%';
  out.kind = Kind::kEqual;
  return out;
}

struct AttributeAndText {
  ColumnId column;
  TextTest test;
};
std::optional<AttributeAndText> text_test(const EventTest& test) {
  if (const auto* t = std::get_if<AttributeText>(&test))
    return AttributeAndText{t->column, plain_text(t->test)};
  if (const auto* t = std::get_if<PersonText>(&test))
    return AttributeAndText{t->column, plain_text(t->test)};
  return std::nullopt;
}

std::string source_text(const SourceIs& test) {
  const bool none = test.sources.empty() && test.kinds.empty();
  std::string text = test.exclude == none ? "from " : "not from ";
  if (none) return text + "any source";
  for (std::size_t i = 0; i < test.kinds.size(); ++i) text += (i > 0 ? " or " : "") + test.kinds[i];
  if (test.sources.empty()) return text;
  text += test.kinds.empty() ? "source " : " or source ";
  for (std::size_t i = 0; i < test.sources.size(); ++i)
    text += (i > 0 ? " or " : "") + name_or_quoted(test.sources[i]);
  return text;
}

std::string length_text(const LengthIs& test) {
  const std::string number = number_text(test.test, true);
  switch (test.test.comparison) {
    case Comparison::kEqual:
      return "lasting " + number.substr(2) + " days";
    case Comparison::kGreaterEqual:
      return "lasting at least " + number.substr(3) + " days";
    case Comparison::kLessEqual:
      return "lasting at most " + number.substr(3) + " days";
    case Comparison::kGreater:
      return "lasting more than " + number.substr(2) + " days";
    case Comparison::kLess:
      return "lasting less than " + number.substr(2) + " days";
    default:
      return "lasting " + number + " days";
  }
}

std::string age_text(const AgeIs& test) {
  return (test.exact ? "age " : "age by year ") + number_text(test.test, true);
}

}  // namespace

std::vector<EventTest> plain_tests(const std::vector<EventTest>& tests) {
  std::vector<EventTest> out;
  for (const EventTest& each : tests) add_plain(each, out);
  return out;
}

bool TestWriter::is_text_list(const EventTest& test) {
  const auto* any = std::get_if<AnyOfTests>(&test);
  if (!any || any->tests.empty()) return false;
  const auto first = text_test(any->tests.front());
  return first && !first->test.negated &&
         std::ranges::all_of(any->tests, [&](const EventTest& each) {
           const auto other = text_test(each);
           return other && other->column == first->column && !other->test.negated &&
                  other->test.kind == first->test.kind && other->test.like == first->test.like;
         });
}

std::string TestWriter::name(ColumnId column) const {
  if (column == column::kCode) return "code";
  if (const AttributeInfo* info = find_builtin_attribute(column)) return std::string(info->name);
  const std::string local = attribute_name_ ? attribute_name_(column) : std::string();
  if (local.empty())
    fail(ErrorCode::kInput, "the definition names an attribute that nobody knows: column",
         std::to_string(column));
  return local == "descendants" || local == "observation" ? quoted(local) : name_or_quoted(local);
}

std::string TestWriter::text(ColumnId column, const TextTest& test) const {
  static constexpr std::string_view kWords[] = {"=", "contains", "starts with", "ends with"};
  static constexpr std::string_view kNegated[] = {"!=", "does not contain", "does not start with",
                                                  "does not end with"};
  const TextTest plain = plain_text(test);
  const auto kind = static_cast<std::size_t>(plain.kind);
  const std::string_view words = plain.like      ? (plain.negated ? "not like" : "like")
                                 : plain.negated ? kNegated[kind]
                                                 : kWords[kind];
  return name(column) + ' ' + std::string(words) + ' ' + quoted(plain.text);
}

Phrase TestWriter::codes(ColumnId column, CodeSetIndex set, bool exclude) const {
  if (const auto value = sets_.plain_value(column, set); value && sets_.stands_in_place(set))
    return Phrase::words(name(column) + (exclude ? " is not " : " ") + *value);
  return Phrase::together(
      {Phrase::words(name(column) + (exclude ? " not in" : " in")), sets_.in_place(set)});
}

Phrase TestWriter::alternatives(const AnyOfTests& any) const {
  if (any.tests.empty()) return Phrase::words("never");
  if (is_text_list(EventTest(any))) {
    const auto first = text_test(any.tests.front());
    std::string list = text(first->column, first->test);
    for (std::size_t i = 1; i < any.tests.size(); ++i)
      list += " or " + quoted(text_test(any.tests[i])->test.text);
    return Phrase::words(std::move(list));
  }
  std::vector<Phrase> members;
  for (const EventTest& each : any.tests) {
    const auto* all = std::get_if<AllOfTests>(&each);
    members.push_back(all ? Phrase::sentence(joined(all->tests, "")) : one(each));
    // A list of sources would go on behind "or".
    const EventTest& last = all ? all->tests.back() : each;
    if (std::holds_alternative<SourceIs>(last))
      members.back() = Phrase::list("", {std::move(members.back())}, "");
  }
  for (std::size_t i = 1; i < members.size(); ++i) {
    const std::string word = members[i].first_word();
    if (sets_.is_name(word) || word.starts_with('"'))
      members[i - 1] = Phrase::list("", {std::move(members[i - 1])}, "");
  }
  return Phrase::list("", std::move(members), " or");
}

Phrase TestWriter::one(const EventTest& test) const {
  struct Visitor {
    const TestWriter& self;
    Phrase operator()(const AttributeNumber& t) {
      return Phrase::words(self.name(t.column) + ' ' + number_text(t.test, false));
    }
    Phrase operator()(const AttributeRatio& t) {
      return Phrase::words(self.name(t.numerator) + " / " + self.name(t.denominator) + ' ' +
                           number_text(t.test, false));
    }
    Phrase operator()(const AttributeOrder& t) {
      static constexpr std::string_view kSigns[] = {" < ", " <= ", " = ", " != ", " >= ", " > "};
      return Phrase::words(self.name(t.left) +
                           std::string(kSigns[static_cast<std::size_t>(t.comparison)]) +
                           self.name(t.right));
    }
    Phrase operator()(const AttributeText& t) { return Phrase::words(self.text(t.column, t.test)); }
    Phrase operator()(const AttributeCodes& t) { return self.codes(t.column, t.codes, t.exclude); }
    Phrase operator()(const AttributePresent& t) {
      return Phrase::words(self.name(t.column) + (t.present ? " is present" : " is absent"));
    }
    Phrase operator()(const VisitCodes& t) {
      const std::string words = t.exclude ? "visit not in" : "visit in";
      if (!t.codes) return Phrase::words(words + " any");
      return Phrase::together({Phrase::words(words), self.sets_.in_place(*t.codes)});
    }
    Phrase operator()(const DateIs& t) { return Phrase::words(date_text(t)); }
    Phrase operator()(const LengthIs& t) { return Phrase::words(length_text(t)); }
    Phrase operator()(const AgeIs& t) {
      return Phrase::words(age_text(t) + (t.at == End::kEnd ? " at end" : ""));
    }
    Phrase operator()(const PersonCodes& t) { return self.codes(t.column, t.codes, t.exclude); }
    Phrase operator()(const PersonText& t) { return Phrase::words(self.text(t.column, t.test)); }
    Phrase operator()(const PersonNumber& t) {
      return Phrase::words(self.name(t.column) + ' ' + number_text(t.test, false));
    }
    Phrase operator()(const SourceIs& t) { return Phrase::words(source_text(t)); }
    Phrase operator()(const AnyOfTests& t) { return self.alternatives(t); }
    Phrase operator()(const AllOfTests& t) { return Phrase::sentence(self.joined(t.tests, "")); }
  };
  return std::visit(Visitor{*this}, test);
}

std::vector<Phrase> TestWriter::joined(const std::vector<EventTest>& tests,
                                       const char* first) const {
  std::vector<Phrase> parts;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    Phrase phrase = one(tests[i]);
    // A value and its unit.
    const auto* number = std::get_if<AttributeNumber>(&tests[i]);
    const auto* unit = i + 1 < tests.size() ? std::get_if<AttributeCodes>(&tests[i + 1]) : nullptr;
    if (number && unit && !unit->exclude && sets_.stands_in_place(unit->codes) &&
        ((number->column == column::kValue && unit->column == column::kUnit) ||
         (number->column == column::kDose && unit->column == column::kDoseUnit))) {
      if (const auto texts = sets_.plain_value(unit->column, unit->codes, true)) {
        phrase.append(' ' + *texts);
        ++i;
      }
    }
    const std::string before = parts.empty() ? first : "and";
    parts.push_back(before.empty() ? std::move(phrase)
                                   : Phrase::together({Phrase::words(before), std::move(phrase)}));
  }
  return parts;
}

std::vector<Phrase> TestWriter::clauses(const std::vector<EventTest>& tests) const {
  std::vector<EventTest> with;
  std::vector<Phrase> lengths;
  std::vector<Phrase> sources;
  std::vector<Phrase> dates;
  for (const EventTest& each : plain_tests(tests)) {
    if (std::holds_alternative<LengthIs>(each)) {
      lengths.push_back(one(each));
    } else if (std::holds_alternative<SourceIs>(each)) {
      sources.push_back(one(each));
    } else if (std::holds_alternative<DateIs>(each)) {
      dates.push_back(one(each));
    } else {
      with.push_back(each);
    }
  }
  std::vector<Phrase> out = joined(with, "with");
  for (auto* more : {&lengths, &sources, &dates}) {
    for (Phrase& phrase : *more) out.push_back(std::move(phrase));
  }
  return out;
}

Phrase TestWriter::person(const std::vector<EventTest>& tests, Around around) const {
  std::vector<Phrase> parts;
  for (const EventTest& each : tests) {
    std::string before = parts.empty() ? "" : "and ";
    const std::string index = anchor_text(around, End::kStart);
    if (const auto* age = std::get_if<AgeIs>(&each)) {
      parts.push_back(
          Phrase::words(before + age_text(*age) + " at " + anchor_text(around, age->at)));
    } else if (std::holds_alternative<DateIs>(each) || std::holds_alternative<LengthIs>(each)) {
      parts.push_back(Phrase::words(before + index + ' ' + one(each).flat()));
    } else {
      const auto* present = std::get_if<AttributePresent>(&each);
      const bool fits = std::holds_alternative<PersonCodes>(each) ||
                        std::holds_alternative<PersonText>(each) ||
                        std::holds_alternative<PersonNumber>(each) ||
                        (present && is_person_column(present->column)) ||
                        std::holds_alternative<AnyOfTests>(each);
      if (!fits)
        fail(ErrorCode::kInput, "the language has no words for this test of the person: kind",
             std::to_string(each.index()));
      parts.push_back(before.empty() ? one(each)
                                     : Phrase::together({Phrase::words("and"), one(each)}));
    }
  }
  return Phrase::sentence(std::move(parts));
}

}  // namespace anam
