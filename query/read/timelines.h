// SPDX-License-Identifier: Apache-2.0
// Timelines of patients, one or many, as columns.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/read/store_reader.h"
#include "storage/text_pool.h"

namespace anam {

/// Which events to read, and which of their columns.
struct TimelineOptions {
  const CodeIds* codes =
      nullptr;  // only events with one of these codes, standard or source; null = all
  Day from = std::numeric_limits<Day>::min();  // only events that start in [from, to]
  Day to = std::numeric_limits<Day>::max();
  std::optional<std::vector<ColumnId>>
      columns;  // beyond day and code; absent = all that the events have
};

/// Events of some patients, column by column, in timeline order: day, second (date-only first),
/// domain, release; within these as they are stored (docs/format.md).
struct TimelineBatch {
  std::vector<PatientPlace> patients;
  std::vector<std::size_t> offsets;  // events of patient i: offsets[i] .. offsets[i + 1]
  std::vector<Day> day;
  std::vector<std::int64_t> domain_code;  // as column::kCode
  std::vector<StreamColumn> columns;      // by id; only those of which an event has a cell
  TextPool texts;

  std::size_t events() const { return day.size(); }
};

/// Calls f with the timelines of the patients, who must ascend, a batch at a time (about
/// `batch_events` events at most; whole patients), in their order, on the calling thread. Memory: a
/// batch, and a chunk a file. With several threads, which read ahead of f, the timelines of up to
/// 1,024 patients a thread. The batch is the caller's to keep.
void read_timelines(const StoreReader& reader, std::span<const PatientPlace> patients,
                    const TimelineOptions& options,
                    const std::function<void(TimelineBatch&& batch)>& f,
                    std::size_t batch_events = 65536, unsigned threads = 1);

/// One patient's timeline.
TimelineBatch read_timeline(const StoreReader& reader, PatientPlace patient,
                            const TimelineOptions& options = {});

}  // namespace anam
