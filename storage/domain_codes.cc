// SPDX-License-Identifier: Apache-2.0
#include "storage/domain_codes.h"

#include <bit>

namespace anam {
namespace {

/// Domains by code, for the codes of one chunk: open addressing in at least twice the rows.
class DomainTable {
 public:
  explicit DomainTable(std::size_t rows) : slots_(std::bit_ceil(rows * 2 + 1), Slot{-1, 0}) {}

  /// The domain of the code; a reference to -1 when the code is new.
  std::int64_t& domain(std::int64_t code) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = (static_cast<std::uint64_t>(code) * 0x9E3779B97F4A7C15U >> 40) & mask;
    while (slots_[at].code != code && slots_[at].code != -1) at = (at + 1) & mask;
    if (slots_[at].code == -1) slots_[at] = {code, -1};
    return slots_[at].domain;
  }

 private:
  struct Slot {
    std::int64_t code;
    std::int64_t domain;
  };
  std::vector<Slot> slots_;
};

}  // namespace

DomainCodes split_domain_codes(std::span<const std::int64_t> cells) {
  DomainCodes split;
  split.codes.reserve(cells.size());
  DomainTable table(cells.size());
  for (const std::int64_t cell : cells) {
    const auto domain = static_cast<std::int64_t>(domain_of(cell));
    split.codes.push_back(code_of(cell));
    std::int64_t& known = table.domain(code_of(cell));
    if (known == -1) {
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
    if (code < 0) fail(ErrorCode::kCorrupt, "chunk has a code that is no code");
    std::int64_t& domain = table.domain(code);
    if (domain == -1) {
      if (next == domains.size()) corrupt();
      domain = domains[next++] & 0xFF;
    }
    code = cell(domain, code);
  }
  if (next != domains.size()) corrupt();
}

}  // namespace anam
