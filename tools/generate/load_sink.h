// SPDX-License-Identifier: Apache-2.0
// A population straight into a load.
#pragma once

#include <vector>

#include "ingest/load.h"
#include "tools/generate/arrival.h"

namespace anam::generate {

/// Hands windows to a load as batches, one file after the other.
class LoadWindowSink final : public WindowSink {
 public:
  /// All three must outlive the sink.
  LoadWindowSink(const Model& model, const Settings& settings, Load& load);

  void take(Window& window) override;
  /// The vocabulary: names, hierarchy and mappings of all codes.
  void define_codes();

 private:
  void add_people(const Window& window);
  void add_events(const std::vector<Event>& events);

  const Model& model_;
  const Settings& settings_;
  Load& load_;
  std::vector<CodeId> codes_;  // by CodeIndex
};

}  // namespace anam::generate
