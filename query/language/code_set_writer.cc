// SPDX-License-Identifier: Apache-2.0
#include "query/language/code_set_writer.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "query/definition_walk.h"
#include "query/language/code_expression.h"
#include "query/language/person_words.h"
#include "query/language/quoting.h"
#include "storage/error.h"

namespace anam {
namespace {

constexpr std::size_t kMaxInPlace = 3;  // codes of a set without a name that stand in place
constexpr std::size_t kMaxAligned = 24;
constexpr std::size_t kMaxColumn = 40;  // where lists of codes begin at the latest
constexpr std::size_t kFarColumn = 11;  // and otherwise

CodeSet normal(const CodeSet& set);

/// Sets inside that only list their codes become part of the list, and what is said twice is said
/// once, as the parser does.
std::vector<CodeSetItem> normal(const std::vector<CodeSetItem>& items) {
  std::vector<CodeSetItem> out;
  std::set<std::tuple<std::string, std::string, int>> seen;
  const auto add = [&](CodeSetItem item) {
    item.literal = item.literal && item.pattern.find_first_of("*?") != std::string::npos;
    const int flags = (item.literal ? 1 : 0) + (item.descendants ? 2 : 0) + (item.mapped ? 4 : 0) +
                      (item.defined_only ? 8 : 0);
    if (item.nested.empty() &&
        (item.pattern.empty() || !seen.emplace(item.vocabulary, item.pattern, flags).second)) {
      return;
    }
    out.push_back(std::move(item));
  };
  for (const CodeSetItem& item : items) {
    if (item.nested.empty()) {
      add(item);
      continue;
    }
    CodeSet inner = normal(item.nested.front());
    inner.name.clear();
    if (inner.exclude.empty() && !item.descendants && !item.mapped && !item.defined_only) {
      for (CodeSetItem& each : inner.include) add(std::move(each));
      continue;
    }
    CodeSetItem outer = item;
    outer.vocabulary.clear();
    outer.pattern.clear();
    outer.literal = false;
    outer.nested = {std::move(inner)};
    add(std::move(outer));
  }
  return out;
}

CodeSet normal(const CodeSet& set) {
  CodeSet out{set.name, normal(set.include), normal(set.exclude)};
  if (out.include.empty()) out.exclude.clear();
  return out;
}

/// Whether the set has codes, and all of them count only where they are defined.
bool all_defined(const CodeSet& set, bool& any) {
  for (const auto* items : {&set.include, &set.exclude}) {
    for (const CodeSetItem& item : *items) {
      if (item.nested.empty()) any = true;
      if (item.nested.empty() ? !item.defined_only : !all_defined(item.nested.front(), any))
        return false;
    }
  }
  return true;
}

std::size_t items(const CodeSet& set) { return set.include.size() + set.exclude.size(); }

/// Whether a set without a name is told best where it is used. Behind "or", no parenthesis is read
/// there.
bool is_short(const CodeSet& set) {
  const auto is_code = [](const CodeSetItem& item) { return item.nested.empty(); };
  return !set.include.empty() && set.include.size() + set.exclude.size() <= kMaxInPlace &&
         std::ranges::all_of(set.include, is_code) && std::ranges::all_of(set.exclude, is_code);
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return text;
}

}  // namespace

CodeSetWriter::CodeSetWriter(const CohortDefinition& definition, const CodeNameLookup& code_name)
    : definition_(definition), code_name_(code_name) {
  for (const CodeSet& set : definition.code_sets) {
    Written& written = written_.emplace_back();
    written.set = normal(set);
    bool any = false;
    written.concepts = all_defined(written.set, any) && any;
  }
  find_uses(definition);
  choose_names();
}

void CodeSetWriter::find_uses(const CohortDefinition& definition) {
  generic_.resize(written_.size());
  as_value_of_.resize(written_.size());
  for_each_code_set(definition, [&](CodeSetIndex set, std::optional<ColumnId> column) {
    if (set >= written_.size()) {
      fail(ErrorCode::kInput, "the definition uses a code set that it does not have",
           std::to_string(set));
    }
    if (column && plain_value(*column, set)) {
      as_value_of_[set].insert(*column);
    } else {
      generic_[set] = true;
    }
  });
}

void CodeSetWriter::choose_names() {
  std::vector<CodeSet> named;
  CodeSetTable table(named);
  std::vector<std::size_t> unnamed;
  for (std::size_t i = 0; i < written_.size(); ++i) {
    Written& written = written_[i];
    const std::string& name = written.set.name;
    const bool used = generic_[i] || !as_value_of_[i].empty();
    if (used && !generic_[i]) {
      written.in_place = true;
      continue;
    }
    if (used && name.empty() && is_short(written.set)) {
      written.in_place = true;
      continue;
    }
    // A set that is called as it is written stands in place again.
    if (used && name.find_first_of(": ") != std::string::npos) {
      try {
        std::vector<CodeSet> scratch = named;
        CodeSetTable known(scratch);
        scratch.clear();
        for (const CodeSet& set : named) known.add_named(set);
        Cursor cursor(name, "codes");
        const CodeSetIndex index = read_codes_in_place(cursor, known);
        const bool same = cursor.at_end() && expression(normal(scratch[index]), false).flat() ==
                                                 expression(written.set, false).flat();
        if (same) {
          written.in_place = true;
          written.name = cursor.words_since(0);
          if (written.name == expression(written.set, false).flat()) written.name.clear();
          continue;
        }
      } catch (const Error&) {  // a name as others are
      }
    }
    written.statement = true;
    if (name.empty()) {
      unnamed.push_back(i);
      continue;
    }
    std::string unique = name;
    for (int n = 2; taken_.contains(unique); ++n) unique = name + ' ' + std::to_string(n);
    taken_.insert(unique);
    written.raw = unique;
    written.name = name_or_quoted(unique);
    CodeSet set = written.set;
    set.name = unique;
    table.add_named(std::move(set));
  }
  for (const std::size_t i : unnamed) {
    std::string unique = "codes 1";
    for (int n = 2; taken_.contains(unique); ++n) unique = "codes " + std::to_string(n);
    taken_.insert(unique);
    written_[i].raw = unique;
    written_[i].name = quoted(unique);
  }
}

Phrase CodeSetWriter::expression(const CodeSet& set, bool concepts) const {
  std::vector<Phrase> parts;
  const auto add = [&](const std::vector<CodeSetItem>& list, const char* first) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const CodeSetItem& item = list[i];
      const std::string before = i > 0 ? "or " : first;
      std::string behind;
      if (item.descendants) behind += " with descendants";
      if (item.mapped) behind += " including mapped";
      if (item.defined_only && !(concepts && item.nested.empty())) behind += " if defined";
      if (item.nested.empty()) {
        std::string text = before;
        text += code_text(item.vocabulary, item.pattern, item.literal);
        text += behind;
        parts.push_back(
            Phrase::words(std::move(text),
                          code_name_ ? one_line(code_name_(item.vocabulary, item.pattern)) : ""));
      } else {
        parts.push_back(Phrase::list(before, {expression(item.nested.front(), concepts)}, ""));
        parts.back().append(behind);
      }
    }
  };
  if (set.include.empty()) parts.push_back(Phrase::words("none"));
  add(set.include, "");
  add(set.exclude, "except ");
  return Phrase::sentence(std::move(parts));
}

Phrase CodeSetWriter::in_place(CodeSetIndex index) const {
  const Written& written = written_.at(index);
  if (written.name.empty()) return expression(written.set, false);
  return Phrase::words(written.name);
}

std::optional<std::string> CodeSetWriter::plain_value(ColumnId column, CodeSetIndex index,
                                                      bool texts_only) const {
  const CodeSet& set = written_.at(index).set;
  const AttributeInfo* info = find_builtin_attribute(column);
  if (!info || !set.exclude.empty() || set.include.empty()) return std::nullopt;
  const std::string prefix = std::string(info->name) + ' ';
  if (!set.name.starts_with(prefix)) return std::nullopt;
  const auto is_taken = [this](std::string_view word) {
    return std::ranges::find(definition_.code_sets, word, &CodeSet::name) !=
           definition_.code_sets.end();
  };
  const auto same = [](const CodeSetItem& a, const CodeSetItem& b) {
    return a.vocabulary == b.vocabulary && a.pattern == b.pattern && !a.descendants && !a.mapped &&
           !a.defined_only && a.nested.empty() &&
           (a.literal || a.pattern.find_first_of("*?") == std::string::npos);
  };
  const std::string word = set.name.substr(prefix.size());
  if (const auto known = person_word(column, word); known && !texts_only) {
    if (is_taken(word) || !std::ranges::equal(set.include, known->include, same))
      return std::nullopt;
    return name_or_quoted(word);
  }
  if (info->vocabulary.empty()) return std::nullopt;
  std::string name;
  std::string text;
  for (const CodeSetItem& item : set.include) {
    if (!same(item, code_item(std::string(info->vocabulary), item.pattern, true)) ||
        (name.empty() && is_taken(item.pattern))) {
      return std::nullopt;
    }
    name += (name.empty() ? prefix : " or ") + ('"' + item.pattern + '"');
    const bool number = !texts_only && item.pattern.size() < 10 &&
                        item.pattern.find_first_not_of("0123456789") == std::string::npos;
    text += (text.empty() ? "" : " or ") + (number ? item.pattern : quoted(item.pattern));
  }
  if (name != set.name) return std::nullopt;
  return text;
}

std::string CodeSetWriter::statement_head(const Written& written) {
  return (written.concepts ? "concepts " : "codes ") + written.name;
}

bool CodeSetWriter::has_statements() const {
  return std::ranges::any_of(written_, &Written::statement);
}

void CodeSetWriter::write_statements(Page& page) const {
  // Equals signs of neighbours stand below each other.
  std::size_t width = 0;
  for (const Written& written : written_) {
    if (written.statement && text_width(written.name) <= kMaxAligned)
      width = std::max(width, text_width(statement_head(written)));
  }
  for (const Written& written : written_) {
    if (written.statement) write_statement(page, written, width);
  }
}

void CodeSetWriter::write_statement(Page& page, const Written& written, std::size_t width) const {
  page.put(statement_head(written));
  if (page.column() < width) page.put(std::string(width - page.column(), ' '));
  page.put(" =");
  const Phrase phrase = expression(written.set, written.concepts);
  const bool listed = code_name_ && items(written.set) > 1;
  if (!listed && page.column() + 1 + phrase.width() <= Page::kWidth) {
    page.put(" ");
    page.write(phrase, page.column(), page.column());
  } else {
    // Behind a long name, the codes begin on the next line.
    const bool far = page.column() > kMaxColumn;
    const std::size_t begin = far ? kFarColumn : page.column();
    if (far) page.new_line(begin);
    phrase.for_each_part([&](const Phrase& part, std::size_t i) {
      // "or" and "except" end where the equals sign stands.
      const std::string word = part.first_word();
      const std::size_t lead = word == "or" || word == "except" ? word.size() : 0;
      if (i > 0) page.new_line(begin - std::min(begin, lead));
      if (lead == 0) page.put(" ");
      page.write(part, begin + 1, begin + 3);
    });
  }
  page.new_line();
}

}  // namespace anam
