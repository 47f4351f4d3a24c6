// SPDX-License-Identifier: Apache-2.0
// What ties a patient's rows to each other: visits, claims, amendments.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ingest/code_dictionary.h"
#include "ingest/row_buffer.h"

namespace anam {

/// An attribute that names another visit: the one before, the one around. Its cells are outside
/// keys until they become numbers.
struct LinkReference {
  ColumnId column;
  const char* dangling;  // as in LinkKind
};

/// One kind of link: events that name the same outside key get the same number.
struct LinkKind {
  ColumnId key;                      // the outside key
  ColumnId number;                   // the column that gets the number
  std::optional<Domain> definition;  // events of this domain define the keys, if that is required
  const char* dangling;              // name of the exception for a key that nothing defines
  std::span<const LinkReference> references;
};

/// Numbers the keys of one patient's events in the order of first appearance, from `used` + 1 on,
/// and returns how many are used then; keys that are only referred to come last. Events that share
/// a key share its number, also where nothing defines it; with a definition required, such events
/// are counted as dangling, by domain.
class Linker {
 public:
  Linker(RowBuffer& rows, LinkKind kind, bool require_definition);

  /// Rows `begin` to `end` - 1 are the patient's events, in timeline order.
  std::int64_t number(std::size_t begin, std::size_t end, std::int64_t used);

  /// By the exception's name.
  const std::map<std::string, std::map<Domain, std::uint64_t>>& dangling() const {
    return dangling_;
  }

 private:
  struct Reference {
    LinkReference what;
    std::vector<std::int64_t>* cells;
  };
  LinkKind kind_;
  bool require_definition_;
  const std::vector<std::int64_t>* keys_;  // null when no row has one
  std::vector<std::int64_t>* numbers_ = nullptr;
  const std::vector<std::int64_t>* domain_codes_ = nullptr;
  std::vector<Reference> references_;  // that some row has
  std::map<std::string, std::map<Domain, std::uint64_t>> dangling_;
  struct Seen {
    std::int64_t key;
    std::size_t place;  // the row; of references, places behind the last row
    std::int64_t number;
    bool defined;
  };
  std::vector<Seen> seen_;
};

/// Adds the cells of amendment rows to the events that they name: money is summed, of anything else
/// the smallest stays (codes by vocabulary and code).
class Amender {
 public:
  Amender(RowBuffer& rows, const CodeDictionary& codes);

  /// All row indices of one patient, in timeline order: `amendments` (rows with kAmends) and
  /// `events`, of which the first that has the record number is amended. Returns how many
  /// amendments found their event. REQUIRES: the rows have columns kRecordKey and kAmends.
  std::size_t amend(std::span<const std::uint32_t> amendments,
                    std::span<const std::uint32_t> events);

  /// Amendments that named no event, by the domain that they named.
  const std::map<Domain, std::uint64_t>& unmatched() const { return unmatched_; }

 private:
  RowBuffer& rows_;
  const CodeDictionary& codes_;
  std::map<Domain, std::uint64_t> unmatched_;
};

}  // namespace anam
