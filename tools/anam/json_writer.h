// SPDX-License-Identifier: Apache-2.0
// Writes JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace anam::cli {

/// Appends `text` in quotes; bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Builds one JSON value in calls that follow its structure; commas come by themselves. One thread
/// at a time.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(std::uint64_t number);
  /// What is JSON already.
  JsonWriter& raw(std::string_view json);

  template <typename T>
  JsonWriter& member(std::string_view name, const T& v) {
    return key(name).value(v);
  }

  const std::string& text() const { return text_; }

 private:
  void separate();

  std::string text_;
  bool fresh_ = true;  // nothing stands before in this object or array
};

}  // namespace anam::cli
