// SPDX-License-Identifier: Apache-2.0
#include "index/posting_reader.h"

#include <algorithm>

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

template <typename Skip, typename F>
void PostingReader::for_each_page(Domain domain, PostingRole role, const CodeList* codes, Skip skip,
                                  F f) {
  const Bytes prefix = postings_key(shard_, domain, role);
  const auto inside = [&] { return has_prefix(cursor_.key(), prefix); };
  const auto visit = [&] {
    if (page_number(cursor_.key()) == kBitmapPage) return;
    f(Block(cursor_.key(), cursor_.value(), file_->path().native()));
  };
  if (codes == nullptr) {
    for (bool found = cursor_.seek_ge(prefix); found && inside(); found = cursor_.next()) visit();
    return;
  }
  Bytes target;
  for (std::size_t i = 0; i < codes->size();) {
    // The page that begins at or before the code; else the first page of all.
    target = prefix;
    put_bytes(target, codes->key(i));
    target.insert(target.end(), 4, std::byte{0});
    if (!(cursor_.seek_le(target) && inside()) && !(cursor_.seek_ge(prefix) && inside())) return;
    if (std::ranges::equal(cursor_.key(), target) && skip(target)) {
      ++i;
      continue;
    }
    visit();
    // On to the first code that lies beyond this page. A list that goes on has the next page begin
    // with its own code.
    do {
      if (!cursor_.next() || !inside()) return;
      const ByteSpan begins =
          cursor_.key().subspan(prefix.size(), cursor_.key().size() - prefix.size() - 4);
      while (i < codes->size() && less(codes->key(i), begins)) ++i;
      if (i == codes->size()) return;
      if (!std::ranges::equal(codes->key(i), begins)) break;
      visit();
    } while (true);
  }
}

std::size_t PostingReader::read(Domain domain, PostingRole role, const CodeList* codes,
                                const PostingOptions& options, PostingColumns& out) {
  std::size_t lists = 0;
  std::int64_t last_code = -1;
  Cells posted, counts, days, gaps, durations, seconds, values;
  for_each_page(domain, role, codes, kNever, [&](const Block& block) {
    for (const ChunkHead& head : block.chunks()) {
      if (options.among != nullptr && !options.among->any(head.first, head.last)) continue;
      const Directory directory(block, head);
      if (std::ranges::none_of(directory.codes, [&](std::int64_t id) { return wanted(codes, id); }))
        continue;

      read_column(block, head, column::kPosted, head.patients, posted);
      read_column(block, head, column::kCounts, head.patients, counts);
      read_column(block, head, column::kDay, head.patients, days);
      gaps.clear();
      block.read(head, column::kDayGap, gaps);
      const bool with_ends = options.ends && block.read(head, column::kEndDay, durations);
      const bool with_seconds = options.seconds && block.read(head, column::kSecond, seconds);
      const bool with_values = options.values && block.read(head, column::kValue, values);
      if (gaps.size() + head.patients != head.rows ||
          (with_ends && durations.size() != head.rows) ||
          (with_seconds && seconds.size() != head.rows) ||
          (with_values && values.size() != head.rows)) {
        fail(ErrorCode::kCorrupt, "column of a page of postings has the wrong length",
             file_->path().native());
      }
      if (with_ends) out.end.resize(out.patient.size(), PostingColumns::kNoEnd);
      if (with_seconds) out.second.resize(out.patient.size(), kNull);
      if (with_values) out.value.resize(out.patient.size(), kNull);

      std::size_t row = 0;
      std::size_t slot = 0;
      std::size_t gap = 0;
      for (std::size_t entry = 0; entry < directory.codes.size(); ++entry) {
        const auto slots = static_cast<std::size_t>(directory.patients[entry]);
        const auto events = static_cast<std::size_t>(directory.events[entry]);
        if (events < slots || gaps.size() - gap < events - slots) {
          fail(ErrorCode::kCorrupt, "list of postings exceeds its page", file_->path().native());
        }
        if (!wanted(codes, directory.codes[entry])) {
          row += events;
          slot += slots;
          gap += events - slots;
          continue;
        }
        if (directory.codes[entry] != last_code) ++lists;
        last_code = directory.codes[entry];
        const std::size_t begin = out.patient.size();
        out.patient.resize(begin + events);
        out.start.resize(begin + events);
        std::size_t at = begin;
        std::int64_t ordinal = 0;
        for (const std::size_t end = slot + slots; slot < end; ++slot) {
          ordinal += posted[slot];
          std::int64_t day = days[slot];
          const std::int64_t count = counts[slot];
          // Each of the patients still to come has at least one event.
          const std::size_t most = begin + events - at - (end - slot - 1);
          if (count < 1 || static_cast<std::size_t>(count) > most) {
            fail(ErrorCode::kCorrupt, "counts of postings exceed their list",
                 file_->path().native());
          }
          out.patient[at] = static_cast<std::uint32_t>(ordinal);
          out.start[at++] = static_cast<Day>(day);
          for (std::int64_t i = 1; i < count; ++i) {
            day += gaps[gap++];
            out.patient[at] = static_cast<std::uint32_t>(ordinal);
            out.start[at++] = static_cast<Day>(day);
          }
        }
        if (at != begin + events) {
          fail(ErrorCode::kCorrupt, "counts of postings do not make up their list",
               file_->path().native());
        }
        if (with_ends) {
          for (std::size_t i = 0; i < events; ++i) {
            const std::int64_t duration = durations[row + i];
            out.end.push_back(duration == kNull
                                  ? PostingColumns::kNoEnd
                                  : static_cast<Day>(out.start[begin + i] + duration));
          }
        }
        const auto first = static_cast<std::ptrdiff_t>(row);
        const auto last = static_cast<std::ptrdiff_t>(row + events);
        if (with_seconds)
          out.second.insert(out.second.end(), seconds.begin() + first, seconds.begin() + last);
        if (with_values)
          out.value.insert(out.value.end(), values.begin() + first, values.begin() + last);
        row += events;
      }
    }
  });
  if (!out.end.empty()) out.end.resize(out.patient.size(), PostingColumns::kNoEnd);
  if (!out.second.empty()) out.second.resize(out.patient.size(), kNull);
  if (!out.value.empty()) out.value.resize(out.patient.size(), kNull);
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
  for_each_page(domain, role, codes, kNever, [&](const Block& block) {
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
  });
}

}  // namespace anam
