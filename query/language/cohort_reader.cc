// SPDX-License-Identifier: Apache-2.0
#include "query/language/cohort_reader.h"

#include <algorithm>
#include <limits>
#include <string>

#include "query/language/quantity.h"
#include "query/language/words.h"
#include "storage/cohort_name.h"
#include "storage/error.h"

namespace anam {
namespace {

bool is_file_name(std::string_view text) {
  return text.ends_with(".cohort") || text.ends_with(".json");
}

void read_file(const Reading& reading, CohortReference& reference) {
  const Token file = reading.cursor.take();
  reference.file = file.text;
  if (!reading.files) return;
  try {
    reference.definition = reading.files(file.text);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) throw;
    reading.cursor.fail(file.span, "the definition in this file cannot be used", error.what());
  }
}

void read_name(Cursor& cursor, CohortReference& reference) {
  const Token& token = cursor.peek();
  const bool reserved = token.kind == TokenKind::kWord && is_reserved(token.text);
  if ((token.kind != TokenKind::kWord && token.kind != TokenKind::kText) || reserved) {
    cursor.fail_expected("the name of a saved cohort, or a file",
                         reserved || token.kind == TokenKind::kNumber
                             ? "A name that is a word of the language or a number stands in quotes."
                             : "Such as: cohort diabetics, or cohort file \"diabetics.cohort\".");
  }
  if (is_file_name(token.text)) {
    cursor.fail(token.span, "this is the name of a file",
                "Write cohort file \"" + token.text + "\", or the name of a saved cohort.");
  }
  if (!is_cohort_name(token.text)) {
    cursor.fail(token.span, "no saved cohort can have this name", kCohortNameRule);
  }
  reference.name = cursor.take().text;
  if (!cursor.accept({"as", "of"})) {
    cursor.suggest("as");
    return;
  }
  cursor.expect("release");
  const TextSpan span = cursor.peek().span;
  const int number = read_count(cursor, "the number of a release");
  if (number == 0) cursor.fail(span, "there is no such release", "Releases are numbered from 1.");
  reference.release = static_cast<std::uint32_t>(number);
}

// Whether a test asks only for what a person or a row of a cohort has.
bool fits_rows(const EventTest& test) {
  if (const auto* any = std::get_if<AnyOfTests>(&test))
    return std::ranges::all_of(any->tests, fits_rows);
  if (const auto* all = std::get_if<AllOfTests>(&test))
    return std::ranges::all_of(all->tests, fits_rows);
  if (const auto* present = std::get_if<AttributePresent>(&test))
    return is_person_column(present->column);
  return std::holds_alternative<DateIs>(test) || std::holds_alternative<LengthIs>(test) ||
         std::holds_alternative<AgeIs>(test) || std::holds_alternative<PersonCodes>(test) ||
         std::holds_alternative<PersonText>(test) || std::holds_alternative<PersonNumber>(test);
}

}  // namespace

CohortReference read_cohort_reference(const Reading& reading) {
  CohortReference reference;
  Cursor& cursor = reading.cursor;
  if (cursor.at("file") && cursor.peek(1).kind == TokenKind::kText) {
    cursor.take();
    read_file(reading, reference);
  } else {
    read_name(cursor, reference);
  }
  if (begins_codes(cursor.peek())) {
    cursor.fail(cursor.peek().span, "rows of a cohort have no codes",
                "What its members have besides is said of them: that has (any drug NAME on it).");
  }
  return reference;
}

void check_cohort_clause(const Cursor& cursor, std::size_t begin, const EventQuery& query,
                         const CountedQuery* counted) {
  if (!query.cohort) return;
  const auto fail = [&](std::string_view what, std::string_view help) {
    cursor.fail({begin, cursor.end_of_last()}, what, help);
  };
  constexpr std::string_view kHelp =
      "A row has a patient, a start and an end: ask when it was, how long it lasted, or about the "
      "person.";
  if (query.source_codes) fail("rows of a cohort have no codes", kHelp);
  if (query.role != Role::kEither) fail("rows of a cohort have no codes", kHelp);
  if (!std::ranges::all_of(query.tests, fits_rows))
    fail("rows of a cohort do not have what this asks for", kHelp);
  if (counted == nullptr) return;
  if (counted->same_visit || counted->same_claim)
    fail("rows of a cohort belong to no visit and no claim", kHelp);
  const Occurrence& occurrence = counted->occurrence;
  if (occurrence.distinct && occurrence.distinct_column != column::kDay &&
      occurrence.distinct_column != column::kEndDay &&
      occurrence.distinct_column != Occurrence::kDuration) {
    fail("of rows of a cohort, only days, end days and lengths can be distinct", kHelp);
  }
}

}  // namespace anam
