// SPDX-License-Identifier: Apache-2.0
#include "query/language/person_words.h"

#include <algorithm>

#include "query/language/code_expression.h"

namespace anam {
namespace {

struct PersonWord {
  ColumnId column;
  std::string_view word;
  std::string_view code;  // in the vocabulary of the attribute
  std::string_view concept_id;
};

constexpr PersonWord kWords[] = {
    {column::kSex, "female", "F", "8532"},
    {column::kSex, "male", "M", "8507"},
    {column::kRace, "white", "5", "8527"},
    {column::kRace, "black", "3", "8516"},
    {column::kRace, "black or african american", "3", "8516"},
    {column::kRace, "asian", "2", "8515"},
    {column::kRace, "american indian or alaska native", "1", "8657"},
    {column::kRace, "native hawaiian or other pacific islander", "4", "8557"},
    {column::kEthnicity, "hispanic", "Hispanic", "38003563"},
    {column::kEthnicity, "hispanic or latino", "Hispanic", "38003563"},
    {column::kEthnicity, "not hispanic", "Not Hispanic", "38003564"},
    {column::kEthnicity, "not hispanic or latino", "Not Hispanic", "38003564"},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<CodeSet> person_word(ColumnId column, std::string_view word) {
  for (const PersonWord& known : kWords) {
    if (known.column != column || !std::ranges::equal(known.word, word, {}, {}, lower)) continue;
    CodeSet set;
    const AttributeInfo* info = find_builtin_attribute(column);
    set.include.push_back(code_item(std::string(info->vocabulary), std::string(known.code), true));
    set.include.push_back(code_item("OMOP", std::string(known.concept_id), true));
    return set;
  }
  return std::nullopt;
}

std::vector<std::string_view> person_words(ColumnId column) {
  std::vector<std::string_view> words;
  for (const PersonWord& known : kWords) {
    if (known.column == column) words.push_back(known.word);
  }
  return words;
}

}  // namespace anam
