// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/cohort_reasons.h"

#include <algorithm>

#include "query/evaluate/cohort_sources.h"
#include "query/evaluate/evaluator.h"
#include "query/evaluate/shared_shard.h"
#include "storage/calendar.h"
#include "storage/error.h"
#include "tools/anam/text_table.h"

namespace anam::cli {
namespace {

// The first byte of what is attached to a row.
constexpr char kMember = 'm';
constexpr char kNoMember = 'n';

std::string id_of(const OutputRow& row) { return row.text ? row.id : std::to_string(row.number); }

}  // namespace

void ReasonReport::add(std::uint32_t number, const CohortDefinition& definition, ShardData& data,
                       std::span<const RowReasons> reasons) {
  std::string attached;
  for (const RowReasons& row : reasons) {
    const std::string patient = data.patient_id(row.row.ordinal);
    const std::vector<ReasonLine> lines = lines_.lines(definition, row);
    attached = row.member ? kMember : kNoMember;
    attached += format_ == RecordWriter::Format::kTable ? reason_paragraph(patient, row, lines)
                                                        : pack(lines);
    rows_.add(number, patient, row.row.start, row.row.end, attached);
  }
}

void ReasonReport::add_nothing(std::uint32_t number, std::string_view patient) {
  if (format_ != RecordWriter::Format::kTable) return;
  rows_.add(number, patient, 0, 0,
            kNoMember + ("patient " + one_line(patient) + ", not a member\n  no index event\n"));
}

void ReasonReport::write(const std::vector<Heading>& headings, Output& output) {
  if (format_ == RecordWriter::Format::kTable) {
    write_people_view(headings, output);
  } else {
    write_records(headings, output);
  }
}

void ReasonReport::write_people_view(const std::vector<Heading>& headings, Output& output) {
  std::size_t next = 0;  // heading
  const auto head_up_to = [&](std::size_t end) {
    for (; next < end; ++next) {
      const Heading& heading = headings[next];
      if (heading.left_out) continue;
      output.write(heading.id + (heading.title.empty() ? "" : ": " + one_line(heading.title)) +
                   "\n");
    }
  };
  rows_.for_each([&](const OutputRow& row, std::string_view attached) {
    if (headings[row.definition].left_out) return;
    head_up_to(row.definition + std::size_t{1});
    output.write("\n");
    output.write(attached.substr(1));
  });
  head_up_to(headings.size());
}

void ReasonReport::write_records(const std::vector<Heading>& headings, Output& output) {
  RecordWriter out(output, format_, reason_columns());
  std::vector<Cell> cells;
  rows_.for_each([&](const OutputRow& row, std::string_view attached) {
    if (headings[row.definition].left_out) return;
    const bool member = attached.front() == kMember;
    const std::string id = id_of(row);
    const std::string start = format_day(row.start);
    const std::string end = format_day(row.end);
    for_each_packed(attached.substr(1), [&](std::span<const Cell> line) {
      cells.assign({Cell::of(headings[row.definition].id),
                    row.text ? Cell::of(id) : Cell::number(id), member ? Cell::of(start) : Cell{},
                    member ? Cell::of(end) : Cell{}});
      cells.insert(cells.end(), line.begin(), line.end());
      out.add(cells);
    });
  });
  out.finish();
}

PatientPlace place_of(const StoreReader& reader, std::string_view patient) {
  const auto place = reader.find_patient(patient);
  if (!place) {
    fail(ErrorCode::kInput,
         "the store has no such patient (ids are those of the data that were loaded)", patient);
  }
  return *place;
}

void explain_patient(const StoreReader& reader, const PatientPlace& patient,
                     const CohortDefinition& definition, std::uint32_t number,
                     const CohortRunOptions& options, ReasonReport& report) {
  const std::unique_ptr<ShardData> data = reader.shard(patient.shard);
  SharedShard shard(*data, static_cast<std::size_t>(options.memory / 2),
                    [&options] { check_stop(options); });
  const Evaluator evaluator = CohortSources(reader).prepare(definition);
  const std::vector<RowReasons> found =
      evaluator.explain_patient(shard, patient.ordinal, options.reasons);
  report.add(number, definition, shard, found);
  if (found.empty()) report.add_nothing(number, shard.patient_id(patient.ordinal));
}

}  // namespace anam::cli
