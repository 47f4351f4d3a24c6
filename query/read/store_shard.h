// SPDX-License-Identifier: Apache-2.0
// One shard of a release as the evaluator sees it, read from postings where they have all that is
// asked for, from timelines otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "index/posting_reader.h"
#include "query/event_stream.h"
#include "query/read/column_cache.h"
#include "query/read/store_reader.h"
#include "storage/timeline_reader.h"

namespace anam {

class StoreShard final : public ShardData {
 public:
  /// `reader` must outlive it. Up to `cache_bytes` of decoded columns are kept.
  StoreShard(const StoreReader& reader, std::uint32_t shard, std::size_t cache_bytes = 0);

  std::uint32_t patients() const override { return patients_; }
  std::uint32_t number() const override { return shard_; }
  PatientSet patients_with(const StreamRequest& request) override;
  std::shared_ptr<const EventStream> events(const StreamRequest& request,
                                            const PatientSet* among) override;
  std::uint64_t most_events(const StreamRequest& request) override;
  std::vector<std::int64_t> person_column(ColumnId column, TextPool* texts) override;
  std::string patient_id(std::uint32_t ordinal) override;
  std::vector<std::int64_t> source_ids(const SourceIs& test) const override;

  /// Events of the request, each once. Reads sizes of lists where those suffice.
  std::uint64_t count_events(const StreamRequest& request);
  /// Events and patients of each of the codes in a domain, whichever role it has.
  std::map<CodeId, CodeCount> count_codes(Domain domain, const CodeList& codes);

 private:
  struct File {
    std::shared_ptr<const SealedFile> file;
    const ShardHeader* header;
    PostingReader postings;
  };
  std::vector<PostingRole> roles(const StreamRequest& request) const;
  std::vector<Domain> domains(const StreamRequest& request) const;
  static bool has(const File& file, Domain domain, PostingRole role);
  /// Postings of all files carry the column for this domain.
  bool carried(Domain domain, ColumnId id) const;
  std::uint64_t listed_events(const StreamRequest& request);
  bool postings_suffice(const StreamRequest& request) const;
  /// Reading the chunks of so many patients takes less time than the postings.
  bool chunks_cost_less(const StreamRequest& request, std::uint64_t patients);
  std::shared_ptr<EventStream> from_postings(const StreamRequest& request, const PatientSet* among,
                                             PatientSet* ambiguous);
  std::shared_ptr<EventStream> from_timelines(const StreamRequest& request,
                                              const PatientSet& among);
  void read_ids(std::uint32_t ordinal);
  void check_ordinals(const std::vector<std::uint32_t>& ordinals) const;

  const StoreReader& reader_;
  std::uint32_t shard_;
  std::uint32_t patients_ = 0;
  std::vector<File> files_;
  std::vector<std::int64_t> id_numbers_;  // read by the block, when first needed
  std::vector<std::int64_t> id_texts_;
  TextPool id_pool_;
  ColumnCache columns_;
};

}  // namespace anam
