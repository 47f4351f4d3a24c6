// SPDX-License-Identifier: Apache-2.0
// Timelines that will be read next, asked for before they are needed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "index/patient_set.h"
#include "storage/sealed_file.h"

namespace anam {

/// The first patient of the set from `ordinal` on; the number of patients when there is none.
std::uint32_t next_patient(const PatientSet& set, std::uint32_t ordinal);

/// Keeps some blocks of timelines asked for ahead of whoever reads those of some patients, so that
/// cold ones come from disk side by side. Knows blocks by their keys and touches none. One thread
/// at a time.
class ReadAhead {
 public:
  /// How a block is asked for; empty: SealedFile::will_need().
  using Ask = std::function<void(ByteSpan block)>;

  /// `wanted` must outlive it.
  ReadAhead(std::shared_ptr<const SealedFile> file, std::uint32_t shard, const PatientSet& wanted,
            Ask ask = {});

  /// To be called before a patient is read; patients ascend.
  void reached(std::uint32_t ordinal);

  static constexpr std::size_t kBlocks =
      32;  // of about 120 KiB: asked for and not reached, at most

 private:
  bool ask_next();
  void ask(std::uint32_t patient);  // for the block under the cursor

  std::shared_ptr<const SealedFile> file_;
  std::uint32_t shard_;
  const PatientSet& wanted_;
  Ask ask_;
  SealedFile::Cursor cursor_;
  std::uint32_t next_ = 0;           // patients before it are asked for
  std::deque<std::uint32_t> asked_;  // first patients of blocks that are not reached yet
};

}  // namespace anam
