// SPDX-License-Identifier: Apache-2.0
#include "tools/import/omop_costs.h"

#include <algorithm>
#include <map>

namespace anam {
namespace {

// A partition's events take 48 to 96 bytes each while it is joined.
constexpr std::uint64_t kEventsPerPartition = 1 << 20;
constexpr std::uint64_t kMostPartitions = 1024;
// Rows that wait in memory: 1024 partitions of 1024 events take 24 MiB, of 128 costs 22 MiB.
constexpr std::size_t kEventsPerBlock = 1024;
constexpr std::size_t kCostsPerBlock = 128;

constexpr std::size_t kCells = 3;  // where the cells of a cost row begin

std::uint64_t hash_of(std::int64_t domain, std::int64_t id) {
  return scatter(static_cast<std::uint64_t>(id) * 31 + static_cast<std::uint64_t>(domain));
}

ColumnType type_of(OmopValue value) {
  switch (value) {
    case OmopValue::kText:
      return ColumnType::kText;
    case OmopValue::kMoney:
      return ColumnType::kMoney;
    case OmopValue::kDecimal:
      return ColumnType::kDecimal;
    case OmopValue::kConcept:
      return ColumnType::kCode;
    default:
      return ColumnType::kInt;
  }
}

}  // namespace

OmopCosts::OmopCosts(OmopRun& run, std::span<const OmopFile* const> files, std::uint64_t cost_rows,
                     std::uint64_t event_rows)
    : run_(run), accounts_(files.size()) {
  for (const OmopFile* file : files) files_.push_back(*file);
  if (files_.empty()) return;
  types_ = {ColumnType::kInt, ColumnType::kInt, ColumnType::kInt};
  const auto add_column = [this](ColumnId column, ColumnType type) {
    if (std::ranges::find(columns_, column) != columns_.end()) return;
    columns_.push_back(column);
    types_.push_back(type);
  };
  for (const OmopColumn& column : files_.front().table->columns) {
    if (column.role == OmopRole::kAttribute) add_column(column.column, type_of(column.value));
  }
  for (const OmopKeep& keep : run_.keep) add_column(keep.column, keep.type);
  const std::uint64_t partitions = std::clamp(std::max(cost_rows, event_rows) / kEventsPerPartition,
                                              std::uint64_t{1}, kMostPartitions);
  const auto directory = run_.sink.scratch();
  costs_ = std::make_unique<PartitionedRows>(directory, types_, partitions, kCostsPerBlock);
  events_ = std::make_unique<PartitionedRows>(directory, std::vector(3, ColumnType::kInt),
                                              partitions, kEventsPerBlock);
}

void OmopCosts::read(std::size_t index) {
  OmopRowReader reader(run_, files_[index]);
  std::vector<std::int64_t> cells(types_.size());
  TextPool texts;
  while (const OmopRow* row = reader.next()) {
    const Domain domain = omop_cost_domain(row->entity_domain);
    if (domain == Domain::kNone) {
      reader.skipped("cost_domain_id names no domain of events");
      continue;
    }
    if (row->record == kNull) {
      reader.skipped("no cost_event_id");
      continue;
    }
    std::ranges::fill(cells, kNull);
    texts.clear();
    cells[0] = static_cast<std::int64_t>(index);
    cells[1] = static_cast<std::int64_t>(domain);
    cells[2] = row->record;
    const auto place = [&](ColumnId column) -> std::int64_t& {
      const auto at = std::ranges::find(columns_, column) - columns_.begin();
      return cells[kCells + static_cast<std::size_t>(at)];
    };
    for (const OmopRow::Cell& cell : row->cells) place(cell.column) = cell.cell;
    for (const OmopRow::Text& text : row->texts) place(text.column) = texts.add(text.text);
    costs_->add(hash_of(cells[1], cells[2]), cells, &texts);
    concerned_[static_cast<std::size_t>(domain)] = true;
    reader.loaded();  // so that remarks count; whether it finds its event shows in the join
  }
  accounts_[index].report = reader.report();
}

void OmopCosts::add_event(Domain domain, std::int64_t id, std::int64_t patient) {
  const std::int64_t cells[] = {static_cast<std::int64_t>(domain), id, patient};
  events_->add(hash_of(cells[0], id), cells, nullptr);
}

void OmopCosts::join() {
  if (files_.empty()) return;
  run_.for_each(costs_->partitions(), [this](std::size_t i) { join_partition(i); });
}

void OmopCosts::join_partition(std::size_t partition) {
  std::map<std::int64_t, IdMap<std::int64_t>> patients;  // domain -> event id -> patient
  std::uint64_t shared = 0;
  events_->read(partition, [&](const PartitionedRows::Block& block) {
    for (std::size_t row = 0; row < block.rows; ++row) {
      const std::int64_t patient = block.columns[2][row];
      auto [known, fresh] = patients[block.columns[0][row]].insert(block.columns[1][row], patient);
      if (fresh || known == patient) continue;
      known = std::min(known, patient);
      ++shared;
    }
  });
  shared_ids_ += shared;

  EventBatch batch;
  costs_->read(partition, [&](const PartitionedRows::Block& block) {
    run_.advance(0);
    for (std::size_t row = 0; row < block.rows; ++row) {
      Account& account = accounts_[static_cast<std::size_t>(block.columns[0][row])];
      const std::int64_t domain = block.columns[1][row];
      const std::int64_t id = block.columns[2][row];
      const auto of_domain = patients.find(domain);
      const std::int64_t* patient =
          of_domain == patients.end() ? nullptr : of_domain->second.find(id);
      if (patient == nullptr) {
        ++account.orphans;
        continue;
      }
      ++account.joined;
      batch.begin(*patient, static_cast<Domain>(domain), kNoCode, kNull);
      batch.set(column::kAmends, domain);
      batch.set(column::kRecordKey, id);
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        const std::int64_t cell = block.columns[kCells + c][row];
        if (types_[kCells + c] != ColumnType::kText) {
          batch.set(columns_[c], cell);
        } else if (cell != kNull) {
          batch.set_text(columns_[c], block.texts.at(cell));
        }
      }
      if (batch.rows() >= EventBatch::kFull) {
        run_.sink.add(std::move(batch));
        batch = EventBatch();
      }
    }
  });
  if (!batch.empty()) run_.sink.add(std::move(batch));
}

std::vector<FileReport> OmopCosts::reports() const {
  std::vector<FileReport> reports;
  for (const Account& account : accounts_) {
    FileReport report = account.report;
    report.loaded = account.joined;
    if (account.orphans != 0) report.skipped["cost without its event"] = account.orphans;
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace anam
