// SPDX-License-Identifier: Apache-2.0
#include "ingest/patient_rows.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "index/patient_table.h"
#include "ingest/spill.h"
#include "storage/decimal.h"

namespace anam {
namespace {

// Sort keys: day, second, domain and the code's rank in 22 + 17 + 5 + 20 bits.
constexpr int kRankBits = 20;
constexpr int kDomainBits = 5;
constexpr int kSecondBits = 17;
constexpr std::int64_t kFirstDay = -719162;  // 0001-01-01

std::span<const std::int64_t> cells_of(RowBuffer& rows, ColumnId id) {
  const auto* cells = rows.find(id);
  return cells != nullptr ? std::span<const std::int64_t>(*cells) : std::span<const std::int64_t>();
}

bool is_key(ColumnId id) { return id >= column::kPatient && id < column::kFirstAttribute; }

}  // namespace

PatientRows::PatientRows(RowBuffer& rows, const CodeDictionary& codes)
    : rows_(rows), codes_(codes) {
  group();

  const std::vector<std::uint64_t> keys = sort_keys();

  // What the key cannot tell apart.
  const auto columns = rows.columns();
  const auto add = [&](auto wanted) {
    for (const RowBuffer::Column& column : columns) {
      if (wanted(column.id)) tie_columns_.push_back(&column);
    }
  };
  constexpr ColumnId kFirst[] = {column::kSequence, column::kSecond, column::kCode,
                                 column::kRecord};
  for (const ColumnId id : kFirst) {
    add([id](ColumnId other) { return other == id; });
  }
  const auto later = [&](ColumnId id) {
    return id != column::kDay && std::ranges::find(kFirst, id) == std::end(kFirst);
  };
  add([&](ColumnId id) { return later(id) && !is_key(id); });
  add([&](ColumnId id) {
    return later(id) && is_key(id) && id != column::kPatient && id != column::kPatientText;
  });

  for (const RunPatient& patient : patients_) sort_patient(patient, keys);
}

// 22 bits of the day, and below them 42 of what orders a day's events; where rows have numbers, one
// bit says so and 41 hold the number's leading bits.
std::vector<std::uint64_t> PatientRows::sort_keys() const {
  const auto days = cells_of(rows_, column::kDay);
  const auto seconds = cells_of(rows_, column::kSecond);
  const auto domain_codes = cells_of(rows_, column::kCode);
  const auto numbers = cells_of(rows_, column::kSequence);
  const int code_shift = std::max(0, static_cast<int>(std::bit_width(codes_.size())) - kRankBits);
  constexpr int kDayBits = kSecondBits + kDomainBits + kRankBits;

  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = std::numeric_limits<std::int64_t>::min();
  for (const std::int64_t number : numbers) {
    if (number == kNull) continue;
    least = std::min(least, number);
    most = std::max(most, number);
  }
  const bool numbered = most >= least;
  const auto above_least = [least](std::int64_t number) {
    return static_cast<std::uint64_t>(number) - static_cast<std::uint64_t>(least);
  };
  const int number_shift =
      numbered ? std::max(0, static_cast<int>(std::bit_width(above_least(most))) - (kDayBits - 1))
               : 0;

  std::vector<std::uint64_t> keys(rows_.rows());
  for (std::size_t row = 0; row < keys.size(); ++row) {
    std::uint64_t key = 0;  // within the day
    if (!seconds.empty() && seconds[row] != kNull && days[row] != kNull)
      key = static_cast<std::uint64_t>(seconds[row] + 1);
    key <<= kDomainBits;
    key |= static_cast<std::uint64_t>(domain_of(domain_codes[row])) & ((1U << kDomainBits) - 1);
    key <<= kRankBits;
    key |= codes_.rank(code_of(domain_codes[row])) >> code_shift;
    if (numbered) {
      key = numbers[row] == kNull
                ? key >> 1
                : std::uint64_t{1} << (kDayBits - 1) | above_least(numbers[row]) >> number_shift;
    }
    const std::uint64_t day =
        days[row] == kNull ? 0 : static_cast<std::uint64_t>(days[row] - kFirstDay + 1);
    keys[row] = day << kDayBits | key;
  }
  return keys;
}

void PatientRows::group() {
  const auto numbers = cells_of(rows_, column::kPatient);
  const auto texts = cells_of(rows_, column::kPatientText);
  const std::size_t n = rows_.rows();

  // Distinct patients by open addressing on their hashes; equal hashes are told apart by the ids.
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t patient = kDropped;
    bool is_text = false;
  };
  std::vector<std::uint32_t> patient_of(n);
  std::vector<std::uint32_t> counts;
  std::vector<Slot> table(1024);
  const auto find_slot = [&table](std::uint64_t hash, auto same) {
    const std::size_t mask = table.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash * 0x9E3779B97F4A7C15U >> 20) & mask;
    while (table[at].patient != kDropped && !(table[at].hash == hash && same(table[at])))
      at = (at + 1) & mask;
    return at;
  };
  for (std::size_t row = 0; row < n; ++row) {
    const bool is_text = numbers[row] == kNull;
    std::string_view text;
    if (is_text && !texts.empty() && texts[row] != kNull) text = rows_.texts().at(texts[row]);
    const std::uint64_t hash = is_text ? patient_hash(text) : patient_hash(numbers[row]);
    // Different integers have different hashes.
    const std::size_t at = find_slot(hash, [&](const Slot& slot) {
      return slot.is_text == is_text && (!is_text || patients_[slot.patient].text == text);
    });
    if (table[at].patient == kDropped) {
      table[at] = {hash, static_cast<std::uint32_t>(patients_.size()), is_text};
      counts.push_back(0);
      patients_.push_back({.hash = hash, .number = numbers[row], .text = text});
    }
    patient_of[row] = table[at].patient;
    ++counts[table[at].patient];
    if (patients_.size() * 2 > table.size()) {
      std::vector<Slot> old(table.size() * 4);
      old.swap(table);
      for (const Slot& slot : old) {
        if (slot.patient != kDropped)
          table[find_slot(slot.hash, [](const Slot&) { return false; })] = slot;
      }
    }
  }

  std::vector<std::uint32_t> by_hash(patients_.size());
  for (std::uint32_t p = 0; p < by_hash.size(); ++p) by_hash[p] = p;
  std::ranges::sort(by_hash, [&](std::uint32_t a, std::uint32_t b) {
    const RunPatient& x = patients_[a];
    const RunPatient& y = patients_[b];
    if (x.hash != y.hash) return x.hash < y.hash;
    return x.number != y.number ? x.number < y.number : x.text < y.text;
  });
  std::vector<RunPatient> sorted;
  sorted.reserve(patients_.size());
  std::vector<std::uint32_t> next(
      patients_.size());  // by the old number: where the patient's next row goes
  std::uint32_t begin = 0;
  for (const std::uint32_t p : by_hash) {
    sorted.push_back(patients_[p]);
    sorted.back().begin = begin;
    next[p] = begin;
    begin += counts[p];
    sorted.back().end = begin;
  }
  patients_ = std::move(sorted);
  order_.resize(n);
  for (std::size_t row = 0; row < n; ++row)
    order_[next[patient_of[row]]++] = static_cast<std::uint32_t>(row);
}

void PatientRows::sort_patient(const RunPatient& patient, std::span<const std::uint64_t> keys) {
  const auto rows = std::span(order_).subspan(patient.begin, patient.end - patient.begin);
  if (rows.size() < 2) return;
  scratch_.clear();
  for (const std::uint32_t row : rows) scratch_.push_back({keys[row], row});
  std::ranges::sort(scratch_, {}, &Keyed::key);
  for (std::size_t i = 0; i < scratch_.size();) {
    std::size_t j = i + 1;
    while (j < scratch_.size() && scratch_[j].key == scratch_[i].key) ++j;
    if (j - i > 1) {
      std::sort(scratch_.begin() + static_cast<std::ptrdiff_t>(i),
                scratch_.begin() + static_cast<std::ptrdiff_t>(j),
                [this](const Keyed& a, const Keyed& b) { return less(a.row, b.row); });
    }
    i = j;
  }
  std::ranges::transform(scratch_, rows.begin(), &Keyed::row);
}

bool PatientRows::less(std::uint32_t a, std::uint32_t b) const {
  for (const RowBuffer::Column* column : tie_columns_) {
    const std::int64_t x = column->cells[a];
    const std::int64_t y = column->cells[b];
    if (x == y) continue;
    if (x == kNull || y == kNull) return x == kNull;
    if (column->id == column::kCode) {
      if (domain_of(x) != domain_of(y)) return domain_of(x) < domain_of(y);
      const auto rank_x = codes_.rank(code_of(x));
      const auto rank_y = codes_.rank(code_of(y));
      if (rank_x != rank_y) return rank_x < rank_y;
    } else if (column->type == ColumnType::kCode) {
      return codes_.rank(static_cast<CodeId>(x)) < codes_.rank(static_cast<CodeId>(y));
    } else if (column->type == ColumnType::kText) {
      const int order = rows_.texts().at(x).compare(rows_.texts().at(y));
      if (order != 0) return order < 0;
    } else if (column->type == ColumnType::kDecimal) {
      const int order = compare_decimals(x, y);
      return order != 0 ? order < 0 : x < y;
    } else {
      return x < y;
    }
  }
  return false;
}

}  // namespace anam
