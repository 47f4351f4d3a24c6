// SPDX-License-Identifier: Apache-2.0
#include "ingest/load.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <exception>
#include <functional>
#include <mutex>
#include <numeric>
#include <thread>

#include "index/patient_table.h"
#include "ingest/code_dictionary.h"
#include "ingest/disk_watch.h"
#include "ingest/shard_builder.h"
#include "ingest/spill.h"
#include "storage/attributes.h"
#include "storage/calendar.h"
#include "storage/format.h"
#include "storage/store.h"

namespace anam {
namespace {

// Shards of about 16 M events; where that would be only a few, up to 8 smaller ones, so that loads
// and queries have work for several cores.
constexpr std::uint64_t kShardEvents = 16'000'000;
constexpr std::uint64_t kLeastShardEvents = 2'000'000;
constexpr std::uint64_t kShardsForCores = 8;
// A file is worth a thread of its own from about this many rows on; smaller loads have fewer files
// than shards.
constexpr std::uint64_t kFileRows = 1'000'000;
constexpr std::uint64_t kMinMemory = std::uint64_t{16} << 20;
// The disk is looked at whenever the spill has grown by so much.
constexpr std::uint64_t kDiskCheckBytes = std::uint64_t{64} << 20;
// Estimates of the rows to come are guesses from the size of the input before so much of it is
// read. A load is refused only where it would not fit with fewer rows than estimated.
constexpr double kLeastRead = 0.02;
constexpr double kSureOfGuess = 0.5;
constexpr double kSureOfRead = 0.8;

std::uint64_t quarter_of_memory() {
  return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 4;
}

std::uint32_t choose_shard_bits(const LoadOptions& options) {
  if (options.shards) {
    if (!std::has_single_bit(*options.shards) || *options.shards > 1U << kMaxShardBits) {
      fail(ErrorCode::kUsage,
           "the number of shards must be a power of two, at most " +
               std::to_string(1U << kMaxShardBits),
           std::to_string(*options.shards));
    }
    return static_cast<std::uint32_t>(std::bit_width(*options.shards) - 1);
  }
  const std::uint64_t by_size = (options.expected_rows + kShardEvents - 1) / kShardEvents;
  const std::uint64_t for_cores =
      std::min(options.expected_rows / kLeastShardEvents, kShardsForCores);
  const std::uint64_t shards = std::max(by_size, for_cores);
  return static_cast<std::uint32_t>(
      std::bit_width(std::bit_ceil(std::max<std::uint64_t>(shards, 1))) - 1);
}

void check_day(std::int64_t day, std::string_view what) {
  if (day < kFirstDay || day > kLastDay)
    fail(ErrorCode::kUsage, std::string(what) + " is outside the calendar", std::to_string(day));
}

void check_batch(const EventBatch& batch) {
  std::span<const std::int64_t> amends;
  std::span<const std::int64_t> texts;
  for (const EventBatch::Column& column : batch.columns()) {
    if (column.id == column::kAmends) amends = column.cells;
    if (column.id == column::kPatientText) texts = column.cells;
    if (column.id == column::kEndDay) {
      for (const std::int64_t day : column.cells) {
        if (day != kNull) check_day(day, "end day");
      }
    }
    if (column.id == column::kSecond || column.id == column::kEndSecond) {
      for (const std::int64_t second : column.cells) {
        if (second != kNull && (second < 0 || second >= 86400)) {
          fail(ErrorCode::kUsage, "second of the day is outside the day", std::to_string(second));
        }
      }
    }
  }
  const auto numbers = batch.patients();
  const auto days = batch.days();
  const auto domain_codes = batch.domain_codes();
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    if (numbers[row] == kNull && (row >= texts.size() || texts[row] == kNull))
      fail(ErrorCode::kUsage, "a row has no patient");
    const Domain domain = domain_of(domain_codes[row]);
    const bool event = domain != Domain::kPerson && (row >= amends.size() || amends[row] == kNull);
    if (event) {
      check_day(days[row], "day");
      if (domain == Domain::kNone || domain > Domain::kCost)
        fail(ErrorCode::kUsage, "event without a domain");
    } else if (days[row] != kNull) {
      fail(ErrorCode::kUsage, "a row about a person, or an amendment, has a day");
    }
  }
}

}  // namespace

class Load::Impl {
 public:
  explicit Impl(LoadOptions options)
      : options_(std::move(options)),
        writer_(options_.store),
        scratch_(writer_.scratch()),
        disk_(options_.store, options_.disk),
        dictionary_(scratch_) {
    if (options_.source.empty()) fail(ErrorCode::kUsage, "a load needs the name of its source");
    if (options_.threads == 0) options_.threads = std::max(1U, std::thread::hardware_concurrency());
    if (options_.memory == 0) options_.memory = quarter_of_memory();
    options_.memory = std::max(options_.memory, kMinMemory);
    if (writer_.catalog()) {
      catalog_ = *writer_.catalog();
      if (options_.shards && *options_.shards != 1U << catalog_.shard_bits) {
        fail(ErrorCode::kUsage,
             "the number of shards is chosen when a store is created; this one has",
             std::to_string(1U << catalog_.shard_bits));
      }
    } else {
      catalog_ = make_catalog(choose_shard_bits(options_));
    }
    types_.fill(ColumnType::kInt);
    types_[column::kPatientText] = ColumnType::kText;
    for (const AttributeInfo& attribute : builtin_attributes())
      types_[attribute.id] = attribute.type;
    for (const LocalAttribute& attribute : catalog_.attributes)
      types_[attribute.id] = attribute.type;
    if (options_.memory / 2 >> catalog_.shard_bits < Spill::kLeastMemory) {
      fail(ErrorCode::kUsage, "too little memory for so many shards; give more to the load",
           std::to_string(1U << catalog_.shard_bits) + " shards need " +
               std::to_string(2 * Spill::kLeastMemory << catalog_.shard_bits) + " bytes");
    }
    spill_ = std::make_unique<Spill>(scratch_, "rows-", 1U << catalog_.shard_bits,
                                     options_.memory / 2, types(), disk_);
    release_ = catalog_.releases.empty() ? 1 : catalog_.releases.back().number + 1;
    source_ = find_source();
    check_disk(0);
  }

  CodeDictionary& dictionary() { return dictionary_; }
  const std::filesystem::path& scratch() const { return scratch_; }

  ColumnId attribute(std::string_view name, ColumnType type) {
    const std::scoped_lock lock(attributes_mutex_);
    const auto check_type = [&](ColumnType known) {
      if (known != type)
        fail(ErrorCode::kInput, "the store knows this attribute with another type", name);
    };
    if (const AttributeInfo* builtin = find_builtin_attribute(name)) {
      check_type(builtin->type);
      return builtin->id;
    }
    for (const LocalAttribute& local : catalog_.attributes) {
      if (local.name != name) continue;
      check_type(local.type);
      return local.id;
    }
    const std::size_t id = column::kFirstLocalColumn + catalog_.attributes.size();
    if (id >= types_.size())
      fail(ErrorCode::kFull, "the store has as many local attributes as it can",
           std::to_string(id));
    catalog_.attributes.push_back({static_cast<ColumnId>(id), std::string(name), type});
    types_[id] = type;
    return static_cast<ColumnId>(id);
  }

  void add(const EventBatch& batch) {
    check_cancel();
    check_batch(batch);
    const auto numbers = batch.patients();
    std::span<const std::int64_t> texts;
    for (const EventBatch::Column& column : batch.columns()) {
      if (column.id == column::kPatientText) texts = column.cells;
    }
    const std::uint32_t bits = catalog_.shard_bits;
    spill_->add(batch, [&](std::size_t row) {
      return shard_of(numbers[row] != kNull ? patient_hash(numbers[row])
                                            : patient_hash(batch.texts().at(texts[row])),
                      bits);
    });
    rows_ += batch.rows();
    std::uint64_t check_at = disk_check_at_;
    if (disk_.scratch() >= check_at &&
        disk_check_at_.compare_exchange_strong(check_at, disk_.scratch() + kDiskCheckBytes)) {
      check_disk(0);
    }
    report_progress(LoadProgress::Phase::kRead);
  }

  void set_read(std::uint64_t done, std::uint64_t total) {
    if (total > 0) read_share_ = static_cast<double>(done) / static_cast<double>(total);
  }

  LoadReport finish(const std::function<std::string(const LoadReport&)>& describe) {
    find_earlier();
    dictionary_.settle(codes_.get());
    read_share_ = 1;
    check_disk(split_bytes());
    build();
    check_cancel();
    report_progress(LoadProgress::Phase::kPublish);
    publish(describe);
    return report_;
  }

 private:
  /// One file of the release and what it came to hold.
  struct Part {
    std::uint32_t first_shard = 0;
    std::uint32_t last_shard = 0;
    StoreFile file;
    std::vector<ShardHeader> headers;
    ShardCounts counts;
  };

  ColumnTypes types() const {
    return [this](ColumnId id) { return id < types_.size() ? types_[id] : ColumnType::kInt; };
  }

  void check_cancel() const {
    if (options_.cancel != nullptr && *options_.cancel)
      fail(ErrorCode::kCancelled, "the load was stopped");
  }

  /// The rows that the load will surely have.
  std::uint64_t sure_rows() const {
    const auto rows = static_cast<double>(rows_.load());
    const double share = read_share_;
    if (share >= 1) return rows_;
    const double sure = share >= kLeastRead
                            ? rows / share * kSureOfRead
                            : static_cast<double>(options_.expected_rows) * kSureOfGuess;
    return static_cast<std::uint64_t>(std::max(rows, sure));
  }

  /// Throws unless the rest of the load, and `beside`, fits on the disk.
  void check_disk(std::uint64_t beside) const {
    const std::uint64_t rows = sure_rows();
    const std::uint64_t more = bytes_to_come({.rows = rows,
                                              .rows_read = rows_,
                                              .rows_spilled = spill_->rows_written(),
                                              .spill_bytes = spill_->bytes_written(),
                                              .scratch_bytes = disk_.scratch(),
                                              .rows_built = rows_stored_,
                                              .store_bytes = disk_.store()});
    disk_.require(more + beside, rows);
  }

  unsigned build_threads() const { return std::max(1U, std::min(options_.threads, files())); }
  std::uint64_t shard_memory() const { return options_.memory / 2 / build_threads(); }

  /// What the largest shards, as many as are built at a time, may take while they are split.
  std::uint64_t split_bytes() const {
    std::vector<std::uint64_t> sizes;
    for (std::uint32_t shard = 0; shard < spill_->partitions(); ++shard) {
      if (spill_->memory(shard) > shard_memory()) sizes.push_back(spill_->bytes(shard));
    }
    std::ranges::sort(sizes, std::greater());
    sizes.resize(std::min<std::size_t>(sizes.size(), build_threads()));
    return std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
  }

  std::uint32_t find_source() {
    auto source = std::ranges::find(catalog_.sources, options_.source, &Source::name);
    if (source == catalog_.sources.end()) {
      const auto id = static_cast<std::uint32_t>(catalog_.sources.size() + 1);
      source = catalog_.sources.insert(source, Source{.id = id, .name = options_.source});
    }
    if (!options_.source_kind.empty() && source->kind != options_.source_kind) {
      if (!source->kind.empty()) {
        fail(ErrorCode::kUsage, "the source is of another kind; anam sources changes it",
             source->name + " is " + source->kind + ", not " + options_.source_kind);
      }
      source->kind = options_.source_kind;
    }
    return source->id;
  }

  void report_progress(LoadProgress::Phase phase) {
    if (!options_.progress) return;
    const std::scoped_lock lock(progress_mutex_);
    options_.progress({.phase = phase,
                       .rows = rows_,
                       .shards_done = shards_done_,
                       .shards = spill_->partitions(),
                       .rows_built = rows_built_,
                       .files_done = files_done_,
                       .files = files_});
  }

  /// The newest release's table of codes, and its files by shard.
  void find_earlier() {
    earlier_.resize(spill_->partitions());
    if (catalog_.releases.empty()) return;
    const Release& last = catalog_.releases.back();
    for (const StoreFile& stored : last.files) {
      if (stored.kind == StoreFile::Kind::kCodes) {
        if (stored.name == last.codes_file)
          codes_ = std::make_unique<CodeTable>(
              SealedFile::open(options_.store / stored.name, stored.seal));
        continue;
      }
      for (const std::uint32_t shard : stored.shards) {
        if (shard >= earlier_.size())
          fail(ErrorCode::kCorrupt, "catalog names a shard that the store does not have",
               stored.name);
        earlier_[shard].push_back(&stored);
      }
    }
  }

  /// Opens what earlier releases have of a shard. `open` keeps the files that the next shard may
  /// have, too: a store may have more than a process may open.
  std::vector<EarlierShard> open_earlier(
      std::uint32_t shard, std::map<std::string, std::shared_ptr<SealedFile>>& open) const {
    std::map<std::string, std::shared_ptr<SealedFile>> still;
    std::vector<EarlierShard> files;
    for (const StoreFile* stored : earlier_[shard]) {
      std::shared_ptr<SealedFile>& file = still[stored->name];
      const auto known = open.find(stored->name);
      file = known != open.end() ? known->second
                                 : SealedFile::open(options_.store / stored->name, stored->seal);
      files.push_back({file, read_shard_header(*file, shard)});
    }
    open = std::move(still);
    // Stable: of releases without new patients, the later one's rows about persons hold.
    std::ranges::stable_sort(files, {}, [](const EarlierShard& e) { return e.header.patients; });
    return files;
  }

  /// Files of consecutive shards, as many as are worth it.
  std::uint32_t files() const {
    return static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(rows_ / kFileRows, 1, spill_->partitions()));
  }

  void build() {
    const std::uint32_t shards = spill_->partitions();
    const std::uint32_t files = this->files();
    parts_.resize(files);
    for (std::uint32_t i = 0; i < files; ++i) {
      parts_[i].first_shard = static_cast<std::uint32_t>(std::uint64_t{i} * shards / files);
      parts_[i].last_shard = static_cast<std::uint32_t>(std::uint64_t{i + 1} * shards / files) - 1;
    }
    const unsigned threads = build_threads();
    std::atomic<std::uint32_t> next = 0;
    std::atomic<bool> stop = false;
    std::exception_ptr error;
    std::mutex error_mutex;
    const auto work = [&] {
      try {
        for (std::uint32_t i = next++; i < files && !stop; i = next++) build_part(parts_[i], i);
      } catch (...) {
        const std::scoped_lock lock(error_mutex);
        if (!error) error = std::current_exception();
        stop = true;
      }
    };
    {
      std::vector<std::jthread> workers;
      for (unsigned i = 1; i < threads; ++i) workers.emplace_back(work);
      work();
    }
    if (error) std::rethrow_exception(error);
  }

  void build_part(Part& part, std::uint32_t number) {
    part.file.name = shards_file_name(release_, number);
    part.file.kind = StoreFile::Kind::kShards;
    part.file.release = release_;
    std::optional<SealedFileWriter> out;
    std::map<std::string, std::shared_ptr<SealedFile>> earlier;
    std::uint64_t rows = 0;
    for (std::uint32_t shard = part.first_shard; shard <= part.last_shard; ++shard) {
      const std::uint64_t shard_rows = spill_->rows(shard);
      rows += shard_rows;
      if (shard_rows > 0) {
        if (!out) out.emplace(writer_.new_file(part.file.name));
        ShardBuilder builder(shard, catalog_.shard_bits, open_earlier(shard, earlier), dictionary_,
                             {.require_persons = options_.require_persons,
                              .require_visits = options_.require_visits,
                              .source = source_,
                              .memory = shard_memory(),
                              .scratch = scratch_,
                              .disk = &disk_,
                              .types = types(),
                              .cancel = options_.cancel});
        if (builder.build(*spill_, shard, *out)) {
          part.file.shards.push_back(shard);
          part.headers.push_back(builder.header());
        }
        part.counts.add(builder.counts());
      }
      ++shards_done_;
      rows_built_ += shard_rows;
      report_progress(LoadProgress::Phase::kBuild);
    }
    if (part.file.shards.empty()) return;
    part.file.seal = out->finish();
    disk_.add_store(part.file.seal.size);
    rows_stored_ += rows;
    check_disk(0);
  }

  void publish(const std::function<std::string(const LoadReport&)>& describe) {
    Release release;
    release.number = release_;
    release.time = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
    release.note = options_.note;
    release.source = options_.source;
    std::map<Domain, std::uint64_t> domains;
    if (!catalog_.releases.empty()) {
      const Release& last = catalog_.releases.back();
      release.files = last.files;
      release.codes_file = last.codes_file;
      release.vocabulary_version = last.vocabulary_version;
      release.patients = last.patients;
      release.events = last.events;
      for (const DomainCount& d : last.domains) domains[d.domain] = d.events;
    }
    ShardCounts counts;
    for (Part& part : parts_) {
      counts.add(part.counts);
      if (part.file.shards.empty()) continue;
      for (const ShardHeader& header : part.headers) {
        release.new_events += header.events;
        for (const auto& [domain, d] : header.domains) domains[domain] += d.events;
      }
      report_.bytes += part.file.seal.size;
      release.files.push_back(part.file);
    }
    for (const auto& [domain, events] : domains) release.domains.push_back({domain, events});
    release.new_patients = counts.new_patients;
    release.patients += counts.new_patients;
    release.events += release.new_events;

    if (release.codes_file.empty() || dictionary_.changed()) {
      StoreFile codes{.name = codes_file_name(release_),
                      .kind = StoreFile::Kind::kCodes,
                      .seal = {},
                      .shards = {},
                      .release = release_};
      codes.seal = dictionary_.write(writer_.new_file(codes.name), codes_.get());
      std::erase_if(release.files,
                    [](const StoreFile& f) { return f.kind == StoreFile::Kind::kCodes; });
      release.codes_file = codes.name;
      report_.bytes += codes.seal.size;
      release.files.push_back(codes);
    }
    std::ranges::sort(release.files, {}, &StoreFile::name);

    report_.release = release_;
    report_.rows = rows_;
    report_.spill_bytes = disk_.most_scratch();
    report_.patients = counts.patients;
    report_.new_patients = counts.new_patients;
    report_.persons = counts.persons;
    report_.amendments = counts.amendments;
    report_.exceptions = counts.exceptions;
    report_.events = release.new_events;
    for (const Part& part : parts_) {
      for (const ShardHeader& header : part.headers) {
        for (const auto& [domain, d] : header.domains) report_.events_by_domain[domain] += d.events;
      }
    }
    if (describe) release.report = describe(report_);
    catalog_.releases.push_back(std::move(release));
    check_cancel();
    writer_.publish(catalog_, [this](std::size_t done, std::size_t files) {
      files_done_ = done;
      files_ = files;
      report_progress(LoadProgress::Phase::kPublish);
      check_cancel();
    });
  }

  LoadOptions options_;
  StoreWriter writer_;
  std::filesystem::path scratch_;
  DiskWatch disk_;
  CodeDictionary dictionary_;
  Catalog catalog_;
  std::array<ColumnType, 4096> types_{};
  std::unique_ptr<Spill> spill_;
  std::uint32_t release_ = 1;
  std::uint32_t source_ = 0;
  std::atomic<std::uint64_t> rows_ = 0;
  std::atomic<std::uint64_t> disk_check_at_ = kDiskCheckBytes;
  std::atomic<double> read_share_ = 0;
  std::atomic<std::uint64_t> shards_done_ = 0;
  std::atomic<std::uint64_t> rows_built_ = 0;   // in shards
  std::atomic<std::uint64_t> rows_stored_ = 0;  // in finished files
  std::uint64_t files_done_ = 0;
  std::uint64_t files_ = 0;
  std::mutex attributes_mutex_;
  std::mutex progress_mutex_;
  std::unique_ptr<CodeTable> codes_;
  std::vector<std::vector<const StoreFile*>> earlier_;  // of the catalog, by shard
  std::vector<Part> parts_;
  LoadReport report_;
};

Load::Load(LoadOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Load::~Load() = default;

CodeId Load::code(std::string_view vocabulary, std::string_view code) {
  return impl_->dictionary().intern(vocabulary, code);
}

ColumnId Load::attribute(std::string_view name, ColumnType type) {
  return impl_->attribute(name, type);
}

void Load::define(CodeId code, const CodeDefinition& definition) {
  impl_->dictionary().define(code, definition);
}

void Load::add_descendant(CodeId ancestor, CodeId descendant) {
  impl_->dictionary().add_descendant(ancestor, descendant);
}

void Load::add_mapping(CodeId source, CodeId standard) {
  impl_->dictionary().add_mapping(source, standard);
}

void Load::replace_hierarchy() { impl_->dictionary().replace_hierarchy(); }

void Load::add(EventBatch&& batch) { impl_->add(batch); }

void Load::set_read(std::uint64_t done, std::uint64_t total) { impl_->set_read(done, total); }

std::filesystem::path Load::scratch() const { return impl_->scratch(); }

LoadReport Load::finish(const std::function<std::string(const LoadReport&)>& describe) {
  return impl_->finish(describe);
}

}  // namespace anam
