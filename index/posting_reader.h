// SPDX-License-Identifier: Apache-2.0
// Reads the postings of one shard in one file.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "index/patient_set.h"
#include "index/read_ahead.h"
#include "storage/attributes.h"
#include "storage/block.h"
#include "storage/sealed_file.h"
#include "storage/shard_key.h"

namespace anam {

/// Codes to look for in any shard, prepared once: sorted as the keys of postings are.
class CodeList {
 public:
  struct Code {
    std::string vocabulary;
    std::string code;
    CodeId id;
  };
  explicit CodeList(const std::vector<Code>& codes);

  bool contains(CodeId id) const {
    return id / 64 < bits_.size() && (bits_[id / 64] >> (id % 64) & 1) != 0;
  }
  std::size_t size() const { return keys_.size(); }
  /// What follows (shard, part, domain, role) in the key of the code's first page.
  ByteSpan key(std::size_t index) const { return keys_[index]; }

 private:
  std::vector<Bytes> keys_;
  std::vector<std::uint64_t> bits_;  // by code id
};

/// Events as postings know them: columns of equal length, or empty where no event has the value.
struct PostingColumns {
  std::vector<std::uint32_t> patient;
  std::vector<Day> start;
  std::vector<Day> end;                            // kNoEnd where there is none
  std::vector<std::int64_t> second;                // kNull where there is none
  std::vector<std::vector<std::int64_t>> carried;  // of PostingOptions::carried; kNull where there
                                                   // is none
  static constexpr Day kNoEnd = INT32_MIN;
};

/// What to read beyond patients and days.
struct PostingOptions {
  bool ends = true;
  bool seconds = false;
  std::vector<ColumnId> carried = {};  // columns; those that the domain's postings lack are null
  const PatientSet* among = nullptr;   // events of these patients only; null: of all
};

/// Used by one thread at a time.
class PostingReader {
 public:
  PostingReader(std::shared_ptr<const SealedFile> file, std::uint32_t shard);

  /// Appends the events of the codes (null: of every code) in the order (code, patient, timeline
  /// order). Returns how many lists that were.
  std::size_t read(Domain domain, PostingRole role, const CodeList* codes,
                   const PostingOptions& options, PostingColumns& out);

  /// Adds the patients of the codes to `set`: from bitmaps where there are any.
  void patients(Domain domain, PostingRole role, const CodeList& codes, PatientSet& set);

  /// Adds the patients with any event of the domain.
  void domain_patients(Domain domain, PatientSet& set);

  /// Appends the sizes of the codes' lists (null: of every code's), without reading their events.
  struct ListSize {
    CodeId code;
    std::uint64_t events;
    std::uint64_t patients;
  };
  void list_sizes(Domain domain, PostingRole role, const CodeList* codes,
                  std::vector<ListSize>& out);

 private:
  /// The pages that may hold codes of the list, in the order of keys. Where a page begins a code's
  /// list, skip(key) is asked first; true passes over the whole list.
  template <typename Skip>
  std::vector<KeyValue> find_pages(Domain domain, PostingRole role, const CodeList* codes,
                                   Skip skip);
  /// Calls f(page) for each of them.
  template <typename Skip, typename F>
  void for_each_page(Domain domain, PostingRole role, const CodeList* codes, Skip skip, F f);

  std::shared_ptr<const SealedFile> file_;
  std::uint32_t shard_;
  SealedFile::Cursor cursor_;
};

}  // namespace anam
