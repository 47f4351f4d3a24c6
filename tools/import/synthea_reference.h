// SPDX-License-Identifier: Apache-2.0
// Payers and providers: what rows that name them take from their tables.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "storage/event.h"
#include "tools/import/importer.h"

namespace anam {

struct SyntheaFile;
struct SyntheaImport;

/// Payers by id. Filled by one thread, then read by any number. Memory: a payer's name each.
class SyntheaPayers {
 public:
  struct Payer {
    CodeId code = kNoCode;  // "Synthea Payer:NAME"
    bool insures = true;    // false for the payer that stands for no insurance
  };

  /// Null for an id that the table does not have: it might be anything, and is not stored.
  const Payer* find(std::string_view id) const {
    const auto found = payers_.find(id);
    return found == payers_.end() ? nullptr : &found->second;
  }

  FileReport read(SyntheaImport& import, const SyntheaFile& file);

 private:
  std::map<std::string, Payer, std::less<>> payers_;
};

/// Specialties of providers by id. Filled by one thread, then read by any number. Memory: 100 bytes
/// a provider.
class SyntheaProviders {
 public:
  std::string_view specialty(std::string_view id) const {
    const auto found = specialties_.find(id);
    return found == specialties_.end() ? std::string_view() : found->second;
  }

  FileReport read(SyntheaImport& import, const SyntheaFile& file);

 private:
  std::map<std::string, std::string, std::less<>> specialties_;
};

}  // namespace anam
