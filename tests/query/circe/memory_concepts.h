// SPDX-License-Identifier: Apache-2.0
// A small vocabulary for tests of Circe JSON, without a store.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "query/circe/circe_writer.h"

namespace anam::test {

/// Codes 1, 2, 3, ... in the order in which they are added.
class MemoryConcepts final : public CirceConcepts {
 public:
  /// Five OMOP concepts, 1001 to 1005, of which 1003 lies below 1002 and both below 1001, 1004 is
  /// retired, lies below 1002 and maps to 1001, and no vocabulary defines 1005; then ICD10CM:E11.
  static const MemoryConcepts& five();

  CodeId add(CodeRecord record);
  void add_below(CodeId ancestor, CodeId descendant) { below_.emplace_back(ancestor, descendant); }
  void add_mapped(CodeId standard, CodeId source) { mapped_.emplace_back(standard, source); }

  CodeIds resolve(const CodeSet& set) const override;
  CodeRecord record(CodeId id) const override { return records_.at(id - 1); }
  std::string attribute_name(ColumnId column) const override;

 private:
  CodeIds resolve(const std::vector<CodeSetItem>& items) const;

  std::vector<CodeRecord> records_;
  std::vector<std::pair<CodeId, CodeId>> below_;
  std::vector<std::pair<CodeId, CodeId>> mapped_;
};

}  // namespace anam::test
