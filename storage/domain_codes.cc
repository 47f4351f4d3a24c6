// SPDX-License-Identifier: Apache-2.0
#include "storage/domain_codes.h"

#include <bit>

namespace anam {
namespace {

/// Domains by code, for the codes of one chunk: open addressing, small enough for a core's first
/// caches.
class DomainTable {
 public:
  static constexpr std::uint32_t kNew = 0xFFFFFFFF;

  explicit DomainTable(std::size_t rows)
      : slots_(std::bit_ceil(rows + rows / 2 + 1), Slot{kNew, kNew}) {}

  /// The domain of the code; a reference to kNew when the code is new.
  std::uint32_t& domain(std::uint32_t code) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = (code * 0x9E3779B97F4A7C15U >> 40) & mask;
    while (slots_[at].code != code && slots_[at].domain != kNew) at = (at + 1) & mask;
    slots_[at].code = code;
    return slots_[at].domain;
  }

 private:
  struct Slot {
    std::uint32_t code;
    std::uint32_t domain;
  };
  std::vector<Slot> slots_;
};

}  // namespace

DomainCodes split_domain_codes(std::span<const std::int64_t> cells) {
  DomainCodes split;
  split.codes.reserve(cells.size());
  DomainTable table(cells.size());
  for (const std::int64_t cell : cells) {
    const auto domain = static_cast<std::uint32_t>(domain_of(cell));
    split.codes.push_back(code_of(cell));
    std::uint32_t& known = table.domain(code_of(cell));
    if (known == DomainTable::kNew) {
      known = domain;
      split.domains.push_back(domain);
    }
    split.by_row = split.by_row || known != domain;
  }
  if (split.by_row) {
    split.domains.clear();
    for (const std::int64_t cell : cells)
      split.domains.push_back(static_cast<std::int64_t>(domain_of(cell)));
  }
  return split;
}

void join_domain_codes(std::span<std::int64_t> codes, std::span<const std::int64_t> domains,
                       bool by_row) {
  const auto corrupt = [] {
    fail(ErrorCode::kCorrupt, "chunk has another number of domains than its codes ask for");
  };
  const auto cell = [](std::int64_t domain, std::int64_t code) {
    return domain_code(static_cast<Domain>(domain & 0xFF), static_cast<CodeId>(code));
  };
  if (by_row) {
    if (domains.size() != codes.size()) corrupt();
    for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = cell(domains[i], codes[i]);
    return;
  }
  DomainTable table(codes.size());
  std::size_t next = 0;
  for (std::int64_t& code : codes) {
    std::uint32_t& domain = table.domain(static_cast<std::uint32_t>(code));
    if (domain == DomainTable::kNew) {
      if (next == domains.size()) corrupt();
      domain = static_cast<std::uint32_t>(domains[next++] & 0xFF);
    }
    code = cell(domain, code);
  }
  if (next != domains.size()) corrupt();
}

}  // namespace anam
