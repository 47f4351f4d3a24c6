// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/reason_lines.h"

#include "storage/attributes.h"
#include "storage/calendar.h"
#include "storage/decimal.h"
#include "storage/error.h"
#include "tools/anam/criterion_text.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

using Column = ReasonColumn;

std::string days_text(int days, const char* when) {
  return std::to_string(days) + (days == 1 ? " day " : " days ") + when;
}

// What became of an index event that is in no row.
std::string fate_text(const CohortDefinition& definition, const IndexReason& index) {
  const auto limited = [](Limit limit, const char* of) {
    return std::string("not the patient's ") + (limit == Limit::kFirst ? "earliest " : "latest ") +
           of;
  };
  switch (index.fate) {
    case Fate::kMember:
      return {};
    case Fate::kNoIndexEvent: {
      const EventQuery& query = definition.index[index.alternative];
      std::string text = query.first ? "not the first, or not as the index event is asked for"
                                     : "not as the index event is asked for";
      if (index.alike > 0) text += " (and " + std::to_string(index.alike) + " more)";
      return text;
    }
    case Fate::kNotObserved: {
      std::string text = "not in a period of observation";
      if (definition.days_before > 0) text += ", " + days_text(definition.days_before, "before");
      if (definition.days_after > 0) text += ", " + days_text(definition.days_after, "after");
      return text;
    }
    case Fate::kNotChosen:
      return limited(definition.index_limit, "index event");
    case Fate::kNotRestricted:
      return "does not meet the restriction";
    case Fate::kNotQualified:
      return limited(definition.qualified_limit, "that meets the restriction");
    case Fate::kRule:
      return "fails rule " + std::to_string(index.failed_rule + 1) + ", \"" +
             one_line(definition.rules[index.failed_rule].name) + "\"";
    case Fate::kNotKept:
      return limited(definition.included_limit, "that meets all rules");
    case Fate::kNoEnd:
      return "nothing ends membership on its start or later";
    case Fate::kCut:
      return "outside of the dates that rows are cut to";
  }
  return {};
}

}  // namespace

// Makes the lines of one row.
class ReasonLines::Row {
 public:
  Row(ReasonLines& owner, const CohortDefinition& definition, const RowReasons& reasons)
      : owner_(owner), definition_(definition), reasons_(reasons) {}

  std::vector<ReasonLine> lines() {
    Day last = INT32_MIN;
    Day first = INT32_MAX;
    for (const IndexReason& index : reasons_.index) {
      ++number_;
      index_event(index);
      last = std::max(last, index.end);
      first = std::min(first, index.event.start);
    }
    if (!reasons_.member) return std::move(lines_);
    number_ = 0;
    for (const IndexReason& index : reasons_.index) {
      ++number_;
      if (index.end != last) continue;
      for (const ExitReason& exit : index.exits) add_exit(index, exit);
    }
    number_ = 0;
    if (first != reasons_.row.start) add_cut("start", reasons_.row.start);
    if (last != reasons_.row.end) add_cut("end", reasons_.row.end);
    return std::move(lines_);
  }

 private:
  ReasonLine& add(std::size_t depth, const char* kind) {
    ReasonLine& line = lines_.emplace_back();
    line.depth = depth;
    line[Column::kKind] = kind;
    if (number_ > 0) line[Column::kIndexEvent] = std::to_string(number_);
    if (rule_ != nullptr) {
      line[Column::kRule] = rule_name_;
      if (rule_->rule) line[Column::kRuleSequence] = std::to_string(*rule_->rule);
    }
    return line;
  }

  static const char* yes(bool met) { return met ? "true" : "false"; }

  void index_event(const IndexReason& index) {
    const EventQuery& query = definition_.index[index.alternative];
    ReasonLine& line = add(1, "index");
    line[Column::kMet] = yes(index.fate == Fate::kMember);
    line[Column::kCriterion] = index.fate == Fate::kMember ? event_text(definition_, query)
                                                           : fate_text(definition_, index);
    fill(index.event, line);
    nested(index.event, query, 2, "");
    if (index.period_start) {
      ReasonLine& observed = add(2, "observed");
      observed[Column::kDate] = format_day(*index.period_start);
      observed[Column::kEndDate] = format_day(*index.period_end);
    }
    for (const RuleReason& rule : index.rules) {
      rule_ = &rule;
      const Rule* of = rule.rule ? &definition_.rules[*rule.rule] : nullptr;
      rule_name_ = of != nullptr ? one_line(of->name) : "";
      ReasonLine& head = add(2, "rule");
      head[Column::kMet] = yes(rule.met);
      head[Column::kCriterion] = of == nullptr ? "restrict" : of->negated ? "exclude" : "require";
      const Group& group = of != nullptr ? of->group : *definition_.additional;
      // A group of one needs no words.
      if (rule.members.size() > 1) head[Column::kCriterion] += " " + group_text(group);
      members(rule.members, group, 3, "");
      rule_ = nullptr;
    }
  }

  void members(const std::vector<MemberReason>& reasons, const Group& group, std::size_t depth,
               const std::string& path) {
    for (std::size_t i = 0; i < reasons.size(); ++i) {
      const MemberReason& reason = reasons[i];
      const std::string member = (path.empty() ? path : path + '.') + std::to_string(i + 1);
      switch (reason.kind) {
        case MemberReason::Kind::kCount:
          count(reason, group.counts[reason.at], depth, member);
          break;
        case MemberReason::Kind::kPerson:
          for (const PersonFact& fact : reason.facts) person(fact, reason.met, depth, member);
          break;
        case MemberReason::Kind::kGroup: {
          const Group& inner = group.groups[reason.at];
          ReasonLine& line = add(depth, "group");
          line[Column::kMember] = member;
          line[Column::kMet] = yes(reason.met);
          line[Column::kCriterion] = group_text(inner);
          members(reason.members, inner, depth + 1, member);
        }
      }
    }
  }

  void count(const MemberReason& reason, const CountedQuery& counted, std::size_t depth,
             const std::string& member) {
    ReasonLine& line = add(depth, "count");
    line[Column::kMember] = member;
    line[Column::kMet] = yes(reason.met);
    line[Column::kCriterion] = count_text(definition_, counted, owner_.reader_);
    line[Column::kFound] = std::to_string(reason.found);
    for (std::size_t i = 0; i < reason.shown.size(); ++i) {
      const ShownEvent& shown = reason.shown[i];
      const std::string path = member + '#' + std::to_string(i + 1);
      ReasonLine& event = add(depth + 1, "event");
      event[Column::kMember] = path;
      event[Column::kDays] = std::to_string(shown.days);
      fill(shown, event);
      nested(shown, counted.query, depth + 2, path);
    }
    if (reason.events > reason.shown.size() && !reason.shown.empty()) {
      ReasonLine& more = add(depth + 1, "more");
      more[Column::kMember] = member;
      more[Column::kFound] = std::to_string(reason.events - reason.shown.size());
    }
  }

  void nested(const ShownEvent& shown, const EventQuery& query, std::size_t depth,
              const std::string& path) {
    if (!shown.members.empty()) members(shown.members, query.nested.front(), depth, path);
  }

  void person(const PersonFact& fact, bool met, std::size_t depth, const std::string& member) {
    ReasonLine& line = add(depth, "person");
    line[Column::kMember] = member;
    line[Column::kMet] = yes(met);
    const bool known = fact.value.cell != kNull;
    switch (fact.kind) {
      case PersonFact::Kind::kAge:
        line[Column::kCriterion] = "age";
        if (known) line[Column::kValue] = std::to_string(fact.value.cell);
        return;
      case PersonFact::Kind::kStart:
      case PersonFact::Kind::kEnd:
        line[Column::kCriterion] = fact.kind == PersonFact::Kind::kStart ? "start" : "end";
        line[Column::kDate] = format_day(static_cast<Day>(fact.value.cell));
        return;
      case PersonFact::Kind::kColumn:
        line[Column::kCriterion] = attribute_text(owner_.reader_, fact.value.column);
        if (!known) return;
        line[Column::kValue] = owner_.value_text(fact.value);
        if (fact.value.type == ColumnType::kCode) {
          const auto& code = owner_.codes_.code(static_cast<CodeId>(fact.value.cell));
          line[Column::kVocabulary] = code.vocabulary;
          line[Column::kCode] = code.code;
          line[Column::kName] = code.name;
        }
    }
  }

  void add_exit(const IndexReason& index, const ExitReason& exit) {
    using Kind = ExitReason::Kind;
    ReasonLine& line = add(1, "end");
    line[Column::kDate] = format_day(index.end);
    std::string& text = line[Column::kCriterion];
    switch (exit.kind) {
      case Kind::kPeriodEnd:
        text = "end of observation";
        break;
      case Kind::kIndexEnd:
        text = "index end";
        break;
      case Kind::kOffset:
        text = exit_text(definition_, exit_at(exit.at));
        break;
      case Kind::kEra:
        text = exit_text(definition_, exit_at(exit.at)) + ": taken from " +
               format_day(exit.era_start) + " to " + format_day(exit.era_end);
        break;
      case Kind::kDeath:
        text = "death";
        break;
      case Kind::kCensoring:
        text = event_text(definition_, definition_.censoring[exit.at]);
        break;
    }
    if (exit.event) {
      fill(reasons_.events[*exit.event], line);
      line[Column::kDate] = format_day(index.end);  // of the event as it was counted
    }
  }

  void add_cut(const char* text, Day day) {
    ReasonLine& line = add(1, "cut");
    line[Column::kDate] = format_day(day);
    line[Column::kCriterion] = text;
  }

  const Exit& exit_at(std::size_t at) const {
    return at == 0 ? definition_.exit : definition_.further_exits[at - 1];
  }

  void fill(const ShownEvent& shown, ReasonLine& line) { fill(reasons_.events[shown.event], line); }

  void fill(const ReasonEvent& event, ReasonLine& line) {
    if (event.domain != Domain::kNone) line[Column::kDomain] = domain_name(event.domain);
    const auto& code = owner_.codes_.code(event.code);
    line[Column::kVocabulary] = code.vocabulary;
    line[Column::kCode] = code.code;
    line[Column::kName] = code.name;
    line[Column::kDate] = format_day(event.day);
    if (event.second) line[Column::kTime] = format_second(*event.second);
    if (event.end_day) line[Column::kEndDate] = format_day(*event.end_day);
    if (event.source_code != kNoCode) {
      const auto& source = owner_.codes_.code(event.source_code);
      line[Column::kSourceVocabulary] = source.vocabulary;
      line[Column::kSourceCode] = source.code;
    }
    for (const Source& source : owner_.reader_.store().catalog().sources) {
      if (source.id == event.source) line[Column::kSource] = source.name;
    }
    std::string& attributes = line[Column::kAttributes];
    for (const ReasonValue& value : event.values) {
      if (value.column == column::kUnit) {
        line[Column::kUnit] = owner_.codes_.code(static_cast<CodeId>(value.cell)).unit;
      } else if (value.column == column::kValue ||
                 ((value.column == column::kValueCode || value.column == column::kValueText) &&
                  line[Column::kValue].empty())) {
        line[Column::kValue] = owner_.value_text(value);
      } else {
        if (!attributes.empty()) attributes += "; ";
        attributes += attribute_text(owner_.reader_, value.column) + '=' + owner_.value_text(value);
      }
    }
  }

  ReasonLines& owner_;
  const CohortDefinition& definition_;
  const RowReasons& reasons_;
  std::vector<ReasonLine> lines_;
  std::size_t number_ = 0;            // of the index event, from 1; 0 = of none
  const RuleReason* rule_ = nullptr;  // of the lines being made
  std::string rule_name_;
};

std::vector<ReasonLine> ReasonLines::lines(const CohortDefinition& definition,
                                           const RowReasons& reasons) {
  return Row(*this, definition, reasons).lines();
}

std::string ReasonLines::value_text(const ReasonValue& value) {
  switch (value.type) {
    case ColumnType::kMoney:
      return format_cents(value.cell);
    case ColumnType::kDecimal:
      return format_decimal(value.cell);
    case ColumnType::kText:
      return value.text;
    case ColumnType::kCode: {
      const TimelineText::Code& code = codes_.code(static_cast<CodeId>(value.cell));
      const AttributeInfo* info = find_builtin_attribute(value.column);
      if (info != nullptr && info->vocabulary == code.vocabulary) return code.code;
      return code.vocabulary + ':' + code.code;
    }
    default:
      return std::to_string(value.cell);
  }
}

}  // namespace anam::cli
