// SPDX-License-Identifier: Apache-2.0
#include "storage/seal.h"

#include <algorithm>
#include <bit>
#include <string>

#include "storage/checksum.h"
#include "storage/format.h"

namespace anam {
namespace {

// Of an LMDB page's header: its number at 0 (8 bytes), flags at 10 (2), and, of a large value's
// first page, the number of its pages at 12 (4).
constexpr std::size_t kFlagsOffset = 10;
constexpr std::size_t kPagesOffset = 12;
constexpr std::uint16_t kOverflowFlag = 0x04;
constexpr std::uint64_t kMetaPages = 2;

constexpr std::size_t kReadSize = 1 << 20;

/// Pages that the large value beginning at `number` occupies; 0 when none begins there.
std::uint64_t overflow_pages(ByteSpan page, std::uint64_t number) {
  if (number < kMetaPages || load_le<std::uint64_t>(page.data()) != number) return 0;
  if (load_le<std::uint16_t>(page.data() + kFlagsOffset) != kOverflowFlag) return 0;
  return load_le<std::uint32_t>(page.data() + kPagesOffset);
}

[[noreturn]] void fail_seal(const PosixFile& file, std::string_view what) {
  fail(ErrorCode::kCorrupt, what, file.path().string());
}

std::uint64_t plain_size(const PosixFile& file) {
  const struct stat status = file.status();
  if (!S_ISREG(status.st_mode)) fail_seal(file, "is no plain file");
  return static_cast<std::uint64_t>(status.st_size);
}

SealFooter parse_footer(ByteSpan bytes) {
  ByteReader reader(bytes);
  reader.take(kSealMagic.size());
  SealFooter footer;
  footer.version = reader.get<std::uint32_t>();
  footer.page_size = reader.get<std::uint32_t>();
  footer.page_count = reader.get<std::uint64_t>();
  footer.list_size = reader.get<std::uint64_t>();
  footer.keys = reader.get<std::uint64_t>();
  footer.reserved = reader.get<std::uint64_t>();
  return footer;
}

/// Throws unless the parts that the footer tells of make up a file of `size` bytes.
void check_footer(const PosixFile& file, const SealFooter& footer, ByteSpan bytes,
                  std::uint64_t size) {
  if (as_text(bytes.first(kSealMagic.size())) != kSealMagic) {
    fail_seal(file, "file is cut off, or is no file of a store");
  }
  if (footer.version > kSealVersion) {
    fail(ErrorCode::kVersion, "file was written by a newer version of anam; use that one",
         file.path().string() + ", seal version " + std::to_string(footer.version));
  }
  const std::uint64_t page_size = footer.page_size;
  const bool sane = footer.version == kSealVersion && std::has_single_bit(page_size) &&
                    page_size >= 512 && page_size <= 65536 && footer.page_count >= kMetaPages &&
                    footer.page_count <= size / page_size && footer.list_size >= kMetaPages &&
                    footer.list_size <= footer.page_count;
  if (!sane ||
      footer.page_count * page_size + footer.list_size * kSealEntrySize + kSealFooterSize != size) {
    fail_seal(file, "size or seal of the file is wrong");
  }
}

std::uint64_t listed_page(ByteSpan list, std::uint64_t index) {
  return load_le<std::uint64_t>(list.data() + index * kSealEntrySize);
}

/// Entries from `first` on whose pages lie one behind the other, as many as one read takes.
std::uint64_t run_end(ByteSpan list, std::uint64_t count, std::uint64_t first,
                      std::uint64_t page_size) {
  std::uint64_t end = first + 1;
  while (end < count && (end - first + 1) * page_size <= kReadSize &&
         listed_page(list, end) == listed_page(list, end - 1) + 1) {
    ++end;
  }
  return end;
}

void verify_pages(const PosixFile& file, const SealFooter& footer, ByteSpan list) {
  const std::uint64_t count = footer.list_size;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t page = listed_page(list, i);
    const bool ordered = i < kMetaPages ? page == i : page > listed_page(list, i - 1);
    if (!ordered || page >= footer.page_count) fail_seal(file, "seal of the file is wrong");
  }
  const auto for_each_run = [&](const auto& f) {
    for (std::uint64_t i = 0; i < count;) {
      const std::uint64_t end = run_end(list, count, i, footer.page_size);
      f(i, listed_page(list, i) * footer.page_size, (end - i) * footer.page_size);
      i = end;
    }
  };
  // Cold, the pages are read side by side and not one after the other.
  for_each_run([&](std::uint64_t, std::uint64_t offset, std::uint64_t size) {
    file.will_need(offset, size);
  });
  Bytes buffer;
  for_each_run([&](std::uint64_t i, std::uint64_t offset, std::uint64_t size) {
    buffer.resize(size);
    file.read(offset, buffer);
    for (std::uint64_t at = 0; at < size; at += footer.page_size, ++i) {
      const std::uint64_t page = listed_page(list, i);
      const auto expected = load_le<std::uint64_t>(list.data() + i * kSealEntrySize + 8);
      if (checksum(ByteSpan(buffer).subspan(at, footer.page_size), page) != expected) {
        fail(ErrorCode::kCorrupt, "page is not what was written",
             file.path().string() + ", page " + std::to_string(page));
      }
    }
  });
}

}  // namespace

Seal write_seal(const PosixFile& file, std::uint32_t page_size, std::uint64_t page_count,
                const lmdb::TreeSizes& sizes) {
  const std::uint64_t end = page_count * page_size;
  file.resize(end);  // LMDB leaves out pages at the end that it gave back
  Bytes seal;
  Bytes page(page_size);
  std::uint64_t overflow = 0;
  for (std::uint64_t number = 0; number < page_count;) {
    file.read(number * page_size, page);
    const std::uint64_t run = overflow_pages(page, number);
    if (run == 0) {
      put(seal, number);
      put(seal, checksum(page, number));
    }
    overflow += run;
    number += std::max<std::uint64_t>(run, 1);
    if (number > page_count) fail_seal(file, "pages changed while the file was written");
  }
  const std::uint64_t listed = seal.size() / kSealEntrySize;
  if (overflow != sizes.overflow_pages || listed < sizes.tree_pages + kMetaPages) {
    fail_seal(file, "pages changed while the file was written");
  }
  put_bytes(seal, as_bytes(kSealMagic));
  put(seal, kSealVersion);
  put(seal, page_size);
  put(seal, page_count);
  put(seal, listed);
  put(seal, sizes.entries);
  put(seal, std::uint64_t{0});
  const std::uint64_t sum = checksum(seal);
  put(seal, sum);
  file.write(end, seal);
  file.sync();
  return {.size = end + seal.size(), .checksum = sum};
}

void check_size(const PosixFile& file, const Seal& expected) {
  const std::uint64_t size = plain_size(file);
  if (size != expected.size) {
    fail(ErrorCode::kCorrupt, "file has the wrong size",
         file.path().string() + ", " + std::to_string(expected.size) + " bytes expected, " +
             std::to_string(size) + " found");
  }
}

VerifiedSeal verify_seal(const PosixFile& file, const std::optional<Seal>& expected) {
  const std::uint64_t size = plain_size(file);
  if (expected) check_size(file, *expected);
  if (size < kSealFooterSize) fail_seal(file, "file is cut off, or is no file of a store");
  Bytes footer_bytes(kSealFooterSize);
  file.read(size - kSealFooterSize, footer_bytes);
  const SealFooter footer = parse_footer(footer_bytes);
  check_footer(file, footer, footer_bytes, size);

  const std::uint64_t list_bytes = footer.list_size * kSealEntrySize;
  Bytes seal(list_bytes + kSealFooterSize);
  file.read(size - seal.size(), seal);
  const auto sum = load_le<std::uint64_t>(seal.data() + seal.size() - 8);
  if (checksum(ByteSpan(seal).first(seal.size() - 8)) != sum)
    fail_seal(file, "seal of the file is wrong");
  if (expected && sum != expected->checksum) {
    fail_seal(file, "file is not the one that the release names");
  }
  verify_pages(file, footer, ByteSpan(seal).first(list_bytes));
  return {footer, {.size = size, .checksum = sum}};
}

}  // namespace anam
