// SPDX-License-Identifier: Apache-2.0
#include "query/circe/json_text.h"

#include <simdjson.h>

namespace anam::circe {

namespace {

std::string json_quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const bool valid = simdjson::validate_utf8(text.data(), text.size());
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else if (byte >= 0x80 && !valid) {
      out += "\xEF\xBF\xBD";
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

}  // namespace

JsonText JsonText::text(std::string_view value) { return JsonText(json_quoted(value)); }

JsonText& JsonText::add(std::string_view key, JsonText value) {
  keys_.emplace_back(key);
  values_.push_back(std::move(value));
  return *this;
}

JsonText& JsonText::add(JsonText value) {
  values_.push_back(std::move(value));
  return *this;
}

std::string JsonText::print() const {
  std::string out;
  print(out, 0);
  out += '\n';
  return out;
}

void JsonText::print(std::string& out, std::size_t indent) const {
  if (kind_ == Kind::kScalar) {
    out += scalar_;
    return;
  }
  const bool object = kind_ == Kind::kObject;
  out += object ? '{' : '[';
  for (std::size_t i = 0; i < values_.size(); ++i) {
    out += i == 0 ? "\n" : ",\n";
    out.append(indent + 2, ' ');
    if (object) out += json_quoted(keys_[i]) + ": ";
    values_[i].print(out, indent + 2);
  }
  if (!values_.empty()) {
    out += '\n';
    out.append(indent, ' ');
  }
  out += object ? '}' : ']';
}

}  // namespace anam::circe
