// SPDX-License-Identifier: Apache-2.0
// The columns of a printed timeline, and the text of each cell.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/read/timelines.h"
#include "tools/anam/record_writer.h"

namespace anam::cli {

/// One column of output that is about an event.
struct TimelineField {
  enum class Kind : std::uint8_t {
    kDate,
    kTime,
    kEndDate,
    kEndTime,
    kDomain,
    kVocabulary,
    kCode,
    kName,
    kSourceVocabulary,
    kSourceCode,
    kSource,
    kCell,  // of the column, by its type
  };
  std::string name;
  Kind kind = Kind::kCell;
  ColumnId column = 0;  // what must be read; 0: day and code, which are always there
  ColumnType type = ColumnType::kInt;
  std::string vocabulary;  // kCell of codes: the one that is not printed
};

/// The fields of every event, then attributes of which the release has any, by name.
std::vector<TimelineField> all_fields(const StoreReader& reader);

/// Those of a comma-separated list. Throws Error(kUsage) for a name that the store does not know.
std::vector<TimelineField> choose_fields(const StoreReader& reader, const std::string& names);

/// Texts of codes and cells, codes read once. One thread at a time; the reader must outlive it.
class TimelineText {
 public:
  explicit TimelineText(const StoreReader& reader);

  /// Sets `text` to the event's value of the field; false when it has none. `column` is the
  /// field's in the batch, or null.
  bool get(const TimelineField& field, const TimelineBatch& batch, std::size_t event,
           const StreamColumn* column, std::string& text);

  struct Code {
    std::string vocabulary;
    std::string code;
    std::string name;
    std::string unit;  // what stands behind a number of this unit
  };
  const Code& code(CodeId id);

 private:
  void cell_text(const TimelineField& field, const TimelineBatch& batch, std::int64_t cell,
                 std::string& text);
  void append_source(std::int64_t id, std::string& text) const;

  const StoreReader& reader_;
  std::vector<std::unique_ptr<Code>> codes_;  // by id
};

/// True for fields that JSON has as numbers.
bool is_number(const TimelineField& field);

}  // namespace anam::cli
