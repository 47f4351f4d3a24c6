// SPDX-License-Identifier: Apache-2.0
#include "query/language/parser.h"

#include <map>
#include <string>
#include <utility>

#include "query/language/calendar_index.h"
#include "query/language/event_reader.h"
#include "query/language/exit_reader.h"
#include "query/language/quantity.h"
#include "query/language/words.h"
#include "storage/error.h"

namespace anam {
namespace {

constexpr std::size_t kMaxText = std::size_t{64} << 20;
constexpr std::string_view kStatements[] = {"cohort", "codes",   "concepts", "order",    "count",
                                            "index",  "require", "exclude",  "restrict", "exit",
                                            "keep",   "join",    "cut"};

void check_size(std::string_view text) {
  if (text.size() > kMaxText) {
    fail(ErrorCode::kInput, "the text is longer than 64 MiB: bytes", std::to_string(text.size()));
  }
}

class CohortReader {
 public:
  CohortReader(std::string_view text, std::string_view name, const AttributeLookup& attributes,
               const CohortFileLookup& files)
      : cursor_(text, name),
        sets_(cohort_.code_sets),
        reading_{cursor_, sets_, attributes, files} {}

  CohortDefinition read() {
    cohort_.index_in_period = false;
    while (!cursor_.at_end()) statement();
    if (cohort_.index.empty()) {
      cursor_.fail_expected("an index statement",
                            "A cohort needs events that start it: index first drug NAME");
    }
    return std::move(cohort_);
  }

 private:
  void statement() {
    for (const std::string_view word : kStatements) cursor_.suggest(word);
    const Token word = cursor_.peek();
    if (word.kind != TokenKind::kWord) fail_statement();
    if (cursor_.accept("codes")) {
      codes(false);
    } else if (cursor_.accept("concepts")) {
      codes(true);
    } else if (cursor_.accept("count")) {
      once(word);
      counting();
    } else if (cursor_.accept("order")) {
      once(word);
      for (const std::string_view next : {"events", "of", "a", "day", "by", "record"})
        cursor_.expect(next);
      cohort_.by_record = true;
    } else if (cursor_.accept("require")) {
      rule(false);
    } else if (cursor_.accept("exclude")) {
      rule(true);
    } else if (cursor_.accept("restrict")) {
      restriction();
    } else if (cursor_.accept("cohort")) {
      once(word);
      if (cursor_.peek().kind != TokenKind::kText) cursor_.fail_expected("a title in quotes");
      cohort_.title = cursor_.take().text;
    } else if (cursor_.accept("index")) {
      once(word);
      index();
    } else if (cursor_.accept("exit")) {
      once(word);
      read_exit(reading_, cohort_);
    } else if (cursor_.accept("keep")) {
      once(word);
      cohort_.included_limit = limit();
      if (!cursor_.accept("row")) cursor_.accept("rows");
    } else if (cursor_.accept("join")) {
      once(word);
      read_join(reading_, cohort_);
    } else if (cursor_.accept("cut")) {
      once(word);
      read_cut(reading_, cohort_);
    } else {
      fail_statement();
    }
  }

  void once(const Token& word) {
    const auto [found, fresh] = lines_.emplace(word.text, 0);
    if (!fresh) {
      cursor_.fail(word.span, "a second \"" + word.text + "\"",
                   "The first one stands on line " + std::to_string(found->second) + ".");
    }
    found->second = static_cast<int>(position_of(cursor_.text(), word.span.begin).line);
  }

  /// Here stands neither a statement nor anything that could go on with the last one.
  [[noreturn]] void fail_statement() {
    const bool joined = cursor_.at_any({"or", ",", "and"});
    const Token& next = cursor_.peek(1);
    if (joined && !cursor_.at("and") && next.kind == TokenKind::kWord && !is_reserved(next.text) &&
        !sets_.contains(next.text)) {
      cursor_.take();
      sets_.fail_unknown(cursor_);
    }
    if (cursor_.at(",") && next.kind == TokenKind::kNumber) {
      cursor_.fail_expected("the end of the sentence",
                            "Numbers are written without commas: 10000.");
    }
    if (joined) {
      cursor_.fail_expected("the end of the sentence",
                            "To combine conditions, write all of (..., ...) or any of (..., ...).");
    }
    cursor_.fail_expected(
        cursor_.end_of_last() == 0
            ? "a statement (cohort, codes, index, ...)"
            : "more of this sentence, or a new one (require, exclude, exit, ...)");
  }

  void codes(bool concepts) {
    const Token name = cursor_.peek();
    if (name.kind != TokenKind::kWord && name.kind != TokenKind::kText) {
      cursor_.fail_expected("a name for the code set");
    }
    if (name.kind == TokenKind::kWord && is_reserved(name.text)) {
      cursor_.fail(name.span, "\"" + name.text + "\" is a word of the language",
                   "Choose another name, or put it in quotes everywhere.");
    }
    if (sets_.contains(name.text)) {
      cursor_.fail(name.span, "a second code set \"" + name.text + "\"",
                   "Choose another name for this one.");
    }
    cursor_.take();
    cursor_.expect("=");
    CodeSet set;
    set.name = name.text;
    read_codes(cursor_, &sets_, CodesPlace::kAlone, set, concepts);
    sets_.add_named(std::move(set));
  }

  /// Behind "count": "within the same observation period".
  void counting() {
    if (!cohort_.index.empty() || !cohort_.rules.empty() || cohort_.additional) {
      cursor_.fail_expected("this statement before the conditions",
                            "What it says holds for the conditions behind it, so it comes first.");
    }
    for (const std::string_view word : {"within", "the", "same", "observation", "period"}) {
      cursor_.expect(word);
    }
    reading_.within_period = true;
  }

  void index() {
    const bool repeated = begins_repeated_dates(cursor_);
    if (!repeated && cursor_.at_any({"earliest", "latest", "every"})) {
      cohort_.index_limit = limit();
      cursor_.accept("of");
    }
    if (repeated || cursor_.at("on")) {
      cohort_.index = read_index_dates(cursor_);
      cohort_.index_in_period = true;
    } else if (cursor_.accept({"any", "of"}) || cursor_.at("(")) {
      cursor_.expect("(");
      do {
        cohort_.index.push_back(read_event(reading_));
      } while ((cursor_.accept(",") || cursor_.accept("or")) && !cursor_.at(")"));
      if (!cursor_.accept(")")) cursor_.fail_expected("\",\" or \")\"");
    } else {
      for (const std::string_view word : {"first", "any", "earliest", "latest", "every", "on"}) {
        cursor_.suggest(word);
      }
      do {
        cohort_.index.push_back(read_event(reading_));
      } while (begins_event(cursor_, 1) && cursor_.accept("or"));
    }
    if (cursor_.accept({"with", "or", "without"})) {
      observation();
      cohort_.index_in_period = false;
    } else if (cursor_.accept("with")) {
      observation();
    }
  }

  /// Behind "with": "365 days of observation before and 0 days after", or "observation" alone.
  void observation() {
    cohort_.index_in_period = true;
    if (cursor_.accept("observation")) return;
    bool before = false;
    bool after = false;
    do {
      const TextSpan span = cursor_.peek().span;
      const int days = read_signed_days(cursor_, "a number of days");
      if (cursor_.accept("of")) cursor_.expect("observation");
      const bool is_before = cursor_.accept("before");
      if (!is_before && !cursor_.accept("after")) cursor_.fail_expected("\"before\" or \"after\"");
      bool& seen = is_before ? before : after;
      if (seen) {
        cursor_.fail({span.begin, cursor_.end_of_last()}, "this is said twice",
                     "Say it once for the time before index, once for the time after.");
      }
      seen = true;
      (is_before ? cohort_.days_before : cohort_.days_after) = days;
      if (!cursor_.accept("index")) cursor_.suggest("and");
    } while (cursor_.accept("and"));
  }

  void rule(bool exclude) {
    Rule rule;
    rule.negated = exclude;
    const bool named = cursor_.peek().kind == TokenKind::kText;
    if (named) rule.name = cursor_.take().text;
    if (cursor_.peek().kind == TokenKind::kText) rule.description = cursor_.take().text;
    const std::size_t begin = cursor_.begin();
    rule.group = read_condition(reading_, Around::kIndex);
    if (!named) {
      rule.name = cursor_.words_since(begin);
    }
    cohort_.rules.push_back(std::move(rule));
  }

  void restriction() {
    cursor_.expect("to");
    Group group = read_condition(reading_, Around::kIndex);
    if (cohort_.additional) {
      Group both;
      both.groups.push_back(std::move(*cohort_.additional));
      both.groups.push_back(std::move(group));
      cohort_.additional = std::move(both);
    } else {
      cohort_.additional = std::move(group);
    }
    if (cursor_.accept("keeping")) {
      cursor_.accept("the");
      cohort_.qualified_limit = limit();
    }
  }

  Limit limit() {
    if (cursor_.accept("earliest") || cursor_.accept("first")) return Limit::kFirst;
    if (cursor_.accept("latest") || cursor_.accept("last")) return Limit::kLast;
    if (!cursor_.accept("every") && !cursor_.accept("all")) {
      cursor_.fail_expected("\"earliest\", \"latest\" or \"every\"");
    }
    return Limit::kAll;
  }

  CohortDefinition cohort_;
  Cursor cursor_;
  CodeSetTable sets_;
  Reading reading_;
  std::map<std::string, int> lines_;  // of statements that stand once
};

}  // namespace

std::optional<Attribute> builtin_attribute(std::string_view name) {
  const AttributeInfo* info = find_builtin_attribute(name);
  if (!info) return std::nullopt;
  return Attribute{info->id, info->type};
}

CohortDefinition parse_cohort(std::string_view text, std::string_view name,
                              const AttributeLookup& attributes, const CohortFileLookup& files) {
  check_size(text);
  return CohortReader(text, name, attributes, files).read();
}

CodeSet parse_code_set(std::string_view expression) {
  check_size(expression);
  Cursor cursor(expression, "codes");
  CodeSet set;
  read_codes(cursor, nullptr, CodesPlace::kAlone, set);
  if (!cursor.at_end()) cursor.fail_expected("\"or\", \"except\" or the end");
  set.name = cursor.words_since(0);
  return set;
}

bool is_code_expression(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n(");
  if (begin == std::string_view::npos) return false;
  std::size_t colon = text.find_first_of(" :\"(),\t\r\n", begin);
  if (text[begin] == '"') {
    const std::size_t quote = text.find('"', begin + 1);
    if (quote == std::string_view::npos) return false;
    colon = quote + 1;
  }
  return colon != std::string_view::npos && colon > begin && colon + 1 < text.size() &&
         text[colon] == ':' &&
         std::string_view(" \t\r\n,()").find(text[colon + 1]) == std::string_view::npos;
}

}  // namespace anam
