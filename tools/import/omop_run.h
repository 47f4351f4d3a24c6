// SPDX-License-Identifier: Apache-2.0
// What the threads of one OMOP import share.
#pragma once

#include <charconv>
#include <utility>
#include <vector>

#include "tools/import/id_map.h"
#include "tools/import/import_run.h"
#include "tools/import/import_sink.h"
#include "tools/import/omop_files.h"

namespace anam {

/// One import. Thread-safe.
class OmopRun : public ImportRun {
 public:
  OmopRun(const ImportOptions& options, ImportSink& to, std::vector<OmopKeep> kept,
          std::uint64_t total_bytes)
      : ImportRun(options, total_bytes), sink(to), keep(std::move(kept)) {}

  ImportSink& sink;
  const std::vector<OmopKeep> keep;
};

/// Code ids of concept ids, remembered. One thread.
class OmopConcepts {
 public:
  explicit OmopConcepts(ImportSink& sink) : sink_(sink) {}

  CodeId code(std::int64_t concept_id) {
    if (const CodeId* known = known_.find(concept_id)) return *known;
    if (known_.size() >= kMost) known_.clear();
    const CodeId code = lookup(concept_id);
    known_.insert(concept_id, code);
    return code;
  }

  /// Without remembering: for ids that come once.
  CodeId lookup(std::int64_t concept_id) {
    char text[24];
    const auto end = std::to_chars(text, text + sizeof text, concept_id).ptr;
    return sink_.code("OMOP", {text, static_cast<std::size_t>(end - text)});
  }

 private:
  static constexpr std::size_t kMost = 1 << 20;  // 32 MiB
  ImportSink& sink_;
  IdMap<CodeId> known_;
};

}  // namespace anam
