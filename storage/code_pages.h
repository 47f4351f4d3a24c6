// SPDX-License-Identifier: Apache-2.0
// The values in a file of codes. Private to the library.
//
// A page is a little-endian header and column pages (column_page.h):
//   u32 count                 rows
//   u32 size[columns]         bytes of each column page
//   column pages, one behind the other
// Empty texts are null cells.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "storage/code_table.h"
#include "storage/text_pool.h"

namespace anam {

inline constexpr std::size_t kCodesPerPage = 1024;  // page n has the ids from n * 1024 + 1 on
inline constexpr std::size_t kTextsPerPage = 1024;
inline constexpr std::size_t kPairsPerBlock = 8192;
inline constexpr std::size_t kIndexPerPage = 4096;
inline constexpr std::size_t kMaxCodeText = 1 << 20;  // of a name or all synonyms of a code

/// Rows of texts and numbers, a column each.
class CodePage {
 public:
  explicit CodePage(std::size_t columns) : columns_(columns) {}

  /// A row is complete when each column, the last one at the end, has its cell.
  void add_text(std::size_t column, std::string_view text);
  void add_number(std::size_t column, std::int64_t number);
  std::size_t rows() const { return rows_; }
  void clear();

  /// Valid as long as the page does not change.
  std::string_view text(std::size_t column, std::size_t row) const;
  std::int64_t number(std::size_t column, std::size_t row) const { return columns_[column][row]; }
  std::size_t bytes() const;  // of memory

  /// `is_text` says which columns are texts.
  Bytes encode(std::span<const bool> is_text) const;
  /// Decodes the columns that are `wanted` (others stay empty). Throws Error(kCorrupt) for bytes
  /// that are no page of at most `most_rows`.
  static CodePage decode(ByteSpan payload, std::span<const bool> is_text, std::size_t most_rows,
                         std::uint32_t wanted = ~0U);

 private:
  std::vector<std::vector<std::int64_t>> columns_;
  TextPool texts_;
  std::size_t rows_ = 0;
};

namespace record_column {

inline constexpr std::size_t kVocabulary = 0;
inline constexpr std::size_t kCode = 1;
inline constexpr std::size_t kName = 2;
inline constexpr std::size_t kSynonyms = 3;
inline constexpr std::size_t kDomain = 4;
inline constexpr std::size_t kClass = 5;
inline constexpr std::size_t kAliasVocabulary = 6;
inline constexpr std::size_t kAliasCode = 7;
inline constexpr std::size_t kFlags = 8;  // 1 defined, 2 standard, 4 invalid
inline constexpr std::size_t kCount = 9;
inline constexpr std::array<bool, kCount> kIsText = {true, true, true, true, true,
                                                     true, true, true, false};

}  // namespace record_column

namespace text_column {

inline constexpr std::size_t kVocabulary = 0;
inline constexpr std::size_t kCode = 1;
inline constexpr std::size_t kId = 2;
inline constexpr std::size_t kAlias = 3;
inline constexpr std::size_t kCount = 4;
inline constexpr std::array<bool, kCount> kIsText = {true, true, false, false};

}  // namespace text_column

namespace index_column {

inline constexpr std::size_t kVocabulary = 0;
inline constexpr std::size_t kCode = 1;
inline constexpr std::size_t kCount = 2;
inline constexpr std::array<bool, kCount> kIsText = {true, true};

}  // namespace index_column

namespace pair_column {

inline constexpr std::size_t kFirst = 0;
inline constexpr std::size_t kSecond = 1;
inline constexpr std::size_t kCount = 2;
inline constexpr std::array<bool, kCount> kIsText = {false, false};

}  // namespace pair_column

void add_record(const CodeRecord& record, CodePage& page);
CodeRecord get_record(const CodePage& page, std::size_t row);

/// What the file holds, written last.
struct CodesSummary {
  std::uint32_t codes = 0;
  std::uint64_t texts = 0;
  std::uint64_t descendants = 0;
  std::uint64_t mapped = 0;
  std::vector<VocabularyCount> vocabularies;
};

Bytes encode_summary(const CodesSummary& summary);
/// Throws Error(kVersion) for a newer one, Error(kCorrupt) for what is none.
CodesSummary decode_summary(ByteSpan payload);

}  // namespace anam
