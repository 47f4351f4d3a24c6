// SPDX-License-Identifier: Apache-2.0
// JSON values that know where they stand, read as OHDSI's tools read them: null is absent, numbers
// and truth values may be quoted.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/decimal.h"

namespace anam::circe {

class JsonObject;

/// A value and its path. The document must outlive it. Every function throws Error(kInput) with the
/// path where the value is of another kind.
class JsonValue {
 public:
  JsonValue(simdjson::dom::element value, std::string path)
      : value_(value), path_(std::move(path)) {}

  const std::string& path() const { return path_; }

  bool is_object() const { return value_.is_object(); }
  JsonObject object() const;
  std::vector<JsonValue> array() const;
  std::string_view text() const;
  bool boolean() const;
  std::int32_t integer() const;     // a fraction is cut off
  std::int32_t days() const;        // the same; no more than the calendar has
  std::int64_t concept_id() const;  // a whole number
  PackedDecimal rounded() const;    // to four decimals, half away from zero

  [[noreturn]] void refuse(std::string_view why) const;
  /// "why: the value; expected one of these".
  [[noreturn]] void refuse(std::string_view why, std::string_view expected) const;

 private:
  std::string shortest_number() const;
  double number() const;

  simdjson::dom::element value_;
  std::string path_;
};

/// An object of which every field must be asked for.
class JsonObject {
 public:
  explicit JsonObject(const JsonValue& value, simdjson::dom::object fields);

  const std::string& path() const { return path_; }

  /// Empty where the field is absent or null.
  std::optional<JsonValue> find(std::string_view key);
  /// Throws where it is.
  JsonValue need(std::string_view key);

  bool flag(std::string_view key);  // absent = false
  std::int32_t integer(std::string_view key, std::int32_t absent);
  std::int32_t days(std::string_view key);  // absent = 0
  std::string text(std::string_view key);   // absent = empty

  /// The only field, for objects such as {"DrugExposure": {...}}.
  struct Field {
    std::string key;
    JsonValue value;
  };
  Field only() const;

  /// Throws when there is a field that nobody asked for. Names the nearest that is known.
  void finish() const;

 private:
  std::string path_;
  simdjson::dom::object fields_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace anam::circe
