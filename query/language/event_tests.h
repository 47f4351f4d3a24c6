// SPDX-License-Identifier: Apache-2.0
// Tests of one event or of the person: "value >= 6.5 and unit UCUM:%", "age 18 to 75".
#pragma once

#include <vector>

#include "query/definition.h"
#include "query/language/attribute_lookup.h"
#include "query/language/code_expression.h"
#include "query/language/cohort_lookup.h"
#include "query/language/cursor.h"

namespace anam {

/// What reading a definition needs everywhere.
struct Reading {
  Cursor& cursor;
  CodeSetTable& sets;
  const AttributeLookup& attributes;
  const CohortFileLookup& files;
  bool within_period = false;  // counts are within the same observation period unless they say no
};

/// Reads tests that are joined by "and"; stops before an "and" that joins something else.
void read_tests(const Reading& reading, std::vector<EventTest>& tests);

/// Reads "lasting 3 to 10 days".
LengthIs read_length(Cursor& cursor);

/// Reads "from source mayo or claims", "not from source mayo", "from any source".
SourceIs read_source(Cursor& cursor);
bool begins_source(const Cursor& cursor, std::size_t ahead = 0);

/// Whether a test of the person begins here: age, sex, race, ....
bool begins_person_test(const Reading& reading, std::size_t ahead = 0);

/// Reads one test of the person at the event that it is asked about.
void read_person_test(const Reading& reading, std::vector<EventTest>& tests);

/// Takes the name of an attribute.
Attribute read_attribute(const Reading& reading);

}  // namespace anam
