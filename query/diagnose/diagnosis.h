// SPDX-License-Identifier: Apache-2.0
// What looks wrong about a definition before it is run. Nothing here changes what it means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "query/definition.h"
#include "query/read/store_reader.h"

namespace anam {

/// Something that is probably not meant. `where` is a line, a JSON path, a rule or a code set.
struct Warning {
  std::string where;
  std::string what;
  bool operator==(const Warning&) const = default;
};

/// What the definition alone tells: code sets without use or without codes, windows and counts that
/// no events can meet, rows that end before they start.
std::vector<Warning> diagnose(const CohortDefinition& definition);

/// What the store's codes tell besides: items of code sets that match none of them. Cheap: reads no
/// events.
std::vector<Warning> diagnose_codes(const CohortDefinition& definition, const StoreReader& reader);

/// How much of a code set occurs in a release, whatever role the codes have.
struct CodeSetUse {
  std::string name;
  bool used = false;  // by the definition
  std::size_t codes = 0;
  std::size_t seen_codes = 0;  // that some event has
  std::uint64_t events = 0;    // with any of them, each once
  std::uint64_t patients = 0;
  std::vector<CodeId> unseen;  // ascending
};

/// One for each code set of the definition. Reads lists of events in all shards, on `threads`
/// threads. Throws what reading the store throws.
std::vector<CodeSetUse> count_code_sets(const CohortDefinition& definition,
                                        const StoreReader& reader, unsigned threads);

/// How messages call a code set: its name, or what it holds.
std::string code_set_label(const CodeSet& set);

}  // namespace anam
