// SPDX-License-Identifier: Apache-2.0
#include "tests/query/evaluate/memory_shard.h"

#include <algorithm>

#include "storage/attributes.h"

namespace anam::test {

namespace {

ColumnType type_of(ColumnId id) {
  if (id == column::kCode || id == column::kSourceCode) return ColumnType::kCode;
  const AttributeInfo* info = find_builtin_attribute(id);
  return info != nullptr ? info->type : ColumnType::kInt;
}

}  // namespace

bool requested(const TestEvent& event, Domain domain, const CodeIds* codes, Role role) {
  if (domain != Domain::kNone && event.domain != domain) return false;
  if (codes == nullptr) return true;
  const auto has = [codes](std::optional<std::int64_t> code) {
    return code && std::ranges::find(*codes, static_cast<CodeId>(*code)) != codes->end();
  };
  return (role != Role::kSource && has(event.code)) ||
         (role != Role::kStandard && has(event.cell(column::kSourceCode)));
}

std::optional<std::int64_t> TestData::person(std::uint32_t patient, ColumnId id) const {
  if (patient >= persons.size()) return std::nullopt;
  const auto at = persons[patient].find(id);
  return at == persons[patient].end() ? std::nullopt : std::optional(at->second);
}

std::vector<const TestEvent*> TestData::timeline(std::uint32_t patient) const {
  std::vector<const TestEvent*> own;
  for (const TestEvent& event : events) {
    if (event.patient == patient) own.push_back(&event);
  }
  std::ranges::stable_sort(own, {}, [](const TestEvent* event) {
    return std::pair(event->start, event->cell(column::kSecond).value_or(-1));
  });
  return own;
}

PatientSet MemoryShard::patients_with(const StreamRequest& request) {
  PatientSet with(data_.patients);
  for (const TestEvent& event : data_.events) {
    if (requested(event, request.domain, request.codes, request.role)) with.add(event.patient);
  }
  return with;
}

std::shared_ptr<const EventStream> MemoryShard::events(const StreamRequest& request,
                                                       const PatientSet* among) {
  auto stream = std::make_shared<EventStream>();
  for (const ColumnId id : request.columns) stream->columns.push_back({id, type_of(id), {}});
  for (std::uint32_t patient = 0; patient < data_.patients; ++patient) {
    if (among != nullptr && !among->contains(patient)) continue;
    for (const TestEvent* event : data_.timeline(patient)) {
      if (!requested(*event, request.domain, request.codes, request.role)) continue;
      stream->patient.push_back(patient);
      stream->start.push_back(event->start);
      stream->end.push_back(event->end.value_or(EventStream::kNoEnd));
      for (StreamColumn& column : stream->columns) {
        std::int64_t cell = event->cell(column.id).value_or(kNull);
        if (column.id == column::kPlace) cell = event - data_.events.data();
        if (column.id == column::kCode) cell = domain_code(event->domain, event->code);
        const auto text = event->texts.find(column.id);
        if (text != event->texts.end()) cell = stream->texts.add(text->second);
        column.cells.push_back(cell);
      }
    }
  }
  reads_.push_back({request, among == nullptr ? data_.patients : among->count(), stream->size()});
  return stream;
}

std::vector<std::int64_t> MemoryShard::person_column(ColumnId column, TextPool*) {
  std::vector<std::int64_t> cells(data_.patients, kNull);
  for (std::uint32_t patient = 0; patient < data_.patients; ++patient) {
    cells[patient] = data_.person(patient, column).value_or(kNull);
  }
  return cells;
}

bool TestData::is_from(std::size_t source, const SourceIs& test) const {
  const auto has = [](const std::vector<std::string>& list, const std::string& word) {
    return std::ranges::find(list, word) != list.end();
  };
  return has(test.sources, sources[source]) ||
         (source < source_kinds.size() && has(test.kinds, source_kinds[source]));
}

std::vector<std::int64_t> MemoryShard::source_ids(const SourceIs& test) const {
  std::vector<std::int64_t> ids;
  for (std::size_t id = 0; id < data_.sources.size(); ++id) {
    if (data_.is_from(id, test)) ids.push_back(static_cast<std::int64_t>(id));
  }
  return ids;
}

}  // namespace anam::test
