// SPDX-License-Identifier: Apache-2.0
// Catalogs as sealed files of FlatBuffers.
#include <limits>
#include <map>
#include <utility>

#include "storage/catalog.h"
#include "storage/catalog_generated.h"
#include "storage/checked_value.h"
#include "storage/format.h"
#include "storage/key.h"

namespace anam {
namespace {

using flatbuffers::FlatBufferBuilder;

// A day of a source's coverage that is not known.
constexpr Day kNoDay = std::numeric_limits<Day>::min();

void append(SealedFileWriter& writer, const Bytes& key, const FlatBufferBuilder& builder) {
  writer.append(
      key,
      checked_value(key, std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()))));
}

/// All files that releases name, numbered in the order of names.
std::map<std::string_view, std::uint32_t> number_files(const Catalog& catalog,
                                                       std::vector<const StoreFile*>& files) {
  std::map<std::string_view, const StoreFile*> by_name;
  for (const Release& release : catalog.releases) {
    for (const StoreFile& file : release.files) by_name.try_emplace(file.name, &file);
  }
  std::map<std::string_view, std::uint32_t> numbers;
  for (const auto& [name, file] : by_name) {
    numbers[name] = static_cast<std::uint32_t>(files.size());
    files.push_back(file);
  }
  return numbers;
}

void append_release(SealedFileWriter& writer, const Release& release,
                    const std::map<std::string_view, std::uint32_t>& numbers) {
  FlatBufferBuilder builder;
  std::vector<std::uint32_t> files;
  for (const StoreFile& file : release.files) files.push_back(numbers.at(file.name));
  std::vector<fb::DomainCount> domains;
  for (const DomainCount& count : release.domains) {
    domains.emplace_back(count.events, static_cast<std::uint8_t>(count.domain));
  }
  builder.Finish(fb::CreateRelease(
      builder, release.number, release.time, builder.CreateString(release.note),
      builder.CreateString(release.source), builder.CreateString(release.vocabulary_version),
      release.patients, release.new_patients, release.events, release.new_events,
      builder.CreateVectorOfStructs(domains), builder.CreateVector(files),
      numbers.at(release.codes_file), builder.CreateString(release.report)));
  append(writer, make_key(CatalogKey::kRelease, release.number), builder);
}

/// Reads the records of one catalog in the order of keys.
class CatalogReader {
 public:
  explicit CatalogReader(const SealedFile& file) : file_(file), cursor_(file.cursor()) {}

  Catalog read() {
    if (!cursor_.next()) fail_catalog("has no header");
    read_header();
    while (cursor_.next()) {
      switch (static_cast<CatalogKey>(cursor_.key()[0])) {
        case CatalogKey::kSource: {
          const auto* record = open<fb::Source>();
          const auto day = [](Day stored) {
            return stored == kNoDay ? std::nullopt : std::optional<Day>(stored);
          };
          catalog_.sources.push_back({.id = record->id(),
                                      .name = record->name()->str(),
                                      .kind = text(record->kind()),
                                      .owner = text(record->owner()),
                                      .first_day = day(record->first_day()),
                                      .last_day = day(record->last_day()),
                                      .terms = text(record->terms())});
          break;
        }
        case CatalogKey::kAttribute: {
          const auto* record = open<fb::LocalAttribute>();
          catalog_.attributes.push_back(
              {record->id(), record->name()->str(), static_cast<ColumnType>(record->type())});
          break;
        }
        case CatalogKey::kFile:
          read_file();
          break;
        case CatalogKey::kRelease:
          read_release();
          break;
        default:
          fail_catalog("has a record of an unknown kind: " + to_hex(cursor_.key()));
      }
    }
    if (const auto fault = find_fault(catalog_)) fail_catalog("is not valid: " + *fault);
    return std::move(catalog_);
  }

 private:
  [[noreturn]] void fail_catalog(const std::string& what) const {
    fail(ErrorCode::kCorrupt, "catalog " + what, file_.path().string());
  }

  /// The record under the cursor; valid until the next call.
  template <typename T>
  const T* open() {
    const ByteSpan payload = open_checked_value(cursor_.key(), cursor_.value(), file_.path());
    record_.assign(payload.begin(), payload.end());  // aligned, unlike LMDB's values
    const auto* data = reinterpret_cast<const std::uint8_t*>(record_.data());
    flatbuffers::Verifier verifier(data, record_.size());
    if (!verifier.VerifyBuffer<T>(nullptr))
      fail_catalog("has a record that is not valid: " + to_hex(cursor_.key()));
    return flatbuffers::GetRoot<T>(data);
  }

  static std::string text(const flatbuffers::String* string) {
    return string == nullptr ? std::string() : string->str();
  }

  void read_header() {
    if (as_text(cursor_.key()) != as_text(make_key(CatalogKey::kHeader)))
      fail_catalog("has no header");
    const auto* record = open<fb::CatalogHeader>();
    if (record->format_version() > kFormatVersion) {
      fail(ErrorCode::kVersion, "store was written by a newer version of anam; use that one",
           file_.path().string() + ", format version " + std::to_string(record->format_version()) +
               ", this program knows versions up to " + std::to_string(kFormatVersion));
    }
    if (record->id()->size() != catalog_.id.size()) fail_catalog("has an id of a wrong size");
    catalog_.format_version = record->format_version();
    std::copy(record->id()->begin(), record->id()->end(), catalog_.id.begin());
    catalog_.shard_bits = record->shard_bits();
  }

  void read_file() {
    const auto* record = open<fb::StoreFile>();
    StoreFile file{.name = record->name()->str(),
                   .kind = static_cast<StoreFile::Kind>(record->kind()),
                   .seal = {.size = record->size(), .checksum = record->checksum()},
                   .shards = {},
                   .release = record->release()};
    if (record->shards() != nullptr)
      file.shards.assign(record->shards()->begin(), record->shards()->end());
    files_.push_back(std::move(file));
  }

  const StoreFile& file_number(std::uint32_t number) const {
    if (number >= files_.size())
      fail_catalog("names a file that it does not describe: " + std::to_string(number));
    return files_[number];
  }

  void read_release() {
    const auto* record = open<fb::Release>();
    Release release;
    release.number = record->number();
    release.time = record->time();
    release.note = text(record->note());
    release.source = text(record->source());
    release.vocabulary_version = text(record->vocabulary_version());
    release.patients = record->patients();
    release.new_patients = record->new_patients();
    release.events = record->events();
    release.new_events = record->new_events();
    if (record->domains() != nullptr) {
      for (const fb::DomainCount* count : *record->domains()) {
        release.domains.push_back({static_cast<Domain>(count->domain()), count->events()});
      }
    }
    for (const std::uint32_t number : *record->files())
      release.files.push_back(file_number(number));
    release.codes_file = file_number(record->codes_file()).name;
    release.report = text(record->report());
    catalog_.releases.push_back(std::move(release));
  }

  const SealedFile& file_;
  SealedFile::Cursor cursor_;
  Bytes record_;
  Catalog catalog_;
  std::vector<StoreFile> files_;
};

}  // namespace

Seal write_catalog(const std::filesystem::path& path, const Catalog& catalog) {
  SealedFileWriter writer(path);
  {
    FlatBufferBuilder builder;
    const auto id = builder.CreateVector(catalog.id.data(), catalog.id.size());
    builder.Finish(
        fb::CreateCatalogHeader(builder, catalog.format_version, id, catalog.shard_bits));
    append(writer, make_key(CatalogKey::kHeader), builder);
  }
  for (const Source& source : catalog.sources) {
    FlatBufferBuilder builder;
    builder.Finish(fb::CreateSource(
        builder, source.id, builder.CreateString(source.name), builder.CreateString(source.kind),
        builder.CreateString(source.owner), source.first_day.value_or(kNoDay),
        source.last_day.value_or(kNoDay), builder.CreateString(source.terms)));
    append(writer, make_key(CatalogKey::kSource, source.id), builder);
  }
  for (const LocalAttribute& attribute : catalog.attributes) {
    FlatBufferBuilder builder;
    builder.Finish(fb::CreateLocalAttribute(builder, attribute.id,
                                            builder.CreateString(attribute.name),
                                            static_cast<std::uint8_t>(attribute.type)));
    append(writer, make_key(CatalogKey::kAttribute, attribute.id), builder);
  }
  std::vector<const StoreFile*> files;
  const auto numbers = number_files(catalog, files);
  for (std::uint32_t number = 0; number < files.size(); ++number) {
    const StoreFile& file = *files[number];
    FlatBufferBuilder builder;
    builder.Finish(fb::CreateStoreFile(
        builder, builder.CreateString(file.name), static_cast<std::uint8_t>(file.kind),
        file.seal.size, file.seal.checksum, builder.CreateVector(file.shards), file.release));
    append(writer, make_key(CatalogKey::kFile, number), builder);
  }
  for (const Release& release : catalog.releases) append_release(writer, release, numbers);
  return writer.finish();
}

Catalog read_catalog(const SealedFile& file) { return CatalogReader(file).read(); }

}  // namespace anam
