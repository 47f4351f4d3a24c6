// SPDX-License-Identifier: Apache-2.0
#include "storage/block.h"

#include <algorithm>

#include "storage/block_generated.h"
#include "storage/checked_value.h"
#include "storage/checksum.h"

namespace anam {
namespace {

constexpr std::uint32_t kBlockMagic = 0x31424E41;  // "ANB1"
constexpr std::size_t kPrefix = 16;                // checksum, magic, header size

}  // namespace

void BlockBuilder::begin_chunk(ChunkHead head) {
  head.first_page = static_cast<std::uint32_t>(pages_.size());
  head.pages = 0;
  chunks_.push_back(head);
}

std::size_t BlockBuilder::add(ColumnId column, ColumnType type, std::span<const std::int64_t> cells,
                              const TextPool* texts) {
  const std::size_t begin = body_.size();
  PageMemory* memory = options_.thorough ? &memory_[{column, type}] : nullptr;
  encode_column(type, cells, texts, options_, body_, memory);
  const ByteSpan page = ByteSpan(body_).subspan(begin);
  if (body_.size() > kMaxBlockBytes || cells.size() > kMaxPageCells) {
    fail(ErrorCode::kFull, "a block exceeds what the format holds",
         std::to_string(body_.size()) + " bytes");
  }
  pages_.push_back({checksum(page), static_cast<std::uint32_t>(begin),
                    static_cast<std::uint32_t>(page.size()),
                    static_cast<std::uint32_t>(cells.size()), column, type});
  ++chunks_.back().pages;
  return page.size();
}

Bytes BlockBuilder::finish(ByteSpan key) {
  std::vector<fb::Chunk> chunks;
  std::vector<fb::Page> pages;
  for (const ChunkHead& c : chunks_) {
    chunks.emplace_back(c.first, c.last, c.patients, c.rows, c.skipped, c.first_page, c.pages);
  }
  for (const PageHead& p : pages_) {
    pages.emplace_back(p.checksum, p.offset, p.size, p.cells, p.column,
                       static_cast<std::uint8_t>(p.type), std::uint8_t{0});
  }
  flatbuffers::FlatBufferBuilder builder(256 + pages.size() * sizeof(fb::Page));
  builder.Finish(fb::CreateBlockHeaderDirect(builder, &chunks, &pages));

  Bytes value(kPrefix);
  put_bytes(value, std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize())));
  store_le(value.data() + 8, kBlockMagic);
  store_le(value.data() + 12, static_cast<std::uint32_t>(builder.GetSize()));
  store_le(value.data(), checksum(ByteSpan(value).subspan(8), checksum(key)));
  put_bytes(value, body_);
  chunks_.clear();
  pages_.clear();
  body_.clear();
  return value;
}

Block::Block(ByteSpan key, ByteSpan value, std::string_view file) : file_(file), key_(key) {
  if (value.size() < kPrefix || load_le<std::uint32_t>(value.data() + 8) != kBlockMagic)
    corrupt("no block");
  const std::size_t header_size = load_le<std::uint32_t>(value.data() + 12);
  if (header_size > value.size() - kPrefix) corrupt("block header runs over the value");
  const ByteSpan summed = value.subspan(8, kPrefix - 8 + header_size);
  if (load_le<std::uint64_t>(value.data()) != checksum(summed, checksum(key)))
    corrupt("block header's checksum differs");

  // LMDB's values are not aligned as FlatBuffers must be.
  std::vector<std::uint64_t> aligned((header_size + 7) / 8);
  std::memcpy(aligned.data(), value.data() + kPrefix, header_size);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(aligned.data());
  flatbuffers::Verifier verifier(bytes, header_size);
  if (!verifier.VerifyBuffer<fb::BlockHeader>(nullptr)) corrupt("block header does not verify");
  const auto* header = flatbuffers::GetRoot<fb::BlockHeader>(bytes);
  if (header->chunks() == nullptr || header->pages() == nullptr)
    corrupt("block header lacks its tables");
  body_ = value.subspan(kPrefix + header_size);

  pages_.reserve(header->pages()->size());
  for (const fb::Page* p : *header->pages()) {
    if (p->offset() > body_.size() || p->size() > body_.size() - p->offset() ||
        p->cells() > kMaxPageCells) {
      corrupt("page lies outside its block");
    }
    pages_.push_back({p->checksum(), p->offset(), p->size(), p->cells(), p->column(),
                      static_cast<ColumnType>(p->type())});
  }
  chunks_.reserve(header->chunks()->size());
  for (const fb::Chunk* c : *header->chunks()) {
    if (c->first_page() > pages_.size() || c->pages() > pages_.size() - c->first_page()) {
      corrupt("chunk names pages that are not there");
    }
    chunks_.push_back({c->first(), c->last(), c->patients(), c->rows(), c->skipped(),
                       c->first_page(), c->pages()});
  }
}

const PageHead* Block::find(const ChunkHead& chunk, ColumnId column) const {
  const auto all = pages(chunk);
  const auto found = std::ranges::find(all, column, &PageHead::column);
  return found == all.end() ? nullptr : &*found;
}

void Block::read(const PageHead& page, std::vector<std::int64_t>& cells, TextPool* texts) const {
  const ByteSpan bytes = body_.subspan(page.offset, page.size);
  if (checksum(bytes) != page.checksum)
    corrupt("page checksum differs, column " + std::to_string(page.column));
  if (page.type == ColumnType::kText && texts == nullptr)
    corrupt("unexpected text in column " + std::to_string(page.column));
  cells.resize(page.cells);
  try {
    decode_column(page.type, bytes, cells, texts);
  } catch (const Error& error) {
    corrupt(std::string(error.what()) + ", column " + std::to_string(page.column));
  }
}

bool Block::read(const ChunkHead& chunk, ColumnId column, std::vector<std::int64_t>& cells,
                 TextPool* texts) const {
  const PageHead* page = find(chunk, column);
  if (page == nullptr) return false;
  read(*page, cells, texts);
  return true;
}

void Block::corrupt(std::string_view what) const {
  fail(ErrorCode::kCorrupt, what, file_ + ", key " + to_hex(key_));
}

}  // namespace anam
