// SPDX-License-Identifier: Apache-2.0
#include "storage/code_table.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "storage/checked_value.h"
#include "storage/code_pages.h"
#include "storage/format.h"
#include "storage/key.h"
#include "storage/page_cache.h"
#include "storage/wildcard.h"

namespace anam {
namespace {

/// Ids gathered before those met twice are dropped.
constexpr std::size_t kGather = 1 << 22;

void sort_unique(std::vector<CodeId>& ids) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

using Text = std::pair<std::string_view, std::string_view>;  // vocabulary, code

Text text_at(const CodePage& page, std::size_t row) {
  static_assert(text_column::kVocabulary == index_column::kVocabulary &&
                text_column::kCode == index_column::kCode);
  return {page.text(text_column::kVocabulary, row), page.text(text_column::kCode, row)};
}

/// The first row for which `before` is false. REQUIRES: it is true for none behind that.
template <typename F>
std::size_t partition_row(const CodePage& page, F&& before) {
  std::size_t low = 0;
  for (std::size_t high = page.rows(); low < high;) {
    const std::size_t middle = low + (high - low) / 2;
    if (before(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::size_t first_row_not_before(const CodePage& page, const Text& text) {
  return partition_row(page, [&](std::size_t row) { return text_at(page, row) < text; });
}

std::vector<std::string> lower_words(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  std::vector<std::string> words;
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty()) return words;
    const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
    words.push_back(ascii_lower(word));
    text.remove_prefix(word.size());
  }
}

}  // namespace

class CodeTable::Impl {
 public:
  Impl(std::shared_ptr<SealedFile> file, std::size_t cache_bytes)
      : file_(std::move(file)), records_(cache_bytes / 2), texts_(cache_bytes / 2) {
    const Bytes key = make_key(CodesKey::kSummary);
    summary_ = decoded(key, value(key), decode_summary);
    read_index();
  }

  const CodesSummary& summary() const { return summary_; }

  CodeRecord record(CodeId id) {
    if (id == kNoCode || id > summary_.codes)
      fail(ErrorCode::kUsage, "there is no such code", std::to_string(id));
    const auto number = static_cast<std::uint32_t>((id - 1) / kCodesPerPage);
    const auto page = records_.get(number, [&] { return record_page(number); });
    return get_record(*page, (id - 1) % kCodesPerPage);
  }

  /// Calls f(code, id, alias) for the texts of a vocabulary whose code begins with `beginning`; f
  /// returns false to stop.
  template <typename F>
  void for_texts(std::string_view vocabulary, std::string_view beginning, F&& f) {
    const Text from(vocabulary, beginning);
    // The last page that begins before `from`, since it may end behind it.
    std::size_t number = first_row_not_before(index_, from);
    if (number > 0) --number;
    for (; number < index_.rows(); ++number) {
      const auto page =
          texts_.get(number, [&] { return text_page(static_cast<std::uint32_t>(number)); });
      for (std::size_t row = first_row_not_before(*page, from); row < page->rows(); ++row) {
        const auto [of, code] = text_at(*page, row);
        if (of != vocabulary || !code.starts_with(beginning)) return;
        if (!f(code, id_of(*page, row), page->number(text_column::kAlias, row) != 0)) return;
      }
    }
  }

  void search(std::string_view text, const std::function<void(CodeId)>& found) const {
    using namespace record_column;
    const std::vector<std::string> words = lower_words(text);
    if (words.empty()) return;
    constexpr std::uint32_t kWanted = 1U << kCode | 1U << kName | 1U << kSynonyms;
    std::string all;
    for_each_page(CodesKey::kRecords, record_column::kIsText, kCodesPerPage, kWanted,
                  [&](const Bytes& key, const CodePage& page) {
                    for (std::size_t row = 0; row < page.rows(); ++row) {
                      all.clear();
                      for (const std::size_t column : {kName, kSynonyms, kCode}) {
                        ascii_lower(page.text(column, row), all);
                        all.push_back('\n');
                      }
                      const bool match = std::ranges::all_of(words, [&](const std::string& word) {
                        return all.find(word) != std::string::npos;
                      });
                      if (match) found(first_id(key) + static_cast<CodeId>(row));
                    }
                  });
  }

  /// The second codes of all pairs whose first is in `firsts`.
  std::vector<CodeId> seconds(CodesKey kind, std::span<const CodeId> firsts) const {
    std::vector<CodeId> wanted(firsts.begin(), firsts.end());
    sort_unique(wanted);
    std::vector<CodeId> found;
    std::size_t limit = kGather;
    SealedFile::Cursor cursor = file_->cursor();
    CodePage block(pair_column::kCount);  // that the cursor is at, if `at` is not empty
    Bytes at;
    for (const CodeId first : wanted) {
      // A pair (first, 0) does not exist, so its pairs begin in the last block before it, or behind
      // that.
      if (!seek_block(cursor, kind, first)) continue;
      do {
        if (!std::ranges::equal(cursor.key(), at)) {
          at.assign(cursor.key().begin(), cursor.key().end());
          block = page_at(cursor, pair_column::kIsText, kPairsPerBlock);
        }
        collect(block, first, found);
      } while (cursor.next() && is_kind(cursor, kind) && first_of_block(cursor) <= first);
      if (found.size() > limit) {
        sort_unique(found);
        limit = kGather + 2 * found.size();
      }
    }
    sort_unique(found);
    return found;
  }

  template <typename F>
  void for_each_page(CodesKey kind, std::span<const bool> is_text, std::size_t most_rows,
                     std::uint32_t wanted, F&& f) const {
    SealedFile::Cursor cursor = file_->cursor();
    for (bool more = cursor.seek_ge(make_key(kind)); more && is_kind(cursor, kind);
         more = cursor.next()) {
      const Bytes key(cursor.key().begin(), cursor.key().end());
      file_->will_need(cursor.value());
      const CodePage page = page_at(cursor, is_text, most_rows, wanted);
      f(key, page);
    }
  }

  void for_each_pair(CodesKey kind, const std::function<void(CodeId, CodeId)>& f) const {
    for_each_page(kind, pair_column::kIsText, kPairsPerBlock, ~0U,
                  [&](const Bytes&, const CodePage& page) {
                    for (std::size_t row = 0; row < page.rows(); ++row) {
                      f(checked_id(page.number(pair_column::kFirst, row)),
                        checked_id(page.number(pair_column::kSecond, row)));
                    }
                  });
  }

  CodeId first_id(const Bytes& key) const {
    if (key.size() != 5) fail_key(key);
    return load_be<std::uint32_t>(key.data() + 1) * static_cast<std::uint32_t>(kCodesPerPage) + 1;
  }

  /// Checked, since it indexes what the caller keeps by id.
  CodeId checked_id(std::int64_t number) const {
    if (number < 1 || number > summary_.codes) {
      fail(ErrorCode::kCorrupt, "file names a code that it does not have", file_->path().string());
    }
    return static_cast<CodeId>(number);
  }

  CodeId id_of(const CodePage& page, std::size_t row) const {
    return checked_id(page.number(text_column::kId, row));
  }

 private:
  [[noreturn]] void fail_key(ByteSpan key) const {
    fail(ErrorCode::kCorrupt, "file of codes lacks a page or has a wrong one",
         file_->path().string() + ", key " + to_hex(key));
  }

  ByteSpan value(ByteSpan key) const {
    const auto found = file_->find(key);
    if (!found) fail_key(key);
    return *found;
  }

  /// Opens a value and names it in what `decode` throws.
  template <typename F>
  std::invoke_result_t<F, ByteSpan> decoded(ByteSpan key, ByteSpan value, F&& decode) const {
    const ByteSpan payload = open_checked_value(key, value, file_->path());
    try {
      return decode(payload);
    } catch (const Error& error) {
      fail(error.code(), error.what(), file_->path().string() + ", key " + to_hex(key));
    }
  }

  CodePage page_at(const SealedFile::Cursor& cursor, std::span<const bool> is_text,
                   std::size_t most_rows, std::uint32_t wanted = ~0U) const {
    return decoded(cursor.key(), cursor.value(), [&](ByteSpan payload) {
      return CodePage::decode(payload, is_text, most_rows, wanted);
    });
  }

  CodePage record_page(std::uint32_t number) const {
    const Bytes key = make_key(CodesKey::kRecords, number);
    CodePage page = decoded(key, value(key), [](ByteSpan payload) {
      return CodePage::decode(payload, record_column::kIsText, kCodesPerPage);
    });
    if (page.rows() !=
        std::min<std::size_t>(kCodesPerPage, summary_.codes - number * kCodesPerPage))
      fail_key(key);
    return page;
  }

  CodePage text_page(std::uint32_t number) const {
    const Bytes key = make_key(CodesKey::kTexts, number);
    return decoded(key, value(key), [](ByteSpan payload) {
      return CodePage::decode(payload, text_column::kIsText, kTextsPerPage);
    });
  }

  void read_index() {
    for_each_page(CodesKey::kTextIndex, index_column::kIsText, kIndexPerPage, ~0U,
                  [&](const Bytes&, const CodePage& page) {
                    for (std::size_t row = 0; row < page.rows(); ++row) {
                      for (std::size_t c = 0; c < index_column::kCount; ++c)
                        index_.add_text(c, page.text(c, row));
                    }
                  });
  }

  static bool is_kind(const SealedFile::Cursor& cursor, CodesKey kind) {
    return cursor.key()[0] == static_cast<std::byte>(kind);
  }

  CodeId first_of_block(const SealedFile::Cursor& cursor) const {
    if (cursor.key().size() != 9) fail_key(cursor.key());
    return load_be<std::uint32_t>(cursor.key().data() + 1);
  }

  /// To the first block that may hold pairs with this first code.
  bool seek_block(SealedFile::Cursor& cursor, CodesKey kind, CodeId first) const {
    const Bytes key = make_key(kind, first, std::uint32_t{0});
    if (cursor.seek_le(key) && is_kind(cursor, kind)) return true;
    return cursor.seek_ge(key) && is_kind(cursor, kind) && first_of_block(cursor) <= first;
  }

  void collect(const CodePage& block, CodeId first, std::vector<CodeId>& found) const {
    std::size_t row = partition_row(
        block, [&](std::size_t r) { return block.number(pair_column::kFirst, r) < first; });
    for (; row < block.rows() && block.number(pair_column::kFirst, row) == first; ++row) {
      found.push_back(checked_id(block.number(pair_column::kSecond, row)));
    }
  }

  std::shared_ptr<SealedFile> file_;
  CodesSummary summary_;
  CodePage index_{index_column::kCount};  // the first text of each page
  PageCache<CodePage> records_;
  PageCache<CodePage> texts_;
};

CodeTable::CodeTable(std::shared_ptr<SealedFile> file, std::size_t cache_bytes)
    : impl_(std::make_unique<Impl>(std::move(file), cache_bytes)) {}
CodeTable::~CodeTable() = default;

CodeId CodeTable::size() const { return impl_->summary().codes; }
CodeRecord CodeTable::record(CodeId id) const { return impl_->record(id); }
const std::vector<VocabularyCount>& CodeTable::vocabularies() const {
  return impl_->summary().vocabularies;
}

std::optional<CodeId> CodeTable::find(std::string_view vocabulary, std::string_view code) const {
  std::optional<CodeId> found;
  // The code's own text comes before aliases, and the shortest of those that begin with it first.
  impl_->for_texts(vocabulary, code, [&](std::string_view text, CodeId id, bool alias) {
    if (text == code && !alias) found = id;
    return false;
  });
  return found;
}

void CodeTable::match(std::string_view vocabulary, std::string_view pattern, bool literal,
                      const std::function<void(CodeId)>& found) const {
  const auto in_vocabulary = [&](std::string_view name) {
    impl_->for_texts(name, literal ? pattern : fixed_beginning(pattern),
                     [&](std::string_view code, CodeId id, bool) {
                       if (literal && code != pattern) return false;
                       if (literal || matches_wildcard(pattern, code)) found(id);
                       return true;
                     });
  };
  const auto& all = vocabularies();
  if (std::ranges::find(all, vocabulary, &VocabularyCount::name) != all.end())
    return in_vocabulary(vocabulary);
  const std::string lower = ascii_lower(vocabulary);
  for (const VocabularyCount& candidate : all) {
    if (ascii_lower(candidate.name) == lower) in_vocabulary(candidate.name);
  }
}

void CodeTable::search_names(std::string_view text,
                             const std::function<void(CodeId)>& found) const {
  impl_->search(text, found);
}

std::vector<CodeId> CodeTable::descendants(std::span<const CodeId> ancestors) const {
  return impl_->seconds(CodesKey::kDescendants, ancestors);
}

std::vector<CodeId> CodeTable::sources_of(std::span<const CodeId> standards) const {
  return impl_->seconds(CodesKey::kMapped, standards);
}

void CodeTable::for_each_record(const std::function<void(CodeId, const CodeRecord&)>& f) const {
  impl_->for_each_page(CodesKey::kRecords, record_column::kIsText, kCodesPerPage, ~0U,
                       [&](const Bytes& key, const CodePage& page) {
                         for (std::size_t row = 0; row < page.rows(); ++row) {
                           f(impl_->first_id(key) + static_cast<CodeId>(row),
                             get_record(page, row));
                         }
                       });
}

void CodeTable::for_each_text(
    const std::function<void(std::string_view vocabulary, std::string_view code, CodeId id,
                             bool alias)>& f) const {
  using namespace text_column;
  impl_->for_each_page(CodesKey::kTexts, kIsText, kTextsPerPage, ~0U,
                       [&](const Bytes&, const CodePage& page) {
                         for (std::size_t row = 0; row < page.rows(); ++row) {
                           f(page.text(kVocabulary, row), page.text(kCode, row),
                             impl_->id_of(page, row), page.number(kAlias, row) != 0);
                         }
                       });
}

void CodeTable::for_each_descendant(
    const std::function<void(CodeId ancestor, CodeId descendant)>& f) const {
  impl_->for_each_pair(CodesKey::kDescendants, f);
}

void CodeTable::for_each_mapped(
    const std::function<void(CodeId standard, CodeId source)>& f) const {
  impl_->for_each_pair(CodesKey::kMapped, f);
}

}  // namespace anam
