// SPDX-License-Identifier: Apache-2.0
// Tables for people, and numbers as people like to read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace anam::cli {

/// Columns as wide as their widest cell. Numbers stand right, texts left. One thread at a time.
class TextTable {
 public:
  struct Column {
    std::string name;
    bool right = false;
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  /// Heads and rows, a line each.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Columns on a terminal that a UTF-8 text takes: its characters (wide ones count as one).
std::size_t width_of(std::string_view text);

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number);
/// "1.2 GiB".
std::string human_bytes(std::uint64_t bytes);
/// With this many digits after the point.
std::string fixed(double number, int digits);
/// A text from the data as one line: control characters become blanks.
std::string one_line(std::string_view text);

}  // namespace anam::cli
