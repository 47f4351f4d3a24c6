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

constexpr std::size_t kMaxRuns = 200;  // open at a time

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
  std::int64_t number;
};

constexpr std::uint32_t kIsNumber = UINT32_MAX;

void write_row(std::FILE* file, const OutputRow& row) {
  const Fixed fixed{row.definition, row.start, row.end,
                    row.text ? static_cast<std::uint32_t>(row.id.size()) : kIsNumber, row.number};
  if (std::fwrite(&fixed, sizeof fixed, 1, file) != 1) fail_temporary();
  if (!row.id.empty() && std::fwrite(row.id.data(), row.id.size(), 1, file) != 1) fail_temporary();
}

}  // namespace

void RowSorter::add(std::uint32_t definition, std::string_view patient, Day start, Day end) {
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
  bytes_ += 2 * sizeof(OutputRow);  // a growing vector is there twice for a moment
  if (bytes_ > memory_ && runs_.size() + 1 < kMaxRuns) spill();
}

void RowSorter::spill() {
  std::ranges::sort(rows_);
  File& file = runs_.emplace_back(std::tmpfile());
  if (file == nullptr) fail_temporary();
  for (const OutputRow& row : rows_) write_row(file.get(), row);
  if (std::fflush(file.get()) != 0) fail_temporary();
  std::rewind(file.get());
  rows_.clear();
  bytes_ = 0;
}

bool RowSorter::read(std::FILE* file, OutputRow& row) {
  Fixed fixed{};
  if (std::fread(&fixed, sizeof fixed, 1, file) != 1) {
    if (std::ferror(file) != 0) fail_temporary();
    return false;
  }
  row.definition = fixed.definition;
  row.start = fixed.start;
  row.end = fixed.end;
  row.text = fixed.id_size != kIsNumber;
  row.number = fixed.number;
  row.id.resize(row.text ? fixed.id_size : 0);
  if (!row.id.empty() && std::fread(row.id.data(), row.id.size(), 1, file) != 1) fail_temporary();
  return true;
}

void RowSorter::for_each(const std::function<void(const OutputRow&)>& f) {
  if (runs_.empty()) {
    std::ranges::sort(rows_);
    for (const OutputRow& row : rows_) f(row);
    return;
  }
  spill();
  std::vector<OutputRow> heads(runs_.size());
  const auto later = [&heads](std::size_t a, std::size_t b) { return heads[a] > heads[b]; };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> queue(later);
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    if (read(runs_[i].get(), heads[i])) queue.push(i);
  }
  while (!queue.empty()) {
    const std::size_t i = queue.top();
    queue.pop();
    f(heads[i]);
    if (read(runs_[i].get(), heads[i])) queue.push(i);
  }
}

}  // namespace anam::cli
