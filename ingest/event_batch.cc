// SPDX-License-Identifier: Apache-2.0
#include "ingest/event_batch.h"

#include <charconv>
#include <cstring>

#include "storage/checksum.h"

namespace anam {
namespace {

/// True when `text` is how the integer prints itself, so that text and integer name the same
/// patient.
bool parse_plain_integer(std::string_view text, std::int64_t& value) {
  if (text.empty() || text.size() > 20) return false;
  const std::string_view digits = text.front() == '-' ? text.substr(1) : text;
  if (digits.empty() || (digits.front() == '0' && text.size() > 1)) return false;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size() && value != kNull;
}

}  // namespace

void EventBatch::begin(std::int64_t patient, Domain domain, CodeId code, std::int64_t day) {
  patient_.push_back(patient);
  day_.push_back(day);
  domain_code_.push_back(domain_code(domain, code));
}

void EventBatch::begin(std::string_view patient, Domain domain, CodeId code, std::int64_t day) {
  std::int64_t number;
  if (parse_plain_integer(patient, number)) return begin(number, domain, code, day);
  begin(kNull, domain, code, day);
  set(column::kPatientText, texts_.add(patient));
}

void EventBatch::set(ColumnId column, std::int64_t cell) {
  if (cell == kNull) return;
  std::vector<std::int64_t>& cells = find(column).cells;
  cells.resize(rows() - 1, kNull);
  cells.push_back(cell);
}

void EventBatch::set_text(ColumnId column, std::string_view text) {
  if (!text.empty()) set(column, texts_.add(text));
}

void EventBatch::set_key(ColumnId column, std::string_view id) {
  if (!id.empty()) set(column, key_of(id));
}

EventBatch::Column& EventBatch::find(ColumnId column) {
  if (column >= slot_.size()) slot_.resize(column + std::size_t{1}, -1);
  if (slot_[column] < 0) {
    slot_[column] = static_cast<std::int16_t>(columns_.size());
    columns_.push_back({column, {}});
  }
  return columns_[static_cast<std::size_t>(slot_[column])];
}

std::int64_t key_of(std::string_view id) {
  std::int64_t number;
  if (parse_plain_integer(id, number)) return number;
  const auto hash = static_cast<std::int64_t>(checksum(as_bytes(id)));
  return hash == kNull ? 0 : hash;
}

}  // namespace anam
