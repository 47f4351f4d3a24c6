// SPDX-License-Identifier: Apache-2.0
// The postings of one run of a shard, sorted by list; in memory, or in a file where a shard is
// built in several runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "index/posting_writer.h"
#include "ingest/code_dictionary.h"
#include "ingest/row_buffer.h"

namespace anam {

/// Sorted postings of one run.
class PostingRun {
 public:
  /// Which list: domain, role and the code's rank, so that their order is the order of keys.
  struct List {
    std::uint64_t key;
    std::uint64_t events;
  };
  static std::uint64_t list_key(Domain domain, PostingRole role, std::uint32_t rank) {
    return static_cast<std::uint64_t>(domain) << 40 | static_cast<std::uint64_t>(role) << 32 | rank;
  }
  static Domain domain_of_list(std::uint64_t key) { return static_cast<Domain>(key >> 40); }
  static PostingRole role_of_list(std::uint64_t key) {
    return static_cast<PostingRole>(key >> 32 & 0xFF);
  }
  static std::uint32_t rank_of_list(std::uint64_t key) { return static_cast<std::uint32_t>(key); }

  /// `rows` are the run's events in their final order, `ordinals` their patients.
  PostingRun(RowBuffer& rows, std::span<const std::uint32_t> ordinals, const CodeDictionary& codes);
  ~PostingRun();

  /// Moves the postings from memory to a file.
  void store(const std::filesystem::path& path);

  std::span<const List> lists() const { return lists_; }

  /// Calls f for the next `count` postings. Walks once, in order.
  void take(std::uint64_t count, const std::function<void(const Posting&)>& f);

 private:
  struct Packed {
    std::uint32_t ordinal;
    std::int32_t day;
    std::int32_t duration;                       // kNone = null
    std::int32_t second;                         // kNone = null
    std::int64_t carried;                        // the first of the domain's carried columns
    std::array<CodeId, kMostCarried - 1> codes;  // the others; kNoCode = null
  };
  static constexpr std::int32_t kNone = INT32_MIN;
  class File;

  std::vector<List> lists_;
  std::vector<Packed> packed_;        // by event; of a file: the part at hand
  std::vector<std::uint32_t> order_;  // by posting: its event; empty once in a file
  std::size_t next_ = 0;
  std::unique_ptr<File> file_;
};

/// Writes all lists of the runs, whose patients ascend from run to run.
void merge_postings(std::span<const std::unique_ptr<PostingRun>> runs, const CodeDictionary& codes,
                    PostingWriter& writer);

}  // namespace anam
