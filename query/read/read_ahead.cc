// SPDX-License-Identifier: Apache-2.0
#include "query/read/read_ahead.h"

#include <algorithm>
#include <bit>

#include "storage/shard_key.h"

namespace anam {
namespace {

std::uint32_t big_endian(ByteSpan bytes) {
  std::uint32_t number = 0;
  for (const std::byte b : bytes) number = number << 8 | std::to_integer<std::uint32_t>(b);
  return number;
}

std::uint32_t first_ordinal(ByteSpan timeline_key) {
  return big_endian(timeline_key.last(8).first(4));
}
// Events of the first patient that lie in earlier blocks.
std::uint32_t skipped_events(ByteSpan timeline_key) { return big_endian(timeline_key.last(4)); }

}  // namespace

std::uint32_t next_patient(const PatientSet& set, std::uint32_t ordinal) {
  const auto words = set.words();
  for (std::size_t w = ordinal / 64; w < words.size(); ++w) {
    std::uint64_t word = words[w];
    if (w == ordinal / 64) word &= ~std::uint64_t{0} << (ordinal % 64);
    if (word != 0)
      return static_cast<std::uint32_t>(w * 64) +
             static_cast<std::uint32_t>(std::countr_zero(word));
  }
  return set.patients();
}

ReadAhead::ReadAhead(std::shared_ptr<const SealedFile> file, std::uint32_t shard,
                     const PatientSet& wanted, Ask ask)
    : file_(std::move(file)),
      shard_(shard),
      wanted_(wanted),
      ask_(std::move(ask)),
      cursor_(file_->cursor()) {}

void ReadAhead::reached(std::uint32_t ordinal) {
  next_ = std::max(next_, ordinal);
  while (!asked_.empty() && asked_.front() <= ordinal) asked_.pop_front();
  if (asked_.size() > kBlocks / 2) return;
  while (asked_.size() < kBlocks && ask_next()) {
  }
}

// The block that has the next patient who is wanted; false when there is none.
bool ReadAhead::ask_next() {
  next_ = next_patient(wanted_, next_);
  if (next_ >= wanted_.patients()) return false;
  const Bytes prefix = shard_part_key(shard_, ShardPart::kTimeline);
  const auto inside = [&] { return has_prefix(cursor_.key(), prefix); };
  const Bytes key = timeline_key(shard_, next_, 0);
  if (!(cursor_.seek_le(key) && inside()) && !(cursor_.seek_ge(key) && inside())) {
    next_ = wanted_.patients();
    return false;
  }
  ask(next_);
  bool more = cursor_.next() && inside();
  // The rest of a patient who began in that block.
  while (more && skipped_events(cursor_.key()) > 0) {
    const std::uint32_t patient = first_ordinal(cursor_.key());
    if (patient >= wanted_.patients() || !wanted_.contains(patient)) break;
    ask(patient);
    next_ = patient;
    more = cursor_.next() && inside();
  }
  next_ = more ? std::max(next_ + 1, first_ordinal(cursor_.key())) : wanted_.patients();
  return true;
}

void ReadAhead::ask(std::uint32_t patient) {
  if (ask_) {
    ask_(cursor_.value());
  } else {
    file_->will_need(cursor_.value());
  }
  asked_.push_back(patient);
}

}  // namespace anam
