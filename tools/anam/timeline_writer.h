// SPDX-License-Identifier: Apache-2.0
// Prints timelines, event by event.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/anam/record_writer.h"
#include "tools/anam/timeline_fields.h"

namespace anam::cli {

/// Prints the events of patients. With cohorts, each event says how far it is from the start of
/// the membership. One thread at a time.
class TimelineWriter {
 public:
  /// `fields` absent: all, as the format shows them.
  TimelineWriter(const StoreReader& reader, Output& output, RecordWriter::Format format,
                 const std::optional<std::vector<TimelineField>>& fields, bool cohort);

  /// What a batch must have for this; absent: everything.
  const std::optional<std::vector<ColumnId>>& columns() const { return columns_; }

  /// Prints the events of the batch's patient at `index`; `start` is the cohort's.
  void add(const TimelineBatch& batch, std::size_t index, std::string_view patient_id,
           std::optional<Day> start);
  void finish() { records_->finish(); }
  std::uint64_t events() const { return events_; }  // printed so far

 private:
  void make_table_fields();
  bool says_nothing(const TimelineField& field, std::int64_t cell, std::size_t event);
  std::string attributes_text(std::size_t event);
  void find_columns(const TimelineBatch& batch);

  const StoreReader& reader_;
  bool cohort_;
  bool for_people_;  // the table whose last column has all attributes
  std::vector<TimelineField> fields_;
  std::vector<TimelineField> attributes_;  // for_people_
  std::optional<std::vector<ColumnId>> columns_;
  TimelineText text_;
  std::optional<RecordWriter> records_;
  std::uint64_t events_ = 0;

  const TimelineBatch* batch_ = nullptr;  // whose columns these are
  std::vector<const StreamColumn*> found_;
  std::vector<const StreamColumn*> found_attributes_;
  std::vector<std::string> texts_;
  std::vector<Cell> cells_;
};

}  // namespace anam::cli
