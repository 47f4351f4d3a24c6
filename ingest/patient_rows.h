// SPDX-License-Identifier: Apache-2.0
// The rows of a run, put in order: by patient, and each patient's rows as they will stand on the
// timeline.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ingest/code_dictionary.h"
#include "ingest/row_buffer.h"

namespace anam {

/// One patient of a run.
struct RunPatient {
  std::uint64_t hash = 0;
  std::int64_t number = kNull;  // the id, where it is an integer
  std::string_view text;        // else; views the RowBuffer's texts
  std::uint32_t begin = 0;      // its rows: order()[begin] .. order()[end - 1]
  std::uint32_t end = 0;
};

/// Groups and sorts the rows of `rows`, which must not change meanwhile. Not thread-safe.
///
/// Rows without a day (about the person, amendments) come first. The order is: day, the source's
/// number of the row (kSequence; none first), second (none first), domain, vocabulary, code,
/// record, then all other columns by id (no value first), keys of visits and claims last. Nothing
/// in it depends on how the rows came.
class PatientRows {
 public:
  PatientRows(RowBuffer& rows, const CodeDictionary& codes);

  std::span<const RunPatient> patients() const { return patients_; }  // by (hash, id)
  std::span<const std::uint32_t> order() const { return order_; }     // row indices

 private:
  void group();
  std::vector<std::uint64_t> sort_keys() const;
  void sort_patient(const RunPatient& patient, std::span<const std::uint64_t> keys);
  bool less(std::uint32_t a, std::uint32_t b) const;

  RowBuffer& rows_;
  const CodeDictionary& codes_;
  std::vector<RunPatient> patients_;
  std::vector<std::uint32_t> order_;
  std::vector<const RowBuffer::Column*>
      tie_columns_;  // compared when the keys are equal, in this order
  struct Keyed {
    std::uint64_t key;
    std::uint32_t row;
  };
  std::vector<Keyed> scratch_;
};

}  // namespace anam
