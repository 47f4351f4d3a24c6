// SPDX-License-Identifier: Apache-2.0
#include "storage/shard_header.h"

#include <string>

#include "storage/checked_value.h"
#include "storage/format.h"
#include "storage/shard_generated.h"
#include "storage/shard_key.h"

namespace anam {

Bytes write_shard_header(const ShardHeader& header) {
  std::vector<fb::DomainSummary> domains;
  for (const auto& [domain, d] : header.domains) {
    domains.emplace_back(d.events, d.patients, static_cast<std::uint8_t>(domain), d.roles,
                         std::uint16_t{0});
  }
  std::vector<fb::SourceEvents> sources;
  for (const auto& [source, events] : header.sources) sources.emplace_back(events, source, 0U);
  std::vector<fb::SourceYear> years;
  for (const auto& [of, events] : header.years)
    years.emplace_back(events, of.first, of.second, std::uint16_t{0});
  std::vector<fb::PatientFence> fences;
  for (const PatientFence& f : header.fences) fences.emplace_back(f.hash, f.first, 0U);
  std::vector<fb::ColumnBytes> columns;
  for (const auto& [column, bytes] : header.column_bytes)
    columns.emplace_back(bytes, column, std::uint16_t{0}, 0U);

  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::CreateShardHeaderDirect(
      builder, header.shard, header.patients, header.first_new, header.touched, header.events,
      header.first_day, header.last_day, &domains, &sources, &fences, &columns,
      header.timeline_bytes, header.patient_bytes, header.posting_bytes, header.bitmap_bytes,
      header.version, &years));
  return checked_value(shard_part_key(header.shard, ShardPart::kHeader),
                       std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize())));
}

ShardHeader read_shard_header(const SealedFile& file, std::uint32_t shard) {
  const auto corrupt = [&](std::string_view what) {
    fail(ErrorCode::kCorrupt, what, file.path().native() + ", shard " + std::to_string(shard));
  };
  const Bytes key = shard_part_key(shard, ShardPart::kHeader);
  const auto value = file.find(key);
  if (!value) corrupt("file holds nothing of a shard that it should hold");
  const ByteSpan payload = open_checked_value(key, *value, file.path());
  std::vector<std::uint64_t> aligned((payload.size() + 7) / 8);
  std::memcpy(aligned.data(), payload.data(), payload.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(aligned.data());
  flatbuffers::Verifier verifier(bytes, payload.size());
  if (!verifier.VerifyBuffer<fb::ShardHeader>(nullptr)) corrupt("shard header does not verify");
  const auto* from = flatbuffers::GetRoot<fb::ShardHeader>(bytes);
  if (from->version() > kShardVersion) {
    fail(ErrorCode::kVersion, "shard was written by a newer version of anam; use that one",
         file.path().native() + ", shard " + std::to_string(shard) + ", version " +
             std::to_string(from->version()));
  }

  ShardHeader header;
  header.shard = from->shard();
  header.version = from->version();
  header.patients = from->patients();
  header.first_new = from->first_new();
  header.touched = from->touched();
  header.events = from->events();
  header.first_day = from->first_day();
  header.last_day = from->last_day();
  header.timeline_bytes = from->timeline_bytes();
  header.patient_bytes = from->patient_bytes();
  header.posting_bytes = from->posting_bytes();
  header.bitmap_bytes = from->bitmap_bytes();
  if (from->domains() != nullptr) {
    for (const auto* d : *from->domains()) {
      header.domains[static_cast<Domain>(d->domain())] = {d->events(), d->patients(), d->roles()};
    }
  }
  if (from->years() != nullptr) {
    for (const auto* y : *from->years()) header.years[{y->source(), y->year()}] = y->events();
  }
  if (from->sources() != nullptr) {
    for (const auto* s : *from->sources()) header.sources[s->source()] = s->events();
  }
  if (from->fences() != nullptr) {
    for (const auto* f : *from->fences()) header.fences.push_back({f->hash(), f->first()});
  }
  if (from->columns() != nullptr) {
    for (const auto* c : *from->columns()) header.column_bytes[c->column()] = c->bytes();
  }
  if (header.shard != shard || header.first_new > header.patients)
    corrupt("shard header is not this shard's");
  return header;
}

}  // namespace anam
