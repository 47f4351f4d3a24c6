// SPDX-License-Identifier: Apache-2.0
#include "query/language/exit_reader.h"

#include <utility>

#include "query/language/event_reader.h"
#include "query/language/quantity.h"

namespace anam {
namespace {

class ExitReader {
 public:
  ExitReader(const Reading& reading, CohortDefinition& cohort)
      : reading_(reading), cursor_(reading.cursor), cohort_(cohort) {}

  void read() {
    do {
      reason();
    } while (cursor_.accept("or") || cursor_.accept({",", "or"}));
  }

 private:
  void reason() {
    if (cursor_.accept("when")) {
      persistence();
    } else if (cursor_.peek().kind == TokenKind::kNumber) {
      const int days = read_days(cursor_, "a number of days");
      const bool before = cursor_.accept("before");
      if (!before && !cursor_.accept("after")) cursor_.fail_expected("\"before\" or \"after\"");
      add(ExitAfter{.from = read_anchor(cursor_, Around::kIndex), .days = before ? -days : days});
    } else if (cursor_.accept("at") || cursor_.accept("on")) {
      moment();
    } else {
      cursor_.fail_expected("why membership ends",
                            "Such as: at end of observation, at death, 180 days after index, when "
                            "drug NAME stops, at first condition NAME.");
    }
  }

  void moment() {
    if (cursor_.accept("death")) {
      cohort_.exit_at_death = true;
    } else if (cursor_.accept({"end", "of", "observation"}) ||
               cursor_.accept({"the", "end", "of", "observation"})) {
      add(ExitAtPeriodEnd{});
    } else if (cursor_.at("index")) {
      add(ExitAfter{.from = read_anchor(cursor_, Around::kIndex), .days = 0});
    } else if (begins_event(cursor_, 0)) {
      cohort_.censoring.push_back(read_event(reading_));
    } else {
      cursor_.suggest("first");
      cursor_.fail_expected("\"end of observation\", \"death\", \"index end\" or an event");
    }
  }

  /// Behind "when": "drug metformin stops, allowing gaps of 30 days".
  void persistence() {
    if (!cursor_.accept("drug")) cursor_.accept("drugs");
    ExitWhenEraEnds exit;
    exit.codes = read_codes_in_place(cursor_, reading_.sets);
    if (!cursor_.accept("stop")) cursor_.expect("stops");
    while (option(exit)) {
    }
    add(exit);
  }

  bool option(ExitWhenEraEnds& exit) {
    for (const std::string_view word : {"allowing", "adding", "assuming"}) cursor_.suggest(word);
    const std::size_t comma = cursor_.at(",") ? 1 : 0;
    if (!cursor_.at_any({"allowing", "adding", "assuming"}, comma)) return false;
    if (comma) cursor_.take();
    if (cursor_.accept("allowing")) {
      cursor_.expect("gaps");
      cursor_.expect("of");
      exit.gap_days = read_signed_days(cursor_, "a number of days");
    } else if (cursor_.accept("adding")) {
      exit.offset = read_signed_days(cursor_, "a number of days");
    } else {
      cursor_.expect("assuming");
      exit.days_supply = read_signed_days(cursor_, "a number of days");
      cursor_.expect("of");
      cursor_.expect("supply");
    }
    return true;
  }

  void add(const Exit& exit) {
    if (has_exit_) {
      cohort_.further_exits.push_back(exit);
    } else {
      cohort_.exit = exit;
    }
    has_exit_ = true;
  }

  const Reading& reading_;
  Cursor& cursor_;
  CohortDefinition& cohort_;
  bool has_exit_ = false;
};

}  // namespace

void read_exit(const Reading& reading, CohortDefinition& cohort) {
  ExitReader(reading, cohort).read();
}

void read_join(const Reading& reading, CohortDefinition& cohort) {
  Cursor& cursor = reading.cursor;
  cursor.expect("rows");
  if (cursor.accept({"up", "to"})) {
    cohort.era_pad = read_signed_days(cursor, "a number of days");
    cursor.expect("apart");
  } else if (cursor.accept({"closer", "than"})) {
    const TextSpan span = cursor.peek().span;
    const int days = read_days(cursor, "a number of days");
    if (days == 0) cursor.fail(span, "no rows are this close", "Say at least 1 day.");
    cohort.era_pad = days - 1;
  } else {
    cursor.fail_expected("\"up to 30 days apart\" or \"closer than 30 days\"");
  }
}

void read_cut(const Reading& reading, CohortDefinition& cohort) {
  Cursor& cursor = reading.cursor;
  cursor.expect("rows");
  if (cursor.accept("before")) {
    cohort.censor_from = read_date(cursor);
    if (cursor.accept({"and", "after"})) cohort.censor_to = read_date(cursor);
  } else if (cursor.accept("after")) {
    cohort.censor_to = read_date(cursor);
  } else if (cursor.accept("to")) {
    const std::size_t begin = cursor.begin();
    cohort.censor_from = read_date(cursor);
    if (!accept_to(cursor)) cursor.fail_expected("\"to\" or \"..\" and the last date");
    cohort.censor_to = read_date(cursor);
    if (*cohort.censor_from > *cohort.censor_to) {
      cursor.fail({begin, cursor.end_of_last()}, "no day lies in this range",
                  "The earlier date stands first.");
    }
  } else {
    cursor.fail_expected("\"to\", \"before\" or \"after\" and a date");
  }
}

}  // namespace anam
