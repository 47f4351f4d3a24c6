// SPDX-License-Identifier: Apache-2.0
// The reasons of a cohort's rows, line by line.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/definition.h"
#include "query/evaluate/reasons.h"
#include "query/read/store_reader.h"
#include "tools/anam/record_writer.h"
#include "tools/anam/timeline_fields.h"

namespace anam::cli {

/// Columns of a line, in the order of output, behind those of the row (docs/reasons.md).
enum class ReasonColumn : std::uint8_t {
  kIndexEvent,  // which one of the row, from 1
  kKind,        // index, observed, rule, count, group, person, event, end
  kRuleSequence,
  kRule,
  kMember,
  kMet,
  kCriterion,
  kFound,
  kDays,
  kDomain,
  kVocabulary,
  kCode,
  kName,
  kDate,
  kTime,
  kEndDate,
  kValue,
  kUnit,
  kSourceVocabulary,
  kSourceCode,
  kSource,
  kAttributes,
  kNumberOf  // how many there are
};

/// One line of the report; an empty text is no value.
struct ReasonLine {
  std::size_t depth = 0;  // for people
  std::array<std::string, static_cast<std::size_t>(ReasonColumn::kNumberOf)> texts;

  std::string& operator[](ReasonColumn column) { return texts[static_cast<std::size_t>(column)]; }
  const std::string& operator[](ReasonColumn column) const {
    return texts[static_cast<std::size_t>(column)];
  }
};

/// The columns' names for CSV and JSON, the row's own first.
std::vector<RecordWriter::Column> reason_columns();

/// Puts reasons into lines. One thread at a time; the reader must outlive it.
class ReasonLines {
 public:
  explicit ReasonLines(const StoreReader& reader) : reader_(reader), codes_(reader) {}

  /// All lines of one row.
  std::vector<ReasonLine> lines(const CohortDefinition& definition, const RowReasons& reasons);

 private:
  class Row;

  std::string value_text(const ReasonValue& value);

  const StoreReader& reader_;
  TimelineText codes_;
};

/// The lines as a paragraph, under a line with the patient and the days of membership.
std::string reason_paragraph(std::string_view patient, const RowReasons& reasons,
                             const std::vector<ReasonLine>& lines);

/// The lines as bytes, and as the cells that they were made of.
std::string pack(const std::vector<ReasonLine>& lines);
void for_each_packed(std::string_view packed, const std::function<void(std::span<const Cell>)>& f);

}  // namespace anam::cli
