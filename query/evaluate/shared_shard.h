// SPDX-License-Identifier: Apache-2.0
// A shard that several definitions read, one after the other: what they share is read once.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/event_stream.h"

namespace anam {

/// Keeps streams, sets of patients and columns about persons of a shard, and gives them to whoever
/// asks for the same codes again. Used by one thread at a time.
class SharedShard final : public ShardData {
 public:
  /// `shard` must outlive it. `cache_bytes` bounds what is kept; what was used longest ago goes
  /// first. `check` is called before anything is read and may throw to stop the query.
  SharedShard(ShardData& shard, std::size_t cache_bytes, std::function<void()> check = {});

  std::uint32_t patients() const override { return shard_.patients(); }
  PatientSet patients_with(const StreamRequest& request) override;
  std::shared_ptr<const EventStream> events(const StreamRequest& request,
                                            const PatientSet* among) override;
  std::uint64_t most_events(const StreamRequest& request) override;
  std::shared_ptr<const EventStream> rows(const CohortSource& cohort,
                                          const PatientSet* among) override;
  std::uint32_t number() const override { return shard_.number(); }
  std::vector<std::int64_t> person_column(ColumnId column, TextPool* texts) override;
  std::string patient_id(std::uint32_t ordinal) override { return shard_.patient_id(ordinal); }
  std::vector<std::int64_t> source_ids(const SourceIs& test) const override {
    return shard_.source_ids(test);
  }

 private:
  /// What is known about the events of a (domain, codes, role), or the rows of a cohort.
  struct Entry {
    Domain domain = Domain::kNone;
    Role role = Role::kEither;
    const CohortSource* cohort = nullptr;
    std::optional<CodeIds> codes;  // absent: any code
    std::optional<PatientSet> with;
    std::optional<std::uint64_t> most;  // events
    std::shared_ptr<const EventStream> stream;
    std::vector<ColumnId> columns;    // of the stream
    std::optional<PatientSet> among;  // whose events the stream has; absent: everybody's
    std::size_t bytes = 0;
  };
  struct Person {
    ColumnId column;
    std::vector<std::int64_t> cells;
    TextPool texts;
  };

  Entry& entry(const StreamRequest& request);  // moved to the front
  void account(Entry& entry);
  static std::optional<PatientSet> united(const Entry& entry, const PatientSet* among);
  bool has_room(const Entry& entry, const std::optional<PatientSet>& among) const;

  ShardData& shard_;
  std::size_t cache_bytes_;
  std::function<void()> check_;
  std::list<Entry> entries_;  // used last first
  std::size_t bytes_ = 0;
  std::list<Person> persons_;
};

}  // namespace anam
