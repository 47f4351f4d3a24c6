// SPDX-License-Identifier: Apache-2.0
#include "ingest/code_dictionary.h"

#include <algorithm>
#include <numeric>

#include "storage/bytes.h"
#include "storage/checksum.h"
#include "storage/format.h"
#include "storage/shard_key.h"

namespace anam {
namespace {

void pack(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof(size));
  out.append(text);
}

std::string unpack(ByteReader& in) {
  const auto size = in.get<std::uint32_t>();
  return std::string(as_text(in.take(size)));
}

void check(std::string_view text, std::string_view what) {
  if (text.size() > kMaxName) {
    fail(ErrorCode::kInput,
         std::string(what) + " is longer than " + std::to_string(kMaxName) + " bytes",
         std::string(text.substr(0, 40)) + "...");
  }
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    fail(ErrorCode::kInput, std::string(what) + " has control characters", text);
  }
}

}  // namespace

CodeDictionary::CodeDictionary(std::filesystem::path scratch)
    : scratch_(std::move(scratch)),
      definition_at_(1),
      descendants_(scratch_, "descendants-"),
      mappings_(scratch_, "mappings-") {}

CodeId CodeDictionary::intern(std::string_view vocabulary, std::string_view code) {
  if (code.empty()) return kNoCode;
  thread_local std::string key;
  key.assign(vocabulary).push_back('\0');
  key.append(code);
  Stripe& stripe = stripes_[checksum(as_bytes(key)) % stripes_.size()];
  {
    const std::shared_lock lock(stripe.mutex);
    const auto found = stripe.ids.find(key);
    if (found != stripe.ids.end()) return found->second;
  }
  check(vocabulary, "the name of a vocabulary");
  check(code, "a code");
  if (vocabulary.size() + code.size() > kMaxPostingsText) {
    fail(ErrorCode::kInput,
         "a vocabulary's name and a code are together longer than " +
             std::to_string(kMaxPostingsText) + " bytes",
         std::string(code.substr(0, 40)) + "...");
  }
  const std::scoped_lock lock(stripe.mutex);
  const auto found = stripe.ids.find(key);
  if (found != stripe.ids.end()) return found->second;
  const std::scoped_lock texts_lock(texts_mutex_);
  texts_.push_back(key);
  const auto id = static_cast<CodeId>(texts_.size());
  stripe.ids.emplace(texts_.back(), id);
  return id;
}

std::string_view CodeDictionary::vocabulary(CodeId local) const {
  if (local == kNoCode) return {};
  const std::string_view text = texts_[local - 1];
  return text.substr(0, text.find('\0'));
}

std::string_view CodeDictionary::code(CodeId local) const {
  if (local == kNoCode) return {};
  const std::string_view text = texts_[local - 1];
  return text.substr(text.find('\0') + 1);
}

void CodeDictionary::define(CodeId code, const CodeDefinition& d) {
  if (code == kNoCode) return;
  if (code >= definition_at_.size()) definition_at_.resize(code + std::size_t{1});
  definition_at_[code] = definitions_.size() + 1;
  for (const std::string& text :
       {d.name, d.synonyms, d.domain, d.concept_class, d.alias_vocabulary, d.alias_code}) {
    pack(definitions_, text);
  }
  for (const bool flag : {d.defined, d.standard, d.invalid})
    definitions_.push_back(flag ? '\1' : '\0');
}

CodeDefinition CodeDictionary::definition(CodeId local) const {
  ByteReader in(as_bytes(std::string_view(definitions_).substr(definition_at_[local] - 1)));
  CodeDefinition d;
  for (std::string* text :
       {&d.name, &d.synonyms, &d.domain, &d.concept_class, &d.alias_vocabulary, &d.alias_code}) {
    *text = unpack(in);
  }
  for (bool* flag : {&d.defined, &d.standard, &d.invalid}) *flag = in.get<std::uint8_t>() != 0;
  return d;
}

CodeRecord CodeDictionary::merged(CodeId local, CodeRecord record) const {
  if (!defined(local)) return record;
  CodeDefinition d = definition(local);
  const auto take = [](std::string& to, std::string& from) {
    if (!from.empty()) to = std::move(from);
  };
  take(record.name, d.name);
  take(record.synonyms, d.synonyms);
  take(record.domain, d.domain);
  take(record.concept_class, d.concept_class);
  take(record.alias_vocabulary, d.alias_vocabulary);
  take(record.alias_code, d.alias_code);
  record.defined = record.defined || d.defined;
  record.standard = d.standard;
  record.invalid = d.invalid;
  return record;
}

void CodeDictionary::settle(const CodeTable* existing) {
  existing_ = existing != nullptr ? existing->size() : 0;
  by_rank_.resize(texts_.size() + 1);
  std::iota(by_rank_.begin(), by_rank_.end(), CodeId{0});
  std::sort(by_rank_.begin() + 1, by_rank_.end(),
            [&](CodeId a, CodeId b) { return texts_[a - 1] < texts_[b - 1]; });
  rank_.resize(by_rank_.size());
  final_.resize(by_rank_.size());
  definition_at_.resize(by_rank_.size());
  CodeId next = existing_;
  for (std::uint32_t rank = 1; rank < by_rank_.size(); ++rank) {
    const CodeId local = by_rank_[rank];
    rank_[local] = rank;
    const auto known =
        existing != nullptr ? existing->find(vocabulary(local), code(local)) : std::nullopt;
    final_[local] = known ? *known : ++next;
  }
}

bool CodeDictionary::changed() const {
  return replace_hierarchy_ || any_pairs() || !definitions_.empty() ||
         std::ranges::any_of(final_, [&](CodeId id) { return id > existing_; });
}

Seal CodeDictionary::write(const std::filesystem::path& path, const CodeTable* existing) {
  CodeTableWriter writer(path);

  // Records: those of the store, redefined where this load says so, then the new ones, whose ids
  // ascend with their ranks.
  std::unordered_map<CodeId, CodeId> redefined;  // id in the store -> local id
  for (CodeId local = 1; local < final_.size(); ++local) {
    if (final_[local] <= existing_ && defined(local)) redefined.emplace(final_[local], local);
  }
  if (existing != nullptr) {
    existing->for_each_record([&](CodeId id, const CodeRecord& record) {
      const auto local = redefined.find(id);
      writer.add_record(id, local == redefined.end() ? record : merged(local->second, record));
    });
  }
  struct Text {
    std::string vocabulary;
    std::string code;
    bool alias;
    CodeId id;
    auto operator<=>(const Text&) const = default;
  };
  std::vector<Text> texts;
  const auto add_alias = [&](CodeId local, const CodeRecord& record) {
    if (!record.alias_code.empty())
      texts.push_back({record.alias_vocabulary, record.alias_code, true, final_[local]});
  };
  for (std::uint32_t rank = 1; rank < by_rank_.size(); ++rank) {
    const CodeId local = by_rank_[rank];
    if (final_[local] > existing_) {
      CodeRecord record;
      record.vocabulary = vocabulary(local);
      record.code = code(local);
      record = merged(local, std::move(record));
      writer.add_record(final_[local], record);
      texts.push_back({record.vocabulary, record.code, false, final_[local]});
      add_alias(local, record);
    } else if (defined(local)) {
      add_alias(local, merged(local, existing->record(final_[local])));
    }
  }
  std::ranges::sort(texts);

  // Texts: two sorted sequences merged; an alias that this load redefines is left out of the
  // store's.
  std::size_t next = 0;
  const auto add_up_to = [&](const Text* limit) {
    for (; next < texts.size() && (limit == nullptr || texts[next] < *limit); ++next) {
      writer.add_text(texts[next].vocabulary, texts[next].code, texts[next].id, texts[next].alias);
    }
  };
  if (existing != nullptr) {
    existing->for_each_text(
        [&](std::string_view vocabulary, std::string_view code, CodeId id, bool alias) {
          if (alias && redefined.contains(id)) return;
          const Text text{std::string(vocabulary), std::string(code), alias, id};
          add_up_to(&text);
          writer.add_text(vocabulary, code, id, alias);
        });
  }
  add_up_to(nullptr);

  // Pairs: to final ids, sorted again, together with the store's.
  const auto write_pairs = [&](PairSorter& local, auto for_each_existing, auto add) {
    PairSorter pairs(scratch_, "final-pairs-");
    local.drain([&](CodeId a, CodeId b) { pairs.add(final_[a], final_[b]); });
    if (existing != nullptr && !replace_hierarchy_)
      for_each_existing([&](CodeId a, CodeId b) { pairs.add(a, b); });
    pairs.drain(add);
  };
  write_pairs(
      descendants_, [&](auto f) { existing->for_each_descendant(f); },
      [&](CodeId a, CodeId b) { writer.add_descendant(a, b); });
  write_pairs(
      mappings_, [&](auto f) { existing->for_each_mapped(f); },
      [&](CodeId a, CodeId b) { writer.add_mapped(a, b); });
  return writer.finish();
}

}  // namespace anam
