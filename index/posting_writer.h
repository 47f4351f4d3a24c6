// SPDX-License-Identifier: Apache-2.0
// Writes the postings of a shard: for each (domain, role, code) the patients and days of its
// events, many codes to a page.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "index/carried.h"
#include "storage/attributes.h"
#include "storage/block.h"
#include "storage/shard_key.h"

namespace anam {

/// Events of a page (a chunk of a block of postings) at most: what is decoded to read a rare code.
inline constexpr std::size_t kPostingPageEvents = 8192;
/// A block of pages is closed when they exceed this: LMDB rounds values up to 4 KiB.
inline constexpr std::size_t kPostingBlockBytes = std::size_t{120} * 1024;

/// One event of a posting list.
struct Posting {
  std::uint32_t ordinal = 0;
  Day day = 0;
  std::int64_t duration = kNull;  // end day - day
  std::int64_t second = kNull;
  CarriedCells carried = {kNull, kNull, kNull};  // of the domain's carried columns
};

/// Takes lists in the order of keys and cuts them into pages, and these into blocks. A block is the
/// value of its first list's key (and the number of the page of that list). A long list has pages
/// of its own; a common code has blocks of its own, and a bitmap of its patients after them. Not
/// thread-safe.
class PostingWriter {
 public:
  using Sink = std::function<void(ByteSpan key, ByteSpan value)>;

  /// Codes of at least `bitmap_patients` patients get a bitmap. REQUIRES: bitmap_patients >=
  /// kPostingPageEvents / 2, so that a list with a bitmap has pages of its own.
  PostingWriter(std::uint32_t shard, std::uint32_t bitmap_patients, Sink sink);

  /// Begins a list of `events` events. REQUIRES: ascending (domain, role, vocabulary, code).
  void begin(Domain domain, PostingRole role, std::string_view vocabulary, std::string_view code,
             CodeId id, std::uint64_t events);
  /// REQUIRES: ascending by patient, timeline order within. `events` calls follow each begin().
  void add(const Posting& posting);
  void finish();

  std::uint64_t page_bytes() const { return page_bytes_; }
  std::uint64_t bitmap_bytes() const { return bitmap_bytes_; }

 private:
  void end_list();
  void flush_chunk();
  void flush_block();

  struct Entry {
    CodeId code;
    std::int64_t events;
    std::int64_t patients;
  };

  std::uint32_t shard_;
  std::uint32_t bitmap_patients_;
  Sink sink_;
  BlockBuilder block_;
  Bytes block_key_;  // of its first chunk

  // The list at hand.
  bool open_ = false;
  Domain domain_ = Domain::kNone;
  PostingRole role_ = PostingRole::kStandard;
  std::string vocabulary_;
  std::string code_;
  CodeId id_ = kNoCode;
  std::uint32_t page_ = 0;  // number of the list's page being filled
  std::uint32_t last_ordinal_ = 0;
  Day last_day_ = 0;
  bool fresh_ = true;                    // the next posting begins a patient on this page
  std::vector<std::uint32_t> ordinals_;  // of the whole list, for its bitmap

  // The page at hand.
  Bytes key_;
  std::vector<Entry> entries_;
  std::uint32_t min_ordinal_ = 0;
  std::uint32_t max_ordinal_ = 0;
  std::size_t events_ = 0;
  bool split_patient_ = false;  // the page's first patient is the last one of the page before
  std::vector<std::int64_t> patients_;  // per patient of an entry: distance to the one before (the
                                        // entry's first: the ordinal)
  std::vector<std::int64_t> counts_;    // per patient: events
  std::vector<std::int64_t> first_days_;  // per patient
  std::vector<std::int64_t> gaps_;        // per further event: days since the one before
  std::vector<std::int64_t> durations_;   // per event, as are the following
  std::vector<std::int64_t> seconds_;
  std::array<std::vector<std::int64_t>, kMostCarried> carried_;
  bool any_duration_ = false;
  bool any_second_ = false;
  std::array<bool, kMostCarried> any_carried_{};

  std::uint64_t page_bytes_ = 0;
  std::uint64_t bitmap_bytes_ = 0;
};

}  // namespace anam
