// SPDX-License-Identifier: Apache-2.0
// A shard held as a plain vector of events, for tests.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "query/event_stream.h"

namespace anam::test {

/// One event, or (Domain::kEnrollment) one period.
struct TestEvent {
  std::uint32_t patient = 0;
  Domain domain = Domain::kCondition;
  CodeId code = kNoCode;
  Day start = 0;
  std::optional<Day> end;
  std::map<ColumnId, std::int64_t> cells;  // all others, by column
  std::map<ColumnId, std::string> texts;

  std::optional<std::int64_t> cell(ColumnId id) const {
    if (id == column::kCode)
      return code == kNoCode ? std::nullopt : std::optional<std::int64_t>(code);
    const auto at = cells.find(id);
    return at == cells.end() ? std::nullopt : std::optional(at->second);
  }
};

/// Patients 0 to patients - 1.
struct TestData {
  std::uint32_t patients = 0;
  std::vector<TestEvent> events;  // of one patient and day: as their source numbered them
  std::vector<std::map<ColumnId, std::int64_t>> persons;  // may be shorter than the patients
  std::vector<std::string> sources;                       // id = position
  std::vector<std::string> source_kinds;                  // of each

  std::optional<std::int64_t> person(std::uint32_t patient, ColumnId id) const;
  /// The test names the source or its kind, whether it excludes it or not.
  bool is_from(std::size_t source, const SourceIs& test) const;
  /// One patient's events in timeline order: day, second (none first), as they stand here.
  std::vector<const TestEvent*> timeline(std::uint32_t patient) const;
};

/// Serves TestData, leaving out of each stream every patient that was not asked for.
class MemoryShard : public ShardData {
 public:
  explicit MemoryShard(const TestData& data) : data_(data) {}

  std::uint32_t patients() const override { return data_.patients; }
  PatientSet patients_with(const StreamRequest& request) override;
  std::shared_ptr<const EventStream> events(const StreamRequest& request,
                                            const PatientSet* among) override;
  std::vector<std::int64_t> person_column(ColumnId column, TextPool* texts) override;
  std::string patient_id(std::uint32_t ordinal) override { return std::to_string(ordinal); }
  std::vector<std::int64_t> source_ids(const SourceIs& test) const override;

  /// What was read, in order.
  struct Read {
    StreamRequest request;
    std::uint64_t among;  // patients asked for
    std::size_t events;
  };
  const std::vector<Read>& reads() const { return reads_; }

 private:
  const TestData& data_;
  std::vector<Read> reads_;
};

/// Whether the event is one of the request's, by domain, codes and role.
bool requested(const TestEvent& event, Domain domain, const CodeIds* codes, Role role);

}  // namespace anam::test
