// SPDX-License-Identifier: Apache-2.0
// What the threads of one OMOP import share.
#pragma once

#include <atomic>
#include <charconv>
#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include "tools/import/id_map.h"
#include "tools/import/import_sink.h"
#include "tools/import/importer.h"
#include "tools/import/omop_files.h"

namespace anam {

/// One import. Thread-safe.
class OmopRun {
 public:
  OmopRun(const ImportOptions& options, ImportSink& to, std::vector<OmopKeep> kept,
          std::uint64_t total_bytes)
      : sink(to),
        bad_rows(options.max_bad_rows, options.bad_rows_file),
        keep(std::move(kept)),
        options_(options),
        total_(total_bytes) {}

  /// Reports that `bytes` more of the input are read. Throws Error(kCancelled) when the user asked
  /// to stop or another thread failed.
  void advance(std::uint64_t bytes);

  /// Runs the jobs on the import's threads. The first exception stops all of them and is thrown.
  void run(std::vector<std::function<void()>> jobs);

  ImportSink& sink;
  BadRows bad_rows;
  const std::vector<OmopKeep> keep;

 private:
  const ImportOptions& options_;
  const std::uint64_t total_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::uint64_t done_ = 0;  // guarded by mutex_
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
