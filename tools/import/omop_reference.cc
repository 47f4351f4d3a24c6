// SPDX-License-Identifier: Apache-2.0
#include "tools/import/omop_reference.h"

namespace anam {
namespace {

void append(std::string& key, std::int64_t number) {
  key.append(reinterpret_cast<const char*>(&number), sizeof number);
}

}  // namespace

void OmopReference::read(OmopRowReader& reader) {
  was_read_ = true;
  while (const OmopRow* row = reader.next()) {
    if (row->record == kNull) {
      reader.skipped("row without an id");
    } else if (!ids_.insert(row->record, entry_of(*row)).second) {
      reader.skipped("repeated id: the first row counts");
    } else {
      reader.loaded();
    }
  }
}

std::uint32_t OmopReference::entry_of(const OmopRow& row) {
  std::string key;
  for (const OmopRow::Cell& cell : row.cells) {
    append(key, cell.column);
    append(key, cell.cell);
  }
  for (const OmopRow::Text& text : row.texts) {
    append(key, text.column);
    append(key, static_cast<std::int64_t>(text.text.size()));
    key += text.text;
  }
  const auto [found, fresh] =
      indexes_.emplace(std::move(key), static_cast<std::uint32_t>(entries_.size()));
  if (fresh) {
    Entry entry{row.cells, {}};
    for (const OmopRow::Text& text : row.texts) {
      entry.texts.emplace_back(text.column, std::string(text.text));
    }
    entries_.push_back(std::move(entry));
  }
  return found->second;
}

const OmopReference::Entry* OmopReference::find(std::int64_t id) const {
  const std::uint32_t* index = ids_.find(id);
  return index == nullptr ? nullptr : &entries_[*index];
}

bool OmopReference::copy_to(OmopRow& row, std::int64_t id) const {
  const Entry* entry = find(id);
  if (entry == nullptr) return false;
  for (const OmopRow::Cell& cell : entry->cells) {
    if (!row.has(cell.column)) row.cells.push_back(cell);
  }
  for (const auto& [column, text] : entry->texts) {
    if (!row.has(column)) row.texts.push_back({column, text});
  }
  return true;
}

OmopReference& OmopReferences::of(const OmopTable& table) {
  if (table.name == "provider") return provider;
  return table.name == "care_site" ? care_site : location;
}

}  // namespace anam
