// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/cohort_rows.h"

#include "storage/calendar.h"

namespace anam::cli {

std::vector<RecordWriter::Column> cohort_row_columns() {
  return {
      {"cohort_definition_id"}, {"subject_id", true}, {"cohort_start_date"}, {"cohort_end_date"}};
}

void write_cohort_row(std::string_view cohort, const OutputRow& row, RecordWriter& out) {
  const std::string id = row.text ? row.id : std::to_string(row.number);
  const std::string start = format_day(row.start);
  const std::string end = format_day(row.end);
  const Cell cells[] = {Cell::of(cohort), row.text ? Cell::of(id) : Cell::number(id),
                        Cell::of(start), Cell::of(end)};
  out.add(cells);
}

}  // namespace anam::cli
