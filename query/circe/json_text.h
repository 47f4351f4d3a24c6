// SPDX-License-Identifier: Apache-2.0
// JSON to be written: values in the order in which they are given.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace anam::circe {

/// One value with all below it.
class JsonText {
 public:
  static JsonText object() { return JsonText(Kind::kObject); }
  static JsonText array() { return JsonText(Kind::kArray); }
  static JsonText boolean(bool value) { return JsonText(value ? "true" : "false"); }
  static JsonText number(std::int64_t value) { return JsonText(std::to_string(value)); }
  /// As it stands: digits, a point.
  static JsonText decimal(std::string digits) { return JsonText(std::move(digits)); }
  /// What is no UTF-8 is replaced.
  static JsonText text(std::string_view value);

  JsonText& add(std::string_view key, JsonText value);  // to an object
  JsonText& add(JsonText value);                        // to an array

  bool empty() const { return values_.empty(); }
  /// Indented by two blanks, with a line end at the end.
  std::string print() const;

 private:
  enum class Kind : std::uint8_t { kScalar, kObject, kArray };
  explicit JsonText(Kind kind) : kind_(kind) {}
  explicit JsonText(std::string scalar) : scalar_(std::move(scalar)) {}
  void print(std::string& out, std::size_t indent) const;

  Kind kind_ = Kind::kScalar;
  std::string scalar_;  // as it is printed
  std::vector<std::string> keys_;
  std::vector<JsonText> values_;
};

}  // namespace anam::circe
