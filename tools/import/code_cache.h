// SPDX-License-Identifier: Apache-2.0
// Code ids by text, for one thread, so that a load's shared table is asked once for each code.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tools/import/row_writer.h"

namespace anam {

/// Remembers the ids of codes of one vocabulary. Bounded: it forgets everything when it holds
/// kMost codes.
class CodeCache {
 public:
  static constexpr std::size_t kMost = 1 << 18;

  CodeCache(ImportSink& sink, std::string vocabulary)
      : sink_(sink), vocabulary_(std::move(vocabulary)) {}

  /// The id of a bare code; kNoCode for an empty one.
  CodeId id(std::string_view code) {
    if (code.empty()) return kNoCode;
    if (const auto found = ids_.find(code); found != ids_.end()) return found->second;
    return remember(code, sink_.code(vocabulary_, code));
  }

  /// The id of "VOCABULARY:CODE", or of a bare code where this cache's vocabulary is not empty.
  /// kNoCode when the text is neither.
  CodeId id_of_reference(std::string_view text) {
    if (const auto found = ids_.find(text); found != ids_.end()) return found->second;
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
      if (vocabulary_.empty() || text.empty()) return kNoCode;
      return remember(text, sink_.code(vocabulary_, text));
    }
    const std::string_view code = text.substr(colon + 1);
    if (colon == 0 || code.empty()) return kNoCode;
    return remember(text, sink_.code(text.substr(0, colon), code));
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  CodeId remember(std::string_view text, CodeId id) {
    if (ids_.size() >= kMost) ids_.clear();
    ids_.emplace(text, id);
    return id;
  }

  ImportSink& sink_;
  std::string vocabulary_;
  std::unordered_map<std::string, CodeId, Hash, std::equal_to<>> ids_;
};

}  // namespace anam
