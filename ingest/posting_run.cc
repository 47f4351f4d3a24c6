// SPDX-License-Identifier: Apache-2.0
#include "ingest/posting_run.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace anam {
namespace {

constexpr std::size_t kPostingsAtOnce = 32768;  // of a file

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

[[noreturn]] void fail_io(const std::filesystem::path& path) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  fail(full ? ErrorCode::kFull : ErrorCode::kIo, "cannot use the load's scratch file",
       path.native() + ": " + std::strerror(errno));
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
    if (std::fwrite(postings.data(), sizeof(Packed), postings.size(), file_) != postings.size() ||
        std::fflush(file_) != 0) {
      fail_io(path_);
    }
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

PostingRun::PostingRun(RowBuffer& rows, const RunEvents& events, const CodeDictionary& codes) {
  const auto* domain_codes = rows.find(column::kCode);
  const auto* source_codes = rows.find(column::kSourceCode);
  const auto* days = rows.find(column::kDay);
  const auto* seconds = rows.find(column::kSecond);
  const auto* ends = rows.find(column::kEndDay);
  const auto* values = rows.find(column::kValue);

  // Which lists an event is in: one, or two where its source code is another.
  constexpr std::uint32_t kNoList = 0xFFFFFFFF;
  KeyNumbers numbers;
  std::vector<std::uint32_t> first_list(events.rows.size());
  std::vector<std::uint32_t> second_list;
  std::vector<std::uint64_t> counts;
  const auto count = [&](std::uint64_t key) {
    const std::uint32_t number = numbers.number(key);
    if (number == counts.size()) counts.push_back(0);
    ++counts[number];
    return number;
  };
  for (std::size_t i = 0; i < events.rows.size(); ++i) {
    const std::int64_t cell = (*domain_codes)[events.rows[i]];
    const CodeId code = code_of(cell);
    const std::int64_t source = source_codes == nullptr ? kNull : (*source_codes)[events.rows[i]];
    const bool same = source != kNull && static_cast<CodeId>(source) == code;
    first_list[i] = count(list_key(
        domain_of(cell), same ? PostingRole::kBoth : PostingRole::kStandard, codes.rank(code)));
    if (source == kNull || same) continue;
    if (second_list.empty()) second_list.assign(events.rows.size(), kNoList);
    second_list[i] = count(
        list_key(domain_of(cell), PostingRole::kSource, codes.rank(static_cast<CodeId>(source))));
  }

  std::vector<std::uint32_t> by_key(counts.size());
  for (std::uint32_t i = 0; i < by_key.size(); ++i) by_key[i] = i;
  std::ranges::sort(by_key, {}, [&](std::uint32_t number) { return numbers.keys()[number]; });
  std::vector<std::uint64_t> next(counts.size());
  std::uint64_t total = 0;
  for (const std::uint32_t number : by_key) {
    lists_.push_back({numbers.keys()[number], counts[number]});
    next[number] = total;
    total += counts[number];
  }

  postings_.resize(total);
  for (std::size_t i = 0; i < events.rows.size(); ++i) {
    const std::uint32_t row = events.rows[i];
    const auto cell = [row](const std::vector<std::int64_t>* cells) {
      return cells == nullptr ? kNull : (*cells)[row];
    };
    const std::int64_t day = (*days)[row];
    const std::int64_t end = cell(ends);
    const std::int64_t second = cell(seconds);
    const bool measured = domain_of((*domain_codes)[row]) == Domain::kMeasurement;
    const Packed posting{.ordinal = events.ordinals[i],
                         .day = static_cast<std::int32_t>(day),
                         .duration = end == kNull ? kNone : static_cast<std::int32_t>(end - day),
                         .second = second == kNull ? kNone : static_cast<std::int32_t>(second),
                         .value = measured ? cell(values) : kNull};
    postings_[next[first_list[i]]++] = posting;
    if (!second_list.empty() && second_list[i] != kNoList)
      postings_[next[second_list[i]]++] = posting;
  }
}

PostingRun::~PostingRun() = default;

void PostingRun::store(const std::filesystem::path& path) {
  file_ = std::make_unique<File>(path);
  file_->write(postings_);
  postings_ = {};
  next_ = 0;
}

void PostingRun::take(std::uint64_t count, const std::function<void(const Posting&)>& f) {
  for (; count > 0; --count) {
    if (next_ == postings_.size() && file_) {
      file_->read(postings_);
      next_ = 0;
    }
    const Packed& p = postings_[next_++];
    f({.ordinal = p.ordinal,
       .day = p.day,
       .duration = p.duration == kNone ? kNull : p.duration,
       .second = p.second == kNone ? kNull : p.second,
       .value = p.value});
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
