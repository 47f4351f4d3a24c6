// SPDX-License-Identifier: Apache-2.0
// Writes the code sets of a definition, and what the rest of the text calls them.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "query/definition.h"
#include "query/language/phrase.h"

namespace anam {

/// The name of a code, or an empty text.
using CodeNameLookup =
    std::function<std::string(std::string_view vocabulary, std::string_view code)>;

/// Decides which sets stand in place, where they are used, and which have a statement of their own.
/// Must not outlive the definition.
class CodeSetWriter {
 public:
  /// `code_name` may be empty. Throws Error(kInput) when the definition names a set that is not
  /// there.
  CodeSetWriter(const CohortDefinition& definition, const CodeNameLookup& code_name);

  /// All "codes NAME = ..." statements.
  void write_statements(Page& page) const;
  bool has_statements() const;

  /// A set, where its kind of codes is not known.
  Phrase in_place(CodeSetIndex index) const;

  /// A set as the value of an attribute without "in": a plain word or codes without their
  /// vocabulary. Empty where it cannot be said like that; `texts` is set when quoted texts can.
  std::optional<std::string> plain_value(ColumnId column, CodeSetIndex index,
                                         bool texts_only = false) const;

  /// Whether the set has no statement of its own.
  bool stands_in_place(CodeSetIndex index) const { return written_.at(index).in_place; }

  /// Whether `word`, behind "or" or a comma, would be taken for one of the sets.
  bool is_name(std::string_view word) const { return taken_.contains(word); }

 private:
  struct Written {
    bool in_place = false;
    bool statement = false;
    std::string name;  // as written; of a set in place: its text, empty for the expression itself
    std::string raw;   // the name itself
    bool concepts = false;
    CodeSet set;  // in the form that the parser would give it
  };

  void find_uses(const CohortDefinition& definition);
  void choose_names();
  static std::string statement_head(const Written& written);
  void write_statement(Page& page, const Written& written, std::size_t width) const;
  Phrase expression(const CodeSet& set, bool concepts) const;

  const CohortDefinition& definition_;
  const CodeNameLookup& code_name_;
  std::vector<Written> written_;
  std::vector<bool> generic_;                    // used where only an expression can stand
  std::vector<std::set<ColumnId>> as_value_of_;  // attributes that use it
  std::set<std::string, std::less<>> taken_;     // names of sets with a statement
};

}  // namespace anam
