// SPDX-License-Identifier: Apache-2.0
#include "query/language/code_expression.h"

#include <set>
#include <utility>

#include "query/language/words.h"

namespace anam {
namespace {

constexpr std::size_t kMaxItems = 1'000'000;  // of one code set, with those of sets inside of it
constexpr std::string_view kCodeHelp =
    "Codes are written ICD10CM:E11.9, with wildcards ICD10CM:E11*.";

std::size_t count_items(const CodeSet& set);

std::size_t count_items(const std::vector<CodeSetItem>& items) {
  std::size_t count = 0;
  for (const CodeSetItem& item : items)
    count += item.nested.empty() ? 1 : count_items(item.nested[0]);
  return count;
}

std::size_t count_items(const CodeSet& set) {
  return 1 + count_items(set.include) + count_items(set.exclude);
}

/// Reads one expression and those inside its parentheses.
class CodeReader {
 public:
  CodeReader(Cursor& cursor, const CodeSetTable* named, bool concepts)
      : cursor_(cursor), named_(named), concepts_(concepts) {}

  void read(CodesPlace place, CodeSet& set) {
    const Cursor::Depth depth(cursor_);
    read_list(place, set.include);
    if (cursor_.accept("except")) read_list(place, set.exclude);
    if (cursor_.at("except")) {
      cursor_.fail(cursor_.peek().span, "a second \"except\"",
                   "Put what the first one leaves in parentheses: (A except B) except C.");
    }
  }

 private:
  /// Tells apart items that say the same, so that a repeated code or set is kept once.
  using Key = std::pair<std::pair<std::string, std::string>, int>;

  void read_list(CodesPlace place, std::vector<CodeSetItem>& items) {
    if (cursor_.accept("none")) return;
    std::set<Key> seen;
    do {
      read_item(items, seen);
    } while (goes_on(place));
  }

  bool goes_on(CodesPlace place) {
    if (!cursor_.at("or") && !cursor_.at(",")) {
      cursor_.suggest("or");
      cursor_.suggest("except");
      return false;
    }
    if (place == CodesPlace::kInPlace && !is_item(cursor_.peek(1))) return false;
    cursor_.take();
    return true;
  }

  bool is_item(const Token& token) const {
    if (token.kind == TokenKind::kCode) return true;
    const bool name = token.kind == TokenKind::kText ||
                      (token.kind == TokenKind::kWord && !is_reserved(token.text));
    return name && named_ && named_->contains(token.text);
  }

  void read_item(std::vector<CodeSetItem>& items, std::set<Key>& seen) {
    const Token token = cursor_.peek();
    std::vector<CodeSetItem> found;
    if (token.kind == TokenKind::kCode) {
      cursor_.take();
      found.push_back(code_item(token.vocabulary, token.text, token.literal));
      found.back().defined_only = concepts_;
    } else if (cursor_.accept("(")) {
      CodeSet inner;
      read(CodesPlace::kAlone, inner);
      cursor_.expect(")");
      found = as_items(std::move(inner), plain_follows());
    } else {
      const CodeSet* set = named_set(token);
      found = as_items(*set, plain_follows());
    }
    modifiers(found);
    for (CodeSetItem& item : found) {
      const int flags = (item.literal ? 1 : 0) + (item.descendants ? 2 : 0) +
                        (item.mapped ? 4 : 0) + (item.defined_only ? 8 : 0);
      if (item.nested.empty() && !seen.insert({{item.vocabulary, item.pattern}, flags}).second) {
        continue;
      }
      total_ += item.nested.empty() ? 1 : count_items(item.nested[0]);
      if (total_ > kMaxItems) {
        cursor_.fail(token.span, "this code set is too large",
                     "At most " + std::to_string(kMaxItems) + " codes can be listed.");
      }
      items.push_back(std::move(item));
    }
  }

  /// Takes the name of a set.
  const CodeSet* named_set(const Token& token) {
    const bool name = token.kind == TokenKind::kText ||
                      (token.kind == TokenKind::kWord && !is_reserved(token.text));
    if (!named_) {
      cursor_.fail_expected("a code", kCodeHelp);
    }
    if (!name) cursor_.fail_expected("a code or the name of a code set", kCodeHelp);
    const CodeSet* set = named_->find(token.text);
    if (!set) named_->fail_unknown(cursor_);
    cursor_.take();
    return set;
  }

  /// Whether no modifier stands here: then the items of a set can stand for the set.
  bool plain_follows() const {
    return !(cursor_.at("with") && cursor_.at("descendants", 1)) && !cursor_.at("including") &&
           !(cursor_.at("if") && cursor_.at("defined", 1));
  }

  static std::vector<CodeSetItem> as_items(CodeSet set, bool plain) {
    if (plain && set.exclude.empty()) return std::move(set.include);
    std::vector<CodeSetItem> items(1);
    items[0].nested.push_back(std::move(set));
    return items;
  }

  void modifiers(std::vector<CodeSetItem>& items) {
    while (true) {
      if (cursor_.accept({"with", "descendants"})) {
        for (CodeSetItem& item : items) item.descendants = true;
      } else if (cursor_.accept("including")) {
        cursor_.expect("mapped");
        for (CodeSetItem& item : items) item.mapped = true;
      } else if (cursor_.accept({"if", "defined"})) {
        for (CodeSetItem& item : items) item.defined_only = true;
      } else {
        return;
      }
    }
  }

  Cursor& cursor_;
  const CodeSetTable* named_;
  bool concepts_;
  std::size_t total_ = 0;
};

}  // namespace

const CodeSet* CodeSetTable::find(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : &sets_[found->second];
}

void CodeSetTable::fail_unknown(Cursor& cursor) const {
  constexpr std::size_t kMaxListed = 8;
  const std::string& word = cursor.peek().text;
  std::string help = "No code set has a name before here: codes NAME = ICD10CM:E11*";
  if (!names_.empty()) {
    help = "Code sets are named above; so far there are";
    std::size_t listed = 0;
    for (const auto& [name, index] : names_) {
      help += (listed ? ", " : " ") + (listed < kMaxListed ? name : "...");
      if (++listed > kMaxListed) break;
    }
    help += '.';
  }
  for (const auto& [name, index] : names_) cursor.suggest(name);
  cursor.fail_unknown("unknown code set \"" + word + '"', help);
}

void CodeSetTable::add_named(CodeSet set) {
  names_.emplace(set.name, sets_.size());
  sets_.push_back(std::move(set));
}

CodeSetIndex CodeSetTable::add_unnamed(CodeSet set) {
  const auto [found, fresh] = unnamed_.emplace(set.name, sets_.size());
  if (fresh) sets_.push_back(std::move(set));
  return found->second;
}

CodeSetItem code_item(std::string vocabulary, std::string pattern, bool literal) {
  CodeSetItem item;
  item.vocabulary = std::move(vocabulary);
  item.pattern = std::move(pattern);
  item.literal = literal;
  return item;
}

void read_codes(Cursor& cursor, const CodeSetTable* named, CodesPlace place, CodeSet& set,
                bool concepts) {
  CodeReader(cursor, named, concepts).read(place, set);
}

CodeSetIndex read_codes_in_place(Cursor& cursor, CodeSetTable& named) {
  const Token& first = cursor.peek();
  const std::size_t begin = cursor.begin();
  CodeSet set;
  read_codes(cursor, &named, CodesPlace::kInPlace, set);
  // The name alone means the set itself.
  if ((first.kind == TokenKind::kWord || first.kind == TokenKind::kText) &&
      cursor.end_of_last() == first.span.end) {
    return named.index_of(first.text);
  }
  set.name = cursor.words_since(begin);
  return named.add_unnamed(std::move(set));
}

bool begins_codes(const Token& token) {
  return token.kind == TokenKind::kCode || token.kind == TokenKind::kText ||
         (token.kind == TokenKind::kWord && !is_reserved(token.text)) ||
         (token.kind == TokenKind::kSign && token.text == "(");
}

}  // namespace anam
