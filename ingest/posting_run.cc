// SPDX-License-Identifier: Apache-2.0
#include "ingest/posting_run.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace anam {
namespace {

constexpr std::size_t kPostingsAtOnce = 32768;  // of a file
constexpr std::size_t kAhead = 24;

/// Numbers keys densely, in the order of arrival.
class KeyNumbers {
 public:
  std::uint32_t number(std::uint64_t key) {
    std::size_t at = place(key);
    while (table_[at] != kEmpty) {
      if (keys_[table_[at]] == key) return table_[at];
      at = (at + 1) & (table_.size() - 1);
    }
    table_[at] = static_cast<std::uint32_t>(keys_.size());
    keys_.push_back(key);
    const std::uint32_t number = table_[at];
    if (keys_.size() * 2 > table_.size()) grow();
    return number;
  }
  const std::vector<std::uint64_t>& keys() const { return keys_; }

 private:
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFF;
  std::size_t place(std::uint64_t key) const {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> 24) & (table_.size() - 1);
  }
  void grow() {
    table_.assign(table_.size() * 4, kEmpty);
    for (std::uint32_t i = 0; i < keys_.size(); ++i) {
      std::size_t at = place(keys_[i]);
      while (table_[at] != kEmpty) at = (at + 1) & (table_.size() - 1);
      table_[at] = i;
    }
  }

  std::vector<std::uint32_t> table_ = std::vector<std::uint32_t>(4096, kEmpty);
  std::vector<std::uint64_t> keys_;
};

/// An event in a list.
struct Item {
  std::uint32_t list;
  std::uint32_t event;
};

/// Stable radix sort by list.
void sort_by_list(std::vector<Item>& items, std::uint32_t lists) {
  constexpr int kDigitBits = 11;
  constexpr std::uint32_t kMask = (1U << kDigitBits) - 1;
  std::vector<Item> to(items.size());
  for (int shift = 0; shift < 32 && lists >> shift != 0; shift += kDigitBits) {
    std::array<std::uint32_t, kMask + 1> next{};
    for (const Item& item : items) ++next[item.list >> shift & kMask];
    std::uint32_t sum = 0;
    for (std::uint32_t& n : next) sum += std::exchange(n, sum);
    for (const Item& item : items) to[next[item.list >> shift & kMask]++] = item;
    items.swap(to);
  }
}

std::int64_t code_cell(CodeId code) { return code == kNoCode ? kNull : std::int64_t{code}; }

/// The carried columns of a run's rows.
class CarriedRows {
 public:
  CarriedRows(RowBuffer& rows, const CodeDictionary& codes) : codes_(codes) {
    for (const Domain domain : all_domains()) {
      const auto columns = carried_columns(domain);
      for (std::size_t i = 0; i < columns.size(); ++i)
        cells_[static_cast<std::size_t>(domain)][i] = rows.find(columns[i]);
    }
  }

  /// Sets what the row has.
  void get(Domain domain, std::size_t row, std::int64_t& first,
           std::array<CodeId, kMostCarried - 1>& others) const {
    const auto& columns = cells_[static_cast<std::size_t>(domain)];
    if (columns[0] != nullptr) first = (*columns[0])[row];
    for (std::size_t i = 1; i < columns.size(); ++i) {
      if (columns[i] == nullptr || (*columns[i])[row] == kNull) continue;
      others[i - 1] = codes_.final_id(static_cast<CodeId>((*columns[i])[row]));
    }
  }

 private:
  const CodeDictionary& codes_;
  std::array<std::array<const std::vector<std::int64_t>*, kMostCarried>, 256> cells_{};
};

[[noreturn]] void fail_io(const std::filesystem::path& path) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  fail(full ? ErrorCode::kFull : ErrorCode::kIo, "cannot use the load's scratch file",
       path.native() + ": " + std::system_category().message(errno));
}

}  // namespace

class PostingRun::File {
 public:
  explicit File(const std::filesystem::path& path)
      : path_(path), file_(std::fopen(path.c_str(), "w+b")) {
    if (file_ == nullptr) fail_io(path);
  }
  ~File() {
    std::fclose(file_);
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void write(std::span<const Packed> postings) {
    if (std::fwrite(postings.data(), sizeof(Packed), postings.size(), file_) != postings.size()) {
      fail_io(path_);
    }
  }
  void rewind() {
    if (std::fflush(file_) != 0) fail_io(path_);
    std::rewind(file_);
  }
  void read(std::vector<Packed>& postings) {
    postings.resize(kPostingsAtOnce);
    postings.resize(std::fread(postings.data(), sizeof(Packed), postings.size(), file_));
    if (postings.empty()) fail(ErrorCode::kCorrupt, "scratch file ends too early", path_.native());
  }

 private:
  std::filesystem::path path_;
  std::FILE* file_;
};

PostingRun::PostingRun(RowBuffer& rows, std::span<const std::uint32_t> ordinals,
                       const CodeDictionary& codes) {
  const std::size_t n = rows.rows();
  const auto* domain_codes = rows.find(column::kCode);
  const auto* source_codes = rows.find(column::kSourceCode);

  // Which lists an event is in: one, or two where its source code is another.
  KeyNumbers numbers;
  std::vector<std::uint64_t> counts;
  std::vector<Item> items;
  items.reserve(n);
  const auto add = [&](std::uint64_t key, std::size_t event) {
    const std::uint32_t number = numbers.number(key);
    if (number == counts.size()) counts.push_back(0);
    ++counts[number];
    items.push_back({number, static_cast<std::uint32_t>(event)});
  };
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t cell = (*domain_codes)[i];
    const CodeId code = code_of(cell);
    const std::int64_t source = source_codes == nullptr ? kNull : (*source_codes)[i];
    const bool same = source != kNull && static_cast<CodeId>(source) == code;
    const Domain domain = domain_of(cell);
    add(list_key(domain, same ? PostingRole::kBoth : PostingRole::kStandard, codes.rank(code)), i);
    if (source == kNull || same) continue;
    add(list_key(domain, PostingRole::kSource, codes.rank(static_cast<CodeId>(source))), i);
  }

  // Lists in the order of their keys; their postings, which stand in the order of events, sorted by
  // list.
  std::vector<std::uint32_t> by_key(counts.size());
  for (std::uint32_t i = 0; i < by_key.size(); ++i) by_key[i] = i;
  std::ranges::sort(by_key, {}, [&](std::uint32_t number) { return numbers.keys()[number]; });
  std::vector<std::uint32_t> place(counts.size());
  for (std::uint32_t i = 0; i < by_key.size(); ++i) {
    place[by_key[i]] = i;
    lists_.push_back({numbers.keys()[by_key[i]], counts[by_key[i]]});
  }
  for (Item& item : items) item.list = place[item.list];
  sort_by_list(items, static_cast<std::uint32_t>(lists_.size()));
  order_.resize(items.size());
  std::ranges::transform(items, order_.begin(), &Item::event);
  items = {};

  const auto* days = rows.find(column::kDay);
  const auto* seconds = rows.find(column::kSecond);
  const auto* ends = rows.find(column::kEndDay);
  packed_.resize(n);
  const CarriedRows carried(rows, codes);
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t day = (*days)[i];
    const std::int64_t end = ends == nullptr ? kNull : (*ends)[i];
    const std::int64_t second = seconds == nullptr ? kNull : (*seconds)[i];
    packed_[i] = {.ordinal = ordinals[i],
                  .day = static_cast<std::int32_t>(day),
                  .duration = end == kNull ? kNone : static_cast<std::int32_t>(end - day),
                  .second = second == kNull ? kNone : static_cast<std::int32_t>(second),
                  .carried = kNull,
                  .codes = {}};
    carried.get(domain_of((*domain_codes)[i]), i, packed_[i].carried, packed_[i].codes);
  }
}

PostingRun::~PostingRun() = default;

void PostingRun::store(const std::filesystem::path& path) {
  file_ = std::make_unique<File>(path);
  std::vector<Packed> part;
  for (std::size_t begin = 0; begin < order_.size(); begin += kPostingsAtOnce) {
    const auto events =
        std::span(order_).subspan(begin, std::min(kPostingsAtOnce, order_.size() - begin));
    part.clear();
    for (const std::uint32_t event : events) part.push_back(packed_[event]);
    file_->write(part);
  }
  file_->rewind();
  order_ = {};
  packed_ = {};
}

void PostingRun::take(std::uint64_t count, const std::function<void(const Posting&)>& f) {
  for (; count > 0; --count) {
    if (file_ && next_ == packed_.size()) {
      file_->read(packed_);
      next_ = 0;
    }
    // Events of a list lie far apart; asking ahead hides most of the wait.
    if (!file_ && next_ + kAhead < order_.size())
      __builtin_prefetch(&packed_[order_[next_ + kAhead]]);
    const Packed& p = packed_[file_ ? next_ : order_[next_]];
    ++next_;
    f({.ordinal = p.ordinal,
       .day = p.day,
       .duration = p.duration == kNone ? kNull : p.duration,
       .second = p.second == kNone ? kNull : p.second,
       .carried = {p.carried, code_cell(p.codes[0]), code_cell(p.codes[1])}});
  }
}

void merge_postings(std::span<const std::unique_ptr<PostingRun>> runs, const CodeDictionary& codes,
                    PostingWriter& writer) {
  std::vector<std::size_t> at(runs.size());
  while (true) {
    std::uint64_t key = ~std::uint64_t{0};
    for (std::size_t r = 0; r < runs.size(); ++r) {
      if (at[r] < runs[r]->lists().size()) key = std::min(key, runs[r]->lists()[at[r]].key);
    }
    if (key == ~std::uint64_t{0}) return;
    std::uint64_t events = 0;
    const auto has = [&](std::size_t r) {
      return at[r] < runs[r]->lists().size() && runs[r]->lists()[at[r]].key == key;
    };
    for (std::size_t r = 0; r < runs.size(); ++r) {
      if (has(r)) events += runs[r]->lists()[at[r]].events;
    }
    const CodeId local = codes.at_rank(PostingRun::rank_of_list(key));
    writer.begin(PostingRun::domain_of_list(key), PostingRun::role_of_list(key),
                 codes.vocabulary(local), codes.code(local), codes.final_id(local), events);
    for (std::size_t r = 0; r < runs.size(); ++r) {
      if (has(r))
        runs[r]->take(runs[r]->lists()[at[r]++].events, [&](const Posting& p) { writer.add(p); });
    }
  }
}

}  // namespace anam
