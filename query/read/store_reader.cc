// SPDX-License-Identifier: Apache-2.0
#include "query/read/store_reader.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "index/patient_table.h"
#include "query/read/store_shard.h"
#include "storage/attributes.h"

namespace anam {
namespace {

void sort_unique(CodeIds& ids) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

CodeIds unite(const CodeIds& a, const CodeIds& b) {
  CodeIds ids;
  std::ranges::set_union(a, b, std::back_inserter(ids));
  return ids;
}

}  // namespace

struct StoreReader::State {
  State(const std::filesystem::path& path, std::optional<std::uint32_t> release)
      : store(Store::open(path, release)), codes(store.codes_file()) {}

  Store store;
  CodeTable codes;

  /// A shard's headers, read when first asked for.
  struct Shard {
    std::vector<const StoreFile*> stored;  // that hold it
    std::mutex mutex;
    bool read = false;
    std::vector<ShardFile> files;
  };
  std::vector<std::unique_ptr<Shard>> shards;
  std::mutex lists_mutex;
  std::map<CodeIds, std::shared_ptr<const CodeList>> lists;
};

StoreReader::StoreReader(const std::filesystem::path& path, std::optional<std::uint32_t> release)
    : state_(std::make_unique<State>(path, release)) {
  state_->shards.resize(std::size_t{1} << store().catalog().shard_bits);
  for (auto& shard : state_->shards) shard = std::make_unique<State::Shard>();
  for (const StoreFile& stored : store().release().files) {
    if (stored.kind != StoreFile::Kind::kShards) continue;
    for (const std::uint32_t shard : stored.shards) {
      if (shard >= shards())
        fail(ErrorCode::kCorrupt, "catalog names a shard that the store does not have",
             stored.name);
      state_->shards[shard]->stored.push_back(&stored);
    }
  }
}

StoreReader::~StoreReader() = default;

const Store& StoreReader::store() const { return state_->store; }

const CodeTable& StoreReader::codes() const { return state_->codes; }

std::uint32_t StoreReader::shards() const {
  return static_cast<std::uint32_t>(state_->shards.size());
}

const std::vector<StoreReader::ShardFile>& StoreReader::shard_files(std::uint32_t shard) const {
  State::Shard& known = *state_->shards[shard];
  const std::lock_guard lock(known.mutex);
  if (known.read) return known.files;
  std::vector<ShardFile> files;
  for (const StoreFile* stored : known.stored) {
    const auto& file = store().file(stored->name);
    files.push_back({file, read_shard_header(*file, shard)});
  }
  // In the order of releases: each one's new patients follow those before.
  std::ranges::stable_sort(files, {}, [](const ShardFile& f) { return f.header.first_new; });
  known.files = std::move(files);
  known.read = true;
  return known.files;
}

std::optional<StoreReader::Attribute> StoreReader::find_attribute(std::string_view name) const {
  if (const AttributeInfo* builtin = find_builtin_attribute(name)) {
    return Attribute{builtin->id, builtin->type, std::string(builtin->name)};
  }
  for (const LocalAttribute& local : store().catalog().attributes) {
    if (local.name == name) return Attribute{local.id, local.type, local.name};
  }
  return std::nullopt;
}

std::optional<StoreReader::Attribute> StoreReader::find_attribute(ColumnId id) const {
  if (const AttributeInfo* builtin = find_builtin_attribute(id)) {
    return Attribute{builtin->id, builtin->type, std::string(builtin->name)};
  }
  for (const LocalAttribute& local : store().catalog().attributes) {
    if (local.id == id) return Attribute{local.id, local.type, local.name};
  }
  return std::nullopt;
}

std::unique_ptr<ShardData> StoreReader::shard(std::uint32_t shard, std::size_t cache_bytes) const {
  return std::make_unique<StoreShard>(*this, shard, cache_bytes);
}

CodeIds StoreReader::resolve(const CodeSet& set) const {
  const auto resolve_items = [this](const std::vector<CodeSetItem>& items) {
    CodeIds all;
    for (const CodeSetItem& item : items) {
      CodeIds ids;
      if (!item.nested.empty()) {
        ids = resolve(item.nested.front());
      } else {
        const auto found = [&ids](CodeId id) { ids.push_back(id); };
        if (item.vocabulary.empty()) {
          for (const VocabularyCount& v : codes().vocabularies())
            codes().match(v.name, item.pattern, item.literal, found);
        } else {
          codes().match(item.vocabulary, item.pattern, item.literal, found);
        }
        sort_unique(ids);
      }
      CodeIds below = item.descendants ? codes().descendants(ids) : CodeIds();
      if (item.defined_only) {
        std::erase_if(ids, [this](CodeId id) { return !codes().record(id).defined; });
        std::erase_if(below, [this](CodeId id) {
          const CodeRecord record = codes().record(id);
          return !record.defined || record.invalid;
        });
      }
      ids = unite(ids, below);
      if (item.mapped) ids = unite(ids, codes().sources_of(ids));
      all = unite(all, ids);
    }
    return all;
  };
  const CodeIds include = resolve_items(set.include);
  const CodeIds exclude = resolve_items(set.exclude);
  CodeIds ids;
  std::ranges::set_difference(include, exclude, std::back_inserter(ids));
  return ids;
}

std::vector<CodeIds> StoreReader::resolve(const CohortDefinition& definition) const {
  std::vector<CodeIds> all;
  for (const CodeSet& set : definition.code_sets) all.push_back(resolve(set));
  return all;
}

std::shared_ptr<const CodeList> StoreReader::code_list(const CodeIds& ids) const {
  const std::scoped_lock lock(state_->lists_mutex);
  auto& list = state_->lists[ids];
  if (!list) {
    std::vector<CodeList::Code> with_texts;
    with_texts.reserve(ids.size());
    for (const CodeId id : ids) {
      CodeRecord record = codes().record(id);
      with_texts.push_back({std::move(record.vocabulary), std::move(record.code), id});
    }
    list = std::make_shared<CodeList>(with_texts);
  }
  return list;
}

std::optional<PatientPlace> StoreReader::find_patient(std::string_view text) const {
  const PatientId id = PatientId::parse(text);
  const std::uint32_t shard = shard_of(id.hash(), store().catalog().shard_bits);
  for (const ShardFile& f : shard_files(shard)) {
    const auto ordinal = PatientTable(f.file, f.header).find(id);
    if (ordinal) return PatientPlace{shard, *ordinal};
  }
  return std::nullopt;
}

CodeCounts count_codes(const StoreReader& reader, const CodeIds& codes, unsigned threads) {
  CodeCounts total;
  std::map<std::pair<CodeId, Domain>, CodeCount> counts;
  std::mutex mutex;
  std::exception_ptr error;
  std::atomic<std::uint32_t> next = 0;
  const auto list = reader.code_list(codes);

  const auto count_shard = [&](std::uint32_t number) {
    if (reader.shard_files(number).empty()) return;
    StoreShard shard(reader, number);
    std::map<std::pair<CodeId, Domain>, CodeCount> mine;
    CodeCount all;
    PatientSet any(shard.patients());
    for (const Domain domain : all_domains()) {
      std::map<CodeId, CodeCount> of_domain = shard.count_codes(domain, *list);
      for (const auto& [code, count] : of_domain) mine.emplace(std::pair(code, domain), count);
      if (of_domain.empty()) continue;
      const StreamRequest request{
          .domain = domain, .codes = &codes, .role = Role::kEither, .columns = {}};
      any.unite(shard.patients_with(request));
      all.events += shard.count_events(request);
    }
    all.patients = any.count();
    const std::scoped_lock lock(mutex);
    for (const auto& [key, count] : mine) {
      CodeCount& to = counts[key];
      to.code = key.first;
      to.domain = key.second;
      to.events += count.events;
      to.patients += count.patients;
    }
    total.all.events += all.events;
    total.all.patients += all.patients;
  };
  const auto work = [&] {
    try {
      for (std::uint32_t i = next++; i < reader.shards(); i = next++) count_shard(i);
    } catch (...) {
      const std::scoped_lock lock(mutex);
      if (!error) error = std::current_exception();
      next = reader.shards();
    }
  };
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < std::min<unsigned>(threads, reader.shards()); ++i)
      workers.emplace_back(work);
    work();
  }
  if (error) std::rethrow_exception(error);
  for (auto& [key, count] : counts) total.codes.push_back(count);
  return total;
}

}  // namespace anam
