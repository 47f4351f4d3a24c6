// SPDX-License-Identifier: Apache-2.0
#include "ingest/spill.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <numeric>
#include <system_error>

namespace anam {
namespace {

constexpr std::size_t kMaxFrameRows = 65536;
// A buffer is written when its rows take half of what it may hold: its columns grow by doubling.
constexpr std::uint64_t kGrowth = 2;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void fail_io(const char* what, const std::filesystem::path& path) {
  const int reason = errno;
  const bool full = reason == ENOSPC || reason == EDQUOT;
  fail(full ? ErrorCode::kFull : ErrorCode::kIo, what,
       path.native() + ": " + std::system_category().message(reason));
}

Bytes frame_key(std::uint32_t partition) {
  Bytes key;
  put(key, partition);
  return key;
}

}  // namespace

Spill::Spill(std::filesystem::path directory, std::string prefix, std::uint32_t partitions,
             std::uint64_t memory, const ColumnTypes& types, DiskWatch& disk)
    : directory_(std::move(directory)),
      prefix_(std::move(prefix)),
      disk_(disk),
      buffer_bytes_(std::max<std::uint64_t>(memory / partitions, kLeastMemory) / kGrowth) {
  for (std::uint32_t i = 0; i < partitions; ++i) parts_.emplace_back(types);
}

template <typename Source>
void Spill::scatter(const Source& source, std::size_t rows, const Placement& partition_of) {
  // Row indices, grouped by partition.
  std::vector<std::uint32_t> partition(rows);
  std::vector<std::uint32_t> begin(parts_.size() + 1);
  for (std::size_t row = 0; row < rows; ++row) {
    partition[row] = partition_of(row);
    if (partition[row] != kDropped) ++begin[partition[row] + std::size_t{1}];
  }
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  std::vector<std::uint32_t> order(begin.back());
  std::vector<std::uint32_t> next(begin.begin(), begin.end() - 1);
  for (std::size_t row = 0; row < rows; ++row) {
    if (partition[row] != kDropped) order[next[partition[row]]++] = static_cast<std::uint32_t>(row);
  }
  for (std::uint32_t p = 0; p < parts_.size(); ++p) {
    const auto mine = std::span(order).subspan(begin[p], begin[p + std::size_t{1}] - begin[p]);
    if (mine.empty()) continue;
    Part& part = parts_[p];
    const std::scoped_lock lock(part.mutex);
    part.buffer.append(source, mine);
    part.rows += mine.size();
    if (part.buffer.used_bytes() >= buffer_bytes_ || part.buffer.rows() >= kMaxFrameRows) flush(p);
  }
}

void Spill::add(const EventBatch& batch, const Placement& partition_of) {
  scatter(batch, batch.rows(), partition_of);
}

void Spill::add(const RowBuffer& rows, const Placement& partition_of) {
  scatter(rows, rows.rows(), partition_of);
}

void Spill::flush(std::uint32_t partition) {
  Part& part = parts_[partition];
  part.memory += part.buffer.used_bytes();
  rows_written_ += part.buffer.rows();
  // A batch that was for this partition alone, of input in the order of patients, takes more than
  // the buffer's share, and every partition has such a batch sometime.
  const bool oversized = part.buffer.bytes() > kGrowth * buffer_bytes_;
  const Bytes frame = part.buffer.write(frame_key(partition));
  const std::filesystem::path file = path(partition);
  const File out(std::fopen(file.c_str(), "ab"));
  if (!out) fail_io("cannot write the load's scratch file", file);
  const auto size = static_cast<std::uint64_t>(frame.size());
  if (std::fwrite(&size, sizeof(size), 1, out.get()) != 1 ||
      std::fwrite(frame.data(), 1, frame.size(), out.get()) != frame.size() ||
      std::fflush(out.get()) != 0) {
    fail_io("cannot write the load's scratch file", file);
  }
  if (oversized) part.buffer.release();
  part.bytes += sizeof(size) + frame.size();
  bytes_ += sizeof(size) + frame.size();
  disk_.add_scratch(sizeof(size) + frame.size());
}

std::uint64_t Spill::held_bytes() const {
  std::uint64_t held = 0;
  for (const Part& part : parts_) held += part.buffer.bytes();
  return held;
}

std::uint64_t Spill::memory(std::uint32_t partition) const {
  return parts_[partition].memory + parts_[partition].buffer.used_bytes();
}

void Spill::read(std::uint32_t partition, const std::function<void(const Block& frame)>& f) {
  Part& part = parts_[partition];
  if (part.buffer.rows() > 0) flush(partition);
  if (part.bytes == 0) return;
  const std::filesystem::path file = path(partition);
  const File in(std::fopen(file.c_str(), "rb"));
  if (!in) fail_io("cannot read the load's scratch file", file);
  const std::uintmax_t file_size = std::filesystem::file_size(file);
  const Bytes key = frame_key(partition);
  Bytes frame;
  std::uint64_t size = 0;
  while (std::fread(&size, sizeof(size), 1, in.get()) == 1) {
    if (size > file_size) fail(ErrorCode::kCorrupt, "scratch file is damaged", file.native());
    frame.resize(size);
    if (std::fread(frame.data(), 1, frame.size(), in.get()) != frame.size()) {
      fail(ErrorCode::kCorrupt, "scratch file ends too early", file.native());
    }
    f(Block(key, frame, file.native()));
  }
}

void Spill::remove(std::uint32_t partition) {
  Part& part = parts_[partition];
  if (part.bytes > 0) std::filesystem::remove(path(partition));
  disk_.remove_scratch(part.bytes);
  part.bytes = 0;
  part.buffer.release();
}

std::filesystem::path Spill::path(std::uint32_t partition) const {
  return directory_ / (prefix_ + std::to_string(partition));
}

}  // namespace anam
