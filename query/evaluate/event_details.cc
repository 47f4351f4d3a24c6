// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/event_details.h"

#include <algorithm>
#include <numeric>

#include "storage/attributes.h"
#include "storage/decimal.h"
#include "storage/error.h"

namespace anam::evaluation {

namespace {

// What every event is shown with, where it has it.
constexpr ColumnId kFields[] = {column::kSecond, column::kEndSecond, column::kCode,
                                column::kSourceCode, column::kSource};
constexpr ColumnId kValues[] = {column::kValue, column::kValueText, column::kValueCode,
                                column::kUnit};

void add_column(std::vector<ColumnId>& columns, ColumnId id) {
  if (std::ranges::find(columns, id) == columns.end()) columns.push_back(id);
}

// Attributes that the tests look at.
void add_tested(const std::vector<CompiledTest>& tests, std::vector<ColumnId>& columns) {
  using Kind = CompiledTest::Kind;
  for (const CompiledTest& test : tests) {
    switch (test.kind) {
      case Kind::kRatio:
      case Kind::kOrder:
        add_column(columns, test.column);
        add_column(columns, test.other);
        break;
      case Kind::kNumber:
      case Kind::kText:
      case Kind::kCodes:
      case Kind::kPresent:
        add_column(columns, test.column);
        break;
      default:
        add_tested(test.parts, columns);
    }
  }
  std::erase_if(columns,
                [](ColumnId id) { return std::ranges::find(kFields, id) != std::end(kFields); });
}

Day end_of(const EventStream& stream, std::size_t row) {
  return stream.end.empty() ? EventStream::kNoEnd : stream.end[row];
}

// A column that both streams have.
struct KeyColumn {
  const StreamColumn* selected;
  const StreamColumn* full;
};

// Rows of one patient in two streams of the same events, of which one knows more about each.
class Matcher {
 public:
  Matcher(const EventStream& selected, const EventStream& full,
          const std::vector<ColumnId>& columns)
      : selected_(selected), full_(full) {
    for (const ColumnId id : columns) {
      const KeyColumn both{selected.find(id), full.find(id)};
      if (both.selected != nullptr && both.full != nullptr) key_.push_back(both);
    }
  }

  // The row of `full` for each row of `selected` from `begin` to `end`.
  std::vector<std::size_t> match(std::size_t begin, std::size_t end, std::size_t full_begin,
                                 std::size_t full_end) const {
    std::vector<std::size_t> theirs = ordered(selected_, begin, end, false);
    std::vector<std::size_t> ours = ordered(full_, full_begin, full_end, true);
    bool same = theirs.size() == ours.size();
    std::vector<std::size_t> result(end - begin);
    for (std::size_t i = 0; same && i < theirs.size(); ++i) {
      same = selected_.start[theirs[i]] == full_.start[ours[i]] &&
             end_of(selected_, theirs[i]) == end_of(full_, ours[i]);
      result[theirs[i] - begin] = ours[i];
    }
    if (!same) {
      fail(ErrorCode::kCorrupt, "postings and timelines do not have the same events of a patient",
           "run anam verify");
    }
    return result;
  }

 private:
  std::vector<std::size_t> ordered(const EventStream& stream, std::size_t begin, std::size_t end,
                                   bool full) const {
    std::vector<std::size_t> rows(end - begin);
    std::iota(rows.begin(), rows.end(), begin);
    std::ranges::stable_sort(rows, [&](std::size_t a, std::size_t b) {
      if (stream.start[a] != stream.start[b]) return stream.start[a] < stream.start[b];
      if (end_of(stream, a) != end_of(stream, b)) return end_of(stream, a) < end_of(stream, b);
      for (const KeyColumn& column : key_) {
        const int order = compare(stream, full ? *column.full : *column.selected, a, b);
        if (order != 0) return order < 0;
      }
      return false;
    });
    return rows;
  }

  static int compare(const EventStream& stream, const StreamColumn& column, std::size_t a,
                     std::size_t b) {
    const std::int64_t x = column.cells[a];
    const std::int64_t y = column.cells[b];
    if (x == y) return 0;
    if (x != kNull && y != kNull) {
      if (column.type == ColumnType::kText) return stream.texts.at(x).compare(stream.texts.at(y));
      if (column.type == ColumnType::kDecimal) {
        const int order = compare_decimals(x, y);
        if (order != 0) return order;
      }
    }
    return x < y ? -1 : 1;
  }

  const EventStream& selected_;
  const EventStream& full_;
  std::vector<KeyColumn> key_;
};

std::int64_t cell_of(const EventStream& stream, ColumnId id, std::size_t row) {
  const StreamColumn* column = stream.find(id);
  return column == nullptr ? kNull : column->cells[row];
}

ReasonEvent event_of(const EventStream& stream, std::size_t row,
                     const std::vector<ColumnId>& shown) {
  ReasonEvent event;
  event.patient = stream.patient[row];
  event.day = stream.start[row];
  const auto second = [&](ColumnId id) {
    const std::int64_t cell = cell_of(stream, id, row);
    return cell == kNull ? std::nullopt : std::optional(static_cast<std::int32_t>(cell));
  };
  event.second = second(column::kSecond);
  if (end_of(stream, row) != EventStream::kNoEnd) event.end_day = end_of(stream, row);
  event.end_second = second(column::kEndSecond);
  if (const std::int64_t cell = cell_of(stream, column::kCode, row); cell != kNull) {
    event.domain = domain_of(cell);
    event.code = code_of(cell);
  }
  if (const std::int64_t cell = cell_of(stream, column::kSourceCode, row); cell != kNull)
    event.source_code = code_of(cell);
  event.source = cell_of(stream, column::kSource, row);
  for (const ColumnId id : shown) {
    const StreamColumn* column = stream.find(id);
    if (column == nullptr || column->cells[row] == kNull) continue;
    ReasonValue& value = event.values.emplace_back();
    value.column = id;
    value.type = column->type;
    value.cell = column->cells[row];
    if (value.type == ColumnType::kText) value.text = stream.texts.at(value.cell);
  }
  return event;
}

// What belongs to one stream of the plan.
struct StreamWants {
  std::vector<std::size_t> wanted;  // by patient and row
  const EventStream* selected = nullptr;
};

void read_stream(const Plan& plan, ShardData& shard, std::size_t stream,
                 std::span<const WantedEvent> wanted, StreamWants& wants,
                 std::vector<ReasonEvent>& results) {
  const EventStream& selected = *wants.selected;
  if (plan.streams[stream].cohort != nullptr) {  // rows have no more than evaluation saw
    for (const std::size_t w : wants.wanted) results[w] = event_of(selected, wanted[w].row, {});
    return;
  }
  std::ranges::sort(wants.wanted, {}, [&](std::size_t w) { return wanted[w].row; });
  PatientSet patients(shard.patients());
  for (const std::size_t w : wants.wanted) patients.add(selected.patient[wanted[w].row]);
  StreamRequest request = plan.streams[stream];
  for (const ColumnId id : kFields) add_column(request.columns, id);
  for (const ColumnId id : kValues) add_column(request.columns, id);
  const auto full = shard.events(request, &patients);
  const Matcher matcher(selected, *full, plan.streams[stream].columns);

  std::map<std::size_t, std::vector<ColumnId>> shown;  // by selector
  RunCursor theirs(selected.patient);
  RunCursor ours(full->patient);
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < wants.wanted.size(); ++i) {
    const WantedEvent& event = wanted[wants.wanted[i]];
    const std::uint32_t patient = selected.patient[event.row];
    if (i == 0 || patient != selected.patient[wanted[wants.wanted[i - 1]].row]) {
      theirs.seek(patient);
      ours.seek(patient);
      rows = matcher.match(theirs.begin(), theirs.end(), ours.begin(), ours.end());
    }
    const auto [columns, fresh] = shown.try_emplace(event.selector);
    if (fresh) {
      columns->second.assign(std::begin(kValues), std::end(kValues));
      add_tested(plan.selectors[event.selector].tests, columns->second);
    }
    results[wants.wanted[i]] = event_of(*full, rows[event.row - theirs.begin()], columns->second);
  }
}

}  // namespace

std::vector<ReasonEvent> read_details(const Plan& plan, ShardData& shard,
                                      std::span<const WantedEvent> wanted) {
  std::map<std::size_t, StreamWants> streams;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    StreamWants& wants = streams[plan.selectors[wanted[i].selector].stream];
    wants.selected = wanted[i].stream;
    wants.wanted.push_back(i);
  }
  std::vector<ReasonEvent> results(wanted.size());
  for (auto& [stream, wants] : streams) read_stream(plan, shard, stream, wanted, wants, results);
  return results;
}

}  // namespace anam::evaluation
