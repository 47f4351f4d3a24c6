// SPDX-License-Identifier: Apache-2.0
#include "query/read/timelines.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "query/read/ordered_work.h"
#include "query/read/read_ahead.h"
#include "storage/calendar.h"
#include "storage/timeline_reader.h"

namespace anam {
namespace {

using Cells = std::vector<std::int64_t>;

/// One file's chunk at hand, each column decoded once.
class FileTimelines {
 public:
  /// `wanted`: whose events will be asked for.
  FileTimelines(const std::shared_ptr<const SealedFile>& file, std::uint32_t shard,
                const PatientSet& wanted)
      : cursor_(file, shard), ahead_(file, shard, wanted) {}

  /// Calls f(first row, last row + 1) for each part of the patient's events; chunk() and column()
  /// then are that part's.
  template <typename F>
  void for_each_part(std::uint32_t ordinal, F f) {
    if (at_end_) return;
    ahead_.reached(ordinal);
    if (!seek(ordinal)) return;
    while (true) {
      const auto ordinals = chunk_->ordinals();
      const auto found = std::ranges::lower_bound(ordinals, ordinal);
      if (found == ordinals.end() || *found != ordinal) return;
      const auto p = static_cast<std::size_t>(found - ordinals.begin());
      f(chunk_->offsets()[p], chunk_->offsets()[p + 1]);
      if (cursor_.head().last != ordinal) return;
      if (!cursor_.next()) {
        at_end_ = true;
        return;
      }
      load();
      if (cursor_.head().skipped == 0 || cursor_.head().first != ordinal) return;
    }
  }

  std::span<const PageHead> pages() const { return chunk_->pages(); }
  TextPool& texts() { return texts_; }

  /// Null when every cell of the chunk's column is null.
  const Cells* column(ColumnId id) {
    const auto known = columns_.find(id);
    if (known != columns_.end()) return known->second.empty() ? nullptr : &known->second;
    Cells& cells = columns_[id];
    if (!chunk_->read(id, cells, &texts_)) cells.clear();
    return cells.empty() ? nullptr : &cells;
  }

 private:
  bool seek(std::uint32_t ordinal) {
    if (chunk_ && cursor_.head().first <= ordinal && ordinal <= cursor_.head().last &&
        cursor_.head().first != ordinal) {
      return true;  // the chunk at hand; one that begins with the patient may be a later part of it
    }
    if (!cursor_.seek(ordinal)) {
      at_end_ = true;
      return false;
    }
    load();
    return true;
  }

  void load() {
    const auto& head = cursor_.head();
    if (chunk_ && loaded_first_ == head.first && loaded_skipped_ == head.skipped) return;
    loaded_first_ = head.first;
    loaded_skipped_ = head.skipped;
    chunk_.emplace(cursor_.chunk());
    columns_.clear();
    texts_.clear();
  }

  TimelineCursor cursor_;
  ReadAhead ahead_;
  bool at_end_ = false;
  std::optional<TimelineChunk> chunk_;
  std::uint32_t loaded_first_ = 0;
  std::uint32_t loaded_skipped_ = 0;
  std::map<ColumnId, Cells> columns_;
  TextPool texts_;
};

/// Fills a batch patient by patient.
class BatchBuilder {
 public:
  BatchBuilder(const StoreReader& reader, const TimelineOptions& options)
      : reader_(reader), options_(options) {}

  /// Next come patients of one shard.
  void begin_shard(std::span<const PatientPlace> patients) {
    files_.clear();
    const std::uint32_t shard = patients.front().shard;
    const auto& files = reader_.shard_files(shard);
    std::uint32_t size = 0;
    for (const auto& f : files) size = std::max(size, f.header.patients);
    wanted_.emplace(size);
    for (const PatientPlace& patient : patients) {
      if (patient.ordinal < size) wanted_->add(patient.ordinal);
    }
    files_.reserve(files.size());
    for (const auto& f : files) files_.emplace_back(f.file, shard, *wanted_);
  }

  void add(PatientPlace patient) {
    const std::size_t begin = batch_.events();
    for (FileTimelines& file : files_) {
      file.for_each_part(patient.ordinal,
                         [&](std::uint32_t first, std::uint32_t last) { take(file, first, last); });
    }
    sort_from(begin);
    if (batch_.offsets.empty()) batch_.offsets.push_back(0);
    batch_.patients.push_back(patient);
    batch_.offsets.push_back(batch_.events());
  }

  std::size_t events() const { return batch_.events(); }
  bool empty() const { return batch_.patients.empty(); }

  TimelineBatch finish() {
    TimelineBatch done = std::move(batch_);
    batch_ = {};
    std::erase_if(done.columns, [this](const StreamColumn& c) { return !asked_for(c.id); });
    for (StreamColumn& column : done.columns) column.cells.resize(done.events(), kNull);
    std::ranges::sort(done.columns, {}, &StreamColumn::id);
    return done;
  }

 private:
  bool wanted(ColumnId id) const {
    switch (id) {
      case column::kCounts:
      case column::kOrdinal:
      case column::kDay:
      case column::kCode:
      case column::kDomains:
      case column::kRowDomains:
        return false;
      default:
        break;
    }
    return asked_for(id) || id == column::kSecond;  // which orders the events of a day
  }

  bool asked_for(ColumnId id) const {
    return !options_.columns || std::ranges::find(*options_.columns, id) != options_.columns->end();
  }

  bool has_code(CodeId code, std::int64_t source) const {
    const CodeIds& ids = *options_.codes;
    return std::ranges::binary_search(ids, code) ||
           (source != kNull && std::ranges::binary_search(ids, static_cast<CodeId>(source)));
  }

  void take(FileTimelines& file, std::uint32_t first, std::uint32_t last) {
    const Cells* days = file.column(column::kDay);
    const Cells* domain_codes = file.column(column::kCode);
    if (days == nullptr || domain_codes == nullptr)
      fail(ErrorCode::kCorrupt, "chunk lacks its days or codes");
    const Cells* sources = options_.codes != nullptr ? file.column(column::kSourceCode) : nullptr;
    rows_.clear();
    for (std::uint32_t row = first; row < last; ++row) {
      if ((*days)[row] < options_.from || (*days)[row] > options_.to) continue;
      if (options_.codes != nullptr &&
          !has_code(code_of((*domain_codes)[row]), sources != nullptr ? (*sources)[row] : kNull)) {
        continue;
      }
      rows_.push_back(row);
    }
    if (rows_.empty()) return;
    const std::size_t begin = batch_.events();
    for (const std::uint32_t row : rows_) {
      batch_.day.push_back(static_cast<Day>((*days)[row]));
      batch_.domain_code.push_back((*domain_codes)[row]);
    }
    for (const PageHead& page : file.pages()) {
      if (!wanted(page.column)) continue;
      const Cells* cells = file.column(page.column);
      if (cells == nullptr ||
          std::ranges::all_of(rows_, [&](std::uint32_t row) { return (*cells)[row] == kNull; }))
        continue;
      StreamColumn& to = slot(page.column, page.type);
      to.cells.resize(begin, kNull);
      for (const std::uint32_t row : rows_) {
        std::int64_t cell = (*cells)[row];
        if (cell != kNull && page.type == ColumnType::kText)
          cell = batch_.texts.add(file.texts().at(cell));
        to.cells.push_back(cell);
      }
    }
  }

  StreamColumn& slot(ColumnId id, ColumnType type) {
    const auto found = std::ranges::find(batch_.columns, id, &StreamColumn::id);
    if (found != batch_.columns.end()) return *found;
    batch_.columns.push_back({id, type, {}});
    return batch_.columns.back();
  }

  /// Events are stored by day and release, and within those as their source numbered them.
  void sort_from(std::size_t begin) {
    const auto column = std::ranges::find(batch_.columns, column::kSecond, &StreamColumn::id);
    if (column != batch_.columns.end()) column->cells.resize(batch_.events(), kNull);
    std::vector<std::uint64_t> keys;
    keys.reserve(batch_.events() - begin);
    for (std::size_t i = begin; i < batch_.events(); ++i) {
      const std::int64_t second = column == batch_.columns.end() ? kNull : column->cells[i];
      const auto time = static_cast<std::uint64_t>(second == kNull ? 0 : second + 1);
      keys.push_back(static_cast<std::uint64_t>(batch_.day[i] - kFirstDay) << 40 | time << 8 |
                     static_cast<std::uint64_t>(domain_of(batch_.domain_code[i])));
    }
    if (std::ranges::is_sorted(keys)) return;
    for (StreamColumn& cells : batch_.columns) cells.cells.resize(batch_.events(), kNull);
    std::vector<std::size_t> order(keys.size());
    std::iota(order.begin(), order.end(), begin);
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return keys[i - begin]; });
    permute(batch_.day, begin, order);
    permute(batch_.domain_code, begin, order);
    for (StreamColumn& cells : batch_.columns) permute(cells.cells, begin, order);
  }

  template <typename T>
  static void permute(std::vector<T>& values, std::size_t begin,
                      const std::vector<std::size_t>& order) {
    std::vector<T> moved;
    moved.reserve(order.size());
    for (const std::size_t i : order) moved.push_back(values[i]);
    std::ranges::copy(moved, values.begin() + static_cast<std::ptrdiff_t>(begin));
  }

  const StoreReader& reader_;
  const TimelineOptions& options_;
  std::optional<PatientSet> wanted_;  // of the shard at hand
  std::vector<FileTimelines> files_;
  std::vector<std::uint32_t> rows_;
  TimelineBatch batch_;
};

void read_part(const StoreReader& reader, std::span<const PatientPlace> patients,
               const TimelineOptions& options, const std::function<void(TimelineBatch&& batch)>& f,
               std::size_t batch_events) {
  BatchBuilder builder(reader, options);
  for (std::size_t i = 0; i < patients.size(); ++i) {
    if (i == 0 || patients[i].shard != patients[i - 1].shard) {
      const auto end = std::ranges::find_if(
          patients.subspan(i), [&](const PatientPlace& p) { return p.shard != patients[i].shard; });
      builder.begin_shard(
          patients.subspan(i, static_cast<std::size_t>(end - patients.begin()) - i));
    }
    builder.add(patients[i]);
    if (builder.events() >= batch_events) f(builder.finish());
  }
  if (!builder.empty()) f(builder.finish());
}

}  // namespace

void read_timelines(const StoreReader& reader, std::span<const PatientPlace> patients,
                    const TimelineOptions& options,
                    const std::function<void(TimelineBatch&& batch)>& f, std::size_t batch_events,
                    unsigned threads) {
  if (threads <= 1) {
    read_part(reader, patients, options, f, batch_events);
    return;
  }
  const std::size_t size = part_size(patients.size(), threads);
  const std::size_t parts = (patients.size() + size - 1) / size;
  const auto make = [&](std::size_t part) {
    std::vector<TimelineBatch> batches;
    const std::size_t begin = part * size;
    read_part(
        reader, patients.subspan(begin, std::min(size, patients.size() - begin)), options,
        [&batches](TimelineBatch&& batch) { batches.push_back(std::move(batch)); }, batch_events);
    return batches;
  };
  work_in_order(threads, parts, make, [&f](std::vector<TimelineBatch>&& batches) {
    for (TimelineBatch& batch : batches) f(std::move(batch));
  });
}

TimelineBatch read_timeline(const StoreReader& reader, PatientPlace patient,
                            const TimelineOptions& options) {
  BatchBuilder builder(reader, options);
  builder.begin_shard(std::span(&patient, 1));
  builder.add(patient);
  return builder.finish();
}

}  // namespace anam
