// SPDX-License-Identifier: Apache-2.0
// Rows of cohorts as they are printed.
#pragma once

#include <string_view>
#include <vector>

#include "tools/anam/record_writer.h"
#include "tools/anam/row_sorter.h"

namespace anam::cli {

std::vector<RecordWriter::Column> cohort_row_columns();

/// `cohort` is the cohort_definition_id.
void write_cohort_row(std::string_view cohort, const OutputRow& row, RecordWriter& out);

}  // namespace anam::cli
