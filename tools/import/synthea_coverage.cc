// SPDX-License-Identifier: Apache-2.0
// Payer transitions: a row for each year of a plan.
#include <algorithm>
#include <optional>

#include "ingest/csv/field.h"
#include "storage/attributes.h"
#include "tools/import/keyed_records.h"
#include "tools/import/row_writer.h"
#include "tools/import/synthea_rows.h"

namespace anam {
namespace {

/// A span of days, as a record that sorts by its start.
std::string pack_span(std::int32_t start, std::int32_t end) {
  const auto put = [](std::string& text, std::int32_t day) {
    const auto above = static_cast<std::uint32_t>(day - kFirstDay);
    for (int shift = 24; shift >= 0; shift -= 8) {
      text += static_cast<char>(static_cast<unsigned char>(above >> shift));
    }
  };
  std::string record;
  put(record, start);
  put(record, end);
  return record;
}

std::int32_t unpack_day(std::string_view record, std::size_t at) {
  std::uint32_t above = 0;
  for (const char c : record.substr(4 * at, 4)) above = above << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int32_t>(above) + kFirstDay;
}

/// Spans that meet or overlap become one enrollment.
void write_enrollment(KeyedRecords& insured, ImportSink& sink) {
  RowWriter out(sink);
  for (std::size_t part = 0; part < insured.parts(); ++part) {
    const std::vector<KeyedRecord> records = insured.take(part);
    for (std::size_t i = 0; i < records.size();) {
      const std::string& patient = records[i].key;
      const std::int32_t start = unpack_day(records[i].record, 0);
      std::int32_t end = unpack_day(records[i].record, 1);
      for (++i; i < records.size() && records[i].key == patient &&
                unpack_day(records[i].record, 0) <= std::int64_t{end} + 1;
           ++i) {
        end = std::max(end, unpack_day(records[i].record, 1));
      }
      EventBatch& batch = out.next();
      batch.begin(patient, Domain::kEnrollment, kNoCode, start);
      if (end != kLastDay) batch.set(column::kEndDay, end);
    }
  }
  out.finish();
}

class CoverageReader {
 public:
  CoverageReader(SyntheaImport& import, const SyntheaFile& file)
      : import_(import),
        rows_(import, file),
        out_(import.sink),
        insured_(import.sink.scratch(), size_of_file(file.path) * 4),
        patient_(rows_.needed({"patient"})),
        payer_(rows_.needed({"payer"})),
        start_(rows_.column({"start_date"})),
        end_(rows_.column({"end_date"})) {
    if (!start_) start_year_ = rows_.needed({"start_year"});
    if (!end_) end_year_ = rows_.column({"end_year"});
  }

  FileReport read() {
    while (rows_.next()) {
      if (read_row()) ++rows_.report().loaded;
    }
    out_.finish();
    write_enrollment(insured_, import_.sink);
    return rows_.finish();
  }

 private:
  std::optional<DayTime> day_of_year(SyntheaRows::Column column, std::int32_t month,
                                     std::int32_t day_of_month) {
    const std::int64_t year = rows_.integer(column);
    if (year == kNull) return std::nullopt;
    constexpr std::int64_t kMost = 9999;
    const std::optional<std::int32_t> day =
        day_of(static_cast<std::int32_t>(std::clamp<std::int64_t>(year, 0, kMost + 1)), month,
               day_of_month);
    if (!day) {
      rows_.wrong(column, "not a year");
      return std::nullopt;
    }
    return DayTime{*day, -1};
  }

  bool read_row() {
    const std::string_view patient = rows_.needed_text(patient_, "the patient is missing");
    const std::optional<DayTime> start =
        start_ ? rows_.moment(start_) : day_of_year(start_year_, 1, 1);
    const std::optional<DayTime> end = end_ ? rows_.moment(end_) : day_of_year(end_year_, 12, 31);
    if (!start) rows_.wrong(start_ ? start_ : start_year_, "the date is missing");
    if (!rows_.good()) return false;

    const SyntheaPayers::Payer* payer = import_.payers.find(rows_.text(payer_));
    if (payer == nullptr) ++rows_.report().noted["payer that the payers table does not have"];
    EventBatch& batch = out_.next();
    batch.begin(patient, Domain::kPayerPlan, payer != nullptr ? payer->code : kNoCode, start->day);
    if (start->second >= 0) batch.set(column::kSecond, start->second);
    if (end) {
      batch.set(column::kEndDay, end->day);
      if (end->second >= 0) batch.set(column::kEndSecond, end->second);
      if (end->day < start->day) ++rows_.report().noted["end before start"];
    }
    rows_.fill(batch);
    if (payer == nullptr || payer->insures) {
      const std::int32_t last = end ? std::max(end->day, start->day) : kLastDay;
      insured_.add(patient, pack_span(start->day, last));
    }
    return true;
  }

  SyntheaImport& import_;
  SyntheaRows rows_;
  RowWriter out_;
  KeyedRecords insured_;
  SyntheaRows::Column patient_, payer_, start_, end_, start_year_, end_year_;
};

}  // namespace

FileReport read_synthea_coverage(SyntheaImport& import, const SyntheaFile& file) {
  return CoverageReader(import, file).read();
}

}  // namespace anam
