// SPDX-License-Identifier: Apache-2.0
#include "storage/catalog.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string_view>

#include "storage/calendar.h"
#include "storage/format.h"

namespace anam {
namespace {

constexpr std::string_view kShardsPrefix = "shards-";
constexpr std::string_view kCodesPrefix = "codes-";
constexpr std::string_view kSuffix = ".mdb";
constexpr std::size_t kMaxText = 16 << 20;  // of a note or a report

/// What a rule says, and the value that breaks it.
struct Fault {
  std::string_view rule;
  std::string value;
};
using MaybeFault = std::optional<Fault>;

constexpr std::array<std::string_view, 8> kSourceKinds = {
    "claims", "clinical", "registry", "laboratory", "pharmacy", "survey", "mortality", "other"};

bool is_number(std::string_view text, std::size_t least_digits) {
  return text.size() >= least_digits && text.size() <= 10 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_shards_file(std::string_view name) {
  if (!name.starts_with(kShardsPrefix) || !name.ends_with(kSuffix)) return false;
  name = name.substr(kShardsPrefix.size(), name.size() - kShardsPrefix.size() - kSuffix.size());
  const std::size_t dash = name.find('-');
  return dash != std::string_view::npos && is_number(name.substr(0, dash), 6) &&
         is_number(name.substr(dash + 1), 5);
}

bool is_codes_file(std::string_view name) {
  return name.starts_with(kCodesPrefix) && name.ends_with(kSuffix) &&
         is_number(
             name.substr(kCodesPrefix.size(), name.size() - kCodesPrefix.size() - kSuffix.size()),
             6);
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && std::ranges::none_of(name, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

/// Ids ascend from `least`, names are well formed and each there once.
template <typename T>
MaybeFault fault_of_named(const std::vector<T>& list, std::uint32_t least,
                          std::string_view order_rule) {
  std::uint32_t next = least;
  std::set<std::string_view> names;
  for (const T& item : list) {
    if (item.id < next) return Fault{order_rule, std::to_string(item.id)};
    next = item.id + 1U;
    if (!is_name(item.name))
      return Fault{"name is empty, too long or has control characters", item.name};
    if (!names.insert(item.name).second) return Fault{"name is there twice", item.name};
  }
  return std::nullopt;
}

MaybeFault fault_of_source(const Source& source) {
  if (!source.kind.empty() && !is_source_kind(source.kind))
    return Fault{"kind of a source is unknown", source.name + ": " + source.kind};
  if (!source.owner.empty() && !is_name(source.owner))
    return Fault{"owner of a source is too long or has control characters", source.name};
  if (source.terms.size() > kMaxText) return Fault{"terms of a source are too long", source.name};
  for (const std::optional<Day>& day : {source.first_day, source.last_day}) {
    if (day && (*day < kFirstDay || *day > kLastDay))
      return Fault{"coverage of a source is outside of the calendar", source.name};
  }
  if (source.first_day && source.last_day && *source.last_day < *source.first_day)
    return Fault{"coverage of a source ends before it begins", source.name};
  return std::nullopt;
}

MaybeFault fault_of_file(const StoreFile& file, std::uint32_t shard_bits) {
  const bool codes = file.kind == StoreFile::Kind::kCodes;
  if (!(codes ? is_codes_file(file.name) : is_shards_file(file.name)) ||
      (!codes && file.kind != StoreFile::Kind::kShards)) {
    return Fault{"name of a data file does not fit its kind", file.name};
  }
  if (codes != file.shards.empty() ||
      std::ranges::adjacent_find(file.shards, std::greater_equal<>()) != file.shards.end() ||
      (!codes && file.shards.back() >> shard_bits != 0)) {
    return Fault{"shards of a data file are wrong", file.name};
  }
  return std::nullopt;
}

MaybeFault fault_of_release(const Release& release, std::uint32_t shard_bits,
                            std::map<std::string_view, const StoreFile*>& known) {
  if (release.note.size() > kMaxText || release.report.size() > kMaxText ||
      release.source.size() > kMaxName || release.vocabulary_version.size() > kMaxName) {
    return Fault{"text of a release is too long", std::to_string(release.number)};
  }
  const StoreFile* before = nullptr;
  const StoreFile* codes = nullptr;
  for (const StoreFile& file : release.files) {
    if (before != nullptr && before->name >= file.name)
      return Fault{"files are not in order of names", file.name};
    before = &file;
    const StoreFile* first = known.try_emplace(file.name, &file).first->second;
    if (first == &file) {
      if (MaybeFault fault = fault_of_file(file, shard_bits)) return fault;
    } else if (*first != file) {
      return Fault{"releases do not agree on a file", file.name};
    }
    if (file.kind == StoreFile::Kind::kCodes && file.name == release.codes_file) codes = &file;
  }
  if (codes == nullptr)
    return Fault{"release names no file of codes", std::to_string(release.number)};
  return std::nullopt;
}

MaybeFault fault_of(const Catalog& catalog) {
  if (catalog.format_version != kFormatVersion) {
    return Fault{"format version is unknown", std::to_string(catalog.format_version)};
  }
  if (catalog.shard_bits > kMaxShardBits)
    return Fault{"too many shard bits", std::to_string(catalog.shard_bits)};
  if (MaybeFault fault = fault_of_named(catalog.sources, 1, "ids of sources are not ascending"))
    return fault;
  for (const Source& source : catalog.sources) {
    if (MaybeFault fault = fault_of_source(source)) return fault;
  }
  if (MaybeFault fault = fault_of_named(catalog.attributes, column::kFirstLocalColumn,
                                        "ids of attributes are too small or not ascending")) {
    return fault;
  }
  for (const LocalAttribute& attribute : catalog.attributes) {
    if (attribute.type < ColumnType::kInt || attribute.type > ColumnType::kText) {
      return Fault{"type of an attribute is unknown", attribute.name};
    }
  }
  std::uint32_t last = 0;
  std::map<std::string_view, const StoreFile*> known;
  for (const Release& release : catalog.releases) {
    if (release.number <= last)
      return Fault{"numbers of releases are not ascending", std::to_string(release.number)};
    last = release.number;
    if (MaybeFault fault = fault_of_release(release, catalog.shard_bits, known)) return fault;
  }
  return std::nullopt;
}

std::string padded(std::uint32_t number, std::size_t digits) {
  const std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

}  // namespace

std::span<const std::string_view> source_kinds() { return kSourceKinds; }

bool is_source_kind(std::string_view word) {
  return std::ranges::find(kSourceKinds, word) != kSourceKinds.end();
}

Catalog make_catalog(std::uint32_t shard_bits) {
  Catalog catalog;
  catalog.format_version = kFormatVersion;
  catalog.shard_bits = shard_bits;
  std::random_device random;
  for (std::uint8_t& byte : catalog.id) byte = static_cast<std::uint8_t>(random());
  return catalog;
}

std::optional<std::string> find_fault(const Catalog& catalog) {
  const MaybeFault fault = fault_of(catalog);
  if (!fault) return std::nullopt;
  return std::string(fault->rule) + ": " + fault->value;
}

void check_catalog(const Catalog& catalog) {
  if (const auto fault = find_fault(catalog)) fail(ErrorCode::kUsage, *fault);
}

std::string shards_file_name(std::uint32_t release, std::uint32_t part) {
  return std::string(kShardsPrefix) + padded(release, 6) + "-" + padded(part, 5) +
         std::string(kSuffix);
}

std::string codes_file_name(std::uint32_t release) {
  return std::string(kCodesPrefix) + padded(release, 6) + std::string(kSuffix);
}

bool is_data_file_name(std::string_view name) {
  return is_shards_file(name) || is_codes_file(name);
}

}  // namespace anam
