// SPDX-License-Identifier: Apache-2.0
// What the evaluator computes on: the events of a query in one shard, as columns sorted by patient
// and time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "index/patient_set.h"
#include "query/definition.h"
#include "storage/event.h"
#include "storage/text_pool.h"

namespace anam {

/// One further column of an EventStream: cells as in column_page.h, parallel to its rows.
struct StreamColumn {
  ColumnId id;
  ColumnType type;
  std::vector<std::int64_t> cells;
};

/// Events of one EventQuery's domain, codes and role (before its tests), in the order (patient,
/// day, second where that was asked for). The order of events that are equal in these may depend on
/// what was asked for; column::kPlace tells it, at the price of reading timelines.
struct EventStream {
  std::vector<std::uint32_t> patient;  // ordinals, ascending
  std::vector<Day> start;
  std::vector<Day> end;  // as recorded; kNoEnd where the source gave none; empty = none has an end
  std::vector<StreamColumn> columns;  // those asked for
  TextPool texts;                     // of text columns
  static constexpr Day kNoEnd = INT32_MIN;

  std::size_t size() const { return patient.size(); }
  const StreamColumn* find(ColumnId id) const;
};

/// The codes that an EventQuery means, resolved for one store and release: sorted ids.
using CodeIds = std::vector<CodeId>;

class CohortSource;
class ShardData;

/// What to read of a shard for one EventQuery.
struct StreamRequest {
  Domain domain = Domain::kNone;
  const CodeIds* codes = nullptr;  // null = any code of the domain
  Role role = Role::kEither;
  std::vector<ColumnId> columns;         // beyond patient, start and end
  const CohortSource* cohort = nullptr;  // its rows, in place of all of the above: see rows()
  bool operator==(const StreamRequest&) const = default;
};

/// Knows the rows of a cohort in any shard. Immutable: serves any number of threads.
class CohortSource {
 public:
  virtual ~CohortSource() = default;
  /// As ShardData::rows.
  virtual std::shared_ptr<const EventStream> rows(ShardData& shard,
                                                  const PatientSet* among) const = 0;
  /// At most how many rows the shard has; cheap where events are counted cheaply.
  virtual std::uint64_t most_rows(ShardData& shard) const = 0;
};

/// One shard of one release, as the evaluator sees it. Used by one thread at a time.
class ShardData {
 public:
  virtual ~ShardData() = default;

  virtual std::uint32_t patients() const = 0;

  /// Patients that have at least one event of the request. Exact, and cheap: reads bitmaps and
  /// patient columns of postings only.
  virtual PatientSet patients_with(const StreamRequest& request) = 0;

  /// Events of the request; with `among`, only those of its patients (an event of another patient
  /// may be left out or not: callers pass what they can use). The stream lives as long as the
  /// caller keeps it.
  virtual std::shared_ptr<const EventStream> events(const StreamRequest& request,
                                                    const PatientSet* among) = 0;

  /// At most how many events the request has, whatever its columns; what memory is planned by.
  /// Reads them, unless the shard knows without.
  virtual std::uint64_t most_events(const StreamRequest& request);

  /// The rows of another cohort, by patient and start, with ends and without further columns; with
  /// `among`, at least those of its patients.
  virtual std::shared_ptr<const EventStream> rows(const CohortSource& cohort,
                                                  const PatientSet* among);

  /// Which shard of the store it is.
  virtual std::uint32_t number() const { return 0; }

  /// A column about persons, one cell per ordinal (kNull where absent); texts go to `texts`.
  virtual std::vector<std::int64_t> person_column(ColumnId column, TextPool* texts) = 0;

  /// The patient's outside id.
  virtual std::string patient_id(std::uint32_t ordinal) = 0;

  /// The numeric ids of the sources that the test names or whose kind it names, whether it
  /// excludes them or not. Names that the store does not have give none.
  virtual std::vector<std::int64_t> source_ids(const SourceIs& test) const = 0;
};

}  // namespace anam
