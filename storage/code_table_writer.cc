// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <tuple>
#include <utility>

#include "storage/checked_value.h"
#include "storage/code_pages.h"
#include "storage/code_table.h"
#include "storage/format.h"
#include "storage/key.h"

namespace anam {

class CodeTableWriter::Impl {
 public:
  explicit Impl(const std::filesystem::path& path) : path_(path.string()), file_(path) {}

  void add_record(CodeId id, const CodeRecord& record) {
    if (kind_ != CodesKey::kRecords || id != summary_.codes + 1)
      refuse("codes are not in order", id);
    for (const std::string* text :
         {&record.vocabulary, &record.code, &record.alias_vocabulary, &record.alias_code}) {
      if (text->size() > kMaxName) refuse("text of a code is too long", id);
    }
    for (const std::string* text :
         {&record.name, &record.synonyms, &record.domain, &record.concept_class}) {
      if (text->size() > kMaxCodeText) refuse("text of a code is too long", id);
    }
    anam::add_record(record, records_);
    summary_.codes = id;
    if (records_.rows() == kCodesPerPage) flush_records();
  }

  void add_text(std::string_view vocabulary, std::string_view code, CodeId id, bool alias) {
    enter(CodesKey::kTexts);
    if (vocabulary.size() > kMaxName || code.size() > kMaxName)
      refuse("text of a code is too long", id);
    if (id == kNoCode || id > summary_.codes) refuse("text of a code that was not added", id);
    const auto order = [](const LastText& t) {
      return std::tie(t.vocabulary, t.code, t.alias, t.id);
    };
    LastText text{std::string(vocabulary), std::string(code), alias, id};
    if (last_text_ && order(*last_text_) >= order(text))
      refuse("texts of codes are not in order", id);
    if (texts_.rows() == 0) {
      index_.add_text(index_column::kVocabulary, vocabulary);
      index_.add_text(index_column::kCode, code);
    }
    texts_.add_text(text_column::kVocabulary, vocabulary);
    texts_.add_text(text_column::kCode, code);
    texts_.add_number(text_column::kId, id);
    texts_.add_number(text_column::kAlias, alias ? 1 : 0);
    if (!last_text_ || last_text_->vocabulary != vocabulary) {
      summary_.vocabularies.push_back({text.vocabulary, 0, 0});
    }
    ++(alias ? summary_.vocabularies.back().aliases : summary_.vocabularies.back().codes);
    if (!alias) ++own_texts_;
    ++summary_.texts;
    last_text_ = std::move(text);
    if (texts_.rows() == kTextsPerPage) flush_texts();
  }

  void add_pair(CodesKey kind, CodeId first, CodeId second) {
    enter(kind);
    if (first == kNoCode || first > summary_.codes || second == kNoCode ||
        second > summary_.codes) {
      refuse("pair of codes that were not added", first);
    }
    const std::pair pair(first, second);
    if (pair <= last_pair_) refuse("pairs of codes are not in order", first);
    last_pair_ = pair;
    pairs_.add_number(pair_column::kFirst, first);
    pairs_.add_number(pair_column::kSecond, second);
    ++(kind == CodesKey::kDescendants ? summary_.descendants : summary_.mapped);
    if (pairs_.rows() == kPairsPerBlock) flush_pairs();
  }

  Seal finish() {
    enter(CodesKey::kSummary);
    if (own_texts_ != summary_.codes)
      refuse("codes and their own texts differ in number", summary_.codes);
    append(make_key(CodesKey::kSummary), encode_summary(summary_));
    return file_.finish();
  }

 private:
  struct LastText {
    std::string vocabulary;
    std::string code;
    bool alias = false;
    CodeId id = kNoCode;
  };

  [[noreturn]] void refuse(std::string_view what, CodeId id) const {
    fail(ErrorCode::kUsage, what, path_ + ", code " + std::to_string(id));
  }

  void append(const Bytes& key, const Bytes& payload) {
    file_.append(key, checked_value(key, payload));
  }

  /// Ends the kinds before.
  void enter(CodesKey kind) {
    if (kind == kind_) return;
    if (kind < kind_) refuse("kinds of entries are not in order", summary_.codes);
    flush_records();
    if (kind_ <= CodesKey::kTexts) {
      flush_texts();
      if (kind > CodesKey::kTexts) write_index();
    }
    flush_pairs();
    last_pair_ = {};
    kind_ = kind;
  }

  void flush_records() {
    if (records_.rows() == 0) return;
    const auto number = static_cast<std::uint32_t>((summary_.codes - 1) / kCodesPerPage);
    append(make_key(CodesKey::kRecords, number), records_.encode(record_column::kIsText));
    records_.clear();
  }

  void flush_texts() {
    if (texts_.rows() == 0) return;
    append(make_key(CodesKey::kTexts, text_pages_++), texts_.encode(text_column::kIsText));
    texts_.clear();
  }

  void write_index() {
    CodePage page(index_column::kCount);
    std::uint32_t number = 0;
    for (std::size_t row = 0; row < index_.rows(); ++row) {
      for (std::size_t c = 0; c < index_column::kCount; ++c) page.add_text(c, index_.text(c, row));
      if (page.rows() < kIndexPerPage && row + 1 < index_.rows()) continue;
      append(make_key(CodesKey::kTextIndex, number++), page.encode(index_column::kIsText));
      page.clear();
    }
  }

  void flush_pairs() {
    if (pairs_.rows() == 0) return;
    const auto first = static_cast<std::uint32_t>(pairs_.number(pair_column::kFirst, 0));
    const auto second = static_cast<std::uint32_t>(pairs_.number(pair_column::kSecond, 0));
    append(make_key(kind_, first, second), pairs_.encode(pair_column::kIsText));
    pairs_.clear();
  }

  std::string path_;
  SealedFileWriter file_;
  CodesKey kind_ = CodesKey::kRecords;
  CodesSummary summary_;
  CodePage records_{record_column::kCount};
  CodePage texts_{text_column::kCount};
  CodePage index_{index_column::kCount};  // the first text of each page
  CodePage pairs_{pair_column::kCount};
  std::optional<LastText> last_text_;
  std::pair<CodeId, CodeId> last_pair_;
  std::uint32_t text_pages_ = 0;
  std::uint64_t own_texts_ = 0;
};

CodeTableWriter::CodeTableWriter(const std::filesystem::path& path)
    : impl_(std::make_unique<Impl>(path)) {}
CodeTableWriter::~CodeTableWriter() = default;

void CodeTableWriter::add_record(CodeId id, const CodeRecord& record) {
  impl_->add_record(id, record);
}
void CodeTableWriter::add_text(std::string_view vocabulary, std::string_view code, CodeId id,
                               bool alias) {
  impl_->add_text(vocabulary, code, id, alias);
}
void CodeTableWriter::add_descendant(CodeId ancestor, CodeId descendant) {
  impl_->add_pair(CodesKey::kDescendants, ancestor, descendant);
}
void CodeTableWriter::add_mapped(CodeId standard, CodeId source) {
  impl_->add_pair(CodesKey::kMapped, standard, source);
}
Seal CodeTableWriter::finish() { return impl_->finish(); }

}  // namespace anam
