// SPDX-License-Identifier: Apache-2.0
#include "storage/shard_key.h"

#include <algorithm>

namespace anam {
namespace {

void put_big_endian(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::byte>(value >> shift & 0xFF));
}

}  // namespace

Bytes shard_part_key(std::uint32_t shard, ShardPart part) {
  Bytes key;
  key.reserve(16);
  put_big_endian(key, shard);
  key.push_back(static_cast<std::byte>(part));
  return key;
}

Bytes timeline_key(std::uint32_t shard, std::uint32_t first, std::uint32_t skipped) {
  Bytes key = shard_part_key(shard, ShardPart::kTimeline);
  put_big_endian(key, first);
  put_big_endian(key, skipped);
  return key;
}

Bytes patients_key(std::uint32_t shard, std::uint32_t first) {
  Bytes key = shard_part_key(shard, ShardPart::kPatients);
  put_big_endian(key, first);
  return key;
}

Bytes postings_key(std::uint32_t shard, Domain domain, PostingRole role) {
  Bytes key = shard_part_key(shard, ShardPart::kPostings);
  key.push_back(static_cast<std::byte>(domain));
  key.push_back(static_cast<std::byte>(role));
  return key;
}

Bytes postings_key(std::uint32_t shard, Domain domain, PostingRole role,
                   std::string_view vocabulary, std::string_view code, std::uint32_t page) {
  Bytes key = postings_key(shard, domain, role);
  put_bytes(key, as_bytes(vocabulary));
  key.push_back(std::byte{0});
  put_bytes(key, as_bytes(code));
  key.push_back(std::byte{0});
  put_big_endian(key, page);
  return key;
}

Bytes domain_key(std::uint32_t shard, Domain domain) {
  Bytes key = shard_part_key(shard, ShardPart::kDomains);
  key.push_back(static_cast<std::byte>(domain));
  return key;
}

bool has_prefix(ByteSpan key, ByteSpan prefix) {
  return key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin());
}

}  // namespace anam
