// SPDX-License-Identifier: Apache-2.0
// Expressions over codes: ICD10CM:E11* or diabetes with descendants except ICD10CM:E11.9.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "query/definition.h"
#include "query/language/cursor.h"

namespace anam {

/// The code sets of a definition, those with a name and those written in place.
class CodeSetTable {
 public:
  /// `sets` receives every code set and must outlive the table.
  explicit CodeSetTable(std::vector<CodeSet>& sets) : sets_(sets) {}

  bool contains(std::string_view name) const { return names_.contains(name); }
  const CodeSet* find(std::string_view name) const;
  CodeSetIndex index_of(std::string_view name) const { return names_.find(name)->second; }
  /// Throws "unknown code set" about the current token.
  [[noreturn]] void fail_unknown(Cursor& cursor) const;

  /// REQUIRES: !contains(set.name).
  void add_named(CodeSet set);
  /// A set without a name of its own is called as it is written; the same text is the same set.
  CodeSetIndex add_unnamed(CodeSet set);

 private:
  std::vector<CodeSet>& sets_;
  std::map<std::string, CodeSetIndex, std::less<>> names_;
  std::map<std::string, CodeSetIndex, std::less<>> unnamed_;
};

/// One code; `literal` where '*' and '?' are plain characters.
CodeSetItem code_item(std::string vocabulary, std::string pattern, bool literal);

/// Where an expression stands decides how "or" goes on.
enum class CodesPlace {
  kAlone,    // the expression is all there is: after "or" another code must follow
  kInPlace,  // inside a sentence: "or" and "," belong to it only if a code or a named set follows
};

/// Reads an expression into `set.include` and `set.exclude`. `named` may be null: no names then.
/// With `concepts`, each code counts only where a vocabulary defines it.
void read_codes(Cursor& cursor, const CodeSetTable* named, CodesPlace place, CodeSet& set,
                bool concepts = false);

/// Reads an expression in place: the name of a set, or codes. Returns the set that it means.
CodeSetIndex read_codes_in_place(Cursor& cursor, CodeSetTable& named);

/// Whether an expression can begin at the token.
bool begins_codes(const Token& token);

}  // namespace anam
