// SPDX-License-Identifier: Apache-2.0
#include "storage/code_pages.h"

#include <string>

#include "storage/column_page.h"
#include "storage/format.h"

namespace anam {
namespace {

/// Written once, read often.
constexpr PageOptions kPageOptions = {.zstd = true, .zstd_level = 3};

enum RecordFlags : std::uint8_t { kDefined = 1, kStandard = 2, kInvalid = 4 };

}  // namespace

void CodePage::add_text(std::size_t column, std::string_view text) {
  add_number(column, text.empty() ? kNull : texts_.add(text));
}

void CodePage::add_number(std::size_t column, std::int64_t number) {
  columns_[column].push_back(number);
  if (column + 1 == columns_.size()) ++rows_;
}

void CodePage::clear() {
  for (auto& column : columns_) column.clear();
  texts_.clear();
  rows_ = 0;
}

std::string_view CodePage::text(std::size_t column, std::size_t row) const {
  const std::int64_t cell = columns_[column][row];
  return cell == kNull ? std::string_view() : texts_.at(cell);
}

std::size_t CodePage::bytes() const {
  std::size_t bytes = sizeof(CodePage) + texts_.bytes();
  for (const auto& column : columns_)
    bytes += sizeof(std::vector<std::int64_t>) + column.capacity() * sizeof(std::int64_t);
  return bytes;
}

Bytes CodePage::encode(std::span<const bool> is_text) const {
  Bytes payload;
  put(payload, static_cast<std::uint32_t>(rows()));
  const std::size_t sizes = payload.size();
  payload.resize(sizes + columns_.size() * sizeof(std::uint32_t));
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const std::size_t begin = payload.size();
    encode_column(is_text[c] ? ColumnType::kText : ColumnType::kInt, columns_[c], &texts_,
                  kPageOptions, payload);
    store_le(payload.data() + sizes + c * sizeof(std::uint32_t),
             static_cast<std::uint32_t>(payload.size() - begin));
  }
  return payload;
}

CodePage CodePage::decode(ByteSpan payload, std::span<const bool> is_text, std::size_t most_rows,
                          std::uint32_t wanted) {
  ByteReader reader(payload);
  const auto rows = reader.get<std::uint32_t>();
  if (rows == 0 || rows > most_rows) fail(ErrorCode::kCorrupt, "page of codes has too many rows");
  std::vector<std::uint32_t> sizes(is_text.size());
  for (std::uint32_t& size : sizes) size = reader.get<std::uint32_t>();
  CodePage page(is_text.size());
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    const ByteSpan column = reader.take(sizes[c]);
    if ((wanted >> c & 1U) == 0) continue;
    page.columns_[c].resize(rows);
    decode_column(is_text[c] ? ColumnType::kText : ColumnType::kInt, column, page.columns_[c],
                  &page.texts_);
  }
  if (reader.remaining() != 0) fail(ErrorCode::kCorrupt, "page of codes is too long");
  page.rows_ = rows;
  return page;
}

void add_record(const CodeRecord& record, CodePage& page) {
  using namespace record_column;
  page.add_text(kVocabulary, record.vocabulary);
  page.add_text(kCode, record.code);
  page.add_text(kName, record.name);
  page.add_text(kSynonyms, record.synonyms);
  page.add_text(kDomain, record.domain);
  page.add_text(kClass, record.concept_class);
  page.add_text(kAliasVocabulary, record.alias_vocabulary);
  page.add_text(kAliasCode, record.alias_code);
  page.add_number(kFlags, (record.defined ? kDefined : 0) | (record.standard ? kStandard : 0) |
                              (record.invalid ? kInvalid : 0));
}

CodeRecord get_record(const CodePage& page, std::size_t row) {
  using namespace record_column;
  CodeRecord record;
  record.vocabulary = page.text(kVocabulary, row);
  record.code = page.text(kCode, row);
  record.name = page.text(kName, row);
  record.synonyms = page.text(kSynonyms, row);
  record.domain = page.text(kDomain, row);
  record.concept_class = page.text(kClass, row);
  record.alias_vocabulary = page.text(kAliasVocabulary, row);
  record.alias_code = page.text(kAliasCode, row);
  const std::int64_t flags = page.number(kFlags, row);
  record.defined = (flags & kDefined) != 0;
  record.standard = (flags & kStandard) != 0;
  record.invalid = (flags & kInvalid) != 0;
  return record;
}

Bytes encode_summary(const CodesSummary& summary) {
  Bytes payload;
  put(payload, kCodesVersion);
  put(payload, summary.codes);
  put(payload, summary.texts);
  put(payload, summary.descendants);
  put(payload, summary.mapped);
  put(payload, static_cast<std::uint32_t>(summary.vocabularies.size()));
  for (const VocabularyCount& vocabulary : summary.vocabularies) {
    put(payload, static_cast<std::uint8_t>(vocabulary.name.size()));
    put_bytes(payload, as_bytes(vocabulary.name));
    put(payload, vocabulary.codes);
    put(payload, vocabulary.aliases);
  }
  return payload;
}

CodesSummary decode_summary(ByteSpan payload) {
  ByteReader reader(payload);
  const auto version = reader.get<std::uint32_t>();
  if (version == 0) fail(ErrorCode::kCorrupt, "summary of codes has no version");
  if (version > kCodesVersion) {
    fail(ErrorCode::kVersion, "file of codes was written by a newer version of anam; use that one",
         std::to_string(version));
  }
  CodesSummary summary;
  summary.codes = reader.get<std::uint32_t>();
  summary.texts = reader.get<std::uint64_t>();
  summary.descendants = reader.get<std::uint64_t>();
  summary.mapped = reader.get<std::uint64_t>();
  for (auto count = reader.get<std::uint32_t>(); count > 0; --count) {
    VocabularyCount vocabulary;
    vocabulary.name = as_text(reader.take(reader.get<std::uint8_t>()));
    vocabulary.codes = reader.get<std::uint64_t>();
    vocabulary.aliases = reader.get<std::uint64_t>();
    summary.vocabularies.push_back(std::move(vocabulary));
  }
  if (reader.remaining() != 0) fail(ErrorCode::kCorrupt, "summary of codes is too long");
  return summary;
}

}  // namespace anam
