// SPDX-License-Identifier: Apache-2.0
// Writes tests of events and persons.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "query/definition.h"
#include "query/language/code_set_writer.h"
#include "query/language/phrase.h"
#include "query/language/time_clause.h"

namespace anam {

/// The name of an attribute; empty where there is none.
using AttributeName = std::function<std::string(ColumnId column)>;

/// Tests that all must hold, in the form that the language can say: no AllOfTests but inside of
/// AnyOfTests, those without alternatives unfolded, bounds in order.
std::vector<EventTest> plain_tests(const std::vector<EventTest>& tests);

/// Must not outlive what it is made of.
class TestWriter {
 public:
  TestWriter(const CodeSetWriter& sets, const AttributeName& attribute_name)
      : sets_(sets), attribute_name_(attribute_name) {}

  /// Clauses of an event, in the order of the language: "with value >= 3", "and route is present",
  /// "lasting 3 days", "before 2015-01-01".
  std::vector<Phrase> clauses(const std::vector<EventTest>& tests) const;

  /// Tests of the person, joined by "and". REQUIRES: plain, and not empty.
  Phrase person(const std::vector<EventTest>& tests, Around around) const;

  /// Whether a disjunction is said of one attribute: stop_reason = "a" or "b".
  static bool is_text_list(const EventTest& test);

  /// Of a built-in or local attribute. Throws Error(kInput) for what is none.
  std::string name(ColumnId column) const;

 private:
  Phrase one(const EventTest& test) const;
  Phrase alternatives(const AnyOfTests& any) const;
  Phrase codes(ColumnId column, CodeSetIndex set, bool exclude) const;
  std::string text(ColumnId column, const TextTest& test) const;
  std::vector<Phrase> joined(const std::vector<EventTest>& tests, const char* first) const;

  const CodeSetWriter& sets_;
  const AttributeName& attribute_name_;
};

}  // namespace anam
