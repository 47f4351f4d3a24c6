// SPDX-License-Identifier: Apache-2.0
#include "index/posting_reader.h"

#include <algorithm>
#include <utility>

#include "index/bitmap.h"
#include "storage/checked_value.h"

namespace anam {
namespace {

using Cells = std::vector<std::int64_t>;

// By bytes, as LMDB orders keys.
bool less(ByteSpan a, ByteSpan b) { return as_text(a) < as_text(b); }

std::uint32_t page_number(ByteSpan key) {
  std::uint32_t number = 0;
  for (const std::byte b : key.last(4)) number = number << 8 | std::to_integer<std::uint32_t>(b);
  return number;
}

/// The lists of a page: which codes, and where their patients and events begin.
struct Directory {
  Cells codes;
  Cells events;
  Cells patients;

  Directory(const Block& block, const ChunkHead& head) {
    if (!block.read(head, column::kEntryCode, codes) ||
        !block.read(head, column::kEntryEvents, events) ||
        !block.read(head, column::kEntryPatients, patients) || events.size() != codes.size() ||
        patients.size() != codes.size()) {
      fail(ErrorCode::kCorrupt, "page of postings lacks its directory");
    }
    std::uint64_t all_events = 0;
    std::uint64_t all_patients = 0;
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (events[i] < 0 || events[i] > head.rows || patients[i] < 0 ||
          patients[i] > head.patients) {
        fail(ErrorCode::kCorrupt, "directory of a page of postings exceeds its page");
      }
      all_events += static_cast<std::uint64_t>(events[i]);
      all_patients += static_cast<std::uint64_t>(patients[i]);
    }
    if (all_events != head.rows || all_patients != head.patients) {
      fail(ErrorCode::kCorrupt, "directory of a page of postings does not make up its page");
    }
  }
};

constexpr auto kNever = [](const Bytes&) { return false; };

bool wanted(const CodeList* codes, std::int64_t id) {
  return codes == nullptr || codes->contains(static_cast<CodeId>(id));
}

void read_column(const Block& block, const ChunkHead& head, ColumnId column, std::size_t size,
                 Cells& cells) {
  if (!block.read(head, column, cells))
    fail(ErrorCode::kCorrupt, "page of postings lacks a column");
  if (cells.size() != size)
    fail(ErrorCode::kCorrupt, "column of a page of postings has the wrong length");
}

/// The columns of a page, checked and decoded.
class PageColumns {
 public:
  void read(const Block& block, const ChunkHead& head, const PostingOptions& options) {
    read_column(block, head, column::kPosted, head.patients, posted_);
    read_column(block, head, column::kCounts, head.patients, counts_);
    read_column(block, head, column::kDay, head.patients, days_);
    gaps_.clear();
    block.read(head, column::kDayGap, gaps_);
    if (gaps_.size() + head.patients != head.rows) wrong_length();
    const auto read_events = [&](bool asked, ColumnId id, Cells& cells) {
      cells.clear();
      if (asked && block.read(head, id, cells) && cells.size() != head.rows) wrong_length();
    };
    read_events(options.ends, column::kEndDay, durations_);
    read_events(options.seconds, column::kSecond, seconds_);
    carried_.resize(options.carried.size());
    for (std::size_t i = 0; i < carried_.size(); ++i)
      read_events(true, options.carried[i], carried_[i]);
  }

  /// Where a list lies on the page: its patients, its events.
  struct Part {
    std::size_t slot;
    std::size_t slots;
    std::size_t row;
    std::size_t rows;
  };

  /// Appends the list's events, of all patients or of those in `among`.
  void expand(const Part& list, const PatientSet* among, PostingColumns& out) {
    begin_ = out.patient.size();
    std::size_t gap = list.row - list.slot;  // the patients' first events have none
    if (gap > gaps_.size() || gaps_.size() - gap < list.rows - list.slots)
      fail(ErrorCode::kCorrupt, "list of postings exceeds its page");
    find_taken(list, among);
    out.patient.resize(begin_ + taken_rows_);
    out.start.resize(begin_ + taken_rows_);
    std::uint32_t* patients = out.patient.data() + begin_;
    Day* starts = out.start.data() + begin_;
    for (const Slots& slots : taken_) {
      gap = slots.row - slots.slot;
      for (std::size_t slot = slots.slot; slot < slots.last_slot; ++slot) {
        const auto patient = static_cast<std::uint32_t>(ordinals_[slot - list.slot]);
        std::int64_t day = days_[slot];
        *patients++ = patient;
        *starts++ = static_cast<Day>(day);
        for (std::int64_t more = counts_[slot] - 1; more > 0; --more) {
          day += gaps_[gap++];
          *patients++ = patient;
          *starts++ = static_cast<Day>(day);
        }
      }
    }

    if (!durations_.empty()) {
      out.end.resize(begin_, PostingColumns::kNoEnd);
      for (const Slots& slots : taken_) {
        for (std::size_t i = slots.row; i < slots.last_row; ++i) {
          const Day start = out.start[out.end.size()];
          out.end.push_back(durations_[i] == kNull ? PostingColumns::kNoEnd
                                                   : static_cast<Day>(start + durations_[i]));
        }
      }
    }
    take(seconds_, out.second);
    for (std::size_t i = 0; i < carried_.size(); ++i) take(carried_[i], out.carried[i]);
  }

 private:
  [[noreturn]] static void wrong_length() {
    fail(ErrorCode::kCorrupt, "column of a page of postings has the wrong length");
  }

  /// Patients that follow each other on the page, and their events: [slot, last_slot), [row,
  /// last_row).
  struct Slots {
    std::size_t slot;
    std::size_t last_slot;
    std::size_t row;
    std::size_t last_row;
  };

  static bool has(const PatientSet* among, std::int64_t ordinal) {
    if (among == nullptr) return true;
    if (ordinal < 0 || ordinal >= among->patients())
      fail(ErrorCode::kCorrupt, "postings name patients that are not in their shard");
    return among->contains(static_cast<std::uint32_t>(ordinal));
  }

  /// Checks the list's counts, and finds its patients and which of them are taken.
  void find_taken(const Part& list, const PatientSet* among) {
    taken_.clear();
    taken_rows_ = 0;
    ordinals_.resize(list.slots);
    std::int64_t ordinal = 0;
    std::size_t row = list.row;
    for (std::size_t i = 0; i < list.slots; ++i) {
      const std::size_t slot = list.slot + i;
      ordinal += posted_[slot];
      ordinals_[i] = ordinal;
      const auto count = static_cast<std::size_t>(counts_[slot]);
      // Each of the patients still to come has at least one event.
      const std::size_t most = list.row + list.rows - row - (list.slots - i - 1);
      if (count < 1 || count > most)
        fail(ErrorCode::kCorrupt, "counts of postings exceed their list");
      if (has(among, ordinal)) {
        taken_rows_ += count;
        if (taken_.empty() || taken_.back().last_slot != slot)
          taken_.push_back({slot, slot, row, row});
        taken_.back().last_slot = slot + 1;
        taken_.back().last_row = row + count;
      }
      row += count;
    }
    if (row != list.row + list.rows)
      fail(ErrorCode::kCorrupt, "counts of postings do not make up their list");
  }

  void take(const Cells& cells, Cells& out) const {
    if (cells.empty()) return;
    out.resize(begin_, kNull);
    for (const Slots& slots : taken_) {
      out.insert(out.end(), cells.begin() + static_cast<std::ptrdiff_t>(slots.row),
                 cells.begin() + static_cast<std::ptrdiff_t>(slots.last_row));
    }
  }

  Cells posted_, counts_, days_, gaps_, durations_, seconds_;
  std::vector<Cells> carried_;
  std::size_t begin_ = 0;  // of the list in what is read
  Cells ordinals_;         // of the list's patients
  std::vector<Slots> taken_;
  std::size_t taken_rows_ = 0;
};

}  // namespace

CodeList::CodeList(const std::vector<Code>& codes) {
  keys_.reserve(codes.size());
  for (const Code& code : codes) {
    Bytes key;
    put_bytes(key, as_bytes(code.vocabulary));
    key.push_back(std::byte{0});
    put_bytes(key, as_bytes(code.code));
    key.push_back(std::byte{0});
    keys_.push_back(std::move(key));
    if (code.id / 64 >= bits_.size()) bits_.resize(code.id / 64 + std::size_t{1});
    bits_[code.id / 64] |= std::uint64_t{1} << (code.id % 64);
  }
  std::ranges::sort(keys_, [](const Bytes& a, const Bytes& b) { return less(a, b); });
}

PostingReader::PostingReader(std::shared_ptr<const SealedFile> file, std::uint32_t shard)
    : file_(std::move(file)), shard_(shard), cursor_(file_->cursor()) {}

template <typename Skip>
std::vector<KeyValue> PostingReader::find_pages(Domain domain, PostingRole role,
                                                const CodeList* codes, Skip skip) {
  std::vector<KeyValue> pages;
  const Bytes prefix = postings_key(shard_, domain, role);
  const auto inside = [&] { return has_prefix(cursor_.key(), prefix); };
  const auto take = [&] {
    if (page_number(cursor_.key()) != kBitmapPage)
      pages.push_back({cursor_.key(), cursor_.value()});
  };
  if (codes == nullptr) {
    for (bool found = cursor_.seek_ge(prefix); found && inside(); found = cursor_.next()) take();
    return pages;
  }
  Bytes target;
  for (std::size_t i = 0; i < codes->size();) {
    // The page that begins at or before the code; else the first page of all.
    target = prefix;
    put_bytes(target, codes->key(i));
    target.insert(target.end(), 4, std::byte{0});
    if (!(cursor_.seek_le(target) && inside()) && !(cursor_.seek_ge(prefix) && inside()))
      return pages;
    if (std::ranges::equal(cursor_.key(), target) && skip(target)) {
      ++i;
      continue;
    }
    take();
    // On to the first code that lies beyond this page. A list that goes on has the next page begin
    // with its own code.
    do {
      if (!cursor_.next() || !inside()) return pages;
      const ByteSpan begins =
          cursor_.key().subspan(prefix.size(), cursor_.key().size() - prefix.size() - 4);
      while (i < codes->size() && less(codes->key(i), begins)) ++i;
      if (i == codes->size()) return pages;
      if (!std::ranges::equal(codes->key(i), begins)) break;
      take();
    } while (true);
  }
  return pages;
}

template <typename Skip, typename F>
void PostingReader::for_each_page(Domain domain, PostingRole role, const CodeList* codes, Skip skip,
                                  F f) {
  read_ahead(*file_, find_pages(domain, role, codes, skip),
             [&](const KeyValue& page) { f(Block(page.key, page.value, file_->path().native())); });
}

std::size_t PostingReader::read(Domain domain, PostingRole role, const CodeList* codes,
                                const PostingOptions& options, PostingColumns& out) {
  std::size_t lists = 0;
  std::int64_t last_code = -1;
  out.carried.resize(options.carried.size());
  PageColumns page;
  for_each_page(domain, role, codes, kNever, [&](const Block& block) {
    for (const ChunkHead& head : block.chunks()) {
      if (options.among != nullptr && !options.among->any(head.first, head.last)) continue;
      const Directory directory(block, head);
      if (std::ranges::none_of(directory.codes, [&](std::int64_t id) { return wanted(codes, id); }))
        continue;
      page.read(block, head, options);
      std::size_t row = 0;
      std::size_t slot = 0;
      for (std::size_t entry = 0; entry < directory.codes.size(); ++entry) {
        const auto slots = static_cast<std::size_t>(directory.patients[entry]);
        const auto events = static_cast<std::size_t>(directory.events[entry]);
        if (events < slots)
          fail(ErrorCode::kCorrupt, "list of postings has more patients than events");
        if (wanted(codes, directory.codes[entry])) {
          if (directory.codes[entry] != last_code) ++lists;
          last_code = directory.codes[entry];
          page.expand({.slot = slot, .slots = slots, .row = row, .rows = events}, options.among,
                      out);
        }
        row += events;
        slot += slots;
      }
    }
  });
  const auto pad = [&out](auto& cells, auto absent) {
    if (!cells.empty()) cells.resize(out.patient.size(), absent);
  };
  pad(out.end, PostingColumns::kNoEnd);
  pad(out.second, kNull);
  for (auto& cells : out.carried) pad(cells, kNull);
  return lists;
}

void PostingReader::patients(Domain domain, PostingRole role, const CodeList& codes,
                             PatientSet& set) {
  Cells posted;
  const auto add = [&set](std::int64_t ordinal) {
    if (ordinal < 0 || ordinal >= set.patients())
      fail(ErrorCode::kCorrupt, "postings name patients that are not in their shard");
    set.add(static_cast<std::uint32_t>(ordinal));
  };
  // A list with a bitmap begins a page, so that only there one is looked for.
  const auto take_bitmap = [&](Bytes key) {
    for (std::size_t i = key.size() - 4; i < key.size(); ++i) key[i] = std::byte{0xFF};
    const auto value = file_->find(key);
    if (value) read_bitmap(open_checked_value(key, *value, file_->path()), set);
    return value.has_value();
  };
  for_each_page(domain, role, &codes, take_bitmap, [&](const Block& block) {
    for (const ChunkHead& head : block.chunks()) {
      const Directory directory(block, head);
      if (std::ranges::none_of(directory.codes,
                               [&](std::int64_t id) { return wanted(&codes, id); }))
        continue;
      read_column(block, head, column::kPosted, head.patients, posted);
      std::size_t slot = 0;
      for (std::size_t entry = 0; entry < directory.codes.size(); ++entry) {
        const auto slots = static_cast<std::size_t>(directory.patients[entry]);
        if (wanted(&codes, directory.codes[entry])) {
          std::int64_t ordinal = 0;
          for (std::size_t i = slot; i < slot + slots; ++i) add(ordinal += posted[i]);
        }
        slot += slots;
      }
    }
  });
}

void PostingReader::domain_patients(Domain domain, PatientSet& set) {
  const Bytes key = domain_key(shard_, domain);
  const auto value = file_->find(key);
  if (value) read_bitmap(open_checked_value(key, *value, file_->path()), set);
}

void PostingReader::list_sizes(Domain domain, PostingRole role, const CodeList* codes,
                               std::vector<ListSize>& out) {
  // Directories alone are read: a few of a page's bytes, so that nothing is asked for ahead.
  for (const KeyValue& page : find_pages(domain, role, codes, kNever)) {
    const Block block(page.key, page.value, file_->path().native());
    for (const ChunkHead& head : block.chunks()) {
      const Directory directory(block, head);
      for (std::size_t entry = 0; entry < directory.codes.size(); ++entry) {
        if (!wanted(codes, directory.codes[entry])) continue;
        const auto code = static_cast<CodeId>(directory.codes[entry]);
        const bool goes_on = !out.empty() && out.back().code == code;
        if (!goes_on) out.push_back({code, 0, 0});
        out.back().events += static_cast<std::uint64_t>(directory.events[entry]);
        out.back().patients += static_cast<std::uint64_t>(directory.patients[entry]);
        if (goes_on && entry == 0) out.back().patients -= head.skipped;
      }
    }
  }
}

}  // namespace anam
