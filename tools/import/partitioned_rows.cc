// SPDX-License-Identifier: Apache-2.0
#include "tools/import/partitioned_rows.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "storage/checksum.h"

namespace anam {
namespace {

std::string system_reason() { return std::generic_category().message(errno); }

void write_all(int file, ByteSpan bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const bool full = written == 0 || errno == ENOSPC || errno == EDQUOT;
      fail(full ? ErrorCode::kFull : ErrorCode::kIo, "cannot write the load's scratch file",
           system_reason());
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

void read_all(int file, std::span<std::byte> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(ErrorCode::kIo, "cannot read the load's scratch file", system_reason());
    if (got == 0) fail(ErrorCode::kCorrupt, "the load's scratch file was cut short");
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

}  // namespace

PartitionedRows::PartitionedRows(const std::filesystem::path& directory,
                                 std::vector<ColumnType> columns, std::size_t partitions,
                                 std::size_t block_rows)
    : types_(std::move(columns)), block_rows_(block_rows), partitions_(partitions) {
  for (Partition& partition : partitions_) partition.block.columns.resize(types_.size());
  std::string path = (directory / "partitions.XXXXXX").string();
  file_ = ::mkostemp(path.data(), O_CLOEXEC);
  if (file_ < 0) {
    fail(ErrorCode::kIo, "cannot create a scratch file",
         directory.string() + ": " + system_reason());
  }
  ::unlink(path.c_str());
}

PartitionedRows::~PartitionedRows() { ::close(file_); }

void PartitionedRows::add(std::uint64_t hash, std::span<const std::int64_t> cells,
                          const TextPool* texts) {
  Partition& partition = partitions_[hash % partitions_.size()];
  const std::lock_guard lock(partition.mutex);
  Block& block = partition.block;
  for (std::size_t c = 0; c < types_.size(); ++c) {
    const bool is_text = types_[c] == ColumnType::kText && cells[c] != kNull;
    block.columns[c].push_back(is_text ? block.texts.add(texts->at(cells[c])) : cells[c]);
  }
  if (++block.rows == block_rows_) flush(partition);
}

void PartitionedRows::flush(Partition& partition) {
  // The checksum of the rest, the number of rows, and each column's page behind its size.
  Block& block = partition.block;
  Bytes bytes;
  put(bytes, std::uint64_t{0});
  put(bytes, static_cast<std::uint32_t>(block.rows));
  for (std::size_t c = 0; c < types_.size(); ++c) {
    const std::size_t at = bytes.size();
    put(bytes, std::uint32_t{0});
    encode_column(types_[c], block.columns[c], &block.texts, PageOptions{}, bytes);
    store_le(bytes.data() + at, static_cast<std::uint32_t>(bytes.size() - at - 4));
    block.columns[c].clear();
  }
  store_le(bytes.data(), checksum(ByteSpan(bytes).subspan(8)));
  block.texts.clear();
  block.rows = 0;

  std::uint64_t offset;
  {
    const std::lock_guard lock(end_mutex_);
    offset = end_;
    end_ += bytes.size();
  }
  write_all(file_, bytes, offset);
  partition.extents.push_back({offset, static_cast<std::uint32_t>(bytes.size())});
}

void PartitionedRows::read(std::size_t index, const std::function<void(const Block&)>& use) {
  Partition& partition = partitions_[index];
  Block block;
  block.columns.resize(types_.size());
  Bytes bytes;
  for (const Extent& extent : partition.extents) {
    bytes.resize(extent.bytes);
    read_all(file_, bytes, extent.offset);
    ByteReader reader(bytes);
    if (reader.get<std::uint64_t>() != checksum(ByteSpan(bytes).subspan(8))) {
      fail(ErrorCode::kCorrupt, "the load's scratch file does not give back what was written");
    }
    block.rows = reader.get<std::uint32_t>();
    if (block.rows > block_rows_) fail(ErrorCode::kCorrupt, "block of a scratch file is too large");
    block.texts.clear();
    for (std::size_t c = 0; c < types_.size(); ++c) {
      block.columns[c].resize(block.rows);
      const ByteSpan page = reader.take(reader.get<std::uint32_t>());
      decode_column(types_[c], page, block.columns[c], &block.texts);
    }
    use(block);
  }
  if (partition.block.rows != 0) use(partition.block);
}

}  // namespace anam
