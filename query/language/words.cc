// SPDX-License-Identifier: Apache-2.0
#include "query/language/words.h"

#include <algorithm>

namespace anam {
namespace {

constexpr std::string_view kReserved[] = {
    "after",    "age",     "all",      "always",  "and",       "any",        "at",
    "before",   "between", "codes",    "cohort",  "concepts",  "containing", "count",
    "cut",      "dated",   "during",   "ending",  "exactly",   "except",     "exclude",
    "exit",     "first",   "from",     "in",      "including", "index",      "it",
    "join",     "keep",    "keeping",  "lasting", "more",      "never",      "no",
    "none",     "not",     "of",       "on",      "or",        "order",      "overlapping",
    "recorded", "require", "restrict", "source",  "standard",  "starting",   "that",
    "through",  "to",      "up",       "when",    "with",      "within"};
static_assert(std::ranges::is_sorted(kReserved));

struct UnitName {
  std::string_view name;
  TimeUnit unit;
};
constexpr UnitName kUnits[] = {{"days", {1, false}},    {"weeks", {7, false}},
                               {"months", {30, false}}, {"years", {365, false}},
                               {"hours", {3600, true}}, {"minutes", {60, true}},
                               {"seconds", {1, true}}};
constexpr std::string_view kUnitWords[] = {"days",  "weeks",   "months", "years",
                                           "hours", "minutes", "seconds"};

bool is_singular_or_plural(std::string_view word, std::string_view plural) {
  return word == plural || word == plural.substr(0, plural.size() - 1);
}

}  // namespace

std::span<const std::string_view> reserved_words() { return kReserved; }

bool is_reserved(std::string_view word) {
  return std::ranges::binary_search(kReserved, word) || domain_word(word).has_value();
}

std::optional<Domain> domain_word(std::string_view word) {
  if (is_singular_or_plural(word, "events")) return Domain::kNone;
  if (const auto domain = find_domain(word)) return domain;
  return word.ends_with('s') ? find_domain(word.substr(0, word.size() - 1)) : std::nullopt;
}

std::optional<TimeUnit> time_unit(std::string_view word) {
  for (const UnitName& unit : kUnits) {
    if (is_singular_or_plural(word, unit.name)) return unit.unit;
  }
  return std::nullopt;
}

std::span<const std::string_view> time_unit_words() { return kUnitWords; }

}  // namespace anam
