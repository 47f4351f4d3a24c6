// SPDX-License-Identifier: Apache-2.0
// Checks of one shard in one file. See verify.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "storage/code_table.h"
#include "storage/sealed_file.h"
#include "storage/shard_header.h"

namespace anam::verification {

/// Where problems go: a message that names file and place.
using Problem = std::function<void(const std::string&)>;

/// Decodes a value of a shard file by the kind of its key. Returns how many pages it had. Throws
/// Error(kCorrupt).
std::uint64_t check_value(const SealedFile& file, ByteSpan key, ByteSpan value, CodeId last_code);

/// Holds timelines, postings, bitmaps, patients and header of the shard against each other.
void check_shard(const std::shared_ptr<const SealedFile>& file, const ShardHeader& header,
                 std::uint32_t shard_bits, const CodeTable& codes, const Problem& problem);

/// What a file says of its new patients, for comparing with other files of the shard.
struct PatientKeys {
  std::vector<std::uint64_t> hashes;  // of new patients, by ordinal
  std::vector<std::string> texts;     // ids as written
};
PatientKeys read_patient_keys(const std::shared_ptr<const SealedFile>& file,
                              const ShardHeader& header);

}  // namespace anam::verification
