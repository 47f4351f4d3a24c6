// SPDX-License-Identifier: Apache-2.0
#include "ingest/links.h"

#include <algorithm>

#include "storage/decimal.h"

namespace anam {

Linker::Linker(RowBuffer& rows, LinkKind kind, bool require_definition)
    : kind_(kind),
      require_definition_(require_definition && kind.definition.has_value()),
      keys_(rows.find(kind.key)) {
  if (keys_ != nullptr) {
    numbers_ = &rows.column(kind.number);
    // Making a column may have moved the others.
    keys_ = rows.find(kind.key);
  }
  for (const LinkReference& reference : kind.references) {
    if (rows.find(reference.column) != nullptr)
      references_.push_back({reference, &rows.column(reference.column)});
  }
  domain_codes_ = rows.find(column::kCode);
}

std::int64_t Linker::number(std::size_t begin, std::size_t end, std::int64_t used) {
  if (keys_ == nullptr && references_.empty()) return used;
  seen_.clear();
  if (keys_ != nullptr) {
    for (std::size_t row = begin; row < end; ++row) {
      const bool defines = domain_of((*domain_codes_)[row]) == kind_.definition;
      if ((*keys_)[row] != kNull) seen_.push_back({(*keys_)[row], row, 0, defines});
    }
  }
  for (std::size_t i = 0; i < references_.size(); ++i) {
    for (std::size_t row = begin; row < end; ++row) {
      const std::int64_t key = (*references_[i].cells)[row];
      if (key != kNull)
        seen_.push_back({key, end + (row - begin) * references_.size() + i, 0, false});
    }
  }
  // One entry a key: where it appears first, and whether any event defines it.
  std::ranges::sort(seen_, [](const Seen& a, const Seen& b) {
    return a.key != b.key ? a.key < b.key : a.place < b.place;
  });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    if (i > 0 && seen_[i].key == seen_[kept - 1].key) {
      seen_[kept - 1].defined |= seen_[i].defined;
    } else {
      seen_[kept++] = seen_[i];
    }
  }
  seen_.resize(kept);
  std::ranges::sort(seen_, {}, &Seen::place);
  for (Seen& s : seen_) s.number = ++used;
  std::ranges::sort(seen_, {}, &Seen::key);

  // Gives each row the number of its key.
  const auto give = [&](const std::vector<std::int64_t>& keys, std::vector<std::int64_t>& numbers,
                        const char* dangling) {
    for (std::size_t row = begin; row < end; ++row) {
      if (keys[row] == kNull) continue;
      const Seen& link = *std::ranges::lower_bound(seen_, keys[row], {}, &Seen::key);
      numbers[row] = link.number;
      if (require_definition_ && !link.defined)
        ++dangling_[dangling][domain_of((*domain_codes_)[row])];
    }
  };
  if (keys_ != nullptr) give(*keys_, *numbers_, kind_.dangling);
  for (const Reference& reference : references_)
    give(*reference.cells, *reference.cells, reference.what.dangling);
  return used;
}

Amender::Amender(RowBuffer& rows, const CodeDictionary& codes) : rows_(rows), codes_(codes) {}

std::size_t Amender::amend(std::span<const std::uint32_t> amendments,
                           std::span<const std::uint32_t> events) {
  if (amendments.empty()) return 0;
  struct Target {
    Domain domain;
    std::int64_t record;
    std::size_t at;  // index into events
    auto operator<=>(const Target&) const = default;
  };
  const auto& records = rows_.column(column::kRecordKey);
  const auto& domain_codes = rows_.column(column::kCode);
  const auto& amended = rows_.column(column::kAmends);
  std::vector<Target> targets;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::uint32_t row = events[i];
    if (records[row] != kNull) targets.push_back({domain_of(domain_codes[row]), records[row], i});
  }
  std::ranges::sort(targets);
  std::size_t matched = 0;
  for (const std::uint32_t row : amendments) {
    const Target wanted{static_cast<Domain>(amended[row]), records[row], 0};
    const auto target = std::ranges::lower_bound(targets, wanted);
    if (target == targets.end() || target->domain != wanted.domain ||
        target->record != wanted.record) {
      ++unmatched_[wanted.domain];
      continue;
    }
    ++matched;
    for (RowBuffer::Column& column : rows_.columns()) {
      if (column.id < column::kFirstAttribute) continue;
      std::int64_t& to = column.cells[events[target->at]];
      const std::int64_t from = column.cells[row];
      if (from == kNull) continue;
      if (to == kNull) {
        to = from;
      } else if (column.type == ColumnType::kMoney) {
        to += from;
      } else if (column.type == ColumnType::kText) {
        if (rows_.texts().at(from) < rows_.texts().at(to)) to = from;
      } else if (column.type == ColumnType::kDecimal) {
        if (compare_decimals(from, to) < 0) to = from;
      } else if (column.type == ColumnType::kCode) {
        const auto rank = [this](std::int64_t id) { return codes_.rank(static_cast<CodeId>(id)); };
        if (rank(from) < rank(to)) to = from;
      } else {
        to = std::min(to, from);
      }
    }
  }
  return matched;
}

}  // namespace anam
