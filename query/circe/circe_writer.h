// SPDX-License-Identifier: Apache-2.0
// Writes cohort definitions as OHDSI's Circe JSON, where Circe can say them.
#pragma once

#include <string>

#include "query/definition.h"
#include "query/read/store_reader.h"
#include "storage/code_table.h"

namespace anam {

/// What the writer asks about codes and attributes; usually a store's.
class CirceConcepts {
 public:
  CirceConcepts() = default;
  virtual ~CirceConcepts() = default;
  CirceConcepts(const CirceConcepts&) = delete;
  CirceConcepts& operator=(const CirceConcepts&) = delete;

  /// The ids that a code set means, sorted.
  virtual CodeIds resolve(const CodeSet& set) const = 0;
  virtual CodeRecord record(CodeId id) const = 0;
  /// For messages; may be empty.
  virtual std::string attribute_name(ColumnId column) const = 0;
};

/// Circe JSON as Atlas writes it, UTF-8, ending with a line end. parse_circe() makes of it a
/// definition with the same rows and attrition. Codes become OMOP concepts: code sets of OMOP ids
/// are written as they are, others as what they mean in the store. Throws Error(kInput) for a
/// definition that Circe cannot say, which names the first such thing, where it stands and what to
/// do. Thread-safe.
std::string write_circe(const CohortDefinition& definition, const StoreReader& store);
std::string write_circe(const CohortDefinition& definition, const CirceConcepts& concepts);

}  // namespace anam
