// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>
#include <system_error>

#include "storage/checksum.h"
#include "storage/column_page.h"
#include "storage/lmdb.h"
#include "storage/posix_file.h"
#include "storage/saved_cohort.h"
#include "storage/saved_cohort_file.h"
#include "storage/saved_cohort_generated.h"

namespace anam {
namespace {

namespace fs = std::filesystem;
namespace saved = saved_cohort;

[[noreturn]] void fail_taken(const fs::path& store, std::string_view name) {
  fail(ErrorCode::kUsage,
       "there is a saved cohort of this name already; choose another, or say --replace",
       store.string() + ", " + std::string(name));
}

void make_directory(const fs::path& path) {
  std::error_code error;
  if (fs::create_directory(path, error)) sync_directory(path.parent_path());
  if (error && !fs::is_directory(path))
    fail(ErrorCode::kIo, "cannot create the directory of saved cohorts",
         path.string() + ": " + error.message());
}

/// A name that nobody looks for and nobody else has: one process writes a file of it.
std::string temporary_name(std::string_view name) {
  static std::atomic<std::uint32_t> count = 0;
  std::string temporary = ".";
  temporary.append(name).append("." + std::to_string(::getpid()) + "." + std::to_string(count++));
  return temporary.append(file_name::kSavingExtension);
}

/// What a process that died left behind: nobody holds the lock of it.
void remove_rubbish(const fs::path& directory) {
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with('.') || !name.ends_with(file_name::kSavingExtension)) continue;
    const int fd = ::open(entry->path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) continue;
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) ::unlink(entry->path().c_str());
    ::close(fd);
  }
}

PosixFile create_temporary(const fs::path& directory, std::string_view name) {
  for (;;) {
    PosixFile file(directory / temporary_name(name), O_RDWR | O_CREAT | O_EXCL);
    // Another one's remove_rubbish() may have come in between.
    struct stat named {};
    if (::flock(file.fd(), LOCK_EX | LOCK_NB) != 0) continue;
    if (::stat(file.path().c_str(), &named) == 0 && same_file(named, file.status())) return file;
  }
}

void put_page(std::span<const std::int64_t> cells, ColumnType type, const TextPool* texts,
              std::size_t page, Bytes& chunk) {
  const std::size_t begin = chunk.size();
  const bool empty = std::ranges::all_of(cells, [](std::int64_t cell) { return cell == kNull; });
  if (!empty) encode_column(type, cells, texts, {}, chunk);
  store_le(chunk.data() + 20 + 4 * page, static_cast<std::uint32_t>(chunk.size() - begin));
}

}  // namespace

void PatientFiles::add(const Seal& seal) {
  Bytes bytes;
  put(bytes, value_);
  put(bytes, seal.size);
  put(bytes, seal.checksum);
  value_ = checksum(bytes);
}

class SavedCohortWriter::Impl {
 public:
  Impl(const fs::path& store, std::string_view name, bool replace)
      : store_(store),
        name_(name),
        replace_(replace),
        path_(saved::file(store, name)),
        file_(open_file(store, name, replace, path_)) {
    Bytes head;
    put_bytes(head, as_bytes(kSavedCohortMagic));
    put(head, kSavedCohortVersion);
    put(head, std::uint32_t{0});
    file_.write(0, head);
    size_ = head.size();
  }

  ~Impl() {
    if (!finished_) ::unlink(file_.path().c_str());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void add(std::uint32_t shard, const PatientFiles& files, std::span<const SavedRow> rows,
           const std::function<SavedId(std::uint32_t)>& id) {
    if (rows.empty()) return;
    SavedCohort::Shard added{.shard = shard,
                             .files = files.value(),
                             .offset = size_,
                             .size = 0,
                             .rows = rows.size(),
                             .patients = 0};
    std::optional<std::uint32_t> last;
    for (std::size_t begin = 0; begin < rows.size(); begin += saved::kMaxChunkRows) {
      const auto part =
          rows.subspan(begin, std::min<std::size_t>(saved::kMaxChunkRows, rows.size() - begin));
      added.patients += add_chunk(part, last, id);
      last = part.back().ordinal;
    }
    added.size = size_ - added.offset;
    shards_.push_back(added);
  }

  void finish(SavedCohortFacts facts) {
    std::ranges::sort(shards_, {}, &SavedCohort::Shard::shard);
    const Bytes directory = make_directory_bytes(facts);
    Bytes checked(saved::kHeadSize);
    file_.read(0, checked);
    put_bytes(checked, directory);
    put(checked, std::uint64_t{directory.size()});
    Bytes end(checked.begin() + saved::kHeadSize, checked.end());
    put(end, checksum(checked));
    put_bytes(end, as_bytes(kSavedCohortMagic));
    file_.write(size_, end);
    file_.sync();
    publish();
    finished_ = true;
    sync_directory(path_.parent_path());
  }

 private:
  static PosixFile open_file(const fs::path& store, std::string_view name, bool replace,
                             const fs::path& path) {
    if (!is_cohort_name(name))
      fail(ErrorCode::kUsage, "this cannot be the name of a saved cohort",
           "'" + std::string(name) + "'; " + std::string(kCohortNameRule));
    std::error_code error;
    if (!replace && fs::exists(path, error)) fail_taken(store, name);
    make_directory(path.parent_path());
    remove_rubbish(path.parent_path());
    return create_temporary(path.parent_path(), name);
  }

  // Returns how many patients there are who are not `last`.
  std::uint64_t add_chunk(std::span<const SavedRow> rows, std::optional<std::uint32_t> last,
                          const std::function<SavedId(std::uint32_t)>& id) {
    std::vector<std::int64_t> ordinals;
    std::vector<std::int64_t> counts;
    std::vector<std::int64_t> starts;
    std::vector<std::int64_t> lengths;
    std::vector<std::int64_t> numbers;
    std::vector<std::int64_t> id_texts;
    TextPool texts;
    for (const SavedRow& row : rows) {
      if (ordinals.empty() || ordinals.back() != row.ordinal) {
        ordinals.push_back(row.ordinal);
        counts.push_back(0);
        const SavedId patient = id(row.ordinal);
        numbers.push_back(patient.number);
        id_texts.push_back(patient.number == kNull ? texts.add(patient.text) : kNull);
      }
      ++counts.back();
      starts.push_back(row.start);
      lengths.push_back(std::int64_t{row.end} - row.start);
    }
    Bytes chunk(saved::kChunkHeadSize);
    store_le(chunk.data() + 12, static_cast<std::uint32_t>(rows.size()));
    store_le(chunk.data() + 16, static_cast<std::uint32_t>(ordinals.size()));
    put_page(ordinals, ColumnType::kInt, nullptr, 0, chunk);
    put_page(counts, ColumnType::kInt, nullptr, 1, chunk);
    put_page(starts, ColumnType::kInt, nullptr, 2, chunk);
    put_page(lengths, ColumnType::kInt, nullptr, 3, chunk);
    put_page(numbers, ColumnType::kInt, nullptr, 4, chunk);
    put_page(id_texts, ColumnType::kText, &texts, 5, chunk);
    store_le(chunk.data() + 8, static_cast<std::uint32_t>(chunk.size()));
    store_le(chunk.data(), checksum(ByteSpan(chunk).subspan(8), size_));
    file_.write(size_, chunk);
    size_ += chunk.size();
    return ordinals.size() - (last && ordinals.front() == *last ? 1 : 0);
  }

  Bytes make_directory_bytes(SavedCohortFacts& facts) const {
    flatbuffers::FlatBufferBuilder builder;
    std::vector<fb::SavedShard> shards;
    facts.rows = 0;
    facts.patients = 0;
    for (const SavedCohort::Shard& shard : shards_) {
      shards.emplace_back(shard.files, shard.offset, shard.size, shard.rows, shard.patients,
                          shard.shard);
      facts.rows += shard.rows;
      facts.patients += shard.patients;
    }
    std::vector<flatbuffers::Offset<fb::SavedText>> texts;
    for (const SavedCohortFacts::Text& text : facts.definition) {
      const auto file = builder.CreateString(text.file);
      texts.push_back(fb::CreateSavedText(builder, file, builder.CreateString(text.text)));
    }
    const auto id = builder.CreateVector(facts.store.data(), facts.store.size());
    const auto program = builder.CreateString(facts.program);
    const auto title = builder.CreateString(facts.title);
    const auto definition = builder.CreateVector(texts);
    builder.Finish(fb::CreateSavedCohort(builder, id, facts.release, facts.release_time, facts.time,
                                         program, title, definition, facts.shard_bits, facts.rows,
                                         facts.patients, builder.CreateVectorOfStructs(shards)));
    const auto bytes = std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
    return {bytes.begin(), bytes.end()};
  }

  // In one step. Without `replace_`, only where the name is free: a link is refused where it is
  // not.
  void publish() const {
    const fs::path& from = file_.path();
    if (!replace_) {
      if (::link(from.c_str(), path_.c_str()) == 0) {
        ::unlink(from.c_str());
        return;
      }
      if (errno == EEXIST) fail_taken(store_, name_);
      std::error_code error;  // a file system without links
      if (fs::exists(path_, error)) fail_taken(store_, name_);
    }
    if (::rename(from.c_str(), path_.c_str()) != 0)
      lmdb::fail_with(errno, "cannot save the cohort", path_);
  }

  fs::path store_;
  std::string name_;
  bool replace_;
  fs::path path_;
  PosixFile file_;
  std::uint64_t size_ = 0;
  std::vector<SavedCohort::Shard> shards_;
  bool finished_ = false;
};

SavedCohortWriter::SavedCohortWriter(const fs::path& store, std::string_view name, bool replace)
    : impl_(std::make_unique<Impl>(store, name, replace)) {}
SavedCohortWriter::~SavedCohortWriter() = default;

void SavedCohortWriter::add(std::uint32_t shard, const PatientFiles& files,
                            std::span<const SavedRow> rows,
                            const std::function<SavedId(std::uint32_t)>& id) {
  impl_->add(shard, files, rows, id);
}

void SavedCohortWriter::finish(SavedCohortFacts facts) { impl_->finish(std::move(facts)); }

}  // namespace anam
