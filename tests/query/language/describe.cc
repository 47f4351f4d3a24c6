// SPDX-License-Identifier: Apache-2.0
#include "tests/query/language/describe.h"

#include "storage/attributes.h"
#include "storage/calendar.h"
#include "storage/decimal.h"

namespace anam::test {
namespace {

std::string column_name(ColumnId column) {
  if (column == column::kCode) return "code";
  if (column == column::kDay) return "day";
  if (column == column::kEndDay) return "end_day";
  if (column == column::kSource) return "source";
  if (column == Occurrence::kDuration) return "length";
  const AttributeInfo* info = find_builtin_attribute(column);
  return info ? std::string(info->name) : "column" + std::to_string(column);
}

std::string items(const std::vector<CodeSetItem>& list) {
  std::string text;
  for (const CodeSetItem& item : list) {
    if (!text.empty()) text += " | ";
    if (!item.nested.empty()) {
      text += '(' + describe(item.nested.front()) + ')';
    } else {
      text += (item.vocabulary.empty() ? "*" : item.vocabulary) + ':';
      text += item.literal ? '\'' + item.pattern + '\'' : item.pattern;
    }
    if (item.descendants) text += '+';
    if (item.mapped) text += '~';
    if (item.defined_only) text += '!';
  }
  return text;
}

class Describer {
 public:
  explicit Describer(const CohortDefinition& cohort) : cohort_(cohort) {}

  std::string query(const EventQuery& query) const {
    std::string text = query.first ? "first " : "";
    if (query.role == Role::kStandard) text += "standard ";
    if (query.role == Role::kSource) text += "source ";
    if (query.cohort) {
      text += query.cohort->name.empty() ? "cohort file=" + query.cohort->file
                                         : "cohort=" + query.cohort->name;
      if (query.cohort->release) text += " release=" + std::to_string(*query.cohort->release);
    } else {
      text += query.domain == Domain::kNone ? "event" : std::string(domain_name(query.domain));
    }
    if (query.codes) text += ' ' + codes(*query.codes);
    if (query.source_codes) text += " source_codes=" + codes(*query.source_codes);
    for (const EventTest& each : query.tests) text += ' ' + test(each);
    if (query.adjustment) {
      text += " dated[" + end(query.adjustment->start_from) + plus(query.adjustment->start_offset) +
              ".." + end(query.adjustment->end_from) + plus(query.adjustment->end_offset) + ']';
    }
    if (query.contains_start) text += " from=" + format_day(*query.contains_start);
    if (query.contains_end) text += " to=" + format_day(*query.contains_end);
    for (const Group& group : query.nested) text += " has{" + this->group(group) + '}';
    return text;
  }

  std::string group(const Group& group) const {
    std::string text = group.kind == Group::Kind::kAll       ? "all"
                       : group.kind == Group::Kind::kAny     ? "any"
                       : group.kind == Group::Kind::kAtLeast ? ">=" + std::to_string(group.count)
                                                             : "<=" + std::to_string(group.count);
    for (const CountedQuery& each : group.counts) text += " (" + count(each) + ')';
    for (const Demographic& each : group.demographics) {
      text += " (person";
      for (const EventTest& one : each.tests) text += ' ' + test(one);
      text += ')';
    }
    for (const Group& each : group.groups) text += " (" + this->group(each) + ')';
    return text;
  }

  std::string exit(const Exit& exit) const {
    if (const auto* after = std::get_if<ExitAfter>(&exit))
      return end(after->from) + plus(after->days);
    const auto* era = std::get_if<ExitWhenEraEnds>(&exit);
    if (!era) return "period_end";
    std::string text = "era " + codes(era->codes) + " gap=" + std::to_string(era->gap_days) +
                       " offset=" + std::to_string(era->offset);
    if (era->days_supply) text += " supply=" + std::to_string(*era->days_supply);
    return text;
  }

 private:
  static std::string end(End end) { return end == End::kStart ? "start" : "end"; }
  static std::string plus(std::int64_t value) {
    return (value < 0 ? "" : "+") + std::to_string(value);
  }
  std::string codes(CodeSetIndex index) const {
    return '{' + cohort_.code_sets.at(index).name + '}';
  }

  static std::string comparison(Comparison comparison, const std::string& value,
                                const std::string& upper) {
    static constexpr std::string_view kSigns[] = {"<", "<=", "=", "!=", ">=", ">", " in ", " out "};
    std::string text(kSigns[static_cast<std::size_t>(comparison)]);
    text += value;
    return comparison >= Comparison::kBetween ? text + ".." + upper : text;
  }
  static std::string number(const NumberTest& test) {
    return comparison(test.comparison, format_decimal(test.value), format_decimal(test.upper));
  }
  static std::string like(const TextTest& test) {
    static constexpr std::string_view kKinds[] = {"=", " contains ", " starts ", " ends "};
    return (test.negated ? " not" : "") + std::string(kKinds[static_cast<std::size_t>(test.kind)]) +
           (test.like ? "~" : "") + '\'' + test.text + '\'';
  }

  template <typename List>
  std::string list(const List& tests, const std::string& between) const {
    std::string text;
    for (const EventTest& each : tests) text += (text.empty() ? "" : between) + test(each);
    return '(' + text + ')';
  }

  std::string test(const EventTest& test) const {
    struct Visitor {
      const Describer& self;
      std::string operator()(const AttributeNumber& t) {
        return column_name(t.column) + number(t.test);
      }
      std::string operator()(const AttributeRatio& t) {
        return column_name(t.numerator) + '/' + column_name(t.denominator) + number(t.test);
      }
      std::string operator()(const AttributeOrder& t) {
        static constexpr std::string_view kSigns[] = {"<", "<=", "=", "!=", ">=", ">"};
        return column_name(t.left) + std::string(kSigns[static_cast<std::size_t>(t.comparison)]) +
               column_name(t.right);
      }
      std::string operator()(const AttributeText& t) {
        return column_name(t.column) + like(t.test);
      }
      std::string operator()(const AttributeCodes& t) {
        return column_name(t.column) + (t.exclude ? " not in " : " in ") + self.codes(t.codes);
      }
      std::string operator()(const AttributePresent& t) {
        return column_name(t.column) + (t.present ? " present" : " absent");
      }
      std::string operator()(const VisitCodes& t) {
        return std::string("visit_codes ") + (t.exclude ? "not in " : "in ") +
               (t.codes ? self.codes(*t.codes) : "any");
      }
      std::string operator()(const DateIs& t) {
        return end(t.of) +
               comparison(t.test.comparison, format_day(t.test.value), format_day(t.test.upper));
      }
      std::string operator()(const LengthIs& t) { return "length" + number(t.test); }
      std::string operator()(const AgeIs& t) {
        return std::string(t.exact ? "age@" : "year_age@") + end(t.at) + number(t.test);
      }
      std::string operator()(const PersonCodes& t) {
        return "person." + column_name(t.column) + (t.exclude ? " not in " : " in ") +
               self.codes(t.codes);
      }
      std::string operator()(const PersonText& t) {
        return "person." + column_name(t.column) + like(t.test);
      }
      std::string operator()(const PersonNumber& t) {
        return "person." + column_name(t.column) + number(t.test);
      }
      std::string operator()(const SourceIs& t) {
        std::string text = t.exclude ? "source not in" : "source in";
        for (const std::string& kind : t.kinds) text += ' ' + kind;
        for (const std::string& source : t.sources) text += " '" + source + '\'';
        return text;
      }
      std::string operator()(const AnyOfTests& t) { return self.list(t.tests, " or "); }
      std::string operator()(const AllOfTests& t) { return self.list(t.tests, " and "); }
    };
    return std::visit(Visitor{*this}, test);
  }

  static std::string edge(const WindowEdge& edge) {
    if (!edge.offset) return edge.opposite ? "opposite" : "*";
    return plus(*edge.offset) + (edge.unit == WindowEdge::Unit::kSeconds ? "s" : "d");
  }

  std::string count(const CountedQuery& counted) const {
    static constexpr std::string_view kKinds[] = {"=", "<=", ">="};
    const Occurrence& occurrence = counted.occurrence;
    std::string text(kKinds[static_cast<std::size_t>(occurrence.kind)]);
    text += std::to_string(occurrence.count) + ' ';
    if (occurrence.distinct) text += "distinct " + column_name(occurrence.distinct_column) + ' ';
    text += query(counted.query);
    for (const Window& window : counted.windows) {
      text += " [" + edge(window.from) + ".." + edge(window.to);
      if (window.anchor == End::kEnd) text += " of end";
      if (window.event == End::kEnd) text += " ending";
      text += ']';
    }
    if (counted.same_visit) text += " same_visit";
    if (counted.same_claim) text += " same_claim";
    if (counted.within_period) text += " same_period";
    return text;
  }

  const CohortDefinition& cohort_;
};

std::string limit(Limit limit) {
  return limit == Limit::kAll ? "all" : limit == Limit::kFirst ? "first" : "last";
}

}  // namespace

std::string describe(const CodeSet& set) {
  return items(set.include) + (set.exclude.empty() ? "" : " - " + items(set.exclude));
}

std::string describe(const CohortDefinition& cohort) {
  const Describer describer(cohort);
  std::string text;
  if (!cohort.title.empty()) text += "title " + cohort.title + '\n';
  for (const CodeSet& set : cohort.code_sets)
    text += "set " + set.name + " = " + describe(set) + '\n';
  if (cohort.by_record) text += "by record\n";
  for (const EventQuery& query : cohort.index) text += "index " + describer.query(query) + '\n';
  if (cohort.index_in_period) {
    text += "observed " + std::to_string(cohort.days_before) + ' ' +
            std::to_string(cohort.days_after) + '\n';
  }
  if (cohort.index_limit != Limit::kAll) text += "index_limit " + limit(cohort.index_limit) + '\n';
  if (cohort.additional) text += "restrict " + describer.group(*cohort.additional) + '\n';
  if (cohort.qualified_limit != Limit::kAll) {
    text += "qualified_limit " + limit(cohort.qualified_limit) + '\n';
  }
  for (const Rule& rule : cohort.rules) {
    text += (rule.negated ? "not " : "rule ") + ('\'' + rule.name + '\'') +
            (rule.description.empty() ? "" : " (" + rule.description + ')') + ": " +
            describer.group(rule.group) + '\n';
  }
  if (cohort.included_limit != Limit::kAll) text += "keep " + limit(cohort.included_limit) + '\n';
  if (!std::holds_alternative<ExitAtPeriodEnd>(cohort.exit))
    text += "exit " + describer.exit(cohort.exit) + '\n';
  for (const Exit& exit : cohort.further_exits) text += "exit " + describer.exit(exit) + '\n';
  if (cohort.exit_at_death) text += "exit death\n";
  for (const EventQuery& query : cohort.censoring)
    text += "censor " + describer.query(query) + '\n';
  if (cohort.era_pad) text += "join " + std::to_string(cohort.era_pad) + '\n';
  if (cohort.censor_from) text += "cut from " + format_day(*cohort.censor_from) + '\n';
  if (cohort.censor_to) text += "cut to " + format_day(*cohort.censor_to) + '\n';
  return text;
}

}  // namespace anam::test
