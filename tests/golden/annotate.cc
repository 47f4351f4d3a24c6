// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/annotate.h"

#include <algorithm>
#include <cstdio>
#include <span>
#include <string_view>
#include <vector>

#include "storage/attributes.h"
#include "storage/block.h"
#include "storage/block_generated.h"
#include "storage/checked_value.h"
#include "storage/code_pages.h"
#include "storage/codec.h"
#include "storage/codec/varint.h"
#include "storage/format.h"
#include "storage/shard_key.h"

namespace anam::testing {
namespace {

constexpr std::size_t kRow = 12;

/// Takes a value apart from its beginning.
class Annotator {
 public:
  explicit Annotator(ByteSpan value) : value_(value) {}

  std::size_t remaining() const { return value_.size() - at_; }
  ByteSpan rest() const { return value_.subspan(at_); }
  std::string text() && { return std::move(text_); }

  /// The next bytes, with a remark on their first row.
  ByteSpan part(std::size_t size, std::string_view remark) {
    const ByteSpan bytes = value_.subspan(at_, size);
    for (std::size_t i = 0; i < size || (size == 0 && i == 0); i += kRow) {
      char offset[16];
      std::snprintf(offset, sizeof(offset), "  %04zx ", at_ + i);
      std::string line = offset;
      for (const std::byte byte : bytes.subspan(i, std::min(kRow, size - i)))
        line += " " + to_hex(ByteSpan(&byte, 1));
      if (i == 0) {
        line.resize(8 + 3 * kRow, ' ');
        line += "  ";
        line += remark;
      }
      text_ += line + "\n";
    }
    at_ += size;
    return bytes;
  }

  std::uint64_t varint(std::string_view remark) {
    ByteReader reader(rest());
    const std::uint64_t value = get_varint(reader);
    part(rest().size() - reader.remaining(), std::string(remark) + std::to_string(value));
    return value;
  }

 private:
  ByteSpan value_;
  std::size_t at_ = 0;
  std::string text_;
};

std::string list_of(std::span<const std::int64_t> numbers) {
  std::string text;
  for (const std::int64_t number : numbers) text += " " + std::to_string(number);
  return text;
}

std::vector<std::int64_t> stream(Annotator& at, std::size_t count, std::string_view what) {
  ByteReader reader(at.rest());
  const std::uint64_t head = get_varint(reader);
  at.part(at.remaining() - reader.remaining(), std::string(what) + ": stream of " +
                                                   std::to_string(head / 4) + " bytes, form " +
                                                   std::to_string(head % 4));
  std::vector<std::int64_t> numbers(count);
  if (head % 4 != 0) {
    at.part(head / 4, "(compressed)");
    return numbers;
  }
  constexpr std::string_view kCodecs[] = {"?",     "raw",        "constant", "frames",
                                          "delta", "dictionary", "runs"};
  const ByteSpan encoded = at.rest().first(head / 4);
  decode_ints(encoded, std::span(numbers));
  at.part(encoded.size(),
          std::string(kCodecs[std::to_integer<unsigned>(encoded[0])]) + ":" + list_of(numbers));
  return numbers;
}

void column_page(Annotator& at, ColumnType type, std::size_t cells, const std::string& name) {
  const auto flags = std::to_integer<unsigned>(at.rest()[0]);
  at.part(1, name + ": flags" + (flags == 0 ? "" : flags == 1 ? ", some null" : ", all null"));
  if (flags == 2) return;
  std::size_t nulls = 0;
  if (flags == 1) {
    for (const std::int64_t mark : stream(at, cells, "  nulls")) nulls += mark == 1 ? 1U : 0U;
  }
  cells -= nulls;
  if (type == ColumnType::kDecimal) {
    stream(at, cells, "  scales");
    stream(at, cells, "  mantissas");
  } else if (type == ColumnType::kText) {
    const std::uint64_t distinct = at.varint("  distinct texts: ");
    stream(at, distinct, "  lengths");
    const std::uint64_t head = at.varint("  blob, 2 * size + form: ");
    at.part(head / 2,
            head % 2 == 0 ? std::string(as_text(at.rest().first(head / 2))) : "(compressed)");
    stream(at, cells, "  texts");
  } else {
    stream(at, cells, "  cells");
  }
}

std::string column_name(ColumnId id) {
  switch (id) {
    case column::kCounts:
      return "counts";
    case column::kDay:
      return "day";
    case column::kEndDay:
      return "end day";
    case column::kCode:
      return "code";
    case column::kDomains:
      return "domains";
    case column::kSource:
      return "source";
    case column::kEntryCode:
      return "entry's code";
    case column::kEntryEvents:
      return "entry's events";
    case column::kEntryPatients:
      return "entry's patients";
    case column::kPosted:
      return "ordinals";
    case column::kPatient:
      return "patient id";
    default:
      const AttributeInfo* info = find_builtin_attribute(id);
      return info != nullptr ? std::string(info->name) : "column " + std::to_string(id);
  }
}

void block(Annotator& at, ByteSpan key, ByteSpan value) {
  const Block checked(key, value, "example");
  at.part(8, "checksum of key, magic, size, header");
  at.part(4, "magic \"ANB1\"");
  const auto size = load_le<std::uint32_t>(at.part(4, "size of the header").data());
  const std::vector<std::byte> header(at.rest().begin(), at.rest().begin() + size);
  const auto* root = flatbuffers::GetRoot<fb::BlockHeader>(header.data());
  const auto offset = [&](const void* place) {
    return static_cast<std::size_t>(static_cast<const std::byte*>(place) - header.data());
  };
  // The builder writes from the back: pages, chunks, table.
  const bool pages_first = offset(root->pages()) < offset(root->chunks());
  std::size_t done = 0;
  const auto up_to = [&](std::size_t end, std::string_view remark) {
    if (end > done) at.part(end - done, remark);
    done = end;
  };
  const auto chunks = [&] {
    up_to(offset(root->chunks()->Data()) - 4, done == 0 ? "FlatBuffers' table" : "padding");
    up_to(done + 4, "chunks: " + std::to_string(root->chunks()->size()));
    for (const fb::Chunk* c : *root->chunks()) {
      up_to(done + sizeof(fb::Chunk),
            "first " + std::to_string(c->first()) + ", last " + std::to_string(c->last()) +
                ", patients " + std::to_string(c->patients()) + ", rows " +
                std::to_string(c->rows()) + ", pages " + std::to_string(c->pages()));
    }
  };
  const auto pages = [&] {
    up_to(offset(root->pages()->Data()) - 4, done == 0 ? "FlatBuffers' table" : "padding");
    up_to(done + 4, "pages: " + std::to_string(root->pages()->size()));
    for (const fb::Page* p : *root->pages()) {
      up_to(done + sizeof(fb::Page),
            column_name(p->column()) + ": checksum; offset " + std::to_string(p->offset()) +
                ", size " + std::to_string(p->size()) + ", cells " + std::to_string(p->cells()) +
                ", column " + std::to_string(p->column()));
    }
  };
  if (pages_first) {
    pages();
    chunks();
  } else {
    chunks();
    pages();
  }
  up_to(size, "padding");
  for (const ChunkHead& chunk : checked.chunks()) {
    for (const PageHead& page : checked.pages(chunk))
      column_page(at, page.type, page.cells, column_name(page.column));
  }
}

void codes_page(Annotator& at, std::span<const bool> is_text,
                std::span<const std::string_view> names) {
  const auto rows = load_le<std::uint32_t>(at.part(4, "rows").data());
  for (const std::string_view name : names) at.part(4, "size of " + std::string(name));
  for (std::size_t c = 0; c < names.size(); ++c) {
    column_page(at, is_text[c] ? ColumnType::kText : ColumnType::kInt, rows, std::string(names[c]));
  }
}

void summary(Annotator& at) {
  at.part(4, "version");
  at.part(4, "codes");
  at.part(8, "texts");
  at.part(8, "descendants");
  at.part(8, "mapped");
  auto left = load_le<std::uint32_t>(at.part(4, "vocabularies").data());
  for (; left > 0; --left) {
    const auto size = std::to_integer<std::size_t>(at.part(1, "size of the name")[0]);
    const std::string name(as_text(at.rest().first(size)));
    at.part(size, name);
    at.part(8, "codes");
    at.part(8, "aliases");
  }
}

/// Calls f(annotator, key, value) for each pair and puts the key before what it said.
template <typename F>
std::string each(const SealedFile& file, F f) {
  std::string text;
  SealedFile::Cursor cursor = file.cursor();
  while (cursor.next()) {
    Annotator at(cursor.value());
    const std::string what = f(at, cursor.key(), cursor.value());
    if (at.remaining() > 0) at.part(at.remaining(), "");
    text += "key " + to_hex(cursor.key()) + "  " + what + "\n" + std::move(at).text();
  }
  return text;
}

std::string posted(ByteSpan key) {
  const auto domain = static_cast<Domain>(key[5]);
  constexpr std::string_view kRoles[] = {"standard", "source", "both"};
  std::string text(as_text(key.subspan(7, key.size() - 11)));
  for (char& c : text) c = c == '\0' ? ' ' : c;
  return "postings: " + std::string(domain_name(domain)) + ", role " +
         std::string(kRoles[std::to_integer<std::size_t>(key[6])]) + ", code \"" + text + "\"";
}

}  // namespace

std::string annotate_shards(const SealedFile& file) {
  return each(file, [](Annotator& at, ByteSpan key, ByteSpan value) -> std::string {
    switch (static_cast<ShardPart>(key[4])) {
      case ShardPart::kTimeline:
        block(at, key, value);
        return "shard 0, timelines from ordinal 0 on";
      case ShardPart::kPatients:
        block(at, key, value);
        return "shard 0, patients from ordinal 0 on";
      case ShardPart::kPostings:
        block(at, key, value);
        return "shard 0, " + posted(key);
      case ShardPart::kDomains:
        at.part(8, "checksum of key and payload");
        at.part(at.remaining(), "Roaring bitmap of the ordinal 0");
        return "shard 0, patients with " + std::string(domain_name(static_cast<Domain>(key[5])));
      case ShardPart::kHeader:
        at.part(8, "checksum of key and payload");
        at.part(at.remaining(), "ShardHeader (shard.fbs)");
        return "shard 0, header";
    }
    return "";
  });
}

std::string annotate_codes(const SealedFile& file) {
  return each(file, [](Annotator& at, ByteSpan key, ByteSpan) -> std::string {
    constexpr std::string_view kRecord[] = {"vocabulary",       "code",       "name",
                                            "synonyms",         "domain",     "class",
                                            "alias vocabulary", "alias code", "flags"};
    constexpr std::string_view kText[] = {"vocabulary", "code", "id", "alias"};
    at.part(8, "checksum of key and payload");
    switch (static_cast<CodesKey>(key[0])) {
      case CodesKey::kRecords:
        codes_page(at, record_column::kIsText, kRecord);
        return "records, page 0: the ids from 1 on";
      case CodesKey::kTexts:
        codes_page(at, text_column::kIsText, kText);
        return "texts, page 0";
      case CodesKey::kTextIndex:
        codes_page(at, index_column::kIsText, std::span(kText).first(2));
        return "index of texts, page 0: the first text of each page";
      case CodesKey::kSummary:
        summary(at);
        return "summary";
      default:
        return "";
    }
  });
}

std::string annotate_catalog(const SealedFile& file) {
  return each(file, [](Annotator& at, ByteSpan key, ByteSpan) -> std::string {
    constexpr std::string_view kNames[] = {"",          "CatalogHeader", "Source", "LocalAttribute",
                                           "StoreFile", "Release"};
    std::string name(kNames[std::to_integer<std::size_t>(key[0])]);
    at.part(8, "checksum of key and payload");
    at.part(at.remaining(), name + " (catalog.fbs)");
    return name;
  });
}

}  // namespace anam::testing
