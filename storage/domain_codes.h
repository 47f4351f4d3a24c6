// SPDX-License-Identifier: Apache-2.0
// The codes and domains of a chunk, taken apart: a code nearly always has one domain, so the domain
// is stored once a code.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "storage/event.h"

namespace anam {

/// Cells of column::kCode as two columns.
struct DomainCodes {
  std::vector<std::int64_t> codes;  // code ids, a row each
  std::vector<std::int64_t>
      domains;          // in the order in which codes appear first; or a row each, see by_row
  bool by_row = false;  // some code has several domains in this chunk
};

DomainCodes split_domain_codes(std::span<const std::int64_t> cells);

/// The reverse: `codes` become cells of column::kCode. Throws Error(kCorrupt) when there are not as
/// many domains as there must be.
void join_domain_codes(std::span<std::int64_t> codes, std::span<const std::int64_t> domains,
                       bool by_row);

}  // namespace anam
