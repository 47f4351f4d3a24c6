// SPDX-License-Identifier: Apache-2.0
// Answers of a store in a form that SQL can give, too: counts, and a sum that differs when a row
// differs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "query/read/store_reader.h"
#include "query/read/timelines.h"

namespace anam::bench {

/// A number of one row (patient, a, b), to be added up over rows in any order. The same formula
/// stands in bench/anam_bench/sql.py.
std::int64_t row_check(std::int64_t patient, std::int64_t a, std::int64_t b);

struct CohortAnswer {
  std::uint64_t patients = 0;
  std::uint64_t rows = 0;
  std::int64_t check = 0;  // over (patient, start, end)
};

/// Evaluates definition files in one pass. Throws the first definition's error, if there is one.
std::vector<CohortAnswer> ask_cohorts(const StoreReader& reader,
                                      const std::vector<std::string>& files, unsigned threads);

/// The number of a patient id or of an OMOP code. Throws std::runtime_error for other texts: the
/// synthetic population has none.
std::int64_t number_of(const std::string& text);

struct TimelineAnswer {
  std::uint64_t events = 0;
  std::int64_t check = 0;  // over (patient, day, code number; 0 = no code)
};

/// Reads a patient by outside id, every column. Throws std::runtime_error for an unknown id.
TimelineBatch read_patient(const StoreReader& reader, const std::string& id);

/// What a timeline says.
TimelineAnswer check_timeline(const StoreReader& reader, const std::string& id,
                              const TimelineBatch& timeline);

}  // namespace anam::bench
