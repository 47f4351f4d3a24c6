// SPDX-License-Identifier: Apache-2.0
#include "query/language/definition_writer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "query/definition_walk.h"
#include "query/language/code_set_writer.h"
#include "query/language/condition_writer.h"
#include "query/language/phrase.h"
#include "query/language/quoting.h"
#include "query/language/test_writer.h"
#include "query/language/time_writer.h"
#include "storage/calendar.h"

namespace anam {
namespace {

constexpr std::size_t kIndent = 9;           // where sentences begin, behind their first word
constexpr std::size_t kMaxAlignedName = 30;  // of a rule, with its quotes

/// Whether "count within the same observation period" saves more than it costs.
bool counts_within_period(const CohortDefinition& definition) {
  int within = 0;
  int anywhere = 0;
  for_each_counted(definition, [&](const CountedQuery& counted) {
    ++(counted.within_period ? within : anywhere);
  });
  return within > 1 && within > anywhere;
}

/// Whether the index events are dates of the calendar, as "index on ..." lists them.
bool are_dates(const CohortDefinition& definition) {
  constexpr std::size_t kMaxDates = 1000;
  if (!definition.index_in_period || definition.index.size() > kMaxDates) return false;
  const EventQuery* before = nullptr;
  for (const EventQuery& query : definition.index) {
    const bool date = query.domain == Domain::kEnrollment && !query.cohort && !query.codes &&
                      !query.source_codes && !query.first && query.tests.empty() &&
                      !query.adjustment && query.nested.empty() && query.contains_start &&
                      query.contains_start == query.contains_end &&
                      *query.contains_start >= kFirstDay && *query.contains_start <= kLastDay;
    if (!date || (before && *before->contains_start >= *query.contains_start)) return false;
    before = &query;
  }
  return before != nullptr;
}

std::string limit_text(Limit limit) {
  return limit == Limit::kFirst ? "earliest" : limit == Limit::kLast ? "latest" : "every";
}

std::string date(Day day) { return format_day(std::clamp(day, kFirstDay, kLastDay)); }

class DefinitionWriter {
 public:
  DefinitionWriter(const CohortDefinition& cohort, const TextOptions& options)
      : cohort_(cohort),
        sets_(cohort, options.code_name),
        tests_(sets_, options.attribute_name),
        within_period_(counts_within_period(cohort)),
        conditions_(sets_, tests_, within_period_) {}

  std::string write() {
    if (!cohort_.title.empty()) {
      page_.put("cohort " + quoted(cohort_.title));
      page_.new_line();
      page_.new_line();
    }
    if (sets_.has_statements()) {
      sets_.write_statements(page_);
      page_.new_line();
    }
    if (cohort_.by_record) {
      begin("order");
      page_.put("events of a day by record");
      page_.new_line();
    }
    if (within_period_) {
      begin("count");
      page_.put("within the same observation period");
      page_.new_line();
    }
    index();
    restriction();
    rules();
    if (cohort_.included_limit != Limit::kAll) {
      begin("keep");
      page_.put(limit_text(cohort_.included_limit));
      page_.new_line();
    }
    exit();
    rows();
    return page_.take();
  }

 private:
  void begin(std::string word) {
    word.resize(kIndent, ' ');
    page_.put(word);
  }

  void sentence(std::string word, const Phrase& phrase) {
    begin(std::move(word));
    page_.write(phrase, kIndent, kIndent);
    page_.new_line();
  }

  void index() {
    begin("index");
    if (cohort_.index_limit != Limit::kAll) page_.put(limit_text(cohort_.index_limit) + ' ');
    const bool observed =
        cohort_.index_in_period || cohort_.days_before != 0 || cohort_.days_after != 0;
    if (are_dates(cohort_)) {
      std::vector<Phrase> dates;
      for (const EventQuery& query : cohort_.index)
        dates.push_back(
            Phrase::words((dates.empty() ? "on " : "or ") + date(*query.contains_start)));
      page_.write(Phrase::sentence(std::move(dates)), kIndent, kIndent);
    } else {
      if (cohort_.index_limit != Limit::kAll) page_.put("of ");
      for (std::size_t i = 0; i < cohort_.index.size(); ++i) {
        if (i > 0) {
          page_.new_line(kIndent - 3);
          page_.put("or ");
        }
        const bool closed = observed || i + 1 < cohort_.index.size();
        page_.write(conditions_.event(cohort_.index[i], closed), kIndent, kIndent + 2);
      }
    }
    if (observed) {
      page_.new_line(kIndent);
      page_.put(cohort_.index_in_period ? "with " : "with or without ");
      page_.put(observation());
    }
    page_.new_line();
  }

  std::string observation() const {
    if (cohort_.days_before == 0 && cohort_.days_after == 0) return "observation";
    return days_text(cohort_.days_before) + " of observation before and " +
           days_text(cohort_.days_after) + " after";
  }

  void restriction() {
    if (!cohort_.additional) return;
    Phrase phrase = conditions_.condition(*cohort_.additional, Around::kIndex, true);
    std::vector<Phrase> parts;
    parts.push_back(Phrase::together({Phrase::words("to"), std::move(phrase)}));
    if (cohort_.qualified_limit != Limit::kAll)
      parts.push_back(Phrase::words("keeping " + limit_text(cohort_.qualified_limit)));
    sentence("restrict", Phrase::sentence(std::move(parts)));
  }

  void rules() {
    struct Written {
      std::string name;
      Phrase condition;
    };
    std::vector<Written> all;
    std::size_t width = 0;
    for (const Rule& rule : cohort_.rules) {
      Phrase condition = conditions_.condition(rule.group, Around::kIndex, !rule.negated);
      std::string name;
      // A rule without a name is called as it is written.
      const bool named = !rule.name.empty() && rule.name != condition.flat();
      if (named || !rule.description.empty()) name = quoted(rule.name);
      if (!rule.description.empty()) name += ' ' + quoted(rule.description);
      const bool short_name = rule.description.empty() && text_width(name) <= kMaxAlignedName;
      if (short_name && kIndent + text_width(name) + 1 + condition.width() <= Page::kWidth)
        width = std::max(width, text_width(name));
      all.push_back({std::move(name), std::move(condition)});
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto& [name, condition] = all[i];
      begin(cohort_.rules[i].negated ? "exclude" : "require");
      page_.put(name);
      const bool aligned = text_width(name) <= width && cohort_.rules[i].description.empty() &&
                           kIndent + width + 1 + condition.width() <= Page::kWidth;
      if (name.empty()) {
        page_.write(condition, kIndent, kIndent + 2);
      } else if (aligned) {
        page_.put(std::string(width - text_width(name) + 1, ' '));
        page_.write(condition, kIndent, kIndent + 2);
      } else {
        page_.new_line(kIndent);
        page_.write(condition, kIndent, kIndent + 2);
      }
      page_.new_line();
    }
  }

  void exit() {
    std::vector<Phrase> reasons;
    const bool only_default =
        cohort_.further_exits.empty() && std::holds_alternative<ExitAtPeriodEnd>(cohort_.exit);
    if (!only_default) reasons.push_back(reason(cohort_.exit));
    if (cohort_.exit_at_death) reasons.push_back(Phrase::words("at death"));
    for (const Exit& exit : cohort_.further_exits) reasons.push_back(reason(exit));
    for (const EventQuery& query : cohort_.censoring) {
      reasons.push_back(Phrase::together({Phrase::words("at"), conditions_.event(query, true)}));
    }
    if (reasons.empty()) return;
    for (std::size_t i = 0; i < reasons.size(); ++i) {
      if (i + 1 < reasons.size()) reasons[i].append(",");
      if (i > 0) reasons[i] = Phrase::together({Phrase::words("or"), std::move(reasons[i])});
    }
    sentence("exit", Phrase::sentence(std::move(reasons)));
  }

  Phrase reason(const Exit& exit) const {
    if (const auto* after = std::get_if<ExitAfter>(&exit)) {
      const std::string anchor = after->from == End::kEnd ? "index end" : "index";
      if (after->days == 0) return Phrase::words("at " + anchor);
      return Phrase::words(days_text(std::abs(std::int64_t{after->days})) +
                           (after->days < 0 ? " before " : " after ") + anchor);
    }
    const auto* era = std::get_if<ExitWhenEraEnds>(&exit);
    if (!era) return Phrase::words("at end of observation");
    std::vector<Phrase> parts;
    parts.push_back(Phrase::together(
        {Phrase::words("when drug"), sets_.in_place(era->codes), Phrase::words("stops,")}));
    parts.push_back(Phrase::words("allowing gaps of " + days_text(era->gap_days)));
    const auto add = [&parts](const std::string& text) {
      parts.back().append(",");
      parts.push_back(Phrase::words(text));
    };
    if (era->offset != 0) add("adding " + days_text(era->offset));
    if (era->days_supply) add("assuming " + days_text(*era->days_supply) + " of supply");
    return Phrase::sentence(std::move(parts));
  }

  void rows() {
    if (cohort_.era_pad != 0)
      sentence("join", Phrase::words("rows up to " + days_text(cohort_.era_pad) + " apart"));
    if (!cohort_.censor_from && !cohort_.censor_to) return;
    const std::string from = cohort_.censor_from ? date(*cohort_.censor_from) : "";
    const std::string to = cohort_.censor_to ? date(*cohort_.censor_to) : "";
    std::string text = "rows ";
    if (to.empty()) {
      text += "before " + from;
    } else if (from.empty()) {
      text += "after " + to;
    } else if (*cohort_.censor_from <= *cohort_.censor_to) {
      text += "to " + from + ".." + to;
    } else {
      text += "before " + from + " and after " + to;
    }
    sentence("cut", Phrase::words(text));
  }

  const CohortDefinition& cohort_;
  CodeSetWriter sets_;
  TestWriter tests_;
  bool within_period_;
  ConditionWriter conditions_;
  Page page_;
};

}  // namespace

std::string to_text(const CohortDefinition& definition, const TextOptions& options) {
  return DefinitionWriter(definition, options).write();
}

}  // namespace anam
