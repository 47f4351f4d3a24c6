// SPDX-License-Identifier: Apache-2.0
// Writes events, counts of them, and groups of conditions.
#pragma once

#include <string>
#include <vector>

#include "query/definition.h"
#include "query/language/code_set_writer.h"
#include "query/language/phrase.h"
#include "query/language/test_writer.h"

namespace anam {

/// Must not outlive what it is made of.
class ConditionWriter {
 public:
  /// `within_period`: counts are within the period unless they say no.
  ConditionWriter(const CodeSetWriter& sets, const TestWriter& tests, bool within_period)
      : sets_(sets), tests_(tests), within_period_(within_period) {}

  /// An event that starts or ends membership. With `closed`, more of the sentence can follow.
  Phrase event(const EventQuery& query, bool closed) const;

  /// What must hold. A single count of one is "at least 1" where `at_least`, else "any".
  Phrase condition(const Group& group, Around around, bool at_least) const;

 private:
  Phrase simple(const Group& group, Around around, bool at_least) const;
  Phrase group(const Group& group, Around around) const;
  Phrase counted(const CountedQuery& counted, Around around, bool at_least) const;
  Phrase quantity_of(const CountedQuery& counted, bool at_least) const;
  Phrase subject(std::string quantity, const EventQuery& query) const;
  void add_moves(const EventQuery& query, std::vector<Phrase>& parts) const;
  void add_nested(const EventQuery& query, bool closed, std::vector<Phrase>& parts) const;

  const CodeSetWriter& sets_;
  const TestWriter& tests_;
  bool within_period_;
};

}  // namespace anam
