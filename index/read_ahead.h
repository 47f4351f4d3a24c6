// SPDX-License-Identifier: Apache-2.0
// Reading many values of a file in turn.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "storage/bytes.h"
#include "storage/sealed_file.h"

namespace anam {

/// A key and its value, where a cursor of the file found them: valid as long as the file is open.
struct KeyValue {
  ByteSpan key;
  ByteSpan value;
};

/// Calls f(entry) for each in turn, and asks the system for some of those that follow, so that cold
/// ones come from disk in few and large reads.
template <typename F>
void read_ahead(const SealedFile& file, std::span<const KeyValue> entries, F f) {
  constexpr std::size_t kAhead = 32;  // values of postings have about 120 KiB
  std::size_t asked = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (; asked < std::min(entries.size(), i + kAhead); ++asked)
      file.will_need(entries[asked].value);
    f(entries[i]);
  }
}

}  // namespace anam
