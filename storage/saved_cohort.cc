// SPDX-License-Identifier: Apache-2.0
#include "storage/saved_cohort.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include "storage/checksum.h"
#include "storage/column_page.h"
#include "storage/lmdb.h"
#include "storage/posix_file.h"
#include "storage/saved_cohort_file.h"
#include "storage/saved_cohort_generated.h"

namespace anam {
namespace {

namespace fs = std::filesystem;
namespace saved = saved_cohort;

[[noreturn]] void fail_damaged(const fs::path& path, std::string_view how) {
  fail(ErrorCode::kCorrupt, "saved cohort is damaged: " + std::string(how) + "; save it again",
       path.string());
}

[[noreturn]] void fail_unknown(const fs::path& store, std::string_view name) {
  fail(ErrorCode::kUsage, "store keeps no cohort of this name (see anam cohorts)",
       store.string() + ", " + std::string(name));
}

PosixFile open_file(const fs::path& store, std::string_view name) {
  const fs::path path = saved::file(store, name);
  std::error_code error;
  if (!is_cohort_name(name) || fs::status(path, error).type() == fs::file_type::not_found)
    fail_unknown(store, name);
  return PosixFile(path, O_RDONLY);
}

}  // namespace

class SavedCohort::Impl {
 public:
  Impl(const fs::path& store, std::string_view name)
      : file_(open_file(store, name)),
        name_(name),
        size_(static_cast<std::uint64_t>(file_.status().st_size)) {
    read_directory();
  }

  const std::string& name() const { return name_; }
  const SavedCohortFacts& facts() const { return facts_; }
  std::uint64_t bytes() const { return size_; }
  const std::vector<Shard>& shards() const { return shards_; }

  const Shard* find(std::uint32_t shard) const {
    const auto at = std::ranges::lower_bound(shards_, shard, {}, &Shard::shard);
    return at != shards_.end() && at->shard == shard ? &*at : nullptr;
  }

  SavedShardRows read(const Shard& shard, bool ids) const {
    SavedShardRows rows;
    Bytes chunk;
    std::uint64_t offset = shard.offset;
    const std::uint64_t end = shard.offset + shard.size;
    std::uint64_t patients = 0;
    while (offset < end) {
      const std::uint32_t size = read_chunk(offset, end, chunk);
      try {
        patients += add_chunk(chunk, shard, ids, rows);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kCorrupt) throw;
        fail_damaged(file_.path(), error.what());
      }
      offset += size;
    }
    if (rows.patient.size() != shard.rows || patients != shard.patients)
      fail_damaged(file_.path(), "a shard does not have the rows that it should have");
    return rows;
  }

 private:
  void read_directory() {
    if (size_ < saved::kHeadSize + saved::kTailSize) fail_damaged(file_.path(), "it is too short");
    Bytes checked(saved::kHeadSize);
    file_.read(0, checked);
    if (as_text(ByteSpan(checked).first(8)) != kSavedCohortMagic)
      fail_damaged(file_.path(), "it does not begin as one");
    const auto version = load_le<std::uint32_t>(checked.data() + 8);
    Bytes tail(saved::kTailSize);
    file_.read(size_ - tail.size(), tail);
    if (as_text(ByteSpan(tail).subspan(16)) != kSavedCohortMagic)
      fail_damaged(file_.path(), "it does not end as one");
    const auto directory = load_le<std::uint64_t>(tail.data());
    if (directory > size_ - saved::kHeadSize - saved::kTailSize)
      fail_damaged(file_.path(), "its directory is larger than itself");
    checked.resize(saved::kHeadSize + directory);
    const std::uint64_t chunks_end = size_ - saved::kTailSize - directory;
    file_.read(chunks_end, std::span(checked).subspan(saved::kHeadSize));
    put_bytes(checked, ByteSpan(tail).first(8));
    if (checksum(checked) != load_le<std::uint64_t>(tail.data() + 8))
      fail_damaged(file_.path(), "the checksum of its directory is another");
    if (version > kSavedCohortVersion) {
      fail(ErrorCode::kVersion, "saved cohort was written by a newer version of anam; use that one",
           file_.path().string() + ", version " + std::to_string(version));
    }
    // Aligned for FlatBuffers: the head is 16 bytes.
    parse(ByteSpan(checked).subspan(saved::kHeadSize, directory));
    check_shards(chunks_end);
  }

  void parse(ByteSpan directory) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(directory.data());
    flatbuffers::Verifier verifier(data, directory.size());
    if (!verifier.VerifyBuffer<fb::SavedCohort>(nullptr))
      fail_damaged(file_.path(), "its directory is not valid");
    const auto* record = flatbuffers::GetRoot<fb::SavedCohort>(data);
    const auto text = [](const flatbuffers::String* string) {
      return string == nullptr ? std::string() : string->str();
    };
    if (record->store()->size() != facts_.store.size())
      fail_damaged(file_.path(), "the store's id has a wrong size");
    std::copy(record->store()->begin(), record->store()->end(), facts_.store.begin());
    facts_.shard_bits = record->shard_bits();
    facts_.release = record->release();
    facts_.release_time = record->release_time();
    facts_.time = record->time();
    facts_.program = text(record->program());
    facts_.title = text(record->title());
    if (record->definition() != nullptr) {
      for (const fb::SavedText* one : *record->definition())
        facts_.definition.push_back({one->file()->str(), one->text()->str()});
    }
    facts_.rows = record->rows();
    facts_.patients = record->patients();
    for (const fb::SavedShard* shard : *record->shards()) {
      shards_.push_back({.shard = shard->shard(),
                         .files = shard->files(),
                         .offset = shard->offset(),
                         .size = shard->size(),
                         .rows = shard->rows(),
                         .patients = shard->patients()});
    }
  }

  // Shards ascend, and their chunks fill the file without gaps.
  void check_shards(std::uint64_t chunks_end) const {
    const auto fault = [this] { fail_damaged(file_.path(), "its directory contradicts itself"); };
    if (facts_.shard_bits > kMaxShardBits) fault();
    std::uint64_t rows = 0;
    std::uint64_t patients = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      const Shard& shard = shards_[i];
      if (shard.shard >> facts_.shard_bits != 0) fault();
      if (i > 0 && shards_[i - 1].shard >= shard.shard) fault();
      if (shard.rows == 0 || shard.patients == 0 || shard.patients > shard.rows) fault();
      // A row takes no memory that a chunk does not vouch for.
      if (shard.size > size_ || shard.rows / saved::kMaxChunkRows > shard.size) fault();
      rows += shard.rows;
      patients += shard.patients;
      places.emplace_back(shard.offset, shard.size);
    }
    std::ranges::sort(places);
    std::uint64_t at = saved::kHeadSize;
    for (const auto& [offset, size] : places) {
      if (offset != at) fault();
      at += size;
    }
    if (at != chunks_end || rows != facts_.rows || patients != facts_.patients) fault();
  }

  std::uint32_t read_chunk(std::uint64_t offset, std::uint64_t end, Bytes& chunk) const {
    if (end - offset < saved::kChunkHeadSize) fail_damaged(file_.path(), "a chunk is too short");
    chunk.resize(saved::kChunkHeadSize);
    file_.read(offset, chunk);
    const auto size = load_le<std::uint32_t>(chunk.data() + 8);
    if (size < saved::kChunkHeadSize || size > saved::kMaxChunkSize || size > end - offset)
      fail_damaged(file_.path(), "a chunk has an impossible size");
    chunk.resize(size);
    file_.read(offset + saved::kChunkHeadSize, std::span(chunk).subspan(saved::kChunkHeadSize));
    if (checksum(ByteSpan(chunk).subspan(8), offset) != load_le<std::uint64_t>(chunk.data()))
      fail_damaged(file_.path(),
                   "the checksum of the chunk at " + std::to_string(offset) + " is another");
    return size;
  }

  // Returns how many patients are new with the chunk.
  static std::uint64_t add_chunk(ByteSpan chunk, const Shard& shard, bool ids,
                                 SavedShardRows& rows) {
    ByteReader reader(chunk.subspan(12));
    const auto count = reader.get<std::uint32_t>();
    const auto patients = reader.get<std::uint32_t>();
    if (count == 0 || count > saved::kMaxChunkRows || patients == 0 || patients > count ||
        rows.patient.size() + count > shard.rows) {
      fail(ErrorCode::kCorrupt, "a chunk has an impossible number of rows");
    }
    std::array<std::uint32_t, saved::kPages> sizes{};
    for (std::uint32_t& size : sizes) size = reader.get<std::uint32_t>();
    std::array<ByteSpan, saved::kPages> pages;
    for (std::size_t i = 0; i < pages.size(); ++i) pages[i] = reader.take(sizes[i]);
    if (reader.remaining() != 0) fail(ErrorCode::kCorrupt, "a chunk is larger than its pages");
    const auto decode = [&](std::size_t page, std::size_t n, TextPool* texts) {
      std::vector<std::int64_t> cells(n, kNull);
      if (!pages[page].empty())
        decode_column(texts != nullptr ? ColumnType::kText : ColumnType::kInt, pages[page], cells,
                      texts);
      return cells;
    };
    const std::vector<std::int64_t> ordinals = decode(0, patients, nullptr);
    const std::vector<std::int64_t> counts = decode(1, patients, nullptr);
    const std::vector<std::int64_t> starts = decode(2, count, nullptr);
    const std::vector<std::int64_t> lengths = decode(3, count, nullptr);
    const auto fault = [] { fail(ErrorCode::kCorrupt, "a chunk has impossible rows"); };
    const bool goes_on = !rows.patient.empty() && rows.patient.back() == ordinals[0];
    std::size_t row = 0;
    for (std::size_t p = 0; p < patients; ++p) {
      const std::int64_t least = p > 0                  ? ordinals[p - 1] + 1
                                 : rows.patient.empty() ? 0
                                                        : std::int64_t{rows.patient.back()};
      if (ordinals[p] < least || ordinals[p] >= std::numeric_limits<std::uint32_t>::max()) fault();
      if (counts[p] <= 0 || counts[p] > static_cast<std::int64_t>(count - row)) fault();
      for (std::int64_t k = 0; k < counts[p]; ++k, ++row) {
        constexpr std::int64_t kMost = std::numeric_limits<Day>::max();
        if (starts[row] <= std::numeric_limits<Day>::min() || starts[row] > kMost) fault();
        if (lengths[row] < 0 || lengths[row] > kMost - starts[row]) fault();
        rows.patient.push_back(static_cast<std::uint32_t>(ordinals[p]));
        rows.start.push_back(static_cast<Day>(starts[row]));
        rows.end.push_back(static_cast<Day>(starts[row] + lengths[row]));
      }
    }
    if (row != count) fault();
    if (ids) {
      const std::vector<std::int64_t> numbers = decode(4, patients, nullptr);
      const std::vector<std::int64_t> texts = decode(5, patients, &rows.texts);
      for (std::size_t p = goes_on ? 1 : 0; p < patients; ++p) {
        if ((numbers[p] == kNull) == (texts[p] == kNull)) fault();
        rows.ordinals.push_back(static_cast<std::uint32_t>(ordinals[p]));
        rows.id_number.push_back(numbers[p]);
        rows.id_text.push_back(texts[p]);
      }
    }
    return patients - (goes_on ? 1 : 0);
  }

  PosixFile file_;
  std::string name_;
  std::uint64_t size_;
  SavedCohortFacts facts_;
  std::vector<Shard> shards_;
};

std::shared_ptr<const SavedCohort> SavedCohort::open(const fs::path& store, std::string_view name) {
  auto impl = std::make_unique<const Impl>(store, name);
  return std::shared_ptr<const SavedCohort>(new SavedCohort(std::move(impl)));
}

SavedCohort::SavedCohort(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
SavedCohort::~SavedCohort() = default;
const std::string& SavedCohort::name() const { return impl_->name(); }
const SavedCohortFacts& SavedCohort::facts() const { return impl_->facts(); }
std::uint64_t SavedCohort::bytes() const { return impl_->bytes(); }
const SavedCohort::Shard* SavedCohort::find(std::uint32_t shard) const {
  return impl_->find(shard);
}
const std::vector<SavedCohort::Shard>& SavedCohort::shards() const { return impl_->shards(); }
SavedShardRows SavedCohort::read(const Shard& shard, bool ids) const {
  return impl_->read(shard, ids);
}

std::vector<std::string> list_saved_cohorts(const fs::path& store) {
  std::vector<std::string> names;
  const fs::path directory = saved::directory(store);
  std::error_code error;
  if (fs::status(directory, error).type() == fs::file_type::not_found) return names;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (!name.ends_with(file_name::kCohortExtension)) continue;
    name.resize(name.size() - file_name::kCohortExtension.size());
    if (is_cohort_name(name)) names.push_back(std::move(name));
  }
  if (error)
    fail(ErrorCode::kIo, "cannot read the directory of saved cohorts",
         directory.string() + ": " + error.message());
  std::ranges::sort(names);
  return names;
}

void drop_saved_cohort(const fs::path& store, std::string_view name) {
  const fs::path path = saved::file(store, name);
  if (!is_cohort_name(name)) fail_unknown(store, name);
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) fail_unknown(store, name);
    lmdb::fail_with(errno, "cannot remove the saved cohort", path);
  }
  sync_directory(path.parent_path());
}

}  // namespace anam
