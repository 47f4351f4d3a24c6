// SPDX-License-Identifier: Apache-2.0
#include "index/posting_writer.h"

#include <algorithm>

#include "index/bitmap.h"
#include "storage/checked_value.h"

namespace anam {

// Postings are read far more often than timelines, and packed integers decode several times faster
// than zstd gives bytes back.
PostingWriter::PostingWriter(std::uint32_t shard, std::uint32_t bitmap_patients, Sink sink)
    : shard_(shard),
      bitmap_patients_(bitmap_patients),
      sink_(std::move(sink)),
      block_(PageOptions{.zstd = false}) {}

void PostingWriter::begin(Domain domain, PostingRole role, std::string_view vocabulary,
                          std::string_view code, CodeId id, std::uint64_t events) {
  end_list();
  const bool elsewhere = domain != domain_ || role != role_;
  if (elsewhere || events >= bitmap_patients_) {
    flush_block();
  } else if (events_ == kPostingPageEvents || events >= kPostingPageEvents / 2) {
    flush_chunk();
  }
  open_ = true;
  domain_ = domain;
  role_ = role;
  vocabulary_ = vocabulary;
  code_ = code;
  id_ = id;
  page_ = 0;
  fresh_ = true;
  ordinals_.clear();
  if (entries_.empty()) key_ = postings_key(shard_, domain_, role_, vocabulary_, code_, page_);
  entries_.push_back({id, 0, 0});
}

void PostingWriter::add(const Posting& posting) {
  if (events_ == kPostingPageEvents) {
    flush_chunk();
    key_ = postings_key(shard_, domain_, role_, vocabulary_, code_, ++page_);
    entries_.push_back({id_, 0, 0});
    fresh_ = true;
    split_patient_ = posting.ordinal == last_ordinal_;
  }
  Entry& entry = entries_.back();
  if (fresh_ || posting.ordinal != last_ordinal_) {
    const bool first_of_entry = entry.events == 0;
    patients_.push_back(first_of_entry ? posting.ordinal : posting.ordinal - last_ordinal_);
    counts_.push_back(0);
    first_days_.push_back(posting.day);
    if (ordinals_.empty() || ordinals_.back() != posting.ordinal)
      ordinals_.push_back(posting.ordinal);
    ++entry.patients;
    if (events_ == 0) min_ordinal_ = max_ordinal_ = posting.ordinal;
    min_ordinal_ = std::min(min_ordinal_, posting.ordinal);
    max_ordinal_ = std::max(max_ordinal_, posting.ordinal);
    fresh_ = false;
  } else {
    gaps_.push_back(posting.day - last_day_);
  }
  ++counts_.back();
  last_ordinal_ = posting.ordinal;
  last_day_ = posting.day;
  durations_.push_back(posting.duration);
  seconds_.push_back(posting.second);
  any_duration_ |= posting.duration != kNull;
  any_second_ |= posting.second != kNull;
  for (std::size_t i = 0; i < carried_columns(domain_).size(); ++i) {
    carried_[i].push_back(posting.carried[i]);
    any_carried_[i] |= posting.carried[i] != kNull;
  }
  ++entry.events;
  ++events_;
}

void PostingWriter::end_list() {
  if (!open_) return;
  open_ = false;
  if (ordinals_.size() < bitmap_patients_) return;
  flush_block();  // the bitmap's key follows the list's pages
  const Bytes key = postings_key(shard_, domain_, role_, vocabulary_, code_, kBitmapPage);
  const Bytes value = checked_value(key, write_bitmap(ordinals_));
  bitmap_bytes_ += value.size();
  sink_(key, value);
}

void PostingWriter::flush_chunk() {
  if (entries_.empty()) return;
  if (block_.empty()) block_key_ = key_;
  block_.begin_chunk({.first = min_ordinal_,
                      .last = max_ordinal_,
                      .patients = static_cast<std::uint32_t>(patients_.size()),
                      .rows = static_cast<std::uint32_t>(events_),
                      .skipped = split_patient_ ? 1U : 0U});
  std::vector<std::int64_t> cells(entries_.size());
  std::ranges::transform(entries_, cells.begin(),
                         [](const Entry& e) { return std::int64_t{e.code}; });
  block_.add(column::kEntryCode, ColumnType::kCode, cells);
  std::ranges::transform(entries_, cells.begin(), &Entry::events);
  block_.add(column::kEntryEvents, ColumnType::kInt, cells);
  std::ranges::transform(entries_, cells.begin(), &Entry::patients);
  block_.add(column::kEntryPatients, ColumnType::kInt, cells);
  block_.add(column::kPosted, ColumnType::kInt, patients_);
  block_.add(column::kCounts, ColumnType::kInt, counts_);
  block_.add(column::kDay, ColumnType::kInt, first_days_);
  if (!gaps_.empty()) block_.add(column::kDayGap, ColumnType::kInt, gaps_);
  if (any_duration_) block_.add(column::kEndDay, ColumnType::kInt, durations_);
  if (any_second_) block_.add(column::kSecond, ColumnType::kInt, seconds_);
  const auto columns = carried_columns(domain_);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (any_carried_[i])
      block_.add(columns[i], find_builtin_attribute(columns[i])->type, carried_[i]);
    carried_[i].clear();
  }
  entries_.clear();
  events_ = 0;
  for (auto* cells_of : {&patients_, &counts_, &first_days_, &gaps_, &durations_, &seconds_})
    cells_of->clear();
  any_duration_ = any_second_ = split_patient_ = false;
  any_carried_.fill(false);
  if (block_.bytes() >= kPostingBlockBytes) flush_block();
}

void PostingWriter::flush_block() {
  flush_chunk();
  if (block_.empty()) return;
  const Bytes value = block_.finish(block_key_);
  page_bytes_ += value.size();
  sink_(block_key_, value);
}

void PostingWriter::finish() {
  end_list();
  flush_block();
}

}  // namespace anam
