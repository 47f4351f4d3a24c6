// SPDX-License-Identifier: Apache-2.0
// anam cohort --reasons: why rows are there, for all of them or for one patient.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/evaluate/cohort_run.h"
#include "query/evaluate/reasons.h"
#include "tools/anam/output.h"
#include "tools/anam/reason_lines.h"
#include "tools/anam/record_writer.h"
#include "tools/anam/row_sorter.h"

namespace anam::cli {

/// Takes reasons in any order and prints them sorted, like rows. Within the memory given, as far as
/// temporary files go. One thread at a time; the reader must outlive it.
class ReasonReport {
 public:
  ReasonReport(const StoreReader& reader, RecordWriter::Format format, std::uint64_t memory)
      : format_(format), lines_(reader), rows_(memory) {}

  /// Reasons of the definition that is the `number`th in the order of output.
  void add(std::uint32_t number, const CohortDefinition& definition, ShardData& data,
           std::span<const RowReasons> reasons);
  /// The patient has no index event of the definition; records say so by not being there.
  void add_nothing(std::uint32_t number, std::string_view patient);

  /// How a definition is called in the report.
  struct Heading {
    std::string id;
    std::string title;
    bool left_out = false;  // its evaluation failed
  };
  /// Once, after the last add().
  void write(const std::vector<Heading>& headings, Output& output);

 private:
  void write_people_view(const std::vector<Heading>& headings, Output& output);
  void write_records(const std::vector<Heading>& headings, Output& output);

  RecordWriter::Format format_;
  ReasonLines lines_;
  RowSorter rows_;
};

/// Throws Error(kInput) when the store does not know the patient.
PatientPlace place_of(const StoreReader& reader, std::string_view patient);

/// One patient's index events under a definition, whether they became rows or not.
void explain_patient(const StoreReader& reader, const PatientPlace& patient,
                     const CohortDefinition& definition, std::uint32_t number,
                     const CohortRunOptions& options, ReasonReport& report);

}  // namespace anam::cli
