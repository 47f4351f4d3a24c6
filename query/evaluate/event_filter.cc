// SPDX-License-Identifier: Apache-2.0
#include "query/evaluate/event_filter.h"

#include <chrono>
#include <tuple>

#include "query/evaluate/shard_reader.h"
#include "query/evaluate/text_check.h"
#include "storage/attributes.h"
#include "storage/decimal.h"
#include "storage/error.h"

namespace anam::evaluation {

namespace {

using Kept = std::vector<std::uint32_t>;
using Kind = CompiledTest::Kind;

template <typename Test>
void retain(Kept& kept, Test&& test) {
  std::size_t to = 0;
  for (const std::uint32_t i : kept) {
    kept[to] = i;
    to += test(i) ? 1 : 0;
  }
  kept.resize(to);
}

[[noreturn]] void misfit(ColumnId id, std::string_view wanted) {
  const AttributeInfo* info = find_builtin_attribute(id);
  fail(ErrorCode::kInput, "the definition tests an attribute as what it is not",
       std::string(info != nullptr ? info->name : std::to_string(id)) + " is " +
           std::string(wanted));
}

std::chrono::year_month_day civil(Day day) { return std::chrono::sys_days(std::chrono::days(day)); }

// Holds texts of a pool against a test, each once.
class TextVerdicts {
 public:
  TextVerdicts(const TextTest& test, const TextPool& texts)
      : test_(test), texts_(texts), verdicts_(texts.size(), 0) {}
  bool operator()(std::int64_t cell) {
    if (cell == kNull) return false;
    std::uint8_t& verdict = verdicts_[static_cast<std::size_t>(cell)];
    if (verdict == 0) verdict = holds(test_, texts_.at(cell)) ? 2 : 1;
    return verdict == 2;
  }

 private:
  const TextTest& test_;
  const TextPool& texts_;
  std::vector<std::uint8_t> verdicts_;  // 0 = not looked at yet
};

// Ages of patients as a test of kind kAge asks for them.
class Ages {
 public:
  Ages(const CompiledTest& test, ShardReader& reader)
      : years_(reader.person(column::kBirthYear)),
        months_(test.exact_age ? &reader.person(column::kBirthMonth) : nullptr),
        days_(test.exact_age ? &reader.person(column::kBirthDay) : nullptr) {}

  // kNull where the year of birth is not known.
  std::int64_t operator()(std::uint32_t patient, Day on) const {
    const std::int64_t born = years_.at(patient);
    if (born == kNull) return kNull;
    const auto date = civil(on);
    std::int64_t age = int{date.year()} - born;
    if (months_ != nullptr) {
      const std::int64_t month = months_->at(patient);
      const std::int64_t day = days_->at(patient);
      const auto today =
          std::pair(std::int64_t{unsigned{date.month()}}, std::int64_t{unsigned{date.day()}});
      if (month != kNull && day != kNull && today < std::pair(month, day)) --age;
    }
    return age;
  }

 private:
  const PersonColumn& years_;
  const PersonColumn* months_;  // null: the year decides
  const PersonColumn* days_;
};

void filter_age(const CompiledTest& test, const TestedEvents& events, ShardReader& reader,
                Kept& kept) {
  const Ages ages(test, reader);
  const std::span<const Day> dates = test.end == End::kStart ? events.start : events.end;
  retain(kept, [&](std::uint32_t i) {
    const std::int64_t age = ages(events.patient[i], dates[i]);
    return age != kNull && test.number.holds(age);
  });
}

void filter_source(const CompiledTest& test, const StreamColumn* column, const TestedEvents& events,
                   ShardReader& reader, Kept& kept) {
  const std::vector<std::int64_t> ids = reader.shard().source_ids(test.source);
  retain(kept, [&](std::uint32_t i) {
    if (column == nullptr) return false;
    const std::int64_t cell = column->cells[events.rows.empty() ? i : events.rows[i]];
    return cell != kNull && (std::ranges::find(ids, cell) != ids.end()) != test.exclude;
  });
}

void filter_any(const CompiledTest& test, const TestedEvents& events, ShardReader& reader,
                Kept& kept) {
  std::vector<std::uint8_t> met(events.patient.size(), 0);
  for (const CompiledTest& part : test.parts) {
    Kept passing = kept;
    filter(part, events, reader, passing);
    for (const std::uint32_t i : passing) met[i] = 1;
  }
  retain(kept, [&](std::uint32_t i) { return met[i] != 0; });
}

// Tests of the person.
void filter_person(const CompiledTest& test, const TestedEvents& events, ShardReader& reader,
                   Kept& kept) {
  const PersonColumn& column = reader.person(test.column);
  if (test.kind == Kind::kPersonText) {
    TextVerdicts verdicts(test.text, column.texts);
    retain(kept, [&](std::uint32_t i) { return verdicts(column.at(events.patient[i])); });
    return;
  }
  retain(kept, [&](std::uint32_t i) {
    const std::int64_t cell = column.at(events.patient[i]);
    if (test.kind == Kind::kPersonPresent) return (cell != kNull) != test.exclude;
    if (test.kind == Kind::kPersonNumber) return cell != kNull && test.number.holds(cell);
    return cell != kNull && contains(*test.codes, cell) != test.exclude;
  });
}

// Tests of two numbers of an event.
void filter_pair(const CompiledTest& test, const StreamColumn& left, const TestedEvents& events,
                 Kept& kept) {
  const StreamColumn* right = events.stream->find(test.other);
  if (right == nullptr) {
    kept.clear();
    return;
  }
  if (left.type != right->type || left.type == ColumnType::kText ||
      left.type == ColumnType::kCode) {
    misfit(left.id, "no number like " + std::to_string(test.other));
  }
  // Whole numbers are packed, so that all are decimals.
  const std::int64_t unit = left.type == ColumnType::kDecimal ? 1 : 32;
  retain(kept, [&](std::uint32_t i) {
    const std::size_t row = events.rows.empty() ? i : events.rows[i];
    const std::int64_t a = left.cells[row];
    const std::int64_t b = right->cells[row];
    if (a == kNull || b == kNull) return false;
    return test.kind == Kind::kOrder ? test.number.holds(compare_decimals(a * unit, b * unit))
                                     : test.number.holds_ratio(a * unit, b * unit);
  });
}

// Tests of columns of the stream.
void filter_column(const CompiledTest& test, const TestedEvents& events, ShardReader& reader,
                   Kept& kept) {
  const ColumnId id = test.kind == Kind::kVisit    ? column::kVisit
                      : test.kind == Kind::kSource ? column::kSource
                                                   : test.column;
  const StreamColumn* found = events.stream == nullptr ? nullptr : events.stream->find(id);
  const auto row = [&](std::uint32_t i) {
    return events.rows.empty() ? std::size_t{i} : std::size_t{events.rows[i]};
  };
  if (found == nullptr) {  // all null
    if (test.kind != Kind::kPresent || !test.exclude) kept.clear();
    return;
  }
  const std::vector<std::int64_t>& cells = found->cells;
  const bool number = found->type != ColumnType::kText && found->type != ColumnType::kCode;
  const auto absent = [id](std::int64_t cell) {  // an event without a code has a domain still
    return cell == kNull || (id == column::kCode && code_of(cell) == kNoCode);
  };
  switch (test.kind) {
    case Kind::kNumber:
      if (!number) misfit(id, "no number");
      retain(kept,
             [&](std::uint32_t i) { return test.number.holds_cell(found->type, cells[row(i)]); });
      break;
    case Kind::kRatio:
    case Kind::kOrder:
      filter_pair(test, *found, events, kept);
      break;
    case Kind::kText: {
      if (found->type != ColumnType::kText) misfit(id, "no text");
      TextVerdicts verdicts(test.text, events.stream->texts);
      retain(kept, [&](std::uint32_t i) { return verdicts(cells[row(i)]); });
      break;
    }
    case Kind::kCodes:
      if (found->type == ColumnType::kText) misfit(id, "text, no code");
      retain(kept, [&](std::uint32_t i) {
        const std::int64_t cell = cells[row(i)];
        return !absent(cell) && contains(*test.codes, cell) != test.exclude;
      });
      break;
    case Kind::kVisit: {
      const VisitIndex& visits = reader.visits();
      retain(kept, [&](std::uint32_t i) {
        const std::int64_t cell = cells[row(i)];
        const CodeId* code = cell == kNull ? nullptr : visits.find(events.patient[i], cell);
        if (code == nullptr) return false;
        return (test.codes == nullptr || contains(*test.codes, *code)) != test.exclude;
      });
      break;
    }
    case Kind::kSource:
      filter_source(test, found, events, reader, kept);
      break;
    default:  // kPresent
      retain(kept, [&](std::uint32_t i) { return absent(cells[row(i)]) == test.exclude; });
  }
}

}  // namespace

std::int64_t age_on(const CompiledTest& test, ShardReader& reader, std::uint32_t patient, Day day) {
  return Ages(test, reader)(patient, day);
}

void filter(const CompiledTest& test, const TestedEvents& events, ShardReader& reader, Kept& kept) {
  if (kept.empty()) return;
  switch (test.kind) {
    case Kind::kDate:
      retain(kept, [&, dates = test.end == End::kStart ? events.start : events.end](
                       std::uint32_t i) { return test.number.holds(dates[i]); });
      break;
    case Kind::kLength:
      retain(kept, [&](std::uint32_t i) {
        return test.number.holds(std::int64_t{events.end[i]} - events.start[i]);
      });
      break;
    case Kind::kAge:
      filter_age(test, events, reader, kept);
      break;
    case Kind::kPersonNumber:
    case Kind::kPersonCodes:
    case Kind::kPersonText:
    case Kind::kPersonPresent:
      filter_person(test, events, reader, kept);
      break;
    case Kind::kAny:
      filter_any(test, events, reader, kept);
      break;
    case Kind::kAll:
      for (const CompiledTest& part : test.parts) filter(part, events, reader, kept);
      break;
    default:
      filter_column(test, events, reader, kept);
  }
}

}  // namespace anam::evaluation
