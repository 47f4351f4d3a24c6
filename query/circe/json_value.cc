// SPDX-License-Identifier: Apache-2.0
#include "query/circe/json_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "query/circe/words.h"
#include "query/language/error_text.h"
#include "storage/error.h"

namespace anam::circe {

namespace {

std::string_view kind_of(simdjson::dom::element value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "a list";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "a text";
    case simdjson::dom::element_type::BOOL:
      return "true or false";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

std::string child(const std::string& path, std::string_view key) {
  return path + '.' + std::string(key);
}

}  // namespace

void JsonValue::refuse(std::string_view why) const {
  fail(ErrorCode::kInput, path_ + ": " + std::string(why));
}

void JsonValue::refuse(std::string_view why, std::string_view expected) const {
  constexpr std::size_t kMost = 100;
  const std::string all = simdjson::minify(value_);
  std::string shown(first_characters(all, kMost));
  if (shown.size() < all.size()) shown += "...";
  refuse(std::string(why) + ": " + shown + "; " + std::string(expected));
}

JsonObject JsonValue::object() const {
  simdjson::dom::object fields;
  if (value_.get(fields) != simdjson::SUCCESS) {
    refuse("is " + std::string(kind_of(value_)) + ", and must be an object");
  }
  return JsonObject(*this, fields);
}

std::vector<JsonValue> JsonValue::array() const {
  simdjson::dom::array values;
  if (value_.get(values) != simdjson::SUCCESS) {
    refuse("is " + std::string(kind_of(value_)) + ", and must be a list");
  }
  std::vector<JsonValue> all;
  for (const simdjson::dom::element value : values) {
    all.emplace_back(value, path_ + '[' + std::to_string(all.size()) + ']');
  }
  return all;
}

std::string_view JsonValue::text() const {
  std::string_view text;
  if (value_.get(text) != simdjson::SUCCESS) {
    refuse("is " + std::string(kind_of(value_)) + ", and must be a text");
  }
  return text;
}

bool JsonValue::boolean() const {
  bool value = false;
  if (value_.get(value) == simdjson::SUCCESS) return value;
  std::string_view text;
  if (value_.get(text) == simdjson::SUCCESS && (text == "true" || text == "false")) {
    return text == "true";
  }
  refuse("is " + std::string(kind_of(value_)) + ", and must be true or false");
}

double JsonValue::number() const {
  double value = 0;
  if (value_.get(value) == simdjson::SUCCESS) return value;
  std::string_view text;
  if (value_.get(text) == simdjson::SUCCESS && !text.empty()) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && std::isfinite(value)) {
      return value;
    }
  }
  refuse("is " + std::string(kind_of(value_)) + ", and must be a number");
}

std::int32_t JsonValue::integer() const {
  const double value = std::trunc(number());
  if (value < std::numeric_limits<std::int32_t>::min() ||
      value > std::numeric_limits<std::int32_t>::max()) {
    refuse("is too large a number", "whole numbers have 32 bits");
  }
  return static_cast<std::int32_t>(value);
}

std::int32_t JsonValue::days() const {
  const std::int32_t value = integer();
  if (value < -kFarthestDays || value > kFarthestDays) {
    refuse("is too many days", "the calendar has " + std::to_string(kFarthestDays));
  }
  return value;
}

std::int64_t JsonValue::concept_id() const {
  std::int64_t value = 0;
  if (value_.get(value) == simdjson::SUCCESS) return value;
  std::string_view text;
  if (value_.get(text) == simdjson::SUCCESS) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) return value;
  }
  refuse("is no concept id", "a whole number is expected");
}

// As few digits as tell the number from its neighbours, without an exponent.
std::string JsonValue::shortest_number() const {
  // The longest: 309 digits before the point, or 324 zeros and 17 digits behind it.
  char text[400];
  const auto [end, error] =
      std::to_chars(std::begin(text), std::end(text), number(), std::chars_format::fixed);
  if (error != std::errc()) refuse("is no number that can be compared");
  return {std::begin(text), end};
}

PackedDecimal JsonValue::rounded() const {
  constexpr std::size_t kDecimals = 4;
  std::string digits = shortest_number();
  const std::size_t point = digits.find('.');
  bool up = false;
  if (point != std::string::npos && digits.size() > point + 1 + kDecimals) {
    up = digits[point + 1 + kDecimals] >= '5';
    digits.resize(point + 1 + kDecimals);
  }
  const auto value = parse_decimal(digits);
  if (!value) refuse("is too large a number");
  if (!up) return *value;
  // All four decimals are there: the last one grows, away from zero.
  const std::int64_t mantissa = (*value >> 5) + (digits.front() == '-' ? -1 : 1);
  return mantissa * 32 + (*value & 31);
}

JsonObject::JsonObject(const JsonValue& value, simdjson::dom::object fields)
    : path_(value.path()), fields_(fields) {
  std::vector<std::string_view> keys;
  for (const simdjson::dom::key_value_pair field : fields_) keys.push_back(field.key);
  std::ranges::sort(keys);
  const auto twice = std::ranges::adjacent_find(keys);
  if (twice != keys.end()) {
    fail(ErrorCode::kInput, child(path_, *twice) + ": stands there twice");
  }
}

std::optional<JsonValue> JsonObject::find(std::string_view key) {
  asked_.emplace(key);
  simdjson::dom::element value;
  if (fields_.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return JsonValue(value, child(path_, key));
}

JsonValue JsonObject::need(std::string_view key) {
  auto value = find(key);
  if (!value) fail(ErrorCode::kInput, path_ + ": has no " + std::string(key));
  return *std::move(value);
}

bool JsonObject::flag(std::string_view key) {
  const auto value = find(key);
  return value && value->boolean();
}

std::int32_t JsonObject::integer(std::string_view key, std::int32_t absent) {
  const auto value = find(key);
  return value ? value->integer() : absent;
}

std::int32_t JsonObject::days(std::string_view key) {
  const auto value = find(key);
  return value ? value->days() : 0;
}

std::string JsonObject::text(std::string_view key) {
  const auto value = find(key);
  return value ? std::string(value->text()) : std::string();
}

JsonObject::Field JsonObject::only() const {
  if (fields_.size() != 1) {
    fail(ErrorCode::kInput,
         path_ + ": has " + std::to_string(fields_.size()) + " fields, and must have one");
  }
  const simdjson::dom::key_value_pair field = *fields_.begin();
  return {std::string(field.key), JsonValue(field.value, child(path_, field.key))};
}

void JsonObject::finish() const {
  for (const simdjson::dom::key_value_pair field : fields_) {
    if (asked_.contains(field.key)) continue;
    const std::vector<std::string> known(asked_.begin(), asked_.end());
    const std::string_view near = nearest(field.key, known);
    std::string message = child(path_, field.key) + ": is no field of this object";
    if (!near.empty()) message += "; did you mean \"" + std::string(near) + "\"?";
    fail(ErrorCode::kInput, message);
  }
}

}  // namespace anam::circe
