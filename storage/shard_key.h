// SPDX-License-Identifier: Apache-2.0
// Keys of shard files: the shard, the part, then what orders the part. Big-endian, so that LMDB's
// order is the numbers' order.
#pragma once

#include <cstdint>
#include <string_view>

#include "storage/bytes.h"
#include "storage/event.h"
#include "storage/sealed_file.h"

namespace anam {

/// Parts of a shard in a file, in the order in which they are written. On-disk ids: never renumber.
enum class ShardPart : std::uint8_t {
  kTimeline = 0x10,  // blocks of events; key: first ordinal, skipped events
  kPatients = 0x20,  // blocks of rows about persons; key: first ordinal
  kPostings = 0x30,  // pages of postings; key: domain, role, vocabulary, code, number of the page
  kDomains = 0x40,   // patients of a domain, a bitmap; key: domain
  kHeader = 0x50,    // what the shard holds
};

/// Which of an event's two codes postings are about. On-disk ids: never renumber.
enum class PostingRole : std::uint8_t {
  kStandard = 0,  // the event's code, where its source code is another or absent
  kSource = 1,    // the event's source code, where its code is another or absent
  kBoth = 2,      // both are the same
};

/// Number of a page that stands for the bitmap of its code's patients, after all its pages.
inline constexpr std::uint32_t kBitmapPage = 0xFFFFFFFF;

/// What the key of a page of postings has room for: vocabulary and code together.
inline constexpr std::size_t kMaxPostingsText = kMaxKeySize - 13;

Bytes shard_part_key(std::uint32_t shard, ShardPart part);
Bytes timeline_key(std::uint32_t shard, std::uint32_t first, std::uint32_t skipped);
Bytes patients_key(std::uint32_t shard, std::uint32_t first);
Bytes postings_key(std::uint32_t shard, Domain domain,
                   PostingRole role);  // prefix of all its codes
Bytes postings_key(std::uint32_t shard, Domain domain, PostingRole role,
                   std::string_view vocabulary, std::string_view code, std::uint32_t page);
Bytes domain_key(std::uint32_t shard, Domain domain);

bool has_prefix(ByteSpan key, ByteSpan prefix);

}  // namespace anam
