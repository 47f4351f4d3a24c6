// SPDX-License-Identifier: Apache-2.0
// Batches of rows for a sink, and names of codes.
#pragma once

#include <string_view>
#include <utility>

#include "ingest/event_batch.h"
#include "tools/import/import_sink.h"

namespace anam {

/// Defines a code by its name and domain.
inline CodeId define_code(ImportSink& sink, std::string_view vocabulary, std::string_view code,
                          std::string_view name, std::string_view domain) {
  CodeDefinition definition;
  definition.name = name;
  definition.domain = domain;
  const CodeId id = sink.code(vocabulary, code);
  sink.define(id, std::move(definition));
  return id;
}

/// Fills batches for a sink. One thread; finish() hands over the last rows.
class RowWriter {
 public:
  explicit RowWriter(ImportSink& sink) : sink_(sink) {}

  /// The batch to begin the next row in. Valid until the next call.
  EventBatch& next() {
    if (batch_.rows() >= EventBatch::kFull) finish();
    return batch_;
  }
  void finish() {
    if (!batch_.empty()) sink_.add(std::move(batch_));
    batch_ = EventBatch();
  }

 private:
  ImportSink& sink_;
  EventBatch batch_;
};

}  // namespace anam
