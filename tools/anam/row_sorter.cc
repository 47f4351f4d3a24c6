// SPDX-License-Identifier: Apache-2.0
#include "tools/anam/row_sorter.h"

#include <algorithm>
#include <cerrno>
#include <queue>
#include <system_error>

#include "index/patient_table.h"
#include "storage/error.h"

namespace anam::cli {
namespace {

// So many runs become one, and so many of those one again: of each kind fewer are open.
constexpr std::size_t kRunsToMerge = 64;

[[noreturn]] void fail_temporary() {
  fail(errno == ENOSPC ? ErrorCode::kFull : ErrorCode::kIo,
       "cannot use a temporary file for the rows; give more --memory",
       std::generic_category().message(errno));
}

struct Fixed {
  std::uint32_t definition;
  Day start;
  Day end;
  std::uint32_t id_size;  // UINT32_MAX: a number
  std::uint32_t attached_size;
  std::int64_t number;
  std::uint64_t number_added;
};

constexpr std::uint32_t kIsNumber = UINT32_MAX;

void write_text(std::FILE* file, std::string_view text) {
  if (!text.empty() && std::fwrite(text.data(), text.size(), 1, file) != 1) fail_temporary();
}

void read_text(std::FILE* file, std::size_t size, std::string& text) {
  text.resize(size);
  if (size > 0 && std::fread(text.data(), size, 1, file) != 1) fail_temporary();
}

void write_row(std::FILE* file, const OutputRow& row, std::string_view attached) {
  const Fixed fixed{row.definition,
                    row.start,
                    row.end,
                    row.text ? static_cast<std::uint32_t>(row.id.size()) : kIsNumber,
                    static_cast<std::uint32_t>(attached.size()),
                    row.number,
                    row.number_added};
  if (std::fwrite(&fixed, sizeof fixed, 1, file) != 1) fail_temporary();
  write_text(file, row.id);
  write_text(file, attached);
}

// To be read from its beginning. rewind() would forget that something could not be written.
void rewind_written(std::FILE* file) {
  if (std::fflush(file) != 0 || std::fseek(file, 0, SEEK_SET) != 0) fail_temporary();
}

}  // namespace

void RowSorter::add(std::uint32_t definition, std::string_view patient, Day start, Day end,
                    std::string_view attached) {
  const PatientId id = PatientId::parse(patient);
  OutputRow& row = rows_.emplace_back();
  row.definition = definition;
  row.text = id.number == kNull;
  if (row.text) {
    row.id = patient;
    if (row.id.capacity() > 15) bytes_ += row.id.capacity();
  } else {
    row.number = id.number;
  }
  row.start = start;
  row.end = end;
  row.number_added = added_++;
  if (!attached.empty() || !attached_ends_.empty()) {
    attached_ends_.resize(rows_.size() - 1, 0);
    attached_ += attached;
    attached_ends_.push_back(attached_.size());
    bytes_ += 2 * (attached.size() + sizeof(std::size_t));
  }
  bytes_ += 2 * sizeof(OutputRow);  // a growing vector is there twice for a moment
  if (bytes_ > memory_) spill();
}

std::string_view RowSorter::attached_to(const OutputRow& row) const {
  if (attached_ends_.empty()) return {};
  const std::size_t i = row.number_added - (added_ - rows_.size());
  const std::size_t begin = i == 0 ? 0 : attached_ends_[i - 1];
  return std::string_view(attached_).substr(begin, attached_ends_[i] - begin);
}

RowSorter::File RowSorter::open_temporary() {
  File file(std::tmpfile());
  if (file == nullptr) fail_temporary();
  return file;
}

void RowSorter::spill() {
  std::ranges::sort(rows_);
  File file = open_temporary();
  for (const OutputRow& row : rows_) write_row(file.get(), row, attached_to(row));
  rewind_written(file.get());
  runs_.push_back({std::move(file)});
  rows_.clear();
  attached_.clear();
  attached_ends_.clear();
  bytes_ = 0;
  while (runs_.size() >= kRunsToMerge &&
         runs_[runs_.size() - kRunsToMerge].level == runs_.back().level) {
    merge_last();
  }
}

void RowSorter::merge_last() {
  const std::span<Run> last = std::span(runs_).last(kRunsToMerge);
  File file = open_temporary();
  merge(last, [&file](const OutputRow& row, std::string_view attached) {
    write_row(file.get(), row, attached);
  });
  rewind_written(file.get());
  const int level = last.front().level + 1;
  runs_.resize(runs_.size() - kRunsToMerge);
  runs_.push_back({std::move(file), level});
}

bool RowSorter::read(std::FILE* file, Head& head) {
  Fixed fixed{};
  if (std::fread(&fixed, sizeof fixed, 1, file) != 1) {
    if (std::ferror(file) != 0) fail_temporary();
    return false;
  }
  OutputRow& row = head.row;
  row.definition = fixed.definition;
  row.start = fixed.start;
  row.end = fixed.end;
  row.text = fixed.id_size != kIsNumber;
  row.number = fixed.number;
  row.number_added = fixed.number_added;
  read_text(file, row.text ? fixed.id_size : 0, row.id);
  read_text(file, fixed.attached_size, head.attached);
  return true;
}

void RowSorter::for_each(
    const std::function<void(const OutputRow&, std::string_view attached)>& f) {
  if (runs_.empty()) {
    std::ranges::sort(rows_);
    for (const OutputRow& row : rows_) f(row, attached_to(row));
    return;
  }
  spill();
  merge(runs_, f);
}

void RowSorter::merge(std::span<Run> runs, const TakeRow& f) {
  std::vector<Head> heads(runs.size());
  const auto later = [&heads](std::size_t a, std::size_t b) { return heads[a].row > heads[b].row; };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> queue(later);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (read(runs[i].file.get(), heads[i])) queue.push(i);
  }
  while (!queue.empty()) {
    const std::size_t i = queue.top();
    queue.pop();
    f(heads[i].row, heads[i].attached);
    if (read(runs[i].file.get(), heads[i])) queue.push(i);
  }
}

}  // namespace anam::cli
